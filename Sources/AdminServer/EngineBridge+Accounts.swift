import AdminProtocol
import Engine
import Messaging

extension EngineBridge {
    func account(_ id: String) throws(AdminError) -> AccountEntry {
        guard let entry = engine.accounts.directory.account(id: id) else {
            throw .notFound("There is no account \(id): see yizhan account list.")
        }
        return entry
    }

    func add(_ request: AdminAccountAdd) async throws(AdminError) -> AdminAccount {
        let id = request.id
        guard Account.isValidID(id) else {
            throw .invalidArgument(
                "An account's id is 1 to 32 letters, digits, '.', '_' and '-', not '\(id)'.", field: "id")
        }
        // Lists of accounts on the command line say so for all of them.
        guard Account.folded(id) != "ANY" else {
            throw .invalidArgument("'\(id)' stands for all accounts; choose another id.", field: "id")
        }
        guard request.settings.hasApiPassword, !request.settings.apiPassword.isEmpty else {
            throw .invalidArgument("An account needs an interface password.", field: "settings.api_password")
        }
        var account = Account(id: id)
        var secrets = AccountSecrets(apiPassword: "")
        if let unit = request.settings.chargeBy.unit, request.settings.hasChargeBy { account.chargeUnit = unit }
        try Self.check(request.settings)
        try checkValidity(request.settings)
        try Self.checkSecrets(request.settings, of: id)
        Self.apply(request.settings, to: &account, &secrets)
        account.push = try checked(Self.changed(account.push, by: request.settings))
        let unit = account.chargeUnit
        guard request.balanceUnits >= account.balanceFloor, request.balanceUnits.magnitude <= Self.amountMax else {
            throw .invalidArgument(
                "The opening balance of \(unit.labelled(request.balanceUnits)) is not between "
                    + "\(unit.labelled(account.balanceFloor)), the lowest that the account may reach, and "
                    + "\(unit.labelled(Int64(Self.amountMax))).", field: "balance_units")
        }
        if let known = engine.accounts.directory.account(id: id)?.account.id {
            throw .alreadyExists("There is an account \(known) already: change it with yizhan account set \(known).")
        }
        let (ready, hidden) = (account, secrets)
        let entry = try await stored(Self.other(request.settings)) { () async throws(StoreFailure) in
            try await engine.billing.addAccount(ready, secrets: hidden, openingBalance: request.balanceUnits)
        }
        return try await message(of: entry)
    }

    func set(_ request: AdminAccountSet) async throws(AdminError) -> AdminAccount {
        let entry = try account(request.id)
        let settings = request.settings
        try Self.check(settings)
        try checkValidity(settings)
        try Self.checkSecrets(settings, of: entry.account.id)
        if settings.hasChargeBy, let unit = settings.chargeBy.unit, unit != entry.account.chargeUnit {
            throw .invalidArgument(
                "What an account is charged by is settled when it is added.", field: "settings.charge_by")
        }
        _ = try checked(Self.changed(entry.account.push, by: settings))
        return try await update(entry, Self.other(settings)) { account, secrets in
            Self.apply(settings, to: &account, &secrets)
            // As it is by now; what was checked can be read.
            account.push = (try? Self.changed(account.push, by: settings)) ?? account.push
        }
    }

    func enable(_ request: AdminAccountEnable) async throws(AdminError) -> AdminAccount {
        try await update(account(request.id)) { account, _ in account.isEnabled = request.enabled }
    }

    func recharge(_ request: AdminAccountRecharge) async throws(AdminError) -> AdminAccount {
        let entry = try account(request.id)
        if let unit = request.chargeBy.unit, unit != entry.account.chargeUnit {
            throw .invalidArgument(
                "Account \(entry.account.id) is charged by \(entry.account.chargeUnit.rawValue).", field: "charge_by")
        }
        let unit = entry.account.chargeUnit
        guard request.amountUnits != 0, request.amountUnits.magnitude <= Self.amountMax else {
            throw .invalidArgument(
                "An amount is not 0 and at most \(unit.labelled(Int64(Self.amountMax))) at a time, not "
                    + "\(unit.labelled(request.amountUnits)).", field: "amount_units")
        }
        let done = try await stored("account \(entry.account.id)") { () async throws(StoreFailure) in
            try await engine.billing.recharge(
                entry, amount: request.amountUnits, note: request.note.isEmpty ? nil : request.note)
        }
        guard done else {
            let (balance, floor) = (entry.gauges.balance, entry.account.balanceFloor)
            throw .invalidArgument(
                "Account \(entry.account.id) has \(unit.labelled(balance)) and may not fall below "
                    + "\(unit.labelled(floor)): \(unit.labelled(max(0, balance - floor))) can be taken, not "
                    + "\(unit.labelled(-request.amountUnits)).", field: "amount_units")
        }
        return try await message(of: entry)
    }

