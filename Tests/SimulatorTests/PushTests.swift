import Dialects
import HTTPCore
import Logging
import Messaging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@testable import Simulator

/// A customer's receiver of pushes, which refuses the first few.
private final class Receiver: HTTPService {
    struct State: Sendable {
        var refusalsLeft: Int
        var requests: [OperatorV2.ReceivedPush] = []
        var accepted: [OperatorV2.ReceivedPush] = []
    }

    let state: Mutex<State>

    init(refusals: Int) {
        state = Mutex(State(refusalsLeft: refusals))
    }

    func connect(eventLoop: any EventLoop, remoteAddress: [UInt8]?) -> any HTTPConnection { Connection(self) }

    private final class Connection: HTTPConnection {
        private let receiver: Receiver

        init(_ receiver: Receiver) {
            self.receiver = receiver
        }

        func receive(_ request: HTTPRequest, reply: HTTPReply) {
            guard let format = try? OperatorV2.BodyFormat(contentType: request.contentType),
                let push = try? request.body.withUnsafeReadableBytes({
                    try OperatorV2.decodePush(format: format, body: $0)
                })
            else { return reply.send(HTTPResponse(status: .badRequest)) }
            let refusal = receiver.state.withLock { state -> Int in
                state.requests.append(push)
                if state.refusalsLeft == 0 { state.accepted.append(push) }
                defer { state.refusalsLeft = max(0, state.refusalsLeft - 1) }
                return state.refusalsLeft
            }
            // Each kind of refusal once: no answer, another status, another result.
            if refusal == 3 { return reply.abort() }
            let body = OperatorV2.encodePushAnswer(
                push.command, sequence: push.sequence, result: refusal == 1 ? -100_999 : 0)
            reply.send(
                HTTPResponse(
                    status: refusal == 2 ? .serviceUnavailable : .ok, contentType: "application/json", bytes: body))
        }

        func closed() {}
    }

    var accepted: [OperatorV2.ReceivedPush] { state.withLock { $0.accepted } }

    var reports: [CarrierReport] {
        accepted.flatMap { push -> [CarrierReport] in
            if case .reports(let reports) = push.content { reports } else { [] }
        }
    }

    var replies: [CarrierReply] {
        accepted.flatMap { push -> [CarrierReply] in
            if case .replies(let replies) = push.content { replies } else { [] }
        }
    }
}

@Suite struct PushTests {
    private func withReceiver(
        refusals: Int = 0, _ body: (Receiver, CarrierHarness) async throws -> Void
    ) async throws {
        let receiver = Receiver(refusals: refusals)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = HTTPServer(
            name: "receiver", service: receiver, group: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let address = try await server.start(on: .bind(host: "127.0.0.1", port: 0))
        let url = "http://127.0.0.1:\(address.port ?? 0)/push"
        do {
            try await CarrierHarness.with(settings { $0.push = PushTarget(url) }) { try await body(receiver, $0) }
        } catch {
            await server.shutdown(drainTimeout: .zero)
            throw error
        }
        await server.shutdown(drainTimeout: .zero)
    }

    @Test func `reports and replies are pushed, not polled`() async throws {
        try await withReceiver { receiver, harness in
            let answer = try await harness.send(.batchSend(CarrierHarness.part(["13800138000", "13800130008"])))
            harness.time.pass(milliseconds: 200)
            #expect(try await poll { receiver.reports.count == 2 && receiver.replies.count == 1 })
            #expect(receiver.reports.map(\.carrierID) == [answer.firstID, answer.firstID + 1])
            #expect(receiver.replies.map(\.content) == ["T"])
            #expect(try await harness.reports().isEmpty)
            #expect(try await harness.replies().isEmpty)
            let credentials = try #require(receiver.accepted.first?.credentials)
            #expect(
                OperatorV2.Authentication.hasDigest(
                    credentials, userID: "SIM001", password: "sim-secret", at: harness.time.now))
        }
    }

    @Test func `a push is repeated until it is accepted, and its number counts up`() async throws {
        try await withReceiver(refusals: 3) { receiver, harness in
            _ = try await harness.send("13800138000")
            harness.time.pass(milliseconds: 200)
            #expect(try await poll { receiver.reports.count == 1 })
            _ = try await harness.send("13800138001")
            harness.time.pass(milliseconds: 200)
            #expect(try await poll { receiver.reports.count == 2 })
            #expect(receiver.state.withLock { $0.requests.map(\.sequence) } == ["1", "2", "3", "4", "5"])
        }
    }

    @Test func `a report that comes twice, one before its answer and many at once are pushed too`() async throws {
        try await withReceiver { receiver, harness in
            _ = try await harness.send("13800130007")
            #expect(try await poll { receiver.reports.count == 1 })
            _ = try await harness.send("13800130006")
            harness.time.pass(milliseconds: 200)
            #expect(try await poll { receiver.reports.count == 3 })
            let numbers = (0..<1000).map { "139" + String(20_000_000 + $0 * 10_000) }
            _ = try await harness.send(.batchSend(CarrierHarness.part(numbers)))
            harness.time.pass(milliseconds: 200)
            #expect(try await poll { receiver.reports.count == 1003 })
            for push in receiver.accepted {
                if case .reports(let reports) = push.content { #expect(reports.count <= 500) }
            }
        }
    }
}
