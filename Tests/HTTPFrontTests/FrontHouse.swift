import Dialects
import Engine
import HTTPCore
import HTTPFront
import Logging
import Messaging
import NIOCore
import NIOPosix
import Secrets
import Store

/// A carrier that takes everything and pushes its reports itself.
struct SilentLink: CarrierLink {
    var limits: CallLimits { CallLimits(sameContentMax: 1000, distinctMax: 100) }
    var polls: [InboundKind] { [] }
    func submit(_ call: CarrierCall) async -> SubmitOutcome { .accepted(nil) }
    func fetch(_ kind: InboundKind) async throws(CarrierFailure) -> [UInt8]? { nil }

    func decode(_ kind: InboundKind, _ body: [UInt8]) throws(CarrierFailure) -> InboundItems {
        do {
            let push = try body.withUnsafeBytes { raw in try OperatorV2.decodePush(sniffing: raw) }
            switch push.content {
            case .reports(let reports): return InboundItems(reports: reports)
            case .replies(let replies): return InboundItems(replies: replies)
            }
        } catch {
            throw CarrierFailure("\(error)")
        }
    }

    func close() async {}
}

struct SilentMaker: CarrierLinkMaker {
    var dialects: [String] { ["operator-v2", "other"] }
    func makeLink(_ endpoint: ChannelEndpoint, connectionLimit: Int) throws(CarrierFailure) -> any CarrierLink {
        SilentLink()
    }
}

/// Both listeners over an engine on a real store, at 2016-08-03 19:20:20 in China.
struct FrontHouse {
    let directory: TemporaryDirectory
    let engine: Engine
    let front: SocketAddress
    let callback: SocketAddress
    let entry: ChannelEntry

    static let now = Timestamp(milliseconds: 1_470_223_220_000)
    /// The seed's vector for J10003 / 111111 at that time.
    static let login = #""userid":"J10003","pwd":"26dad7f364507df18f3841cc9c4ff94d","timestamp":"0803192020""#

    static func with(
        messages: Int64 = 100, connectionLimit: Int = 100, trustedProxies: [NetworkBlock] = [],
        allowedNetworks: [IPNetwork] = [], configure: (inout EngineConfiguration) -> Void = { _ in },
        _ body: (FrontHouse) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var configuration = EngineConfiguration(clock: Clock { now })
        // A busy machine may take its time.
        configuration.submissionWaitMax = 120_000
        configure(&configuration)
        let engine = Engine(
            store: try Store(directory: directory.path), key: try SealingKey.generate(), maker: SilentMaker(),
            configuration: configuration, logger: logger)
        try await engine.start()
        var account = Account(id: "J10003", chargeUnit: .count, connectionLimit: connectionLimit)
        account.allowedNetworks = allowedNetworks
        _ = try await engine.billing.addAccount(
            account, secrets: AccountSecrets(apiPassword: "111111"), openingBalance: messages)
        let entry = try await engine.addChannel(
            Channel(name: "sim", accessNumber: "10690012122"),
            endpoint: ChannelEndpoint(dialect: "operator-v2", url: "", user: "J10003", password: "111111"))
        let group = MultiThreadedEventLoopGroup.singleton
        var limits = HTTPServerConfiguration()
        // A busy machine may be slow between connecting and sending.
        limits.firstByteTimeout = .minutes(5)
        limits.trustedProxies = trustedProxies
        let front = HTTPFront(engine: engine, configuration: limits, group: group, logger: logger)
        let callback = CallbackServer(engine: engine, configuration: limits, group: group, logger: logger)
        let house = FrontHouse(
            directory: directory, engine: engine, front: try await front.start(on: .bind(host: "127.0.0.1", port: 0)),
            callback: try await callback.start(on: .bind(host: "127.0.0.1", port: 0)), entry: entry)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(house))
        } catch {
            result = .failure(error)
        }
        await front.stop(drainTimeout: .zero)
        await callback.stop(drainTimeout: .zero)
        await engine.stop(drain: .zero)
        try result.get()
    }

    /// A single_send of one segment.
    static func send(_ mobile: String = "13800138000", login: String = FrontHouse.login) -> String {
        "{\(login),\"mobile\":\"\(mobile)\",\"content\":\"%b2%e2%ca%d4%b6%cc%d0%c5\",\"custid\":\"b3d0a2\"}"
    }

    func eventually(_ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while try await !condition() {
            guard ContinuousClock.now < deadline else { throw TimedOut() }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    struct TimedOut: Error {}
}
