import Engine
import Logging
import Messaging
import Secrets
import Sheets
import Store
import Synchronization

/// An engine on a real store with carriers in memory.
final class House: Sendable {
    let directory: TemporaryDirectory
    let engine: Engine
    let clock: TestClock
    let key: SealingKey
    let carriers: [String: FakeCarrier]

    static let price: Int64 = 29_000
    static let mobile = "13800138000"

    private init(
        directory: TemporaryDirectory, engine: Engine, clock: TestClock, key: SealingKey,
        carriers: [String: FakeCarrier]
    ) {
        self.directory = directory
        self.engine = engine
        self.clock = clock
        self.key = key
        self.carriers = carriers
    }

    /// A started engine. The carriers are not channels yet.
    static func open(
        _ carriers: [String: FakeCarrier] = [:], in directory: TemporaryDirectory? = nil, key: SealingKey? = nil,
        clock: TestClock = TestClock(), clocks: TwoClocks? = nil, pushes: any PushLinkMaker = NoPushLinks(),
        alerts: any AlertLink = NoAlertLink(), _ configure: (inout EngineConfiguration) -> Void = { _ in }
    ) async throws -> House {
        let directory = try directory ?? TemporaryDirectory()
        let key = try key ?? SealingKey.generate()
        var configuration = EngineConfiguration(clock: clocks?.clock ?? clock.clock)
        configuration.pollIntervalMin = 5
        configuration.pollIntervalMax = 50
        // A busy machine may take its time.
        configuration.submissionWaitMax = 120_000
        configuration.taskFolder = directory.path + "/portal"
        configuration.sheetReading = DirectSheetReader()
        configure(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let store = try Store(directory: directory.path)
        let engine = Engine(
            store: store, key: key, maker: FakeMaker(carriers: carriers), pushes: pushes, alertLink: alerts,
            configuration: configuration, logger: logger)
        do {
            try await engine.start()
        } catch {
            await store.close()
            throw error
        }
        return House(directory: directory, engine: engine, clock: clock, key: key, carriers: carriers)
    }

    /// Runs `body` with a started engine and stops it afterwards.
    static func with(
        _ carriers: [String: FakeCarrier] = ["one": FakeCarrier()], channels: Bool = true,
        configure: (inout EngineConfiguration) -> Void = { _ in }, _ body: (House) async throws -> Void
    ) async throws {
        let house = try await open(carriers, configure)
        do {
            if channels { for name in carriers.keys.sorted() { try await house.channel(name) } }
            try await body(house)
        } catch {
            await house.stop()
            throw error
        }
        await house.stop()
    }

    func stop() async { await engine.stop(drain: .zero) }

    /// Stops this engine and starts another on the same folder.
    func again(
        _ carriers: [String: FakeCarrier]? = nil, _ configure: (inout EngineConfiguration) -> Void = { _ in }
    ) async throws -> House {
        await stop()
        return try await House.open(carriers ?? self.carriers, in: directory, key: key, clock: clock, configure)
    }

    // MARK: Parties

    @discardableResult
    func channel(
        _ name: String, networks: NetworkSet = .mainland, priority: Int = 0, connectionLimit: Int = 8,
        accessNumber: String = "10690012122"
    ) async throws -> ChannelEntry {
        let channel = Channel(
            name: name, accessNumber: accessNumber, networks: networks, priority: priority,
            connectionLimit: connectionLimit)
        return try await engine.addChannel(
            channel, endpoint: ChannelEndpoint(dialect: "fake", url: name, user: "SIM001", password: "sim-secret"))
    }

    @discardableResult
    func account(
        _ id: String = "J10003", messages: Int = 1_000_000, payment: Account.Payment = .prepaid, credit: Int64 = 0,
        refund: Account.RefundRule = .refused, accessExtension: String = ""
    ) async throws -> AccountEntry {
        let account = Account(
            id: id, price: Money(microYuan: Self.price), payment: payment, creditLimit: credit, refundRule: refund,
            accessExtension: accessExtension)
        return try await engine.billing.addAccount(
            account, secrets: AccountSecrets(apiPassword: "111111"), openingBalance: Int64(messages) * Self.price)
    }

    // MARK: Work

    func submit(
        _ mobiles: [String] = [House.mobile], _ content: String = "你好", by entry: AccountEntry,
        at due: Timestamp? = nil, key: String? = nil
    ) async -> Result<Acceptance, Rejection> {
        await submit(
            Submission.Part(recipients: mobiles.map { Recipient($0) }, content: content), by: entry, at: due, key: key)
    }

    private func submit(
        _ part: Submission.Part, by entry: AccountEntry, at due: Timestamp? = nil, key: String? = nil
    ) async -> Result<Acceptance, Rejection> {
        let submission = Submission(parts: [part], scheduledAt: due, idempotencyKey: key)
        return await withCheckedContinuation { continuation in
            let sink = OneReply(continuation)
            if let refusal = engine.billing.submit(submission, by: entry, ticket: 7, sink: sink) {
                continuation.resume(returning: .failure(refusal))
            }
        }
    }

    /// As the next, of one part as it is.
    func send(_ part: Submission.Part, by entry: AccountEntry) async throws -> MessageSequence {
        try await submit(part, by: entry).get().firstID.sequence
    }

    /// As `submit`; gives the first message's sequence.
    func send(
        _ mobiles: [String] = [House.mobile], _ content: String = "你好", by entry: AccountEntry,
        at due: Timestamp? = nil
    ) async throws -> MessageSequence {
        try await submit(mobiles, content, by: entry, at: due).get().firstID.sequence
    }

    func timeline(_ sequence: MessageSequence) async throws -> MessageTimeline {
        try await engine.records.timeline(of: MessageID(sequence: sequence))
    }

    /// Waits until the engine has counted as many final messages.
    func finals(_ count: Int) async throws {
        try await eventually("\(count) final messages") { engine.counters.snapshot.finalMessages >= count }
    }

    func waitUntil(_ sequence: MessageSequence, is state: MessageState) async throws {
        try await eventually("message \(sequence) \(state)") { try await timeline(sequence).state == state }
    }

    func isSound() async throws -> Bool {
        try await engine.records.verifyLedger().differences.isEmpty
    }
}

/// Hands the first outcome on.
private final class OneReply: SubmissionSink {
    private let continuation: CheckedContinuation<Result<Acceptance, Rejection>, Never>

    init(_ continuation: CheckedContinuation<Result<Acceptance, Rejection>, Never>) {
        self.continuation = continuation
    }

    func settle(_ outcomes: [SettledSubmission]) {
        for settled in outcomes { continuation.resume(returning: settled.outcome) }
    }
}
