public import Engine
public import Messaging

/// An account as it is shown.
public struct AccountDetail: Sendable {
    /// In the spelling with which it was added.
    public var id: String
    /// As `enableAccount` set it.
    public var isEnabled: Bool
    /// Whether it is a sub-account of a disabled account, and so refused whatever `isEnabled` says.
    public var isParentDisabled: Bool
    /// The id of the account that it is below; nil for none.
    public var parent: String?
    /// Its sub-accounts' ids, in order.
    public var children: [String]
    /// What balance and charges are counted in; fixed when the account is added.
    public var chargeUnit: ChargeUnit
    /// What it can spend from, in `chargeUnit`: its own balance, or its parent's that it shares.
    public var balance: Int64
    /// Its own balance, in `chargeUnit`; of one that shares its parent's, what was left when that began.
    public var ownBalance: Int64
    /// The lowest that `balance` may reach.
    public var balanceFloor: Int64
    /// What became of its balance alerts; nil: nothing was ever low.
    public var alerts: BalanceAlertRecord?
    /// As `AccountSettings.table` has them.
    public var settings: [Setting]
    /// Of the messages accepted today, a day in China; amounts in `chargeUnit`.
    public var today: AccountTotal
    /// The same of this month.
    public var month: AccountTotal
    /// From where it is shut out after wrong credentials.
    public var locks: [LoginGuard.Lock]
}

extension Administration {
    private static let locksMax = 100
    private static let refusalNameMax = 64

    func entry(ofAccount id: String) throws(AdministrationError) -> AccountEntry {
        guard let entry = engine.accounts.directory.account(id: id) else {
            throw .notFound("There is no account \(id): see yizhan account list.")
        }
        return entry
    }

    /// An account by its id, in any case.
    /// - Throws: `notFound` without such an account; `unavailable` or `internal` when the store fails.
    public func account(_ id: String) async throws(AdministrationError) -> AccountDetail {
        try await detail(of: entry(ofAccount: id))
    }

    /// Accounts in order of their ids, from the one after `cursor` on; empty: from the first. `limit` items at most: 0,
    /// or more than 200, is 200.
    /// - Throws: `unavailable` or `internal` when the store fails.
    public func accounts(after cursor: String, limit: Int) async throws(AdministrationError) -> Page<AccountDetail> {
        let page = entries(after: cursor, limit: limit)
        var details: [AccountDetail] = []
        for entry in page.items { details.append(try await detail(of: entry)) }
        return Page(items: details, next: page.next)
    }

    /// Accounts by id.
    func entries(after cursor: String, limit: Int) -> Page<AccountEntry> {
        let sorted = engine.accounts.directory.entries.sorted { $0.account.id < $1.account.id }
        return Self.page(sorted, after: cursor, limit: Self.limit(limit)) { $0.account.id }
    }

    /// Adds an account.
    /// - Parameter openingBalance: micro-yuan or segments, as the setting `charge_by` says.
    /// - Throws: `invalid` when the id, a setting or the balance is not allowed, or `api_password` is missing;
    ///   `alreadyExists` when another account has the id, API key, client id or a login; `unavailable` or `internal`
    ///   when the store fails.
    public func addAccount(
        _ id: String, _ settings: [Setting], openingBalance: Int64
    ) async throws(AdministrationError) -> AccountDetail {
        guard Account.isValidID(id) else {
            throw .invalid("An account's id is 1 to 32 letters, digits, '.', '_' and '-', not '\(id)'.", field: "id")
        }
        // Lists of accounts on the command line use it for all of them.
        guard Account.folded(id) != "ANY" else {
            throw .invalid("'\(id)' means all accounts; choose another id.", field: "id")
        }
        guard settings["api_password"] != nil else {
            throw .invalid("An account needs an interface password.", field: "settings.api_password")
        }
        try check(settings, of: id)
        var draft = AccountDraft(account: Account(id: id), secrets: AccountSecrets(apiPassword: ""))
        AccountSettings.table.write(settings, to: &draft)
        if !draft.parent.isEmpty { draft.account.parent = try entry(ofParent: draft.parent).key }
        try check(draft.account)
        if draft.account.sharesBalance, openingBalance != 0 {
            throw .invalid(
                "\(id) shares the balance of \(draft.parent) and cannot have an opening balance of its own.",
                field: "balance_units")
        }
        let (unit, floor) = (draft.account.chargeUnit, draft.account.balanceFloor)
        guard openingBalance >= floor, openingBalance.magnitude <= Self.amountMax else {
            throw .invalid(
                "The opening balance of \(unit.labelled(openingBalance)) is not between \(unit.labelled(floor)), the "
                    + "lowest that the account may reach, and \(unit.labelled(Account.amountMax)).",
                field: "balance_units")
        }
        if let known = engine.accounts.directory.account(id: id)?.account.id {
            throw .alreadyExists("There is an account \(known) already: change it with yizhan account set \(known).")
        }
        let ready = draft
        let entry = try await stored(Self.other(settings)) { () async throws(StoreFailure) in
            try await engine.billing.addAccount(ready.account, secrets: ready.secrets, openingBalance: openingBalance)
        }
        record("account add \(id) balance_units=\(openingBalance) " + settings.logged(AccountSettings.table))
        return try await detail(of: entry)
    }

