import AdminProtocol
import ArgumentParser
import Messaging

/// `yizhan inbound …`
struct InboundCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inbound",
        abstract: "Reports and replies from carriers that have found no owner, and bodies that cannot be read.",
        subcommands: [
            InboundListCommand.self, InboundShowCommand.self, InboundReplayCommand.self, InboundDiscardCommand.self,
        ])
}

/// The id of an item on the command line: `R12`, `M7`, `B3`.
struct ParkedIDArgument: ExpressibleByArgument {
    let id: ParkedID

    init?(argument: String) {
        guard let id = ParkedID(argument) else { return nil }
        self.id = id
    }
}

/// `yizhan inbound list`
struct InboundListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists what has no owner: reports (R), replies (M), bodies (B), of each the newest first.",
        discussion: """
            waiting: tried again by itself. expired: tried for inbound.park_for. unreadable: a body that is not what \
            the carrier's interface says, or not from whom it says. Waiting bodies are stored and not yet applied.
            """)

    @Option(help: "Only these.")
    var kind: ParkedID.Kind?

    @Option(help: "Only those in this state.")
    var state: ParkedItem.State?

    @Option(help: "Only of this channel.")
    var channel: String?

    @Option(help: "At most so many; 0 for all.")
    var limit: UInt32 = 100

    @OptionGroup var admin: AdminOptions

    func run() throws {
        let (items, isCut) = try admin.connected { client throws(AdminClientError) in
            try client.inboundItems(request, limit: limit)
        }
        if isCut { Terminal.complain("there may be more; --limit 0 lists all") }
        let views = items.map { InboundView($0) }
        try admin.show(json: .object([("items", .array(views.map(\.json)))]), text: InboundView.table(views))
    }

    private var request: AdminInboundList {
        var list = AdminInboundList()
        list.kind = kind?.rawValue ?? ""
        list.state = state?.rawValue ?? ""
        list.channel = channel ?? ""
        return list
    }
}

/// `yizhan inbound show ID`
struct InboundShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows an item; of a body, what is in it.")

    @Argument(help: ArgumentHelp("Its id, like R12, M7 or B3.", valueName: "id"))
    var id: ParkedIDArgument

    @Flag(help: "Only a body's bytes, as they came.")
    var raw = false

    @OptionGroup var admin: AdminOptions

    func run() throws {
        let item = try admin.connected { client throws(AdminClientError) in try client.inboundItem(id.id.text) }
        if raw {
            guard id.id.kind == .body else { throw Terminal.failure("Only bodies have bytes: B1, B2 …") }
            guard Terminal.write(Array(item.body)) else { throw Terminal.failure("Standard output takes no more.") }
            return
        }
        let view = InboundView(item)
        try admin.show(json: view.json, text: view.text)
    }
}

/// `yizhan inbound replay ID…`, `yizhan inbound replay --all`
struct InboundReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Tries items again now: reports look for their messages, replies for their owners, bodies are read.",
        discussion: "Exit 1 when an item that was named stays.")

    @Argument(help: ArgumentHelp("Ids, like R12, M7 or B3.", valueName: "id"))
    var ids: [ParkedIDArgument] = []

    @Flag(help: "All of them.")
    var all = false

    @Option(help: "With --all: only these.")
    var kind: ParkedID.Kind?

    @Option(help: "With --all: only of this channel.")
    var channel: String?

    @Option(name: .customLong("to"), help: ArgumentHelp("Whose the replies are.", valueName: "account"))
    var owner: AccountIDArgument?

    @OptionGroup var admin: AdminOptions

    private static let perCall = 200

    func validate() throws {
        guard ids.isEmpty == all else { throw ValidationError("Give either ids or --all.") }
        if !all, kind != nil || channel != nil { throw ValidationError("--kind and --channel go with --all.") }
    }

    func run() throws {
        var sum = AdminInboundReplayed()
        try admin.connected(timeout: .seconds(120)) { client in
            var request = AdminInboundReplay()
            request.toAccount = owner?.id ?? ""
            if all {
                request.all = true
                request.kind = kind?.rawValue ?? ""
                request.channel = channel ?? ""
                repeat {
                    let answer = try client.replay(request)
                    sum.add(answer)
                    request.cursor = answer.nextCursor
                } while !request.cursor.isEmpty
                return
            }
            for start in stride(from: 0, to: ids.count, by: Self.perCall) {
                request.ids = ids[start..<min(start + Self.perCall, ids.count)].map(\.id.text)
                sum.add(try client.replay(request))
            }
        }
        if !all, !admin.json { for left in sum.left { Terminal.complain("\(left.id): \(left.reason)") } }
        try admin.show(json: Self.json(sum), text: Self.text(sum))
        if !all, !sum.left.isEmpty { throw ExitCode(1) }
    }

    private static func json(_ sum: AdminInboundReplayed) -> JSONText {
        let left = sum.left.map { JSONText.object([("id", .string($0.id)), ("reason", .string($0.reason))]) }
        return .object([
            ("tried", .integer(sum.tried)), ("settled", .integer(sum.settled)), ("parked", .integer(sum.parked)),
            ("left", .array(left)),
        ])
    }

    private static func text(_ sum: AdminInboundReplayed) -> String {
        let parked = sum.parked == 0 ? "" : "; of what bodies held, \(sum.parked) found no owner and wait"
        return "\(sum.settled) of \(sum.tried) settled, \(sum.left.count) left\(parked)"
    }
}

extension AdminInboundReplayed {
    fileprivate mutating func add(_ other: AdminInboundReplayed) {
        tried += other.tried
        settled += other.settled
        parked += other.parked
        left += other.left
    }
}

extension AdminClient {
    fileprivate func replay(_ request: AdminInboundReplay) throws(AdminClientError) -> AdminInboundReplayed {
        guard case .inboundReplayed(let answer) = try call(.inboundReplay(request)) else { throw Self.unexpected }
        return answer
    }
}
