/// One of the interfaces, in both directions: what an account needs for it, what a channel needs, and the program in
/// Tests/Clients that speaks it as a customer.
enum WireDialect: String, CaseIterable {
    case enterpriseOAuth2 = "enterprise-oauth2"
    case enterpriseJSON = "enterprise-json"
    case apiV1 = "api-v1"
    case operatorV2 = "operator-v2"
    case guodu
    case yixintong

    /// Those that the appliance serves.
    static let served = allCases

    /// Those that collect reports and replies by asking; the others are only pushed to.
    static let polled = served.filter { $0 != .guodu }

    var script: String {
        switch self {
        case .enterpriseOAuth2: "enterprise_oauth2.py"
        case .enterpriseJSON: "enterprise_json.py"
        case .apiV1: "api_v1.py"
        case .operatorV2: "operator_v2.py"
        case .guodu: "guodu.py"
        case .yixintong: "yixintong.py"
        }
    }

    /// What `account add` needs beside the interface password.
    var accountArguments: [String] {
        switch self {
        case .enterpriseOAuth2: ["--client-id", "client-1", "--client-secret", "client-secret"]
        case .enterpriseJSON: ["--enterprise-id", "1001"]
        case .yixintong: ["--sp-code", "100001", "--app-secret", "app-secret"]
        case .apiV1, .operatorV2, .guodu: []
        }
    }

    /// The same for the program, before its command.
    func programArguments(account: String, password: String) -> [String] {
        let own = ["--account", account, "--password", password]
        return switch self {
        case .enterpriseOAuth2: own + ["--client-id", "client-1", "--client-secret", "client-secret"]
        case .enterpriseJSON: own + ["--user-id", "1001"]
        case .yixintong: ["--app-key", account, "--sp-code", "100001", "--app-secret", "app-secret"]
        case .apiV1, .operatorV2, .guodu: own
        }
    }

    /// The option of `send` for the customer's own digits behind its access number, if the dialect has them.
    var extensionOption: String? {
        switch self {
        case .enterpriseOAuth2, .enterpriseJSON: "--extno"
        case .apiV1: "--ext-no"
        case .operatorV2: "--exno"
        case .guodu: "--append-id"
        case .yixintong: nil
        }
    }

    /// Whether a customer of it can only be pushed to.
    var isPushed: Bool { self == .guodu }

    /// What an account needs beside that to be pushed to.
    func pushArguments(to url: String) -> [String] {
        ["--push-report", url, "--push-reply", url, "--push-dialect", rawValue, "--allow-private-push"]
    }

    /// What `channel add` needs to reach a carrier of it.
    func channelArguments(_ access: CarrierAccess) -> [String] {
        let own = [
            "--dialect", rawValue, "--url", "http://127.0.0.1:\(access.port)", "--user", access.user, "--password",
            self == .yixintong ? access.appSecret : access.password,
        ]
        return switch self {
        case .enterpriseOAuth2: own + ["--client-id", access.clientID, "--client-secret", access.clientSecret]
        case .enterpriseJSON: own + ["--enterprise-id", access.enterpriseID]
        case .yixintong: own + ["--sp-code", access.spCode]
        case .apiV1, .operatorV2, .guodu: own
        }
    }

    /// Whether each segment has a report of its own.
    var reportsSegments: Bool { self == .operatorV2 }
}

/// A carrier's port, and who we are there in all its dialects.
struct CarrierAccess {
    var port: UInt16
    var user: String
    var password: String
    var clientID: String
    var clientSecret: String
    var enterpriseID: String
    var spCode: String
    var appSecret: String

    /// As `simulate` has them unless told otherwise.
    static func simulator(port: UInt16) -> CarrierAccess {
        CarrierAccess(
            port: port, user: SimulatedCarrier.user, password: SimulatedCarrier.password, clientID: "client",
            clientSecret: "secret", enterpriseID: "1001", spCode: "100001", appSecret: SimulatedCarrier.password)
    }

    /// An account of an appliance with `WireDialect.accountArguments`.
    static func account(_ id: String, password: String, port: UInt16) -> CarrierAccess {
        CarrierAccess(
            port: port, user: id, password: password, clientID: "client-1", clientSecret: "client-secret",
            enterpriseID: "1001", spCode: "100001", appSecret: "app-secret")
    }
}