    /// Changes the settings that are given; the others stay.
    /// - Throws: `notFound` without such an account; `invalid` when a setting is not allowed, or `charge_by` differs;
    ///   `alreadyExists` when another account has the API key, client id or a login; `unavailable` or `internal` when
    ///   the store fails.
    public func setAccount(_ id: String, _ settings: [Setting]) async throws(AdministrationError) -> AccountDetail {
        let entry = try entry(ofAccount: id)
        try check(settings, of: entry.account.id)
        if let unit = settings.text("charge_by"), unit != entry.account.chargeUnit.rawValue {
            throw .invalid(
                "Account \(entry.account.id) is charged by \(entry.account.chargeUnit.rawValue), which cannot be "
                    + "changed: add another account that is charged by \(unit).", field: "settings.charge_by")
        }
        var draft = self.draft(of: entry)
        if let parent = settings.text("parent"), Account.folded(parent) != Account.folded(draft.parent) {
            throw .invalid(
                "Account \(entry.account.id) is \(draft.parent.isEmpty ? "no sub-account" : "below \(draft.parent)"), "
                    + "which cannot be changed: add another account.", field: "settings.parent")
        }
        let before = settings.former(in: AccountSettings.table.settings(of: draft), AccountSettings.table)
        AccountSettings.table.write(settings, to: &draft)
        try check(draft.account)
        let changed = try await update(entry, Self.other(settings)) { account, secrets in
            var draft = AccountDraft(account: account, secrets: secrets)
            AccountSettings.table.write(settings, to: &draft)
            (account, secrets) = (draft.account, draft.secrets)
        }
        record("account set \(entry.account.id) " + settings.logged(AccountSettings.table), before: before)
        return changed
    }

    /// Enables or disables an account.
    /// - Throws: `notFound` without such an account; `unavailable` or `internal` when the store fails.
    public func enableAccount(_ id: String, _ isEnabled: Bool) async throws(AdministrationError) -> AccountDetail {
        let changed = try await update(entry(ofAccount: id)) { account, _ in account.isEnabled = isEnabled }
        record("account \(isEnabled ? "enable" : "disable") \(changed.id)")
        return changed
    }

    /// Moves a balance.
    /// - Parameters:
    ///   - amount: in the account's unit; negative to correct a mistake.
    ///   - unit: the unit that `amount` was meant in; nil: the account's own.
    /// - Throws: `notFound` without such an account; `invalid` when the unit is another, the amount 0 or too large, or
    ///   the balance would fall below the account's floor; `unavailable` or `internal` when the store fails.
    public func recharge(
        _ id: String, amount: Int64, unit meant: ChargeUnit?, note: String
    ) async throws(AdministrationError) -> AccountDetail {
        let entry = try entry(ofAccount: id)
        let unit = entry.account.chargeUnit
        if let meant, meant != unit {
            throw .invalid(
                "Account \(entry.account.id) is charged by \(unit.rawValue), not by \(meant.rawValue).",
                field: "charge_by")
        }
        guard amount != 0, amount.magnitude <= Self.amountMax else {
            throw .invalid(
                "An amount is not 0 and at most \(unit.labelled(Account.amountMax)) at a time, not "
                    + "\(unit.labelled(amount)).", field: "amount_units")
        }
        if entry.sharesBalance, amount > 0, let parent = entry.parent?.account.id {
            throw .invalid(
                "Account \(entry.account.id) shares the balance of \(parent): recharge \(parent).", field: "id")
        }
        let before = "balance_units=\(entry.runtime.balance)"
        let isDone = try await stored("account \(entry.account.id)") { () async throws(StoreFailure) in
            try await engine.billing.recharge(entry, amount: amount, note: note.isEmpty ? nil : note)
        }
        guard isDone else {
            let (balance, floor) = (entry.runtime.balance, entry.account.balanceFloor)
            throw .invalid(
                "Account \(entry.account.id) has \(unit.labelled(balance)) and may not fall below "
                    + "\(unit.labelled(floor)): \(unit.labelled(max(0, balance - floor))) can be taken, not "
                    + "\(unit.labelled(-amount)).", field: "amount_units")
        }
        record("account recharge \(entry.account.id) amount_units=\(amount)", before: before)
        return try await detail(of: entry)
    }

    /// Forgets the wrong credentials of an account, so that it is shut out from nowhere.
    /// - Throws: `notFound` without such an account; `unavailable` or `internal` when the store fails.
    public func unlockAccount(_ id: String) async throws(AdministrationError) -> AccountDetail {
        let entry = try entry(ofAccount: id)
        engine.authenticator.logins.unlock(entry)
        record("account unlock \(entry.account.id)")
        return try await detail(of: entry)
    }

    private static let amountMax = UInt64(Account.amountMax)

    private func update(
        _ entry: AccountEntry, _ what: String = "account like it",
        _ change: @Sendable (inout Account, inout AccountSecrets) -> Void
    ) async throws(AdministrationError) -> AccountDetail {
        let id = entry.account.id
        return try await detail(
            of: stored(what) { () async throws(StoreFailure) in try await engine.accounts.update(id: id, change) })
    }

