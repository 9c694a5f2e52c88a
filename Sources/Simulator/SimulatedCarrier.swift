import Dialects
public import HTTPCore
public import Logging
import Messaging
public import NIOCore
import Synchronization

/// A carrier of all dialects without a network of its own: what becomes of a message is written in the last four digits
/// of its number (see `Ending`). For demonstration, tests and benchmarks.
///
/// Besides the dialects it serves `GET /simulator/stats` (counters) and `GET /simulator/log?after=N` (the messages
/// received, at most 10,000 an answer), both JSON. What else goes wrong, `Faults` says.
public final class SimulatedCarrier: Sendable {
    let configuration: SimulatorConfiguration
    let account: Account
    let secrets: AccountSecrets
    private let logFile: LogFile?
    private let handOutLog: LogFile?
    private let book: Mutex<CarrierBook>
    let memory = CarrierMemory()
    private let group: any EventLoopGroup
    private let logger: Logger
    private let running = Mutex(Running())

    private struct Running {
        var server: HTTPServer?
        var tasks: [Task<Void, Never>] = []
    }

    private static let connectionsMax = 20_000
    private static let rebindPeriod = Duration.milliseconds(20)

    /// - Throws: when a log file cannot be opened.
    public init(_ configuration: SimulatorConfiguration, group: any EventLoopGroup, logger: Logger) throws {
        self.configuration = configuration
        self.group = group
        self.logger = logger
        var account = Account(
            id: configuration.user.uppercased(), enterpriseID: configuration.enterpriseID,
            clientID: configuration.clientID, spCode: configuration.spCode)
        account.chargeUnit = .count
        // A carrier's userid may be longer than those that this appliance gives out.
        account.logins = Dictionary(uniqueKeysWithValues: DialectName.allCases.map { ($0, configuration.user) })
        self.account = account
        secrets = AccountSecrets(
            apiPassword: configuration.password, clientSecret: configuration.clientSecret,
            appSecret: configuration.password)
        book = Mutex(CarrierBook(configuration))
        logFile = try configuration.logPath.map { try LogFile(path: $0) }
        handOutLog = try configuration.handOutLogPath.map { try LogFile(path: $0) }
    }

    /// Begins to serve, and to push if it is to push. Call it once.
    ///
    /// - Returns: the address that it got.
    /// - Throws: NIO's error when the socket cannot be bound.
    public func start(on source: ListenSource) async throws -> SocketAddress {
        let (server, address) = try await serve(on: source)
        var tasks: [Task<Void, Never>] = []
        if let target = configuration.push,
            let codec = configuration.pushDialect.pushes,
            let dialect = PushDialect(rawValue: configuration.pushDialect.rawValue)
        {
            for kind in OutboxKind.allCases {
                let pusher = Pusher(
                    kind, target: target, dialect: dialect, codec: codec, carrier: self, group: group, logger: logger)
                tasks.append(Task { await pusher.run() })
            }
        }
        running.withLock { $0.server = server }
        if let flap = configuration.faults.flap, let host = address.ipAddress, let port = address.port {
            tasks.append(Task { await self.flap(flap, on: .bind(host: host, port: port)) })
        }
        running.withLock { $0.tasks = tasks }
        return address
    }

    private func serve(on source: ListenSource) async throws -> (HTTPServer, SocketAddress) {
        var limits = HTTPServerConfiguration()
        limits.connectionsMax = Self.connectionsMax
        // One appliance is a carrier's only customer here.
        limits.connectionsPerAddressMax = Self.connectionsMax
        let server = HTTPServer(
            name: "simulator", configuration: limits, service: CarrierService(carrier: self), group: group,
            logger: logger)
        return (server, try await server.start(on: source))
    }

    /// Stops listening and listens again, until its task is cancelled.
    private func flap(_ flap: Faults.Flap, on source: ListenSource) async {
        while (try? await Task.sleep(for: .milliseconds(flap.up))) != nil {
            await running.withLock { $0.server.take() }?.shutdown(drainTimeout: .zero)
            guard (try? await Task.sleep(for: .milliseconds(flap.down))) != nil else { return }
            // An outgoing connection may have the port for a moment.
            while !Task.isCancelled {
                if let (server, _) = try? await serve(on: source) {
                    running.withLock { $0.server = server }
                    break
                }
                try? await Task.sleep(for: Self.rebindPeriod)
            }
        }
    }

    /// Stops serving and pushing; what was not given out is forgotten.
    public func shutdown() async {
        let tasks = running.withLock { running in
            defer { running.tasks = [] }
            return running.tasks
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        await running.withLock { $0.server.take() }?.shutdown(drainTimeout: .seconds(1))
    }

    /// The counters at this moment; takes the carrier's lock and moves what has become due to what is ready.
    public var statistics: SimulatorStatistics {
        let now = configuration.clock.now()
        return book.withLock { $0.statistics(at: now) }
    }

    // MARK: What the connections and the pushers ask for

    /// - Parameter call: the operation's name, for the log.
    func receive(_ submission: Submission, call: String) -> CarrierBook.Verdict {
        var endings = CarrierBook.Endings()
        for part in submission.parts {
            for recipient in part.recipients {
                switch Ending(recipient) {
                case .refused: endings.isRefused = true
                case .unanswered: endings.isUnanswered = true
                case .early: endings.isLate = true
                default: break
                }
            }
        }
        let now = configuration.clock.now()
        let (verdict, messages) = book.withLock { [endings] book in
            book.receive(submission, call: call, endings: endings, at: now)
        }
        logFile?.append(messages, isRefused: verdict.isRefused, answer: verdict.answer)
        return verdict
    }

    /// What a poll is answered with instead, if it is to be garbage.
    func nextPollGarbage() -> Garbage? { book.withLock { $0.nextPollGarbage() } }

    /// For a poll: none while reports are pushed.
    func takeReports(limit: Int, grain: ReportGrain = .segment) -> [CustomerReport] {
        isPushing ? [] : takeReportsToPush(limit: limit, grain: grain)
    }

    /// For a poll: none while replies are pushed.
    func takeReplies(limit: Int) -> [CustomerReply] { isPushing ? [] : takeRepliesToPush(limit: limit) }

    private var isPushing: Bool { configuration.push != nil }

    func takeReportsToPush(limit: Int, grain: ReportGrain) -> [CustomerReport] {
        let now = configuration.clock.now()
        let (first, due) = book.withLock { $0.takeReports(limit: limit, grain: grain, at: now) }
        let reports = due.map { $0.report(at: now, grain) }
        handOutLog?.append(reports, from: first)
        return reports
    }

    func takeRepliesToPush(limit: Int) -> [CustomerReply] {
        let now = configuration.clock.now()
        let (first, replies) = book.withLock { $0.takeReplies(limit: limit, at: now) }
        handOutLog?.append(replies, from: first)
        return replies
    }

    func countCall() { book.withLock { $0.countCall() } }

    func countRefusal() { book.withLock { $0.countRefusal() } }

    func logEntries(after: Int) -> [SubmissionLog.Entry] {
        book.withLock { $0.log.entries(after: after, limit: Self.logEntriesPerAnswer) }
    }

    private static let logEntriesPerAnswer = 10_000
}
