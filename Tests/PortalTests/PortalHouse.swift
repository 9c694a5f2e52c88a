import Administration
import Engine
import HTTPCore
import Logging
import Messaging
import NIOCore
import NIOHTTP1
import Secrets
import Sheets
import Store

@testable import Portal

/// A link to a carrier that takes everything and reports nothing by itself.
struct SilentLink: CarrierLink {
    var limits: CallLimits { CallLimits(sameContentMax: 1000, distinctMax: 100) }
    var polls: [InboundKind] { [] }
    func submit(_ call: CarrierCall) async -> SubmitOutcome { .accepted(nil) }
    func fetch(_ kind: InboundKind) async throws(CarrierFailure) -> [UInt8]? { nil }
    func decode(_ kind: InboundKind, _ body: [UInt8]) throws(CarrierFailure) -> InboundItems { InboundItems() }
    func close() async {}
}

struct SilentMaker: CarrierLinkMaker {
    var dialects: [String] { ["operator-v2"] }
    func makeLink(_ endpoint: ChannelEndpoint, connectionLimit: Int) throws(CarrierFailure) -> any CarrierLink {
        SilentLink()
    }
}

/// The pages over an engine on a real store: an account `shop` with 100 yuan at 0.05 a segment, another account
/// `other`, and a channel.
struct PortalHouse {
    let directory: TemporaryDirectory
    let engine: Engine
    let portal: Portal
    let shop: AccountEntry
    let other: AccountEntry

    static let now = Timestamp(milliseconds: 1_764_237_600_000)

    /// Who asks.
    enum Role {
        case nobody
        /// A user of `shop`.
        case customer(UserRights = .ofCustomers)
        /// A user of `other`.
        case stranger
        case operators(UserRights = .ofOperators)
    }

    /// An answer as a browser gets it.
    struct Answer {
        var status: UInt
        var text: String
        /// Empty without.
        var location: String
        var headers: [(String, String)]
    }

    static func with(
        now: Timestamp = PortalHouse.now, configure: (inout EngineConfiguration) -> Void = { _ in },
        _ body: (PortalHouse) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var configuration = EngineConfiguration(clock: Clock { now })
        configuration.submissionWaitMax = 120_000
        configuration.taskFolder = directory.path + "/portal"
        configuration.sheetReading = DirectSheetReader()
        configure(&configuration)
        let engine = Engine(
            store: try Store(directory: directory.path), key: try SealingKey.generate(), maker: SilentMaker(),
            configuration: configuration, logger: logger)
        try await engine.start()
        func add(_ id: String) async throws -> AccountEntry {
            let account = Account(id: id, name: "测试 \(id)", price: Money(microYuan: 50_000))
            return try await engine.billing.addAccount(
                account, secrets: AccountSecrets(apiPassword: "Jk3#99xQ-\(id)"), openingBalance: 100_000_000)
        }
        let (shop, other) = (try await add("shop"), try await add("other"))
        _ = try await engine.addChannel(
            Channel(name: "sim", accessNumber: "10690012122"),
            endpoint: ChannelEndpoint(dialect: "operator-v2", url: "", user: "J10003", password: "111111"))
        let administration = Administration(engine: engine, version: "test", logger: logger) { 0 }
        let portal = Portal(
            engine: engine, administration: administration,
            configuration: PortalConfiguration(stateFolder: directory.path), logger: logger)
        await portal.registerExports()
        let house = PortalHouse(directory: directory, engine: engine, portal: portal, shop: shop, other: other)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(house))
        } catch {
            result = .failure(error)
        }
        await engine.stop(drain: .zero)
        try result.get()
    }

    /// A page: `get("records?status=failed")`.
    func get(
        _ target: String, as role: Role = .customer(), language: Language = .chinese, isFresh: Bool = true
    ) async -> Answer {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var request = PortalRequest(path: String(parts[0]))
        if parts.count > 1 { request.query = FormFields(encoded: parts[1].utf8) }
        return await answer(request, role, language, isFresh)
    }

    /// A form.
    func post(
        _ target: String, _ fields: [(String, String)] = [], files: [UploadedFile] = [], as role: Role = .customer(),
        language: Language = .chinese, isFresh: Bool = true, origin: String? = "http://test"
    ) async -> Answer {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var request = PortalRequest(method: .POST, path: String(parts[0]))
        if parts.count > 1 { request.query = FormFields(encoded: parts[1].utf8) }
        for (name, value) in fields { request.form.append(name, value) }
        request.files = files
        request.origin = origin
        return await answer(request, role, language, isFresh)
    }

    private func answer(
        _ request: PortalRequest, _ role: Role, _ language: Language, _ isFresh: Bool
    ) async -> Answer {
        let visitor = Visitor(
            language: language, address: IPAddress("127.0.0.1"), agent: "test", isSecure: false,
            login: login(role, isFresh))
        let response = await portal.respond(to: request, as: visitor).finished(isSecure: false)
        return Answer(
            status: response.status.code, text: String(buffer: response.body),
            location: response.fields.first { $0.name == "Location" }?.value ?? "",
            headers: response.fields.map { ($0.name, $0.value) })
    }

    private func login(_ role: Role, _ isFresh: Bool) -> PortalLogin? {
        let (home, rights, account): (User.Home, UserRights, AccountEntry?)
        switch role {
        case .nobody: return nil
        case .customer(let given): (home, rights, account) = (.account(shop.key), given, shop)
        case .stranger: (home, rights, account) = (.account(other.key), .ofCustomers, other)
        case .operators(let given): (home, rights, account) = (.operators, given, nil)
        }
        let user = User(id: UserKey(rawValue: 1), name: "tester", home: home, rights: rights, createdAt: Self.now)
        guard let id = SessionID(String(repeating: "0", count: 32)) else { return nil }
        let session = UserSession(id: id, user: user.id, at: Self.now, address: "127.0.0.1", agent: "test")
        return PortalLogin(user: user, account: account, session: session, isFresh: isFresh)
    }
}

extension PortalRequest {
    /// As a browser on this machine sends it.
    init(method: HTTPMethod = .GET, path: String) {
        self.init(
            method: method, path: path.split(separator: "/").map(String.init), query: FormFields(), cookies: [:],
            host: "test", agent: "test", address: IPAddress("127.0.0.1"), isSecure: false)
    }
}
