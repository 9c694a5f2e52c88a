import AdminProtocol
import Messaging

/// One dialect as an account's customer uses it: where, and with which credentials.
struct AccountInterface {
    private let dialect: DialectName
    private let paths: [String]
    /// By the names that the dialect has for them: what the customer must put there.
    private let credentials: [(name: String, value: String)]
    /// What the account still lacks for it, as options of `account set`.
    private let missing: [String]

    static func all(of account: AdminAccount) -> [AccountInterface] {
        DialectName.allCases.map { AccountInterface($0, account) }
    }

    private init(_ dialect: DialectName, _ account: AdminAccount) {
        self.dialect = dialect
        paths = Self.paths(dialect)
        credentials = Self.credentials(dialect, account)
        missing = Self.missing(dialect, account)
    }

    private static func paths(_ dialect: DialectName) -> [String] {
        switch dialect {
        case .enterpriseOAuth2:
            ["/oauth2/token", "/oauth2/sms/send", "/oauth2/sms/report", "/oauth2/sms/mo"]
        case .enterpriseJSON: ["/json/sms/send", "/json/sms/report", "/json/sms/mo"]
        case .apiV1: ["/api/v1/send", "/api/v1/report", "/api/v1/mo", "/api/v1/queryBalance"]
        case .operatorV2:
            ["single_send", "batch_send", "multi_send", "get_mo", "get_rpt", "get_balance"].map { "/sms/v2/std/" + $0 }
        case .guodu: ["/HttpQuickProcess/submitJson"]
        case .yixintong:
            ["/api/sms/send", "/info/sms/report", "/info/sms/reply/query", "/info/sms/reply/confirm"]
        }
    }

    private static func credentials(
        _ dialect: DialectName, _ account: AdminAccount
    ) -> [(name: String, value: String)] {
        let password = "the interface password"
        func given(_ text: String) -> String { text.isEmpty ? "(not set)" : text }
        let login = given(account.logins[dialect.rawValue] ?? "")
        switch dialect {
        case .enterpriseOAuth2:
            return [
                ("client_id", given(account.clientID)), ("client_secret", "the client secret"),
                ("account", login), ("signature", "MD5(account|password|timeStamp) with \(password)"),
            ]
        case .enterpriseJSON:
            let digest = "MD5 of \(password)" + (account.allowPlainPassword ? ", or it as it is" : "")
            return [("userid", given(account.enterpriseID)), ("account", login), ("password", digest)]
        case .apiV1: return [("account", login), ("pwd", "MD5 of \(password)")]
        case .operatorV2:
            var pairs = [("userid", login), ("pwd", "MD5 with \(password) and the timestamp")]
            if account.allowPlainPassword { pairs[1].1 += ", or it as it is" }
            if account.hasApiKey_p { pairs.append(("apikey", "the API key, in the place of both")) }
            return pairs
        case .guodu: return [("OperID", login), ("OperPass", password)]
        case .yixintong:
            return [
                ("x-sp-code", given(account.spCode)), ("x-app-key", login),
                ("x-sign", "SM3 with the app secret"),
            ]
        }
    }

    private static func missing(_ dialect: DialectName, _ account: AdminAccount) -> [String] {
        let needs: [(isThere: Bool, option: String)] =
            switch dialect {
            case .enterpriseOAuth2:
                [(!account.clientID.isEmpty, "--client-id"), (account.hasClientSecret_p, "--client-secret")]
            case .enterpriseJSON: [(!account.enterpriseID.isEmpty, "--enterprise-id")]
            case .yixintong: [(!account.spCode.isEmpty, "--sp-code"), (account.hasAppSecret_p, "--app-secret")]
            case .apiV1, .operatorV2, .guodu: []
            }
        let hasLogin = account.logins[dialect.rawValue] != nil
        let login = hasLogin ? [] : ["--login \(dialect.rawValue)=…"]
        return login + needs.filter { !$0.isThere }.map(\.option)
    }

    var json: JSONText {
        .object([
            ("dialect", .string(dialect.rawValue)), ("paths", .strings(paths)),
            ("credentials", .object(credentials.map { ($0.name, .string($0.value)) })), ("missing", .strings(missing)),
        ])
    }

    var text: String {
        var lines = ["  " + dialect.rawValue + (missing.isEmpty ? "" : "  (needs \(missing.joined(separator: ", ")))")]
        lines.append("    at    " + paths.joined(separator: " "))
        let words = credentials.map { "\($0.name) = \($0.value)" }
        lines.append("    with  " + words.joined(separator: "; "))
        return lines.joined(separator: "\n")
    }
}
