import Dialects
import Engine
import HTTPCore
import Logging
import Messaging
import NIOCore
import NIOPosix
import Testing

@testable import CarrierLinks
@testable import Simulator

/// A sixth dialect is a folder and one line: it is simulated and sent without anything else knowing it.
@Suite struct ToyTests {
    private func withToy(password: String, _ body: (any CarrierLink, TestClock) async throws -> Void) async throws {
        try await CarrierHarness.with { harness in
            let group = MultiThreadedEventLoopGroup.singleton
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let handlers = CarrierServerMaker(carrier: harness.carrier).visit(Toy.dialect)
            let server = HTTPServer(
                name: "toy", configuration: HTTPServerConfiguration(),
                service: CarrierService(carrier: harness.carrier, others: handlers), group: group, logger: logger)
            let address = try await server.start(on: .bind(host: "127.0.0.1", port: 0))
            let links = CarrierLinks(group: group, clock: harness.time.clock)
            let endpoint = ChannelEndpoint(
                dialect: "toy", url: "http://127.0.0.1:\(address.port ?? 0)", user: "SIM001", password: password)
            do {
                try await body(try links.makeLink(Toy.dialect.carrier, endpoint), harness.time)
            } catch {
                Issue.record(error)
            }
            await links.shutdown()
            await server.shutdown(drainTimeout: .zero)
        }
    }

    private var call: CarrierCall {
        let message = OutgoingMessage(
            sequence: 1, mobile: PhoneNumber(rawValue: 13_800_138_000), content: "测试", accessExtension: "",
            segments: 1, acceptedAt: Timestamp(milliseconds: 0))
        return CarrierCall(attempt: 1, isUniform: true, messages: [message])
    }

    @Test func `a message is sent, taken and reported`() async throws {
        try await withToy(password: "sim-secret") { link, time in
            guard case .accepted(.shared(let id), _) = await link.submit(call) else {
                Issue.record("not accepted")
                return
            }
            #expect(try await link.fetch(.polledReports) == nil)
            time.pass(milliseconds: 200)
            let body = try #require(try await link.fetch(.polledReports))
            let reports = try link.decode(.polledReports, body).reports
            #expect(reports.map(\.mobile) == ["13800138000"] && reports.map(\.status) == [.delivered])
            #expect(String(decoding: body, as: UTF8.self).hasPrefix(id + " "))
        }
    }

    @Test func `wrong credentials are refused, and a push is none of its own`() async throws {
        try await withToy(password: "wrong") { link, _ in
            let rule = Rejection.credentialsWrong.rule
            #expect(await link.submit(call) == .channelRefused(code: rule))
            await #expect(throws: CarrierFailure("refused with code \(rule)")) { try await link.fetch(.polledReports) }
            #expect(throws: CarrierFailure("this dialect has no pushes")) { try link.decode(.pushed, []) }
        }
    }
}
