public import Messaging
import Secrets
import Store
import Synchronization

/// Owns the accounts: reads and changes them, keeps their secrets sealed on disk, and publishes a picture for the
/// event loops after each change.
public actor AccountStore {
    private let store: Store
    private let key: SealingKey
    private let clock: Clock
    /// By folded id.
    private var entries: [String: AccountEntry] = [:]
    private let published: Mutex<AccountDirectory>
    private let mutex = AsyncMutex()
    /// Told after each change, in turns; must not block.
    private let onChange: @Sendable (AccountDirectory) -> Void

    init(
        store: Store, key: SealingKey, clock: Clock, onChange: @escaping @Sendable (AccountDirectory) -> Void = { _ in }
    ) {
        self.onChange = onChange
        self.store = store
        self.key = key
        self.clock = clock
        published = Mutex(AccountDirectory([]))
    }

    /// The picture as of the last change.
    public nonisolated var directory: AccountDirectory { published.withLock { $0 } }

    /// Reads all accounts.
    /// - Throws: `damaged` when a secret cannot be opened with this key.
    func load() async throws(StoreFailure) {
        for stored in try await store.accounts() {
            let secrets = try unseal(stored.sealedSecrets, of: stored.account.id)
            entries[Account.folded(stored.account.id)] = AccountEntry(
                key: stored.key, account: stored.account, secrets: secrets,
                runtime: AccountRuntime(balance: stored.balance))
        }
        publish()
    }

    func add(
        _ account: Account, secrets: AccountSecrets, openingBalance: Int64
    ) async throws(StoreFailure) -> AccountEntry {
        await mutex.lock()
        defer { mutex.unlock() }
        if entries[Account.folded(account.id)] != nil || isTaken(account, secrets) { throw .alreadyExists }
        let sealed = try seal(secrets, of: account.id)
        let stored = try await store.insert(
            account, sealedSecrets: sealed, openingBalance: openingBalance, at: clock.now())
        let entry = AccountEntry(
            key: stored.key, account: account, secrets: secrets,
            runtime: AccountRuntime(balance: openingBalance))
        entries[Account.folded(account.id)] = entry
        publish()
        return entries[Account.folded(account.id)] ?? entry
    }

    /// Changes an account; `change` gets it as it is.
    /// - Throws: `notFound`, `alreadyExists` when another account has the same API key, client id or login.
    public func update(
        id: String, _ change: @Sendable (inout Account, inout AccountSecrets) -> Void
    ) async throws(StoreFailure) -> AccountEntry {
        await mutex.lock()
        defer { mutex.unlock() }
        guard let old = entries[Account.folded(id)] else { throw .notFound }
        var account = old.account
        var secrets = old.secrets
        change(&account, &secrets)
        // What an account is, what its balance is counted in and whose it is are settled when it is made.
        account.id = old.account.id
        account.chargeUnit = old.account.chargeUnit
        account.parent = old.account.parent
        if isTaken(account, secrets) { throw .alreadyExists }
        let sealed = try seal(secrets, of: account.id)
        try await store.update(account, key: old.key, sealedSecrets: sealed)
        let entry = AccountEntry(key: old.key, account: account, secrets: secrets, runtime: old.runtime)
        entries[Account.folded(id)] = entry
        publish()
        return entries[Account.folded(id)] ?? entry
    }

    /// Whether another account has what must be one's own.
    private func isTaken(_ account: Account, _ secrets: AccountSecrets) -> Bool {
        let directory = directory
        for dialect in DialectName.allCases {
            guard let login = account.login(in: dialect) else { continue }
            if let other = directory.account(login: login, in: dialect), other.account.id != account.id { return true }
        }
        return entries.values.contains { other in
            guard other.account.id != account.id else { return false }
            let hasKey = secrets.apiKey != nil && other.secrets.apiKey == secrets.apiKey
            return hasKey || !account.clientID.isEmpty && other.account.clientID == account.clientID
        }
    }

    private func publish() {
        // A sub-account's entry has what holds of its parent.
        let parents = Dictionary(
            entries.values.lazy.filter { $0.account.parent == nil }.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        for (id, entry) in entries {
            guard let key = entry.account.parent else { continue }
            let parent = parents[key]
            if parent === entry.parent { continue }
            entries[id] = AccountEntry(
                key: entry.key, account: entry.account, secrets: entry.secrets, runtime: entry.runtime, parent: parent)
        }
        let directory = AccountDirectory(Array(entries.values))
        published.withLock { $0 = directory }
        onChange(directory)
    }

    // MARK: Sealing

    private func seal(_ secrets: AccountSecrets, of id: String) throws(StoreFailure) -> [UInt8] {
        // Length before each text, so that no password can be read as another's key.
        var plain: [UInt8] = []
        for text in [
            secrets.apiPassword, secrets.apiKey ?? "", secrets.clientSecret ?? "", secrets.appSecret ?? "",
        ] {
            plain += withUnsafeBytes(of: UInt32(text.utf8.count).bigEndian) { Array($0) }
            plain += Array(text.utf8)
        }
        do {
            return try key.seal(plain, context: "account \(id)")
        } catch {
            throw .sealingFailed("the secrets of \(id) cannot be sealed: \(error)")
        }
    }

    private func unseal(_ sealed: [UInt8], of id: String) throws(StoreFailure) -> AccountSecrets {
        let plain: [UInt8]
        do {
            plain = try key.open(sealed, context: "account \(id)")
        } catch {
            throw .damaged("the secrets of account \(id) do not open with this master key; put back the key file")
        }
        var texts: [String] = []
        var rest = plain[...]
        while rest.count >= 4 {
            let count = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard count <= rest.count else { break }
            texts.append(String(decoding: rest.prefix(count), as: UTF8.self))
            rest = rest.dropFirst(count)
        }
        // Two: without the client and app secrets.
        if texts.count == 2 { texts += ["", ""] }
        guard texts.count == 4, rest.isEmpty else { throw .damaged("the secrets of account \(id) are not whole") }
        let given = texts.map { $0.isEmpty ? nil : $0 }
        return AccountSecrets(
            apiPassword: texts[0], apiKey: given[1], clientSecret: given[2], appSecret: given[3])
    }
}
