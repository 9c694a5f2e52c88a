import Engine
import Foundation
import GRDB
import HTTPCore
import HTTPFront
import Logging
import Messaging
import NIOCore
import NIOPosix
import Secrets
import Store
import Synchronization

/// A carrier that takes everything and never says what became of it.
private struct QuietLink: CarrierLink {
    var limits: CallLimits { CallLimits(sameContentMax: 1000, distinctMax: 100) }
    var polls: [InboundKind] { [] }
    func submit(_ call: CarrierCall) async -> SubmitOutcome { .accepted(nil) }
    func fetch(_ kind: InboundKind) async throws(CarrierFailure) -> [UInt8]? { nil }
    func decode(_ kind: InboundKind, _ body: [UInt8]) throws(CarrierFailure) -> InboundItems { InboundItems() }
    func close() async {}
}

private struct QuietMaker: CarrierLinkMaker {
    var dialects: [String] { ["quiet"] }
    func makeLink(_ endpoint: ChannelEndpoint, connectionLimit: Int) throws(CarrierFailure) -> any CarrierLink {
        QuietLink()
    }
}

/// An account that may speak every dialect, with secrets that no other has.
struct HostileAccount: Sendable {
    let entry: AccountEntry
    let opening: Int64
    /// Of dialect 000's token mode.
    let token: String

    var account: Account { entry.account }
    var id: String { entry.account.id }
    var password: String { entry.secrets.apiPassword }
    var clientSecret: String { entry.secrets.clientSecret ?? "" }
    var appSecret: String { entry.secrets.appSecret ?? "" }
    var balance: Int64 { entry.runtime.balance }
}

/// A front over a real engine on a real store, at a time that stands still until it is moved.
final class HostileHouse: Sendable {
    let accounts: [HostileAccount]
    let port: UInt16
    private let engine: Engine
    private let file: String
    private let clock: HouseClock

    private init(_ engine: Engine, _ accounts: [HostileAccount], port: UInt16, file: String, clock: HouseClock) {
        self.engine = engine
        self.accounts = accounts
        self.port = port
        self.file = file
        self.clock = clock
    }

    var now: Timestamp { clock.now }
    func advance(milliseconds: Int64) { clock.advance(milliseconds: milliseconds) }

    static func with(accounts count: Int, _ body: (HostileHouse) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "yizhan-hostile-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let clock = HouseClock()
        var configuration = EngineConfiguration(clock: Clock { clock.now })
        // The machine may be busy, and the clock takes large steps.
        configuration.submissionWaitMax = 600_000
        configuration.tokenLifetime = 1_000 * 24 * 3_600_000
        let engine = Engine(
            store: try Store(directory: folder.path), key: try SealingKey.generate(), maker: QuietMaker(),
            configuration: configuration, logger: logger)
        try await engine.start()
        _ = try await engine.addChannel(
            Channel(name: "quiet", accessNumber: "1069"),
            endpoint: ChannelEndpoint(dialect: "quiet", url: "", user: "u", password: "p"))
        var listening = HTTPServerConfiguration()
        listening.idleTimeout = .minutes(30)
        listening.firstByteTimeout = .minutes(30)
        let front = HTTPFront(
            engine: engine, configuration: listening, group: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let address = try await front.start(on: .bind(host: "127.0.0.1", port: 0))
        let result: Result<Void, any Error>
        do {
            var accounts: [HostileAccount] = []
            for index in 0..<count { accounts.append(try await account(index, of: engine)) }
            let house = HostileHouse(
                engine, accounts, port: UInt16(address.port ?? 0), file: folder.path + "/" + Store.fileName,
                clock: clock)
            result = .success(try await body(house))
        } catch {
            result = .failure(error)
        }
        await front.stop(drainTimeout: .zero)
        await engine.stop(drain: .zero)
        try result.get()
    }

    /// Some are charged by money, and some can pay for little.
    private static func account(_ index: Int, of engine: Engine) async throws -> HostileAccount {
        let id = "H\(index)"
        let account = Account(
            id: id, price: Money(microYuan: 29_000), chargeUnit: index % 2 == 0 ? .count : .money,
            refundRule: .never, enterpriseID: "E\(index)", clientID: "client-\(index)", spCode: "100001")
        let secrets = AccountSecrets(
            apiPassword: "pw-\(index)-\(index * 7919)", clientSecret: "cs-\(index)", appSecret: "as-\(index)")
        let opening = account.cost(segments: index % 8 == 7 ? 20 : 10_000_000)
        let entry = try await engine.billing.addAccount(account, secrets: secrets, openingBalance: opening)
        return HostileAccount(entry: entry, opening: opening, token: try await engine.tokens.issue(to: entry))
    }

    /// What the file holds of an account.
    struct Books: Equatable {
        var balance: Int64
        /// The sum of what its messages cost, each by its own row.
        var charged: Int64
        var messages: Int
    }

    func books(of account: HostileAccount) throws -> Books {
        var configuration = Configuration()
        configuration.readonly = true
        let row = try DatabaseQueue(path: file, configuration: configuration).read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT a.balance, COUNT(m.sequence) AS messages, IFNULL(SUM(
                        CASE WHEN m.mobile = 0 THEN 0 ELSE s.segments * s.segment_cost END), 0) AS charged
                    FROM account a LEFT JOIN submission s ON s.account = a.number
                        LEFT JOIN message m ON m.submission = s.id
                    WHERE a.number = ?
                    """, arguments: [account.entry.key.rawValue])
        }
        return Books(balance: row?["balance"] ?? -1, charged: row?["charged"] ?? -1, messages: row?["messages"] ?? -1)
    }

    func ledger() async throws -> LedgerVerdict { try await engine.records.verifyLedger() }
}

/// Begins on 3 August 2016, 19:20:20 in China.
private final class HouseClock: Sendable {
    private let time = Mutex(Timestamp(milliseconds: 1_470_223_220_000))

    var now: Timestamp { time.withLock { $0 } }
    func advance(milliseconds: Int64) { time.withLock { $0 = $0.adding(milliseconds: milliseconds) } }
}
