internal import ArgumentParser
import CarrierLinks
import Engine
import Glibc
import HTTPCore
import Logging
import Messaging
import NIOCore
import NIOPosix
import Secrets
import Store

/// `yizhan bench pushes DIRECTORY`: how fast reports that wait are pushed to many addresses on the loopback.
struct PushesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pushes",
        abstract: "Measure how many reports a second are pushed to customers in this process.",
        discussion: """
            Every account has an address of its own, all on one listener of this process that accepts everything: \
            what the receivers cost counts too.
            """,
        shouldDisplay: false)

    @Argument(help: "A folder for the database; it must hold none.")
    var directory: String

    @Option(help: "How many accounts, each with an address.")
    var accounts = 100

    @Option(help: "Reports of each.")
    var reports = 5_000

    @Option(help: "In which dialect.")
    var dialect = PushDialect.operatorV2

    @Flag(help: "Print JSON.")
    var json = false

    private static let reportsOfCommit = 1000

    func validate() throws {
        guard (1...1000).contains(accounts), (1...1_000_000).contains(reports) else {
            throw ValidationError("--accounts is from 1 to 1000, --reports from 1 to 1000000.")
        }
    }

    func run() async throws {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST, access(directory + "/" + Store.fileName, F_OK) != 0
        else { throw Terminal.failure("\(directory) cannot be made, or holds a database already.") }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: ApplianceService.eventLoopCount)
        let logger = Logger(label: "yizhan.bench") { StreamLogHandler.standardError(label: $0) }
        let server = HTTPServer(name: "receiver", service: AcceptingService(), group: group, logger: logger)
        let address = try await server.start(on: .bind(host: "127.0.0.1", port: 0))
        let links = CarrierLinks(group: group, clock: .system)
        let store = try Store(directory: directory)
        let engine = Engine(
            store: store, key: try SealingKey.generate(), maker: NullCarrier(), pushes: links,
            configuration: EngineConfiguration(clock: .system), logger: logger)
        try await engine.start()
        let entries = try await fill(engine, store)
        let before = (processor: Self.processorSeconds(), at: NIODeadline.now())
        for (index, entry) in entries.enumerated() {
            let url = "http://127.0.0.1:\(address.port ?? 0)/\(index)"
            let push = PushSettings(reportURL: url, dialect: dialect, allowsPrivateTargets: true)
            _ = try await engine.accounts.update(id: entry.account.id) { account, _ in account.push = push }
        }
        while engine.counters.snapshot.collectedEntries < accounts * reports {
            try await Task.sleep(for: .milliseconds(5))
        }
        let seconds = Double((NIODeadline.now() - before.at).nanoseconds) / 1e9
        show(seconds: seconds, processor: Self.processorSeconds() - before.processor)
        await engine.stop(drain: .seconds(5))
        await links.shutdown()
        await server.shutdown(drainTimeout: .seconds(1))
        try await group.shutdownGracefully()
    }

    /// Numbers that cannot be reached are reported when they are accepted.
    private func fill(_ engine: Engine, _ store: Store) async throws -> [AccountEntry] {
        var entries: [AccountEntry] = []
        for index in 0..<accounts {
            let entry = try await engine.billing.addAccount(
                Account(id: "P\(index)"), secrets: AccountSecrets(apiPassword: "111111"), openingBalance: 0)
            entries.append(entry)
            for start in stride(from: 0, to: reports, by: Self.reportsOfCommit) {
                let numbers = (start..<min(start + Self.reportsOfCommit, reports)).map { Recipient("0\($0)") }
                let part = AcceptedPart(
                    account: entry.key, acceptedAt: Clock.system.now(), content: "测试短信", segments: 1,
                    segmentCost: 0, recipients: numbers)
                _ = try await withCheckedThrowingContinuation { done in
                    store.accept([AcceptedSubmission(parts: [part])]) { done.resume(with: $0) }
                }
            }
        }
        return entries
    }

    private func show(seconds: Double, processor: Double) {
        let count = accounts * reports
        let rate = Int64(Double(count) / max(seconds, 0.001))
        let value = JSONText.object([
            ("accounts", .integer(accounts)), ("reports", .integer(count)), ("dialect", .string(dialect.rawValue)),
            ("milliseconds", .integer(Int64(seconds * 1000))), ("reports_per_second", .integer(rate)),
            ("processor_ms", .integer(Int64(processor * 1000))),
        ])
        let text = TextTable.pairs([
            ("reports", "\(count) to \(accounts) addresses in \(dialect.rawValue)"),
            ("time", "\(Int64(seconds * 1000)) ms, \(Int64(processor * 1000)) ms of processor time"),
            ("rate", "\(rate) reports/s"),
        ])
        print(json ? value.description : text)
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Accepts every push with HTTP 200 and `result` 0 (Sources/Dialects/OperatorV2/INTERFACE.md, Pushes).
private struct AcceptingService: HTTPService {
    func connect(eventLoop: any EventLoop, remoteAddress: [UInt8]?) -> any HTTPConnection { AcceptingConnection() }
}

private final class AcceptingConnection: HTTPConnection {
    private static let answer = Array(#"{"cmd":"RPT_RESP","seqid":1,"result":0}"#.utf8)

    func receive(_ request: HTTPRequest, reply: HTTPReply) {
        reply.send(HTTPResponse(contentType: "application/json", bytes: Self.answer))
    }

    func closed() {}
}
