public import Messaging
import Store

/// Owns the accounts' rules: reads and changes them, and publishes each change to the account's screen.
public actor RuleStore {
    private let store: Store
    private let accounts: AccountStore
    private let clock: Clock
    private let mutex = AsyncMutex()

    /// Of one account.
    public static let templatesMax = 1_000
    /// Numbers on one account's blacklist; all of them are held in memory.
    public static let blacklistMax = 1_000_000

    init(store: Store, accounts: AccountStore, clock: Clock) {
        self.store = store
        self.accounts = accounts
        self.clock = clock
    }

    func load() async throws(StoreFailure) {
        for (key, rules) in try await store.rules() { screening(key)?.publish(rules) }
        for (key, numbers) in try await store.blacklists() { screening(key)?.block(numbers) }
        try await restoreCounts()
    }

    /// Counts what accounts with frequency limits have sent lately, as far as one look at the latest messages tells.
    private func restoreCounts() async throws(StoreFailure) {
        var limited: Set<AccountKey> = []
        var period: Int64 = 0
        for entry in accounts.directory.entries {
            let limits = entry.runtime.screening.rules.limits
            guard let longest = limits.map(\.period).max() else { continue }
            limited.insert(entry.key)
            period = max(period, longest)
        }
        if limited.isEmpty { return }
        let since = clock.now().adding(milliseconds: -period)
        let sendings = try await store.sendings(of: limited, since: since, messagesMax: Self.restoredMax)
        // What seems to come from the future was noted by a clock that was ahead: when it was is not known.
        let now = clock.now()
        for sending in sendings.reversed() where sending.at <= now { screening(sending.account)?.restore(sending) }
    }

    private static let restoredMax = 200_000

    /// Brings changes of blacklists to the screens.
    nonisolated func follow(_ changes: [BlacklistChange]) {
        let directory = accounts.directory
        for change in changes {
            guard let screening = directory.account(key: change.account)?.runtime.screening else { continue }
            screening.unblock(change.removed)
            screening.block(change.added)
        }
    }

    private func screening(_ account: AccountKey) -> MessageScreening? {
        accounts.directory.account(key: account)?.runtime.screening
    }

    /// Changes what is switched on; templates and words have their own ways.
    /// - Returns: the rules as they are now.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func update(
        _ entry: AccountEntry, _ change: @Sendable (inout ScreeningRules) -> Void
    ) async throws(StoreFailure) -> ScreeningRules {
        await mutex.lock()
        defer { mutex.unlock() }
        var rules = entry.runtime.screening.rules
        let (templates, words) = (rules.templates, rules.words)
        change(&rules)
        rules.templates = templates
        rules.words = words
        try await store.setRules(rules, of: entry.key)
        entry.runtime.screening.publish(rules)
        return rules
    }

    /// Adds a template.
    /// - Throws: `alreadyExists`; `limitReached` when there are too many.
    public func add(_ template: Template, to entry: AccountEntry) async throws(StoreFailure) {
        await mutex.lock()
        defer { mutex.unlock() }
        var rules = entry.runtime.screening.rules
        guard rules.templates.count < Self.templatesMax else {
            throw .limitReached("an account has at most \(Self.templatesMax) templates")
        }
        try await store.insert(template, of: entry.key, at: clock.now())
        rules.templates.append(template)
        rules.templates.sort { $0.id < $1.id }
        entry.runtime.screening.publish(rules)
    }

    /// Removes a template by its id.
    /// - Returns: the template as it was.
    /// - Throws: `notFound`.
    public func removeTemplate(_ id: String, from entry: AccountEntry) async throws(StoreFailure) -> Template {
        await mutex.lock()
        defer { mutex.unlock() }
        var rules = entry.runtime.screening.rules
        guard let place = rules.templates.firstIndex(where: { $0.id == id }) else { throw .notFound }
        try await store.removeTemplate(id, of: entry.key)
        let removed = rules.templates.remove(at: place)
        entry.runtime.screening.publish(rules)
        return removed
    }

    /// Adds and removes blocked words.
    /// - Throws: `limitReached` when there would be too many.
    public func changeWords(
        add: [String], remove: [String], of entry: AccountEntry
    ) async throws(StoreFailure) -> ScreeningRules {
        await mutex.lock()
        defer { mutex.unlock() }
        var rules = entry.runtime.screening.rules
        let words = Set(rules.words).subtracting(remove).union(add)
        guard words.count <= WordFilter.wordsMax else {
            throw .limitReached("an account has at most \(WordFilter.wordsMax) blocked words")
        }
        try await store.changeWords(add: add, remove: remove, of: entry.key)
        rules.words = words.sorted()
        entry.runtime.screening.publish(rules)
        return rules
    }

    /// Adds and removes numbers of the blacklist, all or nothing.
    /// - Returns: how many were not there before, or are not there any more.
    /// - Throws: `limitReached` when there would be more than memory holds.
    public func changeBlacklist(
        add: [PhoneNumber], remove: [PhoneNumber] = [], reason: String, of entry: AccountEntry
    ) async throws(StoreFailure) -> Int {
        await mutex.lock()
        defer { mutex.unlock() }
        let screening = entry.runtime.screening
        guard screening.blacklistCount + add.count <= Self.blacklistMax || add.isEmpty else {
            throw .limitReached("a blacklist has at most \(Self.blacklistMax) numbers")
        }
        // The screen hears of it with the commit, in turns with the opt-outs.
        return try await store.changeBlacklist(
            add: add, remove: remove, reason: reason, of: entry.key, at: clock.now())
    }

    /// Numbers of a blacklist, in order, those above `cursor`; nil: from the first on.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func blacklist(
        of entry: AccountEntry, after cursor: PhoneNumber?, limit: Int
    ) async throws(StoreFailure) -> [BlacklistEntry] {
        try await store.blacklist(of: entry.key, after: cursor?.rawValue, limit: limit)
    }
}
