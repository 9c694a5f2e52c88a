import AdminProtocol
import ArgumentParser
import Messaging

/// What messages can be listed by.
enum MessageListState: String, ExpressibleByArgument, CaseIterable {
    /// It is not known whether the carrier has it.
    case uncertain
}

/// `yizhan message list --number N --day D --account ID`, `yizhan message list --state uncertain`
struct MessageListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists messages by number, day and account, the latest first, those in a state, or what was refused.",
        discussion: """
            With --refused: requests that became no message, with the code that the customer got and the rule of \
            it; those of one day that are alike are one line. --account takes a name that was tried as well.

            State uncertain, oldest attempt first: the submit reply was lost, or the service was killed in between, \
            so it is not known whether the carrier has the message; it waits for a report, for its channel's rule, or \
            for 'yizhan message settle'.
            """)

    @Option(help: "The state that they are in.")
    var state: MessageListState?

    @Flag(help: "Requests that were refused instead of messages.")
    var refused = false

    @Option(help: "With --state: only of this channel.")
    var channel: String?

    @Option(help: "Only to this number.")
    var number: String?

    @Option(help: "Only those accepted on this day in China: 2026-11-21.")
    var day: DayArgument?

    @Option(help: "Only of this account.")
    var account: AccountIDArgument?

    @Option(help: "At most so many; 0 for all.")
    var limit: UInt32 = 100

    @OptionGroup var admin: AdminOptions

    func validate() throws {
        if state != nil, number != nil || day != nil {
            throw ValidationError("--state goes with --channel and --account, not with --number and --day.")
        }
        if refused {
            if state != nil || channel != nil {
                throw ValidationError(
                    "--refused goes with --account, --number and --day, not with --state and --channel.")
            }
            return
        }
        if state == nil, channel != nil { throw ValidationError("--channel goes with --state.") }
        if let number, PhoneNumber(number) == nil { throw ValidationError("'\(number)' is no telephone number.") }
    }

    func run() throws {
        if refused {
            return try RefusalListing(account: account?.id, number: number, day: day?.day, limit: limit).run(admin)
        }
        let (messages, isCut) = try admin.connected { client throws(AdminClientError) in
            try client.messages(request, limit: limit)
        }
        if isCut { Terminal.complain("there may be more; --limit 0 lists all") }
        if state != nil {
            try admin.show(json: .object([("messages", .array(messages.map(Self.json)))]), text: Self.text(messages))
        } else {
            let json = JSONText.array(messages.map(Self.recordJSON))
            try admin.show(json: .object([("messages", json)]), text: Self.recordText(messages))
        }
    }

    private var request: AdminMessageList {
        var list = AdminMessageList()
        list.state = state?.rawValue ?? ""
        list.number = number ?? ""
        list.day = UInt32(day?.day ?? 0)
        list.channel = channel ?? ""
        list.account = account?.id ?? ""
        return list
    }

    private static func json(_ message: AdminMessage) -> JSONText {
        .object([
            ("msgid", .integer(message.msgid)), ("account", .string(message.account)),
            ("mobile", .string(message.mobile)), ("channel", .string(message.channel)),
            ("state", .string(message.state)), ("attempt", .integer(message.attempt)),
            ("since_ms", .moment(message.sinceMs)), ("reason", .optional(message.reason)),
        ])
    }

    private static func recordJSON(_ message: AdminMessage) -> JSONText {
        .object([
            ("msgid", .integer(message.msgid)), ("account", .string(message.account)),
            ("mobile", .string(message.mobile)), ("channel", .optional(message.channel)),
            ("state", .string(message.state)), ("status", .optional(message.status)),
            ("segments", .integer(message.segments)), ("custid", .string(message.custid)),
            ("content", .string(message.content)), ("accepted_at_ms", .moment(message.acceptedAtMs)),
            ("final_at_ms", .moment(message.finalAtMs)),
        ])
    }

    private static func recordText(_ messages: [AdminMessage]) -> String {
        var table = TextTable([
            ("MSGID", .right), ("ACCOUNT", .left), ("MOBILE", .left), ("CHANNEL", .left), ("STATE", .left),
            ("STATUS", .left), ("ACCEPTED (CHINA)", .left), ("CONTENT", .left),
        ])
        for message in messages {
            table.add([
                "\(message.msgid)", message.account, message.mobile, message.channel, message.state, message.status,
                Timestamp.text(message.acceptedAtMs), String(message.content.prefix(20)),
            ])
        }
        return table.text
    }

    private static func text(_ messages: [AdminMessage]) -> String {
        var table = TextTable([
            ("MSGID", .right), ("ACCOUNT", .left), ("MOBILE", .left), ("CHANNEL", .left), ("ATTEMPT", .right),
            ("SINCE (CHINA)", .left), ("WHY", .left),
        ])
        for message in messages {
            table.add([
                "\(message.msgid)", message.account, message.mobile, message.channel, "\(message.attempt)",
                Timestamp.text(message.sinceMs), message.reason,
            ])
        }
        return table.text
    }
}

