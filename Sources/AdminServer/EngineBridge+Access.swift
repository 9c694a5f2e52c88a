import AdminProtocol
import Engine
import Messaging

/// Who may come in, and who was not let in.
extension EngineBridge {
    private static let locksMax = 100
    private static let refusalNameMax = 64

    // MARK: Secrets and logins

    /// What of the secrets that are given is easy to guess, unless that is allowed.
    static func checkSecrets(_ settings: AdminAccountSettings, of id: String) throws(AdminError) {
        if settings.allowWeakPassword { return }
        let given: [(what: String, field: String, option: String, secret: String)] = [
            ("The interface password", "api_password", "--api-password", settings.apiPassword),
            ("The API key", "api_key", "--api-key", settings.apiKey),
            ("The client secret", "client_secret", "--client-secret", settings.clientSecret),
            ("The app secret", "app_secret", "--app-secret", settings.appSecret),
        ]
        for (what, field, option, secret) in given where !secret.isEmpty {
            guard let weakness = PasswordRule.weakness(of: secret, account: id) else { continue }
            throw .invalidArgument(
                "\(what) \(weakness); give a better one with \(option), or allow it with --allow-weak-password.",
                field: "settings." + field)
        }
    }

    static func checkLogins(_ settings: AdminAccountSettings) throws(AdminError) {
        for (name, login) in settings.logins.sorted(by: { $0.key < $1.key }) {
            guard let dialect = DialectName(rawValue: name) else {
                let names = DialectName.allCases.map(\.rawValue).joined(separator: ", ")
                throw .invalidArgument("'\(name)' is none of the dialects \(names).", field: "settings.logins")
            }
            guard login.isEmpty || Account.isValidLogin(login, in: dialect) else {
                let form =
                    dialect == .operatorV2
                    ? "1 to 6 letters and digits" : "1 to 32 letters, digits, '.', '_' and '-'"
                throw .invalidArgument(
                    "A login in \(name) is \(form), not '\(login)'.", field: "settings.logins")
            }
        }
    }

    static func applyLogins(_ settings: AdminAccountSettings, to account: inout Account) {
        for (name, login) in settings.logins {
            guard let dialect = DialectName(rawValue: name) else { continue }
            account.logins[dialect] = login.isEmpty ? nil : login
        }
    }

    // MARK: Locks

    func unlock(_ request: AdminAccountUnlock) async throws(AdminError) -> AdminAccount {
        let entry = try account(request.id)
        engine.gatekeeper.logins.unlock(entry)
        return try await message(of: entry)
    }

    func setAccess(_ entry: AccountEntry, in message: inout AdminAccount) {
        for dialect in DialectName.allCases {
            if let login = entry.account.login(in: dialect) { message.logins[dialect.rawValue] = login }
        }
        message.locks = engine.gatekeeper.logins.locks(of: entry).prefix(Self.locksMax).map { lock in
            var message = AdminAccountLock()
            message.address = lock.address.description
            message.untilMs = lock.until.milliseconds
            return message
        }
    }

    // MARK: Refusals

    func list(_ request: AdminRefusalList) async throws(AdminError) -> AdminRefusals {
        let limit = request.limit == 0 ? Self.pageMax : min(Int(request.limit), Self.pageMax)
        var query = RefusalQuery(limit: limit)
        if !request.account.isEmpty {
            if let entry = engine.accounts.directory.account(id: request.account) {
                query.account = entry.number
            } else {
                query.name = Account.folded(String(request.account.unicodeScalars.prefix(Self.refusalNameMax)))
            }
        }
        // What is no number may have been refused for that.
        if !request.number.isEmpty { query.mobile = PhoneNumber(request.number)?.text ?? request.number }
        if request.day != 0 {
            guard Timestamp(chinaDay: Int(request.day)) != nil else {
                throw .invalidArgument("\(request.day) is no day; it is written as yyyymmdd.", field: "day")
            }
            query.day = Int(request.day)
        }
        if !request.cursor.isEmpty {
            guard let before = RefusalCursor(request.cursor) else {
                throw .invalidArgument("That is no cursor of this list.", field: "cursor")
            }
            query.before = before
        }
        let asked = query
        let page = try await stored("refusal") { () async throws(StoreFailure) in
            try await engine.refusals.list(asked)
        }
        var refusals = AdminRefusals()
        refusals.refusals = page.refusals.map { refusal in
            AdminRefusal(refusal, account: engine.accounts.directory.account(number: refusal.key.account))
        }
        refusals.nextCursor = page.next?.text ?? ""
        return refusals
    }
}

extension AdminRefusal {
    fileprivate init(_ refusal: Refusal, account entry: AccountEntry?) {
        self.init()
        account = entry?.account.id ?? ""
        name = refusal.key.name
        dialect = refusal.key.dialect
        code = refusal.key.code
        rule = refusal.key.rule
        mobile = refusal.key.mobile
        address = refusal.key.address
        times = UInt64(clamping: refusal.times)
        firstAtMs = refusal.firstAt.milliseconds
        lastAtMs = refusal.lastAt.milliseconds
    }
}
