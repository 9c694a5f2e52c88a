import AdminProtocol
import ArgumentParser

/// `yizhan message cancel MSGID… [--all-of-request]`
struct MessageCancelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Takes scheduled messages out before they are due.",
        discussion: """
            A cancelled message ends as failed with the status DELETED, its customer gets a report of it, and its \
            whole charge goes back, whatever the account's refund rule. Exit 1 when a message was not scheduled, or \
            not any more; it is left as it is, and the others are cancelled all the same.
            """)

    @Argument(help: "Ids of messages, or of segments of them.")
    var msgids: [Int64]

    @Flag(help: "With each message all of its request that is scheduled still.")
    var allOfRequest = false

    @Option(help: "Why, for their timelines.")
    var reason: String?

    @OptionGroup var admin: AdminOptions

    private static let perCall = 1000

    func validate() throws {
        if msgids.contains(where: { $0 <= 0 }) { throw ValidationError("MSGID is above zero.") }
    }

    func run() throws {
        var sum = AdminMessagesCancelled()
        try admin.connected(timeout: .seconds(60)) { client in
            let perCall = allOfRequest ? 1 : Self.perCall
            for start in stride(from: 0, to: msgids.count, by: perCall) {
                var request = AdminMessageCancel()
                request.msgids = Array(msgids[start..<min(start + perCall, msgids.count)])
                request.allOfRequest = allOfRequest
                request.reason = reason ?? ""
                let answer = try client.cancel(request)
                sum.cancelled += answer.cancelled
                sum.left += answer.left
                sum.refused += answer.refused
            }
        }
        for left in sum.refused where !admin.json { Terminal.complain("\(left.msgid): \(left.reason)") }
        let refused = sum.refused.map {
            JSONText.object([("msgid", .integer($0.msgid)), ("reason", .string($0.reason))])
        }
        let others = sum.left == 0 ? "" : ", \(sum.left) more of the request not scheduled any more"
        try admin.show(
            json: .object([
                ("cancelled", .integer(sum.cancelled)), ("left", .integer(sum.left)), ("refused", .array(refused)),
            ]),
            text: "\(sum.cancelled) cancelled\(others)")
        if !sum.refused.isEmpty { throw ExitCode(1) }
    }
}

extension AdminClient {
    fileprivate func cancel(_ request: AdminMessageCancel) throws(AdminClientError) -> AdminMessagesCancelled {
        guard case .cancelled(let cancelled) = try call(.messageCancel(request)) else { throw Self.unexpected }
        return cancelled
    }
}
