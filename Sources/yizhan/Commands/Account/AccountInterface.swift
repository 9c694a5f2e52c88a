import AdminProtocol
import Dialects
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
        let interface = dialect.description
        let login = account.logins[dialect.rawValue]
        self.dialect = dialect
        paths = interface.endpoints.map(\.path)
        credentials = interface.credentials.compactMap { credential in
            if credential.value == .apiKey, !account.settings.isOn("api_key") { return nil }
            return (credential.name, Self.words(credential.value, login ?? "", account))
        }
        missing =
            (login == nil ? ["--login \(dialect.rawValue)=…"] : [])
            + interface.credentials.compactMap { Self.missingOption(for: $0.value, account) }
    }

    private static func words(
        _ value: InterfaceDescription.Value, _ login: String, _ account: AdminAccount
    ) -> String {
        func given(_ text: String) -> String { text.isEmpty ? "(not set)" : text }
        switch value {
        case .login: return given(login)
        case .clientID: return given(account.settings.text("client_id"))
        case .enterpriseID: return given(account.settings.text("enterprise_id"))
        case .spCode: return given(account.settings.text("sp_code"))
        case .clientSecret: return "the client secret"
        case .password(let words), .appSecret(let words): return words
        case .passwordOrPlain(let words):
            return words + (account.settings.isOn("allow_plain_password") ? ", or it as it is" : "")
        case .apiKey: return "the API key, in the place of both"
        }
    }

    private static func missingOption(for value: InterfaceDescription.Value, _ account: AdminAccount) -> String? {
        switch value {
        case .clientID: account.settings.text("client_id").isEmpty ? "--client-id" : nil
        case .clientSecret: account.settings.isOn("client_secret") ? nil : "--client-secret"
        case .enterpriseID: account.settings.text("enterprise_id").isEmpty ? "--enterprise-id" : nil
        case .spCode: account.settings.text("sp_code").isEmpty ? "--sp-code" : nil
        case .appSecret: account.settings.isOn("app_secret") ? nil : "--app-secret"
        case .login, .password, .passwordOrPlain, .apiKey: nil
        }
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
