import Engine
public import Messaging

/// Accounts below accounts: what a customer may do with its own.
extension Administration {
    /// What a customer may set of its sub-accounts; the rest is the operator's.
    public static let subAccountKeys: Set<String> = [
        "name", "api_password", "price_micro", "share_balance", "spend_per_day_max_units", "connection_limit",
        "allow_ip", "signature", "alert_below_units", "alert_numbers", "alert_webhook", "alert_form",
        "alert_repeat_seconds",
    ]

    /// What a customer may set of its own account's balance alerts.
    public static let alertKeys: Set<String> = [
        "alert_below_units", "alert_numbers", "alert_webhook", "alert_form", "alert_repeat_seconds",
    ]

    /// The sub-accounts of an account, in the order of their ids.
    /// - Throws: `notFound` without such an account; `unavailable` or `internal` when the store fails.
    public func subAccounts(of parent: String) async throws(AdministrationError) -> [AccountDetail] {
        let entry = try entry(ofAccount: parent)
        var details: [AccountDetail] = []
        for child in engine.accounts.directory.children(of: entry.key) {
            details.append(try await account(child.account.id))
        }
        return details
    }

    /// One sub-account.
    /// - Throws: `notFound` when it is not below `parent`, whether or not there is such an account; `unavailable` or
    ///   `internal` when the store fails.
    public func subAccount(_ id: String, of parent: String) async throws(AdministrationError) -> AccountDetail {
        try await account(try child(id, of: parent).account.id)
    }

    /// Adds a sub-account for a customer: it has what the parent's settings say of payment, unit and refunds, and no
    /// balance of its own yet.
    /// - Throws: `notFound` without the parent; as `addAccount`; `invalid` for a setting that is not the customer's.
    public func addSubAccount(
        _ id: String, below parent: String, _ settings: [Setting]
    ) async throws(AdministrationError) -> AccountDetail {
        let entry = try entry(ofParent: parent)
        try Self.check(settings, within: Self.subAccountKeys)
        var all = settings
        if all["price_micro"] == nil { all.append(Setting("price_micro", entry.account.price.settingValue)) }
        all += [
            Setting("parent", .text(entry.account.id)), Setting("charge_by", entry.account.chargeUnit.settingValue),
            Setting("refund", entry.account.refundRule.settingValue),
        ]
        return try await addAccount(id, all, openingBalance: 0)
    }

    /// Changes a sub-account for a customer.
    /// - Throws: `notFound` when it is not below `parent`; as `setAccount`; `invalid` for a setting that is not the
    ///   customer's.
    public func setSubAccount(
        _ id: String, of parent: String, _ settings: [Setting]
    ) async throws(AdministrationError) -> AccountDetail {
        let child = try child(id, of: parent)
        try Self.check(settings, within: Self.subAccountKeys)
        return try await setAccount(child.account.id, settings)
    }

    /// Enables or disables a sub-account for a customer.
    /// - Throws: `notFound` when it is not below `parent`; `unavailable` or `internal` when the store fails.
    public func enableSubAccount(
        _ id: String, of parent: String, _ isEnabled: Bool
    ) async throws(AdministrationError) -> AccountDetail {
        try await enableAccount(try child(id, of: parent).account.id, isEnabled)
    }

    /// Moves an amount from an account's balance to a sub-account's own, or back when negative: two entries of the
    /// ledger in one commit.
    /// - Returns: the sub-account.
    /// - Throws: `notFound` when it is not below `parent`; `invalid` when it has no balance of its own, the amount is 0
    ///   or too large, or the balance that it is taken from would fall below its floor; `unavailable` or `internal`
    ///   when the store fails.
    public func transfer(
        _ amount: Int64, from parent: String, to id: String
    ) async throws(AdministrationError) -> AccountDetail {
        let child = try child(id, of: parent)
        guard let above = child.parent else { throw .notFound("There is no account \(parent).") }
        let unit = child.account.chargeUnit
        if child.sharesBalance, amount > 0 {
            throw .invalid(
                "Account \(child.account.id) shares the balance of \(above.account.id).", field: "amount_units")
        }
        guard amount != 0, amount.magnitude <= UInt64(Account.amountMax) else {
            throw .invalid(
                "An amount is not 0 and at most \(unit.labelled(Account.amountMax)) at a time, not "
                    + "\(unit.labelled(amount)).", field: "amount_units")
        }
        let (source, target) = amount > 0 ? (above, child) : (child, above)
        let moved = amount > 0 ? amount : -amount
        let isDone = try await stored("account \(child.account.id)") { () async throws(StoreFailure) in
            try await engine.billing.transfer(moved, from: source, to: target)
        }
        guard isDone else {
            // What is lent to an account by its credit is not its to give away.
            let balance = source.runtime.balance
            throw .invalid(
                "Account \(source.account.id) has \(unit.labelled(balance)): \(unit.labelled(max(0, balance))) can be "
                    + "moved, not \(unit.labelled(moved)).", field: "amount_units")
        }
        record("account transfer \(source.account.id) \(target.account.id) amount_units=\(moved)")
        return try await account(child.account.id)
    }

