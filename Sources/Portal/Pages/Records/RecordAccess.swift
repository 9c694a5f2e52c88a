import Engine
import Messaging

extension PageContext {
    /// The accounts whose records the visitor may read: a customer's own and those below it, an operator's all.
    /// - Throws: `unauthenticated` without a login.
    func recordScope() throws(PageFailure) -> AccountScope {
        guard let account = try login().account else { return .everything }
        return AccountScope(engine.accounts.directory.scope(of: account.key))
    }

    /// The same, narrowed to one account.
    /// - Parameter id: of the account; empty: all.
    /// - Throws: `notFound` when there is no such account, or it is another's.
    func recordScope(account id: String) throws(PageFailure) -> AccountScope {
        let scope = try recordScope()
        if id.isEmpty { return scope }
        guard let entry = engine.accounts.directory.account(id: id), scope.contains(entry.key) else {
            throw .notFound
        }
        return scope.narrowed(to: entry.key)
    }

    /// The accounts that a customer may choose among; empty for operators, who type an id.
    func recordAccounts() throws(PageFailure) -> [AccountEntry] {
        guard let keys = try recordScope().accounts else { return [] }
        return keys.compactMap { engine.accounts.directory.account(key: $0) }.sorted { $0.account.id < $1.account.id }
    }

    /// The field that chooses an account; nil where there is only one.
    func accountField(_ chosen: String) throws(PageFailure) -> HTML? {
        let accounts = try recordAccounts()
        let label = l("发送账户", "Account")
        if try login().account == nil {
            return """
                <div><label for="a">\(label)</label><input id="a" name="a" value="\(chosen)" autocomplete="off"></div>
                """
        }
        guard accounts.count > 1 else { return nil }
        let options = accounts.map { entry -> HTML in
            let id = entry.account.id
            return "<option value=\"\(id)\"\(" selected", if: id == chosen)>\(id)</option>"
        }
        return """
            <div><label for="a">\(label)</label><select id="a" name="a">\
            <option value="">\(l("本账户及子账户", "This account and below"))</option>\(options)</select></div>
            """
    }

    /// Where the pages of records of this visitor are.
    var recordsRoot: String { visitor.login?.account == nil ? "operator/records" : "records" }

    /// The entry of the navigation that they belong to.
    var recordsSection: Page.Section { visitor.login?.account == nil ? .allRecords : .records }

    /// Who may use a query that is saved.
    /// - Throws: `unauthenticated` without a login.
    func queryOwner() throws(PageFailure) -> String { "user \(try login().user.id)" }

    /// A query that this visitor saved.
    /// - Throws: `notFound` when there is none, or it has expired.
    func savedQuery(_ id: String) async throws -> FormFields {
        guard let text = try await engine.records.savedQuery(id, owner: try queryOwner()) else {
            throw PageFailure.notFound
        }
        return FormFields(encoded: text.utf8)
    }

    /// Keeps fields that are to stand in no URL.
    func save(query fields: [(String, String)]) async throws -> String {
        try await engine.records.save(query: FormFields.query(fields), owner: try queryOwner())
    }
}

/// Days and moments as the fields of filters have them.
enum DateField {
    /// `2026-11-28`, or with a time `2026-11-28T16:02`; nil for what is neither.
    static func moment(_ text: String) -> Timestamp? {
        let parts = text.split(separator: "T" as Character, omittingEmptySubsequences: false).map { String($0) }
        guard (1...2).contains(parts.count), case .day(let day)? = BillingPeriod(parts[0]) else { return nil }
        guard let midnight = Timestamp(chinaDay: day) else { return nil }
        guard parts.count == 2 else { return midnight }
        let clock = parts[1].split(separator: ":" as Character, omittingEmptySubsequences: false).map { String($0) }
        guard (2...3).contains(clock.count), clock.allSatisfy({ $0.utf8.count == 2 }), let hour = Int(clock[0]),
            let minute = Int(clock[1]), (0...23).contains(hour), (0...59).contains(minute)
        else { return nil }
        return midnight.adding(milliseconds: Int64(hour * 60 + minute) * 60_000)
    }

    /// The end of what the field names: the day or the minute is included.
    static func end(_ text: String) -> Timestamp? {
        guard let moment = moment(text) else { return nil }
        let isDay = text.utf8.count == 10
        return moment.adding(milliseconds: isDay ? 86_400_000 : 60_000)
    }

    /// The day of a moment, as the field has it.
    static func day(_ moment: Timestamp) -> String { Format.day(moment.chinaDay) }
}
