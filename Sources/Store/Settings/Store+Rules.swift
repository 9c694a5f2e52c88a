import GRDB
public import Messaging

/// A committed change of an account's blacklist: by an operator, or by a handset that asked for nothing more.
public struct BlacklistChange: Hashable, Sendable {
    /// The store's number of the account.
    public var account: AccountKey
    /// Numbers that are on the list since this commit; they may have been on it before.
    public var added: [PhoneNumber] = []
    /// Taken out before the others were added.
    public var removed: [PhoneNumber] = []
}

extension Store {
    /// The rules of all accounts that have any, by the account's number; without the blacklists.
    /// - Throws: `damaged` when a limit or a template is not valid or the file is damaged, `unavailable` when it cannot
    ///   be read, `closed` when the task is cancelled.
    public func rules() async throws(StoreFailure) -> [AccountKey: ScreeningRules] {
        try await read { db in
            var rules: [AccountKey: ScreeningRules] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT * FROM account_rule") {
                let limits = (row["limits"] as String).split(separator: ",").map { FrequencyLimit($0) }
                guard !limits.contains(nil) else { throw StoreFailure.damaged("the limits of account_rule") }
                rules[row["account"]] = ScreeningRules(
                    requiresTemplate: row["requires_template"], checksSignature: row["checks_signature"],
                    usesBlacklist: row["uses_blacklist"], takesOptOuts: row["takes_opt_outs"],
                    limits: limits.compactMap { $0 })
            }
            for row in try Row.fetchAll(db, sql: "SELECT account, id, text FROM template ORDER BY account, id") {
                guard let template = Template(id: row["id"], text: row["text"]) else {
                    throw StoreFailure.damaged("template \(row["id"] as String)")
                }
                rules[row["account"], default: ScreeningRules()].templates.append(template)
            }
            var words: [AccountKey: [String]] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT account, word FROM blocked_word ORDER BY account, word") {
                words[row["account"], default: []].append(row["word"])
            }
            // All at once: each change of the words makes their filter anew.
            for (account, words) in words { rules[account, default: ScreeningRules()].words = words }
            return rules
        }
    }

    /// Keeps what is switched on, not the templates and words.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func setRules(_ rules: ScreeningRules, of account: AccountKey) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            try writer.db.execute(
                sql: """
                    INSERT INTO account_rule (account, requires_template, checks_signature, uses_blacklist,
                    takes_opt_outs, limits) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account) DO UPDATE SET
                    requires_template = excluded.requires_template, checks_signature = excluded.checks_signature,
                    uses_blacklist = excluded.uses_blacklist, takes_opt_outs = excluded.takes_opt_outs,
                    limits = excluded.limits
                    """,
                arguments: [
                    account.rawValue, rules.requiresTemplate, rules.checksSignature, rules.usesBlacklist,
                    rules.takesOptOuts,
                    rules.limits.map(\.description).joined(separator: ","),
                ])
            writer.listRules = nil
        }
    }

    // MARK: Templates and words

    /// Stores a new template of an account.
    /// - Throws: `alreadyExists` when the account has one with this id; `unavailable`, `damaged` or `closed` as any
    ///   commit.
    public func insert(_ template: Template, of account: AccountKey, at: Timestamp) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            try writer.db.execute(
                sql: "INSERT OR IGNORE INTO template (account, id, text, created_at) VALUES (?, ?, ?, ?)",
                arguments: [account.rawValue, template.id, template.text, at.milliseconds])
            if writer.db.changesCount == 0 { throw StoreFailure.alreadyExists }
        }
    }

    /// Deletes a template of an account.
    /// - Throws: `notFound`; `unavailable`, `damaged` or `closed` as any commit.
    public func removeTemplate(_ id: String, of account: AccountKey) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            try writer.db.execute(
                sql: "DELETE FROM template WHERE account = ? AND id = ?", arguments: [account.rawValue, id])
            if writer.db.changesCount == 0 { throw StoreFailure.notFound }
        }
    }

    /// Adds and removes blocked words, all or nothing; what is there already, or is not, does not matter.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func changeWords(
        add: [String], remove: [String], of account: AccountKey
    ) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            for word in remove {
                try writer.db.cachedStatement(sql: "DELETE FROM blocked_word WHERE account = ? AND word = ?")
                    .execute(arguments: [account.rawValue, word])
            }
            for word in add {
                try writer.db.cachedStatement(sql: "INSERT OR IGNORE INTO blocked_word (account, word) VALUES (?, ?)")
                    .execute(arguments: [account.rawValue, word])
            }
        }
    }

    // MARK: Blacklists

    /// All numbers of all blacklists, by the account's number.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func blacklists() async throws(StoreFailure) -> [AccountKey: Set<PhoneNumber>] {
        try await read { db in
            var lists: [AccountKey: Set<PhoneNumber>] = [:]
            let rows = try Row.fetchCursor(db, sql: "SELECT account, mobile FROM blacklist")
            while let row = try rows.next() {
                lists[row["account"], default: []].insert(PhoneNumber(rawValue: row["mobile"]))
            }
            return lists
        }
    }

    /// Adds and removes numbers, all or nothing.
    /// - Returns: how many were not there before, or are not there any more.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func changeBlacklist(
        add: [PhoneNumber], remove: [PhoneNumber], reason: String, of account: AccountKey, at: Timestamp
    ) async throws(StoreFailure) -> Int {
        try await groupCommit.perform { writer in
            var changed = 0
            for number in remove {
                try writer.db.cachedStatement(sql: "DELETE FROM blacklist WHERE account = ? AND mobile = ?")
                    .execute(arguments: [account.rawValue, number.rawValue])
                changed += writer.db.changesCount
            }
            for number in add where try writer.block(number, by: account, reason: reason, at: at) { changed += 1 }
            writer.noteBlacklist(BlacklistChange(account: account, added: add, removed: remove))
            return changed
        }
    }

    /// Numbers of a blacklist, in order, those above `cursor`; nil: from the first on.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func blacklist(
        of account: AccountKey, after cursor: Int64?, limit: Int
    ) async throws(StoreFailure) -> [BlacklistEntry] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT mobile, at, reason FROM blacklist WHERE account = ? AND mobile > ? ORDER BY mobile LIMIT ?
                    """,
                arguments: [account.rawValue, cursor ?? .min, limit]
            ).map { row in
                BlacklistEntry(
                    number: PhoneNumber(rawValue: row["mobile"]), at: Timestamp(milliseconds: row["at"]),
                    reason: row["reason"])
            }
        }
    }
}

extension Writer {
    /// - Returns: whether it is new on the list.
    fileprivate func block(
        _ number: PhoneNumber, by account: AccountKey, reason: String, at: Timestamp
    ) throws -> Bool {
        try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO blacklist (account, mobile, at, reason) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [account.rawValue, number.rawValue, at.milliseconds, reason])
        return db.changesCount > 0
    }

    /// Puts the handset of a reply on its owner's blacklist if the reply asks for it and the account has the rule on.
    func takeOptOut(_ reply: CarrierReply, to account: AccountKey, at: Timestamp) throws {
        guard let number = try knownListRules()[account]?.optOut(by: reply),
            try block(number, by: account, reason: "reply \(reply.content)", at: at)
        else { return }
        noteBlacklist(BlacklistChange(account: account, added: [number]))
    }

    /// Whether an account's blacklist keeps messages back.
    func heedsBlacklist(_ account: AccountKey) throws -> Bool { try knownListRules()[account]?.heedsBlacklist ?? false }

    private func knownListRules() throws -> [AccountKey: ScreeningRules] {
        if let listRules { return listRules }
        var rules: [AccountKey: ScreeningRules] = [:]
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT account, uses_blacklist, takes_opt_outs FROM account_rule
                WHERE uses_blacklist <> 0 OR takes_opt_outs <> 0
                """)
        for row in rows {
            rules[row["account"]] = ScreeningRules(
                usesBlacklist: row["uses_blacklist"], takesOptOuts: row["takes_opt_outs"])
        }
        listRules = rules
        return rules
    }
}