    /// A thousand million yuan at a time, a million yuan a segment: sums stay far from overflow, which traps.
    private static let amountMax = UInt64(Account.amountMax)
    private static let connectionLimitMax = UInt32(Account.connectionLimitMax)
    private static let priceMax = Account.priceMax.microYuan

    func list(_ request: AdminAccountList) async throws(AdminError) -> AdminAccounts {
        let limit = request.limit == 0 ? Self.pageMax : min(Int(request.limit), Self.pageMax)
        let sorted = engine.accounts.directory.entries.sorted { $0.account.id < $1.account.id }
        let page = sorted.drop { !request.cursor.isEmpty && $0.account.id <= request.cursor }
        var accounts = AdminAccounts()
        for entry in page.prefix(limit) { accounts.accounts.append(try await message(of: entry)) }
        if page.count > limit { accounts.nextCursor = accounts.accounts.last?.id ?? "" }
        return accounts
    }

    /// Who else may have what an account must have for itself.
    private static func other(_ settings: AdminAccountSettings) -> String {
        let keys = [
            (settings.hasApiKey, "this API key"), (settings.hasClientID, "the client id \(settings.clientID)"),
            (!settings.logins.isEmpty, "this login"),
        ]
        let given = keys.filter(\.0).map(\.1)
        return "account with "
            + (given.isEmpty ? "the same API key, client id or login" : given.joined(separator: " or "))
    }

    private func update(
        _ entry: AccountEntry, _ what: String = "account like it",
        _ change: @Sendable (inout Account, inout AccountSecrets) -> Void
    ) async throws(AdminError) -> AdminAccount {
        let id = entry.account.id
        let changed = try await stored(what) { () async throws(StoreFailure) in
            try await engine.accounts.update(id: id, change)
        }
        return try await message(of: changed)
    }

    func message(of entry: AccountEntry) async throws(AdminError) -> AdminAccount {
        let totals = try await stored("account \(entry.account.id)") { () async throws(StoreFailure) in
            try await engine.records.totals(of: entry)
        }
        let account = entry.account
        var message = AdminAccount()
        message.id = account.id
        message.name = account.name
        message.enabled = account.isEnabled
        message.priceMicro = account.price.microYuan
        message.payment = account.payment == .prepaid ? .prepaid : .postpaid
        message.chargeBy = AdminChargeBy(account.chargeUnit)
        message.balanceUnits = entry.gauges.balance
        message.creditUnits = account.creditLimit
        message.refund = AdminRefundRule(account.refundRule)
        message.allowPlainPassword = account.allowsPlainPassword
        message.allowIp = account.allowedNetworks.map(\.description)
        message.extension = account.accessExtension
        message.signature = account.signature
        message.connectionLimit = UInt32(clamping: account.connectionLimit)
        message.set(account.push)
        message.validForSeconds = UInt64(clamping: (account.validFor ?? 0) / 1000)
        message.hasApiKey_p = entry.secrets.apiKey != nil
        message.setDialects(entry)
        setAccess(entry, in: &message)
        message.today = AdminAccountTotals(totals.today)
        message.thisMonth = AdminAccountTotals(totals.month)
        return message
    }

    // MARK: Settings

