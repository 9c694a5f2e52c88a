import Dialects
public import HTTPCore
public import Logging
import Messaging
public import NIOCore
import Synchronization

/// A carrier of dialect 002 (seed 002) without a network behind it: what becomes of a message is written in the last
/// four digits of its number (see `Ending`). For demonstration, tests and benchmarks.
///
/// Besides the dialect it serves `GET /simulator/stats` (counters) and `GET /simulator/log?after=N` (the messages
/// received, at most 10,000 an answer), both JSON.
public final class SimulatedCarrier: Sendable {
    let configuration: SimulatorConfiguration
    let account: Account
    let secrets: AccountSecrets
    let logFile: LogFile?
    private let book: Mutex<CarrierBook>
    private let group: any EventLoopGroup
    private let logger: Logger
    private let running = Mutex(Running())

    private struct Running {
        var server: HTTPServer?
        var tasks: [Task<Void, Never>] = []
    }

    private static let connectionsMax = 20_000
    private static let logFlushPeriod = Duration.milliseconds(100)

    /// - Throws: when the log file cannot be opened.
    public init(_ configuration: SimulatorConfiguration, group: any EventLoopGroup, logger: Logger) throws {
        self.configuration = configuration
        self.group = group
        self.logger = logger
        account = Account(id: configuration.user.uppercased())
        secrets = AccountSecrets(apiPassword: configuration.password)
        book = Mutex(CarrierBook(configuration))
        logFile = try configuration.logPath.map { try LogFile(path: $0) }
    }

    /// Begins to serve, and to push if it is to push. Call it once.
    ///
    /// - Returns: the address that it got.
    public func start(on source: ListenSource) async throws -> SocketAddress {
        var limits = HTTPServerConfiguration()
        limits.connectionsMax = Self.connectionsMax
        let server = HTTPServer(
            name: "simulator", configuration: limits, service: CarrierService(carrier: self), group: group,
            logger: logger)
        let address = try await server.start(on: source)
        var tasks: [Task<Void, Never>] = []
        if let target = configuration.push {
            for kind in Pusher.Kind.allCases {
                let pusher = Pusher(kind, target: target, carrier: self, group: group, logger: logger)
                tasks.append(Task { await pusher.run() })
            }
        }
        if let logFile {
            tasks.append(
                Task {
                    while (try? await Task.sleep(for: Self.logFlushPeriod)) != nil { logFile.flush() }
                })
        }
        running.withLock { $0 = Running(server: server, tasks: tasks) }
        return address
    }

    /// Stops serving and pushing; what was not given out is forgotten.
    public func shutdown() async {
        let stopped = running.withLock { running in
            defer { running = Running() }
            return running
        }
        for task in stopped.tasks { task.cancel() }
        await stopped.server?.shutdown(drainTimeout: .seconds(1))
        for task in stopped.tasks { await task.value }
        logFile?.flush()
    }

    public var statistics: SimulatorStatistics {
        let now = configuration.clock.now()
        return book.withLock { $0.statistics(at: now) }
    }

    // MARK: What the connections and the pushers ask for

    /// What is to be done with a submission.
    struct Verdict {
        /// Nil: refused as a whole.
        let acceptance: Acceptance?
        /// The connection is to be closed instead of answered.
        let isUnanswered: Bool
        /// The answer is to come later than the report.
        let isLate: Bool
    }

    func receive(_ submission: Submission, call: OperatorV2.Operation) -> Verdict {
        var isRefused = false
        var isUnanswered = false
        var isLate = false
        for part in submission.parts {
            for recipient in part.recipients {
                switch Ending(recipient) {
                case .refused: isRefused = true
                case .unanswered: isUnanswered = true
                case .early: isLate = true
                default: break
                }
            }
        }
        let now = configuration.clock.now()
        let (acceptance, messages) = book.withLock { [isRefused] book in
            book.receive(submission, call: call, isRefused: isRefused, at: now)
        }
        logFile?.append(messages, isRefused: isRefused)
        return Verdict(
            acceptance: acceptance, isUnanswered: isUnanswered && !isRefused, isLate: isLate && !isRefused)
    }

    func takeReports(limit: Int) -> [CustomerReport] {
        let now = configuration.clock.now()
        let runs = book.withLock { $0.takeReports(limit: limit, at: now) }
        return runs.flatMap { run in
            (run.first..<run.first + run.count).map { run.message.report(segment: $0, at: now) }
        }
    }

    func takeReplies(limit: Int) -> [CustomerReply] {
        let now = configuration.clock.now()
        return book.withLock { $0.takeReplies(limit: limit, at: now) }
    }

    func countCall() { book.withLock { $0.countCall() } }

    func countRefusal() { book.withLock { $0.countRefusal() } }

    func logEntries(after: Int) -> [SubmissionLog.Entry] {
        book.withLock { $0.log.entries(after: after, limit: Self.logEntriesPerAnswer) }
    }

    private static let logEntriesPerAnswer = 10_000
}
