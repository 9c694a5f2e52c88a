import Engine
public import Messaging

/// An account's content rules as they are shown.
public struct RuleDetail: Sendable {
    /// The account's id.
    public var account: String
    /// As `RuleSettings.table` has them.
    public var settings: [Setting]
    /// The blocked words.
    public var words: [String]
    /// How many templates the account has.
    public var templates: Int
    /// How many numbers are on its blacklist.
    public var blacklisted: Int
    /// Submissions, and messages of the rules about numbers, kept back since the start.
    public var refusals: [(rule: String, count: Int)]
}

extension Administration {
    private static let blacklistPageMax = 10_000
    private static let templatePageMax = 100
    private static let wordsPerChangeMax = 1_000
    private static let reasonBytesMax = 200

    /// - Throws: `notFound` without such an account.
    public func rules(of account: String) throws(AdministrationError) -> RuleDetail {
        let entry = try entry(ofAccount: account)
        let screening = entry.runtime.screening
        let refusals = screening.refusals
        return RuleDetail(
            account: entry.account.id, settings: RuleSettings.table.settings(of: screening.rules),
            words: screening.rules.words, templates: screening.rules.templates.count,
            blacklisted: screening.blacklistCount,
            refusals: ScreeningRules.Rule.allCases.compactMap { rule in
                refusals[rule].map { (rule.rawValue, Int(clamping: $0)) }
            })
    }

    /// Changes the settings that are given; the others stay.
    /// - Throws: `notFound` without such an account; `invalid` when a setting is not allowed; `unavailable` or
    ///   `internal` when the store fails.
    public func setRules(of account: String, _ settings: [Setting]) async throws(AdministrationError) -> RuleDetail {
        let entry = try entry(ofAccount: account)
        try RuleSettings.table.check(settings)
        let old = RuleSettings.table.settings(of: entry.runtime.screening.rules)
        _ = try await stored("account \(account)") { () async throws(StoreFailure) in
            try await engine.rules.update(entry) { RuleSettings.table.write(settings, to: &$0) }
        }
        record(
            "rule set \(entry.account.id) " + settings.logged(RuleSettings.table),
            before: settings.former(in: old, RuleSettings.table))
        return try rules(of: account)
    }

    /// Blocks words and blocks them no more, all or nothing.
    /// - Throws: `notFound` without such an account, or when a word to remove is not blocked; `invalid` at more than
    ///   1000 words, or when one is empty or too long; `unavailable` when there would be too many; `unavailable` or
    ///   `internal` when the store fails.
    public func changeWords(
        of account: String, add: [String], remove: [String]
    ) async throws(AdministrationError) -> RuleDetail {
        let entry = try entry(ofAccount: account)
        guard add.count + remove.count <= Self.wordsPerChangeMax else {
            throw .invalid(
                "At most \(Self.wordsPerChangeMax) words come in one request, not \(add.count + remove.count).",
                field: "add")
        }
        let words = add.map { $0.trimmed() }
        for word in words where word.isEmpty || word.utf8.count > WordFilter.wordBytesMax {
            throw .invalid(
                "A word has 1 to \(WordFilter.wordBytesMax) bytes in UTF-8; not '\(word)'.", field: "add")
        }
        let known = Set(entry.runtime.screening.rules.words)
        let removed = remove.map { $0.trimmed() }
        for word in removed where !known.contains(word) {
            throw .notFound("'\(word)' is no blocked word of \(entry.account.id).")
        }
        _ = try await stored("account \(account)") { () async throws(StoreFailure) in
            try await engine.rules.changeWords(add: words, remove: removed, of: entry)
        }
        record("rule word \(entry.account.id) added=\(words.count) removed=\(removed.count)")
        return try rules(of: account)
    }

    // MARK: Templates