/// `yizhan message settle MSGID…`, `yizhan message settle --channel NAME --all`
struct MessageSettleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle",
        abstract: "Settles uncertain messages by hand.",
        discussion: """
            delivered and failed end a message with a report to the customer; failed is refunded where the account's \
            rule refunds what did not arrive. resend queues it again: if the carrier has it after all, the handset \
            gets it twice. Exit 1 when a message was not uncertain; the others are settled all the same.
            """)

    @Argument(help: "Ids of messages, or of segments of them.")
    var msgids: [Int64] = []

    @Option(help: "With --all: the channel.")
    var channel: String?

    @Flag(help: "All of the channel's uncertain messages.")
    var all = false

    @Option(name: .customLong("as"), help: "What becomes of them: delivered, failed or resend.")
    var settlement: HandSettlement

    @Option(help: "Why, for their timelines.")
    var reason: String?

    @OptionGroup var admin: AdminOptions

    private static let perCall = 1000

    func validate() throws {
        guard msgids.isEmpty == all, all == (channel != nil) else {
            throw ValidationError("Give either MSGIDs, or --channel NAME and --all.")
        }
        if msgids.contains(where: { $0 <= 0 }) { throw ValidationError("MSGID is above zero.") }
    }

    func run() throws {
        var settled: UInt64 = 0
        var refused: [AdminMessageRefusal] = []
        try admin.connected(timeout: .seconds(60)) { client in
            var request = AdminMessageSettle()
            request.settleAs =
                switch settlement {
                case .delivered: .delivered
                case .failed: .failed
                case .resend: .resend
                }
            request.reason = reason ?? ""
            if let channel {
                request.channel = channel
                repeat {
                    let answer = try client.settle(request)
                    settled += answer.settled
                    refused += answer.refused
                    request.cursor = answer.nextCursor
                } while !request.cursor.isEmpty
                return
            }
            for start in stride(from: 0, to: msgids.count, by: Self.perCall) {
                request.msgids = Array(msgids[start..<min(start + Self.perCall, msgids.count)])
                let answer = try client.settle(request)
                settled += answer.settled
                refused += answer.refused
            }
        }
        for left in refused where !admin.json { Terminal.complain("\(left.msgid): \(left.reason)") }
        let left = refused.map { JSONText.object([("msgid", .integer($0.msgid)), ("reason", .string($0.reason))]) }
        try admin.show(
            json: .object([("settled", .integer(settled)), ("refused", .array(left))]),
            text: "\(settled) settled as \(settlement.rawValue)")
        if !refused.isEmpty { throw ExitCode(1) }
    }
}

extension AdminClient {
    fileprivate func settle(_ request: AdminMessageSettle) throws(AdminClientError) -> AdminMessagesSettled {
        guard case .settled(let settled) = try call(.messageSettle(request)) else { throw Self.unexpected }
        return settled
    }
}
