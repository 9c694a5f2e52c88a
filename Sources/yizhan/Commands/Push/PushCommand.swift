import AdminProtocol
import ArgumentParser
import Messaging

/// `yizhan push …`
struct PushCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Reports and replies that are pushed to customers' own addresses.",
        subcommands: [PushListCommand.self, PushReplayCommand.self])
}

/// `yizhan push list [ID]`
struct PushListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists, of each account that is pushed to, what waits, since when it fails, and the last answer.",
        discussion: """
            idle: nothing waits. sending: a request is under way. failing: the last request was not accepted and is \
            tried again. off: there is no address any more, or the account is disabled.
            """)

    @Argument(help: "Only this account.")
    var id: AccountIDArgument?

    @OptionGroup var admin: AdminOptions

    func run() throws {
        let lanes = try admin.connected { client throws(AdminClientError) in try client.pushLanes(of: id?.id ?? "") }
        let views = lanes.map { PushView($0) }
        try admin.show(json: .object([("lanes", .array(views.map(\.json)))]), text: PushView.table(views))
    }
}

/// `yizhan push replay ID --from T --to T`
struct PushReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Pushes once more what was pushed, collected or given up between two times.",
        discussion: """
            Times are China's, like '2026-11-21 08:30:00', or milliseconds since 1970. It goes out beside what is \
            new, in the same order as before.
            """)

    @Argument(help: "The account's id.")
    var id: AccountIDArgument

    @Option(help: "From this time on.")
    var from: MomentArgument

    @Option(help: "Up to this time.")
    var to: MomentArgument

    @Option(help: "Only these.")
    var kind: OutboxKindArgument?

    @OptionGroup var admin: AdminOptions

    func validate() throws {
        guard from.moment <= to.moment else { throw ValidationError("--to is before --from.") }
    }

    func run() throws {
        let answer = try admin.connected(timeout: .seconds(120)) { client in
            var replay = AdminPushReplay()
            replay.account = id.id
            replay.kind = kind?.kind.name ?? ""
            replay.fromMs = from.moment.milliseconds
            replay.toMs = to.moment.milliseconds
            guard case .pushReplayed(let answer) = try client.call(.pushReplay(replay)) else {
                throw AdminClient.unexpected
            }
            return answer
        }
        try admin.show(
            json: .object([("reports", .integer(answer.reports)), ("replies", .integer(answer.replies))]),
            text: "\(answer.reports) reports and \(answer.replies) replies are pushed once more")
    }
}

/// A time on the command line: `2026-11-21 08:30:00`, also with T, in China, or 13 digits of milliseconds.
struct MomentArgument: ExpressibleByArgument {
    let moment: Timestamp

    init?(argument: String) {
        if argument.utf8.count == 13, let milliseconds = Int64(argument) {
            moment = Timestamp(milliseconds: milliseconds)
        } else if let time = Timestamp(chinaText: argument) {
            moment = time
        } else {
            return nil
        }
    }
}

/// `reports` or `replies`.
struct OutboxKindArgument: ExpressibleByArgument {
    let kind: OutboxKind

    init?(argument: String) {
        guard let kind = OutboxKind.allCases.first(where: { $0.name == argument }) else { return nil }
        self.kind = kind
    }

    static let allValueStrings = OutboxKind.allCases.map(\.name)
}

/// A lane of pushes as the command line prints it.
private struct PushView {
    private let lane: AdminPushLane

    init(_ lane: AdminPushLane) {
        self.lane = lane
    }

    var json: JSONText {
        .object([
            ("account", .string(lane.account)), ("kind", .string(lane.kind)), ("url", .optional(lane.url)),
            ("dialect", .string(lane.dialect)), ("state", .string(lane.state)), ("waiting", .integer(lane.waiting)),
            ("waiting_is_more", .bool(lane.waitingIsMore)), ("requests", .integer(lane.requests)),
            ("failures", .integer(lane.failures)), ("failing_since_ms", .moment(lane.failingSinceMs)),
            ("next_try_at_ms", .moment(lane.nextTryAtMs)), ("answered_at_ms", .moment(lane.answeredAtMs)),
            ("answer", .optional(lane.answer)), ("replays", .integer(lane.replays)),
        ])
    }

    static func table(_ views: [PushView]) -> String {
        var table = TextTable([
            ("ACCOUNT", .left), ("KIND", .left), ("DIALECT", .left), ("STATE", .left), ("WAITING", .right),
            ("REQUESTS", .right), ("FAILING SINCE (CHINA)", .left), ("NEXT TRY", .left), ("LAST ANSWER", .left),
            ("URL", .left),
        ])
        for lane in views.map(\.lane) {
            let again = lane.replays > 0 ? "+" : ""
            table.add([
                lane.account, lane.kind, lane.dialect, lane.state,
                "\(lane.waiting)\(lane.waitingIsMore ? " or more" : "")\(again)", "\(lane.requests)",
                Timestamp.text(lane.failingSinceMs), Timestamp.text(lane.nextTryAtMs),
                lane.answer.isEmpty ? "-" : lane.answer, lane.url.isEmpty ? "-" : lane.url,
            ])
        }
        return table.text
    }
}
