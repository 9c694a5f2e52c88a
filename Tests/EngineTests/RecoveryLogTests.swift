import Logging
import Messaging
import Secrets
import Store
import Synchronization
import Testing

@testable import Engine

/// That something works again is logged where it was logged that it does not.
struct RecoveryLogTests {
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private struct Handler: LogHandler {
        let lines: Lines
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            lines.add("\(event.level) \(event.message) \(event.metadata?["channel"]?.description ?? "")")
        }
    }

    @Test func `a channel that takes messages again, and can be polled again, is logged as its failure is`()
        async throws
    {
        let isDown = Switch()
        let carrier = FakeCarrier { carrier, call in
            isDown.isOn ? .notSent(reason: "down") : await FakeCarrier.deliver(carrier, call)
        }
        let lines = Lines()
        let directory = try TemporaryDirectory()
        let clock = TestClock()
        var configuration = EngineConfiguration(clock: clock.clock)
        configuration.submissionWaitMax = 120_000
        configuration.pollIntervalMin = 5
        configuration.pollIntervalMax = 50
        let engine = Engine(
            store: try Store(directory: directory.path), key: try SealingKey.generate(),
            maker: FailingPolls(carrier: carrier, isDown: isDown), configuration: configuration,
            logger: Logger(label: "test") { _ in Handler(lines: lines) })
        try await engine.start()
        let endpoint = ChannelEndpoint(dialect: "fake", url: "one", user: "u", password: "p")
        _ = try await engine.addChannel(Channel(name: "sim", accessNumber: "1069"), endpoint: endpoint)
        let account = try await engine.billing.addAccount(
            Account(id: "J10003"), secrets: AccountSecrets(apiPassword: "111111"), openingBalance: 0)
        isDown.isOn = true
        let part = Submission.Part(recipients: [Recipient("13800138000")], content: "x")
        #expect(engine.billing.submit(Submission(parts: [part]), by: account, ticket: 1, sink: Deaf.sink) == nil)
        try await eventually("the failures") {
            lines.all.contains("warning a channel takes nothing at present sim")
                && lines.all.contains("warning a carrier cannot be polled sim")
        }
        #expect(!lines.all.contains { $0.contains("again") })
        isDown.isOn = false
        // Not at each look: a call that is under way would have taken too long by this clock.
        var advancedAt: ContinuousClock.Instant?
        try await eventually("the recovery") {
            if advancedAt.map({ ContinuousClock.now - $0 > .seconds(5) }) ?? true {
                clock.advance(milliseconds: ChannelScheduler.backOffMax)
                advancedAt = .now
            }
            _ = engine.dispatcher.events.push(.tick)
            return lines.all.contains("warning a channel takes messages again sim")
                && lines.all.contains("warning a carrier can be polled again sim")
        }
        await engine.stop(drain: .zero)
    }
}

private final class Deaf: SubmissionSink {
    static let sink = Deaf()
    func settle(_ outcomes: [SettledSubmission]) {}
}

/// A carrier that cannot be polled while it is down.
private struct FailingPolls: CarrierLinkMaker, CarrierLink {
    let carrier: FakeCarrier
    let isDown: Switch

    var dialects: [String] { ["fake"] }
    var limits: CallLimits { carrier.limits }
    var polls: [InboundKind] { [.polledReports] }
    func makeLink(_ endpoint: ChannelEndpoint, connectionLimit: Int) throws(CarrierFailure) -> any CarrierLink { self }
    func submit(_ call: CarrierCall) async -> SubmitOutcome { await carrier.submit(call) }
    func fetch(_ kind: InboundKind) async throws(CarrierFailure) -> [UInt8]? {
        if isDown.isOn { throw CarrierFailure("down") }
        return try await carrier.fetch(kind)
    }
    func decode(_ kind: InboundKind, _ body: [UInt8]) throws(CarrierFailure) -> InboundItems {
        try FakeCarrier.decode(body)
    }
    func close() async {}
}