    private static func check(_ settings: AdminAccountSettings) throws(AdminError) {
        func isDigits(_ text: String) -> Bool { text.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        if settings.hasApiPassword, settings.apiPassword.isEmpty {
            throw .invalidArgument("The interface password must not be empty.", field: "settings.api_password")
        }
        if settings.hasPriceMicro, !(0...priceMax).contains(settings.priceMicro) {
            throw .invalidArgument("A price is 0 to 1,000,000 yuan.", field: "settings.price_micro")
        }
        if settings.hasCreditUnits, settings.creditUnits < 0 || settings.creditUnits.magnitude > amountMax {
            throw .invalidArgument("A credit is negative or beyond all bounds.", field: "settings.credit_units")
        }
        if settings.hasConnectionLimit, !(1...connectionLimitMax).contains(settings.connectionLimit) {
            throw .invalidArgument(
                "An account has 1 to \(connectionLimitMax) connections.", field: "settings.connection_limit")
        }
        if settings.hasExtension, !isDigits(settings.extension) || settings.extension.utf8.count > 15 {
            throw .invalidArgument("An extension is at most 15 digits.", field: "settings.extension")
        }
        let signature = settings.signature
        try checkDialects(settings)
        try checkLogins(settings)
        if settings.hasSignature, !signature.isEmpty, !(signature.hasPrefix("【") && signature.hasSuffix("】")) {
            throw .invalidArgument("A signature is written 【…】.", field: "settings.signature")
        }
        for cidr in settings.allowIp.cidrs where IPNetwork(cidr) == nil {
            throw .invalidArgument("'\(cidr)' is neither an address nor a network.", field: "settings.allow_ip")
        }
    }

    private func checkValidity(_ settings: AdminAccountSettings) throws(AdminError) {
        let (seconds, minimum) = (settings.validForSeconds, UInt64(clamping: Validity.durationMin / 1000))
        let maximum = UInt64(clamping: engine.configuration.reportExpiry / 1000)
        guard settings.hasValidForSeconds, seconds != 0, !(minimum...max(minimum, maximum)).contains(seconds) else {
            return
        }
        throw .invalidArgument(
            "Messages are worth sending for \(minimum) s to \(maximum) s (report.expire_after), or 0 for as long as "
                + "they wait; not \(seconds) s.", field: "settings.valid_for_seconds")
    }

    private static func apply(
        _ settings: AdminAccountSettings, to account: inout Account, _ secrets: inout AccountSecrets
    ) {
        if settings.hasName { account.name = settings.name }
        if settings.hasApiPassword { secrets.apiPassword = settings.apiPassword }
        if settings.hasApiKey { secrets.apiKey = settings.apiKey.isEmpty ? nil : settings.apiKey }
        if settings.hasPriceMicro { account.price = Money(microYuan: settings.priceMicro) }
        if settings.hasPayment { account.payment = settings.payment == .postpaid ? .postpaid : .prepaid }
        if settings.hasCreditUnits { account.creditLimit = settings.creditUnits }
        if settings.hasAllowPlainPassword { account.allowsPlainPassword = settings.allowPlainPassword }
        if settings.hasAllowIp { account.allowedNetworks = settings.allowIp.cidrs.compactMap { IPNetwork($0) } }
        if settings.hasExtension { account.accessExtension = settings.extension }
        if settings.hasSignature { account.signature = settings.signature }
        if settings.hasRefund, let rule = settings.refund.rule { account.refundRule = rule }
        if settings.hasConnectionLimit { account.connectionLimit = Int(settings.connectionLimit) }
        if settings.hasValidForSeconds {
            // Checked: no more than 72 hours or so.
            account.validFor = settings.validForSeconds == 0 ? nil : Int64(clamping: settings.validForSeconds) * 1000
        }
        applyDialects(settings, to: &account, &secrets)
        applyLogins(settings, to: &account)
    }
}

extension AdminChargeBy {
    init(_ unit: ChargeUnit) { self = unit == .money ? .money : .count }

    /// Nil when not told.
    var unit: ChargeUnit? {
        switch self {
        case .money: .money
        case .count: .count
        default: nil
        }
    }
}

extension AdminRefundRule {
    fileprivate init(_ rule: Account.RefundRule) {
        switch rule {
        case .never: self = .never
        case .refused: self = .refused
        case .failed: self = .failed
        }
    }

    fileprivate var rule: Account.RefundRule? {
        switch self {
        case .never: .never
        case .refused: .refused
        case .failed: .failed
        default: nil
        }
    }
}

extension AdminAccountTotals {
    fileprivate init(_ total: AccountTotal) {
        self.init()
        messages = UInt64(clamping: total.messages)
        segments = UInt64(clamping: total.segments)
        delivered = UInt64(clamping: total.delivered)
        failed = UInt64(clamping: total.failed)
        chargedUnits = total.charged
        refundedUnits = total.refunded
    }
}