    /// Adds a template; an empty id becomes the first number that is free.
    /// - Returns: the account's id and the template.
    /// - Throws: `notFound` without such an account; `invalid` when id or text is not allowed; `alreadyExists` when the
    ///   account has the id; `unavailable` when it has too many; `unavailable` or `internal` when the store fails.
    public func addTemplate(
        _ asked: String, text: String, to account: String
    ) async throws(AdministrationError) -> (account: String, template: Template) {
        let entry = try entry(ofAccount: account)
        let taken = Set(entry.runtime.screening.rules.templates.map(\.id))
        let id = asked.isEmpty ? (1...taken.count + 1).lazy.map(String.init).first { !taken.contains($0) } ?? "" : asked
        guard Template.isValidID(id) else {
            throw .invalid("A template's id is 1 to 20 letters and digits, and not 0; not '\(id)'.", field: "id")
        }
        guard let template = Template(id: id, text: text) else {
            throw .invalid(
                "A template's text is 1 to \(Template.textUnitsMax) characters, not all of them variables.",
                field: "text")
        }
        try await stored("template \(id) of \(entry.account.id)") { () async throws(StoreFailure) in
            try await engine.rules.add(template, to: entry)
        }
        record("template add \(entry.account.id) \(id)")
        return (entry.account.id, template)
    }

    /// - Returns: the account's id and the template as it was.
    /// - Throws: `notFound` without such an account or template; `unavailable` or `internal` when the store fails.
    public func removeTemplate(
        _ id: String, from account: String
    ) async throws(AdministrationError) -> (account: String, template: Template) {
        let entry = try entry(ofAccount: account)
        let removed = try await stored("template \(id) of \(entry.account.id)") { () async throws(StoreFailure) in
            try await engine.rules.removeTemplate(id, from: entry)
        }
        record("template remove \(entry.account.id) \(id)")
        return (entry.account.id, removed)
    }

    /// - Returns: the account's id and its templates by id.
    /// - Throws: `notFound` without such an account.
    public func templates(
        of account: String, after cursor: String, limit: Int
    ) throws(AdministrationError) -> (account: String, page: Page<Template>) {
        let entry = try entry(ofAccount: account)
        let limit = Self.limit(limit, max: Self.templatePageMax)
        let all = entry.runtime.screening.rules.templates
        return (entry.account.id, Self.page(all, after: cursor, limit: limit) { $0.id })
    }

    // MARK: Blacklists

    /// Adds numbers to an account's blacklist and removes others, all or nothing.
    /// - Returns: how many numbers changed, and how many are on the list now.
    /// - Throws: `notFound` without such an account; `invalid` when the reason is too long, or a number cannot be sent
    ///   to; `unavailable` when there would be too many; `unavailable` or `internal` when the store fails.
    public func changeBlacklist(
        of account: String, add: [String], remove: [String], reason: String
    ) async throws(AdministrationError) -> (changed: Int, total: Int) {
        let entry = try entry(ofAccount: account)
        guard reason.utf8.count <= Self.reasonBytesMax else {
            throw .invalid(
                "A reason has at most \(Self.reasonBytesMax) bytes, not \(reason.utf8.count).", field: "reason")
        }
        let added = try Self.numbers(add, field: "add")
        let removed = try Self.numbers(remove, field: "remove")
        let changed = try await stored("account \(account)") { () async throws(StoreFailure) in
            try await engine.rules.changeBlacklist(
                add: added, remove: removed, reason: reason.isEmpty ? "by hand" : reason, of: entry)
        }
        record("blacklist change \(entry.account.id) added=\(added.count) removed=\(removed.count)")
        return (Int(clamping: changed), entry.runtime.screening.blacklistCount)
    }

    private static func numbers(_ texts: [String], field: String) throws(AdministrationError) -> [PhoneNumber] {
        var numbers: [PhoneNumber] = []
        numbers.reserveCapacity(texts.count)
        for text in texts { numbers.append(try number(text, field: field)) }
        return numbers
    }

    /// Numbers of an account's blacklist in order, from the one after `cursor` on; empty, or no number: from the first.
    /// `limit` of them at most: 0, or more than 10,000, is 10,000.
    /// - Throws: `notFound` without such an account; `unavailable` or `internal` when the store fails.
    public func blacklist(
        of account: String, after cursor: String, limit: Int
    ) async throws(AdministrationError) -> Page<BlacklistEntry> {
        let entry = try entry(ofAccount: account)
        let limit = Self.limit(limit, max: Self.blacklistPageMax)
        let entries = try await stored("account \(account)") { () async throws(StoreFailure) in
            try await engine.rules.blacklist(of: entry, after: PhoneNumber(cursor), limit: limit + 1)
        }
        let page = Array(entries.prefix(limit))
        return Page(items: page, next: entries.count > limit ? page.last?.number.text : nil)
    }
}
