import AdminProtocol
import AdminServer
import Administration
import Engine
import Messaging
import Synchronization
import Testing

@Suite("Cancelling scheduled messages over the administration protocol")
struct CancelTests {
    private final class OneReply: SubmissionSink {
        private let continuation: CheckedContinuation<Result<Acceptance, Rejection>, Never>

        init(_ continuation: CheckedContinuation<Result<Acceptance, Rejection>, Never>) {
            self.continuation = continuation
        }

        func settle(_ outcomes: [SettledSubmission]) {
            for settled in outcomes { continuation.resume(returning: settled.outcome) }
        }
    }

    /// Submits for tomorrow.
    private static func submit(
        _ mobiles: [String], to engine: Engine, by entry: AccountEntry
    ) async throws -> Int64 {
        let part = Submission.Part(recipients: mobiles.map { Recipient($0) }, content: "你好")
        let due = engine.configuration.clock.now().adding(milliseconds: 86_400_000)
        let outcome = await withCheckedContinuation { continuation in
            let sink = OneReply(continuation)
            let submission = Submission(parts: [part], scheduledAt: due)
            if let refusal = engine.billing.submit(submission, by: entry, ticket: 1, sink: sink) {
                continuation.resume(returning: .failure(refusal))
            }
        }
        return try outcome.get().firstID.rawValue
    }

    private static func cancel(
        _ bridge: TestBridge, _ ids: [Int64], all: Bool = false
    ) async throws -> AdminMessagesCancelled {
        var request = AdminMessageCancel()
        request.msgids = ids
        request.allOfRequest = all
        request.reason = "asked"
        guard case .cancelled(let cancelled) = try await bridge.handle(.messageCancel(request)) else {
            throw AdminClient.unexpected
        }
        return cancelled
    }

    @Test func `one goes, then the rest of its request, then nothing`() async throws {
        try await RouteBridgeTests.withEngine { bridge, engine in
            var set = AdminAccountSet()
            set.id = "J10003"
            set.settings["price_micro"] = .integer(29_000)
            _ = try await bridge.handle(.accountSet(set))
            let entry = try #require(engine.accounts.directory.account(id: "J10003"))
            #expect(try await engine.billing.recharge(entry, amount: 100_000_000, note: nil))
            let first = try await Self.submit(["13800138000", "13800138001", "13800138002"], to: engine, by: entry)
            let one = try await Self.cancel(bridge, [first])
            #expect(one.cancelled == 1 && one.left == 0 && one.refused.isEmpty)
            let rest = try await Self.cancel(bridge, [first], all: true)
            #expect(rest.cancelled == 2 && rest.left == 1)
            let none = try await Self.cancel(bridge, [first, 77])
            #expect(none.cancelled == 0)
            #expect(
                none.refused.map(\.reason) == ["it is failed (DELETED), not scheduled", "there is no such message"])
            #expect(none.refused.map(\.msgid) == [first, 77])
            #expect(entry.runtime.balance == 100_000_000)
            var show = AdminMessageShow()
            show.msgid = first
            guard case .message(let message) = try await bridge.handle(.messageShow(show)) else { return }
            #expect(message.state == "failed" && message.status == "DELETED")
            #expect(message.chargedUnits == 29_000 && message.refundedUnits == 29_000)
            #expect(message.events.contains { $0.kind == "cancelled" && $0.text.hasSuffix("asked") })
        }
    }

    @Test func `too many at once, and none at all, are refused`() async throws {
        try await RouteBridgeTests.with { bridge in
            for (ids, all) in [([], false), (Array(1...1001), false), ([1, 2], true)] as [([Int64], Bool)] {
                do {
                    _ = try await Self.cancel(bridge, ids, all: all)
                    Issue.record("\(ids.count) were taken")
                } catch let error as AdminError {
                    #expect(error.code == .invalidArgument && error.field == "msgids")
                }
            }
        }
    }

    private static func run(_ test: TestServer, _ arguments: String...) async throws -> Program.Outcome {
        try await Program.run(try Program.yizhan, arguments, environment: ["YIZHAN_ADMIN_SOCKET": test.path])
    }

    @Test func `the command says what was cancelled and what was not, and the exit code tells`() async throws {
        try await TestServer.run { test in
            let good = try await Self.run(test, "message", "cancel", "7", "9", "--reason", "asked")
            #expect(good.status == 0, "\(good.errors)")
            #expect(good.output == "2 cancelled\n")
            #expect(test.handler.state.withLock { $0.note } == "asked")
            let mixed = try await Self.run(test, "message", "cancel", "7", "8")
            #expect(mixed.status == 1)
            #expect(mixed.output == "1 cancelled\n")
            #expect(mixed.errors == "yizhan: 8: it is queued, not scheduled\n")
            let json = try await Self.run(test, "message", "cancel", "8", "--json")
            #expect(json.status == 1)
            #expect(
                json.output == #"{"cancelled":0,"left":0,"refused":["#
                    + #"{"msgid":8,"reason":"it is queued, not scheduled"}]}"# + "\n")
            let all = try await Self.run(test, "message", "cancel", "7", "9", "--all-of-request")
            #expect(all.output == "6 cancelled, 2 more of the request not scheduled any more\n")
            for senseless in [["message", "cancel"], ["message", "cancel", "0"], ["message", "cancel", "x"]] {
                let outcome = try await Program.run(
                    try Program.yizhan, senseless, environment: ["YIZHAN_ADMIN_SOCKET": test.path])
                #expect(outcome.status == 64)
            }
        }
    }

    @Test func `the client in Python asks for it as the schema has it`() async throws {
        try await TestServer.run { test in
            let call = #"message_cancel={"msgids":["7"],"all_of_request":true}"#
            let outcome = try await Program.run(
                "/usr/bin/python3", [Program.root + "/Tests/Clients/admin_client.py", test.path, call])
            try #require(outcome.status == 0, "\(outcome.errors)")
            #expect(try JSONNode(outcome.output)["cancelled"]["cancelled"].string == "3")
        }
    }
}
