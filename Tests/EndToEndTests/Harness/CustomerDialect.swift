/// An interface towards customers, with what an account needs for it and the program in Tests/Clients that speaks it.
enum CustomerDialect: String, CaseIterable {
    case enterpriseOAuth2 = "enterprise-oauth2"
    case enterpriseJSON = "enterprise-json"
    case apiV1 = "api-v1"
    case operatorV2 = "operator-v2"
    case guodu
    case yixintong

    /// Those that the appliance serves.
    static let served: [CustomerDialect] = [.operatorV2]

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

    /// Whether each segment has a report of its own.
    var reportsSegments: Bool { self == .operatorV2 }
}