    private func detail(of entry: AccountEntry) async throws(AdministrationError) -> AccountDetail {
        let totals = try await stored("account \(entry.account.id)") { () async throws(StoreFailure) in
            try await engine.records.totals(of: entry)
        }
        return AccountDetail(
            id: entry.account.id, isEnabled: entry.account.isEnabled,
            isParentDisabled: entry.parent?.account.isEnabled == false, parent: entry.parent?.account.id,
            children: engine.accounts.directory.children(of: entry.key).map(\.account.id),
            chargeUnit: entry.account.chargeUnit, balance: entry.balance, ownBalance: entry.runtime.balance,
            balanceFloor: entry.balanceFloor, alerts: await engine.alerts.record(of: entry.key),
            settings: AccountSettings.table.settings(of: draft(of: entry)), today: totals.today,
            month: totals.month, locks: Array(engine.authenticator.logins.locks(of: entry).prefix(Self.locksMax)))
    }

    private func draft(of entry: AccountEntry) -> AccountDraft {
        AccountDraft(account: entry.account, secrets: entry.secrets, parent: entry.parent?.account.id ?? "")
    }

    // MARK: Checks

    /// What the table cannot check alone.
    private func check(_ settings: [Setting], of id: String) throws(AdministrationError) {
        if let seconds = settings["valid_for_seconds"].flatMap({ Int64(setting: $0) }), seconds != 0 {
            let minimum = Validity.durationMin / 1000
            let maximum = max(minimum, engine.configuration.reportExpiry / 1000)
            guard (minimum...maximum).contains(seconds) else {
                throw .invalid(
                    "Messages are worth sending for \(minimum) s to \(maximum) s (report.expire_after), or 0 for as "
                        + "long as they wait; not \(seconds) s.", field: "settings.valid_for_seconds")
            }
        }
        try AccountSettings.table.check(settings)
        if settings.isOn(AccountSettings.allowWeakPassword) { return }
        for option in AccountSettings.secrets {
            guard let secret = settings.text(option.key), !secret.isEmpty,
                let weakness = PasswordRule.weakness(of: secret, account: id)
            else { continue }
            let name = option.title ?? option.key.map { $0 == "_" ? " " : String($0) }.joined()
            throw .invalid(
                "The \(name) \(weakness); give a better one with --\(option.flag), or allow it with "
                    + "--allow-weak-password.", field: "settings." + option.key)
        }
    }

    /// - Throws: when the addresses of pushes and alerts cannot work, and when the account and its parent or its
    ///   sub-accounts do not agree.
    private func check(_ account: Account) throws(AdministrationError) {
        do throws(CarrierFailure) {
            try engine.pusher.check(account.push)
        } catch {
            throw .invalid("Nothing can be pushed: \(error.reason).", field: "settings.push_report")
        }
        do throws(CarrierFailure) {
            try engine.alerts.check(account)
        } catch {
            throw .invalid("Alerts cannot be sent: \(error.reason).", field: "settings.alert_webhook")
        }
        try checkFamily(of: account)
    }

    /// What another account may have that no two accounts may share.
    private static func other(_ settings: [Setting]) -> String {
        let keys = [
            settings["api_key"].map { _ in "this API key" },
            settings.text("client_id").map { "the client id \($0)" }, settings["logins"].map { _ in "this login" },
        ]
        let given = keys.compactMap(\.self)
        return "account with "
            + (given.isEmpty ? "the same API key, client id or login" : given.joined(separator: " or "))
    }

    // MARK: Refusals

    /// Requests that were refused, the latest first.
    /// - Parameters:
    ///   - account: an id, or a name that was tried; empty: all.
    ///   - day: in China, as yyyymmdd; 0: all.
    /// - Throws: `invalid` when `day` or `cursor` is not valid; `unavailable` or `internal` when the store fails.
    public func refusals(
        account: String, mobile: String, day: Int, after cursor: String, limit: Int
    ) async throws(AdministrationError) -> Page<(refusal: Refusal, account: String)> {
        var query = RefusalQuery(limit: Self.limit(limit))
        if !account.isEmpty {
            if let entry = engine.accounts.directory.account(id: account) {
                query.account = entry.key
            } else {
                query.name = Account.folded(String(account.unicodeScalars.prefix(Self.refusalNameMax)))
            }
        }
        // What is no number may have been refused for that.
        if !mobile.isEmpty { query.mobile = PhoneNumber(mobile)?.text ?? mobile }
        query.day = try Self.day(day)
        if !cursor.isEmpty {
            guard let before = RefusalCursor(cursor) else { throw Self.badCursor(cursor) }
            query.before = before
        }
        let asked = query
        let page = try await stored("refusal") { () async throws(StoreFailure) in
            try await engine.refusals.list(asked)
        }
        let named = page.refusals.map { refusal in
            (
                refusal: refusal,
                account: engine.accounts.directory.account(key: refusal.key.account)?.account.id ?? ""
            )
        }
        return Page(items: named, next: page.next?.text)
    }
}
