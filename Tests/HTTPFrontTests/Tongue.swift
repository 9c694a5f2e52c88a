import Dialects
import Engine
import HTTPFront
import Messaging
import Synchronization
import Testing

/// The ways that a customer may speak.
enum Tongue: String, CaseIterable {
    case token, plain, apiV1, operatorV2, guodu, yixintong

    /// Those in which something can be fetched.
    static let fetching = allCases.filter { $0 != .guodu }
}

/// Account J10003 at the doors of all dialects, with the codecs' own client side.
struct Speaker {
    let house: FrontHouse
    private let token: String

    private static let numbers = Atomic<UInt64>(0)

    /// J10003 with all that any dialect wants.
    static func with(
        messages: Int64 = 100, connectionLimit: Int = 100, _ body: (Speaker) async throws -> Void
    ) async throws {
        try await FrontHouse.with(messages: messages, connectionLimit: connectionLimit) { house in
            let entry = try await house.engine.accounts.update(id: "J10003") { account, secrets in
                account.enterpriseID = "1001"
                account.clientID = "client"
                account.spCode = "100001"
                secrets.clientSecret = "s3cret"
                secrets.appSecret = "app-secret"
            }
            try await body(Speaker(house: house, token: try await house.engine.tokens.issue(to: entry)))
        }
    }

    var entry: AccountEntry {
        get throws { try #require(house.engine.accounts.directory.account(id: "J10003")) }
    }

    /// A new one.
    func token() async throws -> String { try await house.engine.tokens.issue(to: entry) }

    var balance: Int64 { get throws { try entry.runtime.balance } }

    struct Posted {
        var path: String
        var contentType: String
        var headers: [(String, String)] = []
        var body: [UInt8]
    }

    /// A connection of its own unless one is given.
    func post(_ posted: Posted, on client: WebClient? = nil) async throws -> [UInt8] {
        let connection = if let client { client } else { try await WebClient(house.front) }
        let answer = try await connection.request(
            "POST", posted.path, contentType: posted.contentType, headers: posted.headers, bytes: posted.body)
        if client == nil { await connection.close() }
        #expect(answer.status == 200)
        return Array(answer.body.utf8)
    }

    // MARK: What is said

    private var enterpriseLogin: Enterprise.Login {
        .signed(token: token, account: "J10003", password: "111111")
    }

    private static let plainLogin = Enterprise.Login.plain(
        enterpriseID: "1001", account: "J10003", password: "111111")

    func enterprise(_ call: Enterprise.Call, _ tongue: Tongue) -> Posted {
        let encoded = Enterprise.encodeCall(
            call, login: tongue == .token ? enterpriseLogin : Self.plainLogin, at: FrontHouse.now)
        return Posted(
            path: encoded.path, contentType: encoded.contentType, headers: encoded.headers.map { ($0.name, $0.value) },
            body: encoded.body)
    }

    func operatorV2(_ call: OperatorV2.Call, _ format: OperatorV2.BodyFormat = .json) -> Posted {
        let encoded = OperatorV2.encodeCall(
            call, login: .digest(userID: "J10003", password: "111111"), at: FrontHouse.now, format: format)
        return Posted(path: encoded.path, contentType: encoded.contentType, body: encoded.body)
    }

    func yixintong(_ call: Yixintong.Call) -> Posted {
        let number = Self.numbers.wrappingAdd(1, ordering: .relaxed).newValue
        let encoded = Yixintong.encodeCall(
            call, login: Yixintong.Login(spCode: "100001", appKey: "J10003", appSecret: "app-secret"),
            requestID: Yixintong.RequestID.text(at: FrontHouse.now, number: number))
        return Posted(
            path: encoded.path, contentType: encoded.contentType, headers: encoded.headers.map { ($0.name, $0.value) },
            body: encoded.body)
    }

    func apiV1(_ call: ApiV1.Call) -> Posted {
        let encoded = ApiV1.encodeCall(call, account: "J10003", password: "111111")
        return Posted(path: encoded.path, contentType: ApiV1.requestContentType, body: encoded.body)
    }

    func guodu(_ call: Guodu.Call) -> Posted {
        Posted(
            path: Guodu.path, contentType: Guodu.contentType,
            body: Guodu.encodeCall(call, operatorID: "J10003", password: "111111"))
    }

    /// One content to these numbers, as each dialect has it.
    /// - Parameter mobiles: they travel as they are written here.
    func sending(_ tongue: Tongue, _ mobiles: [String], _ content: String) -> Posted {
        let part = Submission.Part(recipients: mobiles.map { .invalid($0) }, content: content)
        return switch tongue {
        case .token, .plain: enterprise(.send(part), tongue)
        case .apiV1: apiV1(.send(part))
        case .operatorV2: operatorV2(.batchSend(part))
        case .guodu: guodu(.shared(part))
        case .yixintong: yixintong(.send(Yixintong.Send(part: part)))
        }
    }

    func fetching(_ tongue: Tongue, replies: Bool = false) -> Posted {
        switch tongue {
        case .token, .plain:
            enterprise(replies ? .fetchReplies(limit: 1000) : .fetchReports(limit: 1000), tongue)
        case .apiV1: apiV1(replies ? .fetchReplies : .fetchReports)
        case .operatorV2: operatorV2(replies ? .fetchReplies(limit: 200) : .fetchReports(limit: 500))
        case .guodu, .yixintong: yixintong(replies ? .fetchReplies : .fetchReports)
        }
    }

    // MARK: What is heard

    /// The code of an answer to a send, as it is written.
    static func code(_ tongue: Tongue, _ answer: [UInt8]) throws -> String {
        try answer.withUnsafeBytes { raw in
            switch tongue {
            case .token, .plain: try Enterprise.SendAnswer(decoding: raw).code
            case .apiV1: try ApiV1.SendAnswer(decoding: raw).code
            case .operatorV2: try String(OperatorV2.SendAnswer(decoding: raw).result)
            case .guodu: try Guodu.SendAnswer(decoding: raw).code
            case .yixintong: try String(Yixintong.SendAnswer(decoding: raw).code)
            }
        }
    }

    static func fetchedCode(_ tongue: Tongue, replies: Bool, _ answer: [UInt8]) throws -> String {
        try answer.withUnsafeBytes { raw in
            switch tongue {
            case .token, .plain:
                replies
                    ? try Enterprise.RepliesAnswer(decoding: raw).error
                    : try Enterprise.ReportsAnswer(decoding: raw).error
            case .operatorV2:
                try String(
                    replies
                        ? OperatorV2.RepliesAnswer(decoding: raw).result
                        : OperatorV2.ReportsAnswer(decoding: raw).result)
            case .apiV1, .guodu, .yixintong: try code(tongue, answer)
            }
        }
    }

    func send(
        _ tongue: Tongue, _ content: String = "hello", to mobile: String = "13800138000", on client: WebClient? = nil
    ) async throws -> String {
        try Self.code(tongue, try await post(sending(tongue, [mobile], content), on: client))
    }

    func fetch(_ tongue: Tongue, replies: Bool = false, on client: WebClient? = nil) async throws -> String {
        let answer = try await post(fetching(tongue, replies: replies), on: client)
        return try Self.fetchedCode(tongue, replies: replies, answer)
    }
}
