import Dialects
import HTTPCore
import Logging
import Messaging
import NIOCore
import NIOPosix
import Testing

@testable import Simulator

/// A simulated carrier on a free port, and a customer of it.
struct CarrierHarness {
    let carrier: SimulatedCarrier
    let address: SocketAddress
    let time: TestClock
    var login = OperatorV2.Login.digest(userID: "SIM001", password: "sim-secret")

    /// For as long as `body` runs.
    static func with(
        _ configure: (inout SimulatorConfiguration) -> Void = { _ in },
        _ body: (CarrierHarness) async throws -> Void
    ) async throws {
        let time = TestClock()
        var configuration = SimulatorConfiguration(clock: time.clock)
        configuration.lateAnswerDelay = 20
        configure(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let carrier = try SimulatedCarrier(
            configuration, group: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let address = try await carrier.start(on: .bind(host: "127.0.0.1", port: 0))
        do {
            try await body(CarrierHarness(carrier: carrier, address: address, time: time))
        } catch {
            await carrier.shutdown()
            throw error
        }
        await carrier.shutdown()
    }

    func call(_ call: OperatorV2.Call, format: OperatorV2.BodyFormat = .json) async throws -> HTTPProbe.Answer? {
        let encoded = OperatorV2.encodeCall(call, login: login, at: time.now, format: format)
        return try await HTTPProbe.ask(
            address, encoded.path, contentType: encoded.contentType, body: encoded.body)
    }

    func send(_ call: OperatorV2.Call, format: OperatorV2.BodyFormat = .json) async throws -> OperatorV2.SendAnswer {
        let answer = try #require(try await self.call(call, format: format))
        #expect(answer.status == 200)
        return try answer.body.withUnsafeBytes { try OperatorV2.SendAnswer(decoding: $0) }
    }

    /// One message to `number`.
    func send(
        _ number: String, content: String = "测试", customID: String = "c1"
    ) async throws -> OperatorV2.SendAnswer {
        try await send(.singleSend(Self.part([number], content: content, customID: customID)))
    }

    func reports(limit: Int = 500) async throws -> [CarrierReport] {
        let answer = try #require(try await call(.fetchReports(limit: limit)))
        let decoded = try answer.body.withUnsafeBytes { try OperatorV2.ReportsAnswer(decoding: $0) }
        #expect(decoded.result == 0)
        return decoded.reports
    }

    func replies(limit: Int = 200) async throws -> [CarrierReply] {
        let answer = try #require(try await call(.fetchReplies(limit: limit)))
        let decoded = try answer.body.withUnsafeBytes { try OperatorV2.RepliesAnswer(decoding: $0) }
        #expect(decoded.result == 0)
        return decoded.replies
    }

    static func part(
        _ numbers: [String], content: String = "测试", customID: String = "c1", accessExtension: String = ""
    ) -> Submission.Part {
        Submission.Part(
            recipients: numbers.map { Recipient($0) }, content: content, customID: customID, customData: "x9",
            accessExtension: accessExtension)
    }
}

/// Names what a closure changes.
func settings(_ change: @escaping (inout SimulatorConfiguration) -> Void) -> (inout SimulatorConfiguration) -> Void {
    change
}
