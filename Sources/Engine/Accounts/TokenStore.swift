import DequeModule
public import Messaging
import Secrets
import Store
import Synchronization

/// Gives out access tokens and knows whose they are: 256 random bits each, kept only as a digest, durable before they
/// are given out. Event loops look them up and never wait for the disk.
public final class TokenStore: Sendable {
    private let store: Store
    private let clock: Clock
    private let lifetime: Int64
    private let waitMax: Duration
    private let directory = Mutex(TokenDirectory())

    /// Tokens that one account may have at a time: a client that asks for one before every message must not fill the
    /// memory. When there are more, the oldest ends.
    public static let tokensPerAccountMax = 1_000
    private static let tokenBytes = 32

    /// - Parameters:
    ///   - lifetime: of each token, in milliseconds.
    ///   - waitMax: how long a customer waits for a token to be stored.
    init(store: Store, clock: Clock, lifetime: Int64, waitMax: Duration = .seconds(10)) {
        self.waitMax = waitMax
        self.store = store
        self.clock = clock
        self.lifetime = lifetime
    }

    /// Reads what is stored.
    func load() async throws(StoreFailure) {
        // None ends later than one that is given out now: it was made by a clock that was ahead.
        let latest = clock.now().adding(milliseconds: lifetime)
        let stored = try await store.tokens().map { token in
            StoredToken(digest: token.digest, account: token.account, expiresAt: min(token.expiresAt, latest))
        }
        directory.withLock { directory in
            for token in stored { _ = directory.insert(token, max: Self.tokensPerAccountMax) }
        }
        try await sweep()
    }

    /// How long a token is good for, in seconds.
    public var seconds: Int { Int(lifetime / 1000) }

    /// A new token for an account, in hexadecimal. It is durable when this returns.
    /// - Throws: `busy` when the disk has not answered in time; `sealingFailed` without random numbers;
    ///   `unavailable`, `damaged` or `closed`.
    public func issue(to entry: AccountEntry) async throws(StoreFailure) -> String {
        let token: String
        do {
            token = Hexadecimal.text(try SecureRandom.bytes(Self.tokenBytes))
        } catch {
            throw .sealingFailed("no token can be made: \(error)")
        }
        let stored = StoredToken(
            digest: SHA256Digest.bytes(Array(token.utf8)), account: entry.key,
            expiresAt: clock.now().adding(milliseconds: lifetime))
        try await store.add([stored], within: waitMax)
        let ended = directory.withLock { $0.insert(stored, max: Self.tokensPerAccountMax) }
        if let ended { try await store.removeTokens([ended]) }
        return token
    }

    /// The store's number of the account that has this token now; nil when it is unknown or has ended.
    public func account(of token: String) -> AccountKey? {
        // Tokens have one length; any other text is not worth a digest.
        guard token.utf8.count == Self.tokenBytes * 2 else { return nil }
        let digest = SHA256Digest.bytes(Array(token.utf8))
        guard let found = directory.withLock({ $0.token(digest) }) else { return nil }
        let left = found.expiresAt.milliseconds - clock.now().milliseconds
        // One that ends later than any can was made before the clock was set back.
        return left > 0 && left <= lifetime + ClockGuard.tolerance ? found.account : nil
    }

    /// Forgets tokens that have ended.
    func sweep() async throws(StoreFailure) {
        let now = clock.now()
        guard directory.withLock({ $0.removeEnded(by: now) }) else { return }
        try await store.removeTokens(endedBy: now)
    }

    /// For figures.
    var count: Int { directory.withLock { $0.count } }
}

/// The tokens that are good, by their digests, and each account's in the order of their ends.
private struct TokenDirectory {
    private var tokens: [[UInt8]: StoredToken] = [:]
    private var byAccount: [AccountKey: Deque<[UInt8]>] = [:]

    var count: Int { tokens.count }

    func token(_ digest: [UInt8]) -> StoredToken? { tokens[digest] }

    /// - Returns: the digest of a token that ended for this one.
    mutating func insert(_ token: StoredToken, max: Int) -> [UInt8]? {
        tokens[token.digest] = token
        byAccount[token.account, default: []].append(token.digest)
        guard let own = byAccount[token.account], own.count > max else { return nil }
        let oldest = byAccount[token.account]?.popFirst()
        if let oldest { tokens[oldest] = nil }
        return oldest
    }

    /// - Returns: whether there were any.
    mutating func removeEnded(by now: Timestamp) -> Bool {
        let before = tokens.count
        for account in Array(byAccount.keys) {
            while let first = byAccount[account]?.first {
                if let token = tokens[first], token.expiresAt > now { break }
                tokens[first] = nil
                _ = byAccount[account]?.popFirst()
            }
            if byAccount[account]?.isEmpty == true { byAccount[account] = nil }
        }
        return tokens.count != before
    }
}
