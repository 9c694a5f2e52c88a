import GRDB
public import Messaging

/// A committed change of an account's blacklist: by an operator, or by a handset that asked for nothing more.
public struct BlacklistChange: Hashable, Sendable {
    /// The store's number of the account.
    public var account: Int64
    public var added: [PhoneNumber] = []
    /// Taken out before the others were added.
    public var removed: [PhoneNumber] = []
}

extension Store {
    /// The rules of all accounts that have any, by the account's number; without the blacklists.
    public func rules() async throws(StoreFailure) -> [Int64: ScreeningRules] {
        try await read { db in
            var rules: [Int64: ScreeningRules] = [:]
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
            var words: [Int64: [String]] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT account, word FROM blocked_word ORDER BY account, word") {
                words[row["account"], default: []].append(row["word"])
            }
            // All at once: each change of the words makes their filter anew.
            for (account, words) in words { rules[account, default: ScreeningRules()].words = words }
            return rules
        }
    }

    /// Keeps what is switched on, not the templates and words.
    public func setRules(_ rules: ScreeningRules, of account: Int64) async throws(StoreFailure) {
        try await journal.perform { writer in
            try writer.db.execute(
                sql: """
                    INSERT INTO account_rule (account, requires_template, checks_signature, uses_blacklist,
                    takes_opt_outs, limits) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account) DO UPDATE SET
                    requires_template = excluded.requires_template, checks_signature = excluded.checks_signature,
                    uses_blacklist = excluded.uses_blacklist, takes_opt_outs = excluded.takes_opt_outs,
                    limits = excluded.limits
                    """,
                arguments: [
                    account, rules.requiresTemplate, rules.checksSignature, rules.usesBlacklist, rules.takesOptOuts,
                    rules.limits.map(\.description).joined(separator: ","),
                ])
            writer.listRules = nil
        }
    }

    // MARK: Templates and words

    /// - Throws: `alreadyExists`.
    public func insert(_ template: Template, of account: Int64, at: Timestamp) async throws(StoreFailure) {
        try await journal.perform { writer in
            try writer.db.execute(
                sql: "INSERT OR IGNORE INTO template (account, id, text, created_at) VALUES (?, ?, ?, ?)",
                arguments: [account, template.id, template.text, at.milliseconds])
            if writer.db.changesCount == 0 { throw StoreFailure.alreadyExists }
        }
    }

    /// - Throws: `notFound`.
    public func removeTemplate(_ id: String, of account: Int64) async throws(StoreFailure) {
        try await journal.perform { writer in
            try writer.db.execute(
                sql: "DELETE FROM template WHERE account = ? AND id = ?", arguments: [account, id])
            if writer.db.changesCount == 0 { throw StoreFailure.notFound }
        }
    }

    /// Adds and removes blocked words, all or nothing; what is there already, or is not, does not matter.
    public func changeWords(
        add: [String], remove: [String], of account: Int64
    ) async throws(StoreFailure) {
        try await journal.perform { writer in
            for word in remove {
                try writer.db.cachedStatement(sql: "DELETE FROM blocked_word WHERE account = ? AND word = ?")
                    .execute(arguments: [account, word])
            }
            for word in add {
                try writer.db.cachedStatement(sql: "INSERT OR IGNORE INTO blocked_word (account, word) VALUES (?, ?)")
                    .execute(arguments: [account, word])
            }
        }
    }

    // MARK: Blacklists

    /// All numbers of all blacklists, by the account's number.
    public func blacklists() async throws(StoreFailure) -> [Int64: Set<PhoneNumber>] {
        try await read { db in
            var lists: [Int64: Set<PhoneNumber>] = [:]
            let rows = try Row.fetchCursor(db, sql: "SELECT account, mobile FROM blacklist")
            while let row = try rows.next() {
                lists[row["account"], default: []].insert(PhoneNumber(rawValue: row["mobile"]))
            }
            return lists
        }
    }

    /// Adds and removes numbers, all or nothing.
    /// - Returns: how many were not there before, or are not there any more.
    public func changeBlacklist(
        add: [PhoneNumber], remove: [PhoneNumber], reason: String, of account: Int64, at: Timestamp
    ) async throws(StoreFailure) -> Int {
        try await journal.perform { writer in
            var changed = 0
            for number in remove {
                try writer.db.cachedStatement(sql: "DELETE FROM blacklist WHERE account = ? AND mobile = ?")
                    .execute(arguments: [account, number.rawValue])
                changed += writer.db.changesCount
            }
            for number in add where try writer.block(number, by: account, reason: reason, at: at) { changed += 1 }
            writer.noteBlacklist(BlacklistChange(account: account, added: add, removed: remove))
            return changed
        }
    }

    /// Numbers of a blacklist, in order, behind `cursor`.
    public func blacklist(
        of account: Int64, after cursor: Int64?, limit: Int
    ) async throws(StoreFailure) -> [BlacklistEntry] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT mobile, at, reason FROM blacklist WHERE account = ? AND mobile > ? ORDER BY mobile LIMIT ?
                    """,
                arguments: [account, cursor ?? .min, limit]
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
        _ number: PhoneNumber, by account: Int64, reason: String, at: Timestamp
    ) throws -> Bool {
        try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO blacklist (account, mobile, at, reason) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [account, number.rawValue, at.milliseconds, reason])
        return db.changesCount > 0
    }

    /// Puts the handset of a reply on its owner's blacklist if the reply asks for it and the account has the rule on.
    func takeOptOut(_ reply: CarrierReply, to account: Int64, at: Timestamp) throws {
        guard ScreeningRules.isOptOut(reply.content), try knownListRules().optOuts.contains(account),
            let number = PhoneNumber(reply.mobile),
            try block(number, by: account, reason: "reply \(reply.content)", at: at)
        else { return }
        noteBlacklist(BlacklistChange(account: account, added: [number]))
    }

    /// Whether an account's blacklist keeps messages back.
    func heedsBlacklist(_ account: Int64) throws -> Bool { try knownListRules().heeding.contains(account) }

    private func knownListRules() throws -> ListRules {
        if let listRules { return listRules }
        var rules = ListRules()
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT account, uses_blacklist, takes_opt_outs FROM account_rule
                WHERE uses_blacklist <> 0 OR takes_opt_outs <> 0
                """)
        for row in rows {
            let account: Int64 = row["account"]
            let one = ScreeningRules(usesBlacklist: row["uses_blacklist"], takesOptOuts: row["takes_opt_outs"])
            if one.takesOptOuts { rules.optOuts.insert(account) }
            if one.heedsBlacklist { rules.heeding.insert(account) }
        }
        listRules = rules
        return rules
    }
}

/// The accounts whose blacklists the store itself has to look after.
struct ListRules {
    /// Those that take opt-outs.
    var optOuts: Set<Int64> = []
    /// Those whose blacklist keeps messages back.
    var heeding: Set<Int64> = []
}
