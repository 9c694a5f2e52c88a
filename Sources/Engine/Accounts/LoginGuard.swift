import Logging
public import Messaging
import Store
import Synchronization

/// Keeps guessing of credentials slow, remembers where accounts were right, and logs wrong credentials.
public final class LoginGuard: Sendable {
    private struct State {
        var throttle = LoginThrottle()
        /// When the last line was logged, and what was wrong since.
        var loggedAt: Int64 = .min / 2
        var unlogged = 0
    }

    private struct Unstored {
        var kept: [KnownAddress] = []
        var forgotten: [KnownAddress] = []
    }

    /// Where an account is shut out from, and until when.
    public struct Lock: Hashable, Sendable {
        /// The address, or the block of addresses that counts as one.
        public var address: AddressBlock
        /// When credentials from there are looked at again, in house time.
        public var until: Timestamp
    }

    private let state = Mutex(State())
    /// Until this uptime the throttle has to be asked; later the lock is not taken.
    private let busyUntil = Atomic<Int64>(.min)
    private let unstored = Mutex(Unstored())
    private let counters: EngineCounters
    private let clock: Clock
    private let logger: Logger

    private static let logInterval: Int64 = 10_000
    /// Addresses that wait to be stored; what comes beyond is remembered until the next start only.
    private static let unstoredMax = 10_000

    init(counters: EngineCounters, clock: Clock, logger: Logger) {
        self.counters = counters
        self.clock = clock
        self.logger = logger
    }

    // MARK: At the door

    /// Whether credentials are not to be looked at.
    func refuses(_ who: LoginThrottle.Who, _ address: AddressBlock, at uptime: Int64) -> Bool {
        if busyUntil.load(ordering: .relaxed) <= uptime { return false }
        guard state.withLock({ $0.throttle.verdict(who, address, at: uptime) }) != .open else { return false }
        counters.loginSlowed()
        return true
    }

    /// - Parameter name: what is logged; never a secret.
    /// - Returns: whether the account is shut out from there now.
    func fail(
        _ who: LoginThrottle.Who, name: String, _ address: AddressBlock, isKnown: Bool, at uptime: Int64
    ) -> Bool {
        counters.loginFailed()
        let (isLocked, line) = state.withLock { state -> (Bool, Int?) in
            let isLocked = state.throttle.fail(who, address, isKnown: isKnown, at: uptime)
            busyUntil.store(state.throttle.busyUntil, ordering: .relaxed)
            state.unlogged += 1
            guard uptime - state.loggedAt >= Self.logInterval else { return (isLocked, nil) }
            defer { state.unlogged = 0 }
            state.loggedAt = uptime
            return (isLocked, state.unlogged)
        }
        if let line {
            logger.warning(
                "wrong credentials",
                metadata: [
                    "account": "\(Self.printable(name))", "address": "\(address)",
                    "state": isLocked ? "shut out for five minutes" : "counted", "since_last_line": "\(line)",
                ])
        }
        return isLocked
    }

    /// What a log line can bear of a name: 64 characters, without those that could end or colour the line.
    private static func printable(_ name: String) -> String {
        String(name.unicodeScalars.prefix(64).flatMap { $0.escaped(asASCII: false) })
    }

    /// Remembers that an account was right from there.
    func note(_ entry: AccountEntry, _ address: AddressBlock, _ mark: KnownAddresses.Mark, at now: Timestamp) {
        let (isNews, forgotten) = entry.runtime.known.note(address, mark, at: now)
        guard isNews else { return }
        unstored.withLock { unstored in
            guard unstored.kept.count < Self.unstoredMax else { return }
            unstored.kept.append(KnownAddress(account: entry.key, address: address, seenAt: now))
            if let forgotten {
                unstored.forgotten.append(KnownAddress(account: entry.key, address: forgotten, seenAt: now))
            }
        }
    }

    // MARK: For the operator

    /// Addresses that an account is shut out from now, the longest first.
    public func locks(of entry: AccountEntry) -> [Lock] {
        let (now, uptime) = (clock.now(), clock.uptime())
        return state.withLock { $0.throttle.locks(of: .account(entry.key), at: uptime) }
            .map { Lock(address: $0.address, until: now.adding(milliseconds: $0.remaining)) }
            .sorted { ($1.until, $0.address.description) < ($0.until, $1.address.description) }
    }

    /// Forgets what was wrong of an account.
    public func unlock(_ entry: AccountEntry) { state.withLock { $0.throttle.unlock(.account(entry.key)) } }

    // MARK: What is stored

    func load(_ store: Store, _ directory: AccountDirectory) async throws(StoreFailure) {
        for known in try await store.knownAddresses() {
            let surplus = directory.account(key: known.account)?.runtime.known.put(known.address, at: known.seenAt)
            guard let surplus else { continue }
            let forgotten = KnownAddress(account: known.account, address: surplus, seenAt: known.seenAt)
            unstored.withLock { $0.forgotten.append(forgotten) }
        }
    }

    /// Stores what was noted since the last time.
    func flush(to store: Store) async throws(StoreFailure) {
        let unstored = unstored.withLock { unstored in
            defer { unstored = Unstored() }
            return unstored
        }
        if unstored.kept.isEmpty, unstored.forgotten.isEmpty { return }
        try await store.keep(unstored.kept, forget: unstored.forgotten)
    }
}
