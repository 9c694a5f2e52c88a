import AdminProtocol
import ArgumentParser
import Messaging

/// `yizhan inbound discard ID…`, `yizhan inbound discard --all`
struct InboundDiscardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard",
        abstract: "Deletes items for good, to make room where a carrier has filled it.",
        discussion: """
            Bodies that are stored and not yet applied stay. What is discarded is lost: a report that would have found \
            its message later does not any more. Exit 1 when an item that was named is not there.
            """)

    @Argument(help: ArgumentHelp("Ids, like R12, M7 or B3.", valueName: "id"))
    var ids: [ParkedIDArgument] = []

    @Flag(help: "All of them.")
    var all = false

    @Option(help: "With --all: only these.")
    var kind: ParkedID.Kind?

    @Option(help: "With --all: only those in this state.")
    var state: ParkedItem.State?

    @Option(help: "With --all: only of this channel.")
    var channel: String?

    @OptionGroup var admin: AdminOptions

    private static let perCall = 200

    func validate() throws {
        guard ids.isEmpty == all else { throw ValidationError("Give either ids or --all.") }
        if !all, kind != nil || channel != nil || state != nil {
            throw ValidationError("--kind, --state and --channel go with --all.")
        }
    }

    func run() throws {
        var count: UInt64 = 0
        try admin.connected(timeout: .seconds(120)) { client in
            var request = AdminInboundDiscard()
            if all {
                request.all = true
                request.kind = kind?.rawValue ?? ""
                request.state = state?.rawValue ?? ""
                request.channel = channel ?? ""
                var hasMore = true
                while hasMore {
                    let answer = try client.discard(request)
                    count += answer.discarded
                    hasMore = answer.hasMore_p
                }
                return
            }
            for start in stride(from: 0, to: ids.count, by: Self.perCall) {
                request.ids = ids[start..<min(start + Self.perCall, ids.count)].map(\.id.text)
                count += try client.discard(request).discarded
            }
        }
        try admin.show(json: .object([("discarded", .integer(count))]), text: "\(count) discarded")
        if !all, count < UInt64(ids.count) { throw ExitCode(1) }
    }
}

extension AdminClient {
    fileprivate func discard(_ request: AdminInboundDiscard) throws(AdminClientError) -> AdminInboundDiscarded {
        guard case .inboundDiscarded(let answer) = try call(.inboundDiscard(request)) else { throw Self.unexpected }
        return answer
    }
}