    /// Changes when and to whom an account's balance is reported as low, for its customer.
    /// - Throws: `notFound`; as `setAccount`; `invalid` for another setting.
    public func setAlerts(of id: String, _ settings: [Setting]) async throws(AdministrationError) -> AccountDetail {
        try Self.check(settings, within: Self.alertKeys)
        return try await setAccount(id, settings)
    }

    /// Accounts whose balance is below their threshold, those that are low longest first.
    public func lowBalances() async -> [LowBalance] {
        await engine.alerts.low().map { entry, since in
            LowBalance(
                account: entry.account.id, unit: entry.account.chargeUnit, balance: entry.balance,
                threshold: entry.account.alert.threshold, since: since)
        }
    }

    // MARK: Checks

    private func child(_ id: String, of parent: String) throws(AdministrationError) -> AccountEntry {
        guard let entry = engine.accounts.directory.account(id: id), let above = entry.parent,
            Account.folded(above.account.id) == Account.folded(parent)
        else { throw .notFound("Account \(parent) has no sub-account \(id).") }
        return entry
    }

    func entry(ofParent id: String) throws(AdministrationError) -> AccountEntry {
        guard let entry = engine.accounts.directory.account(id: id) else {
            throw .invalid("There is no account \(id) that another could be below.", field: "settings.parent")
        }
        guard engine.accounts.directory.children(of: entry.key).count < SubAccountRule.childrenMax else {
            throw .invalid(
                "Account \(entry.account.id) has \(SubAccountRule.childrenMax) sub-accounts, which is the most.",
                field: "settings.parent")
        }
        return entry
    }

    private static func check(_ settings: [Setting], within keys: Set<String>) throws(AdministrationError) {
        for setting in settings where !keys.contains(setting.key) {
            throw .invalid("The setting \(setting.key) is the operator's.", field: "settings." + setting.key)
        }
    }

    /// As an account is to be: with its parent, or with its sub-accounts.
    func checkFamily(of account: Account) throws(AdministrationError) {
        let directory = engine.accounts.directory
        guard let key = account.parent else {
            if account.sharesBalance {
                throw .invalid("\(account.id) is no sub-account that could share a balance.", field: Self.shareField)
            }
            guard let own = directory.account(id: account.id) else { return }
            for child in directory.children(of: own.key) {
                if case .priceBelow(let price) = SubAccountRule.flaw(of: child.account, below: account) {
                    throw .invalid(
                        "Its sub-account \(child.account.id) has the price \(child.account.price), which is below "
                            + "\(price): raise that first.", field: "settings.price_micro")
                }
            }
            return
        }
        guard let parent = directory.account(key: key)?.account else { return }
        switch SubAccountRule.flaw(of: account, below: parent) {
        case nil: break
        case .parentIsSubAccount:
            throw .invalid(
                "\(parent.id) is a sub-account, which has no sub-accounts of its own.", field: "settings.parent")
        case .unitDiffers:
            throw .invalid(
                "A sub-account of \(parent.id) is charged by \(parent.chargeUnit.rawValue).",
                field: "settings.charge_by")
        case .priceBelow(let price):
            throw .invalid(
                "The price \(account.price) is below \(price), the price of \(parent.id).",
                field: "settings.price_micro")
        }
    }

    private static let shareField = "settings.share_balance"
}

/// An account whose balance is below its threshold.
public struct LowBalance: Hashable, Sendable {
    /// Its id.
    public var account: String
    /// What both amounts are counted in.
    public var unit: ChargeUnit
    /// Now, in `unit`.
    public var balance: Int64
    /// In `unit`.
    public var threshold: Int64
    /// When it was found below.
    public var since: Timestamp
}
