import Messaging

/// How many wrong credentials are looked at. Pure; times are milliseconds of a clock that is never set.
///
/// * Five of one account from one address within five minutes shut that pair out for five minutes.
/// * Each address, each account and all of them together have a budget of wrong ones that fills up with time. When
///   it is used, credentials are not looked at, right or wrong, so that guessing learns nothing.
/// * Neither holds for an account's address that was right before: what comes from there is always looked at, and only
///   counts for its own pair.
///
/// What is remembered is bounded without dropping entries early: each entry costs a piece of the common budget, and
/// lasts for a limited time.
struct LoginThrottle {
    static let failuresMax = 5
    static let window: Int64 = 5 * 60_000

    /// `burst` at once, and one more each `interval` milliseconds.
    struct Budget {
        var burst: Int64
        var interval: Int64
    }

    static let addressBudget = Budget(burst: 20, interval: 10_000)
    static let accountBudget = Budget(burst: 30, interval: 20_000)
    static let commonBudget = Budget(burst: 1_000, interval: 100)
    static let nameBytesMax = 64
    static let entriesMax = 20_000
    private static let pruneMin = 4_096

    /// Whose credentials are said to be shown.
    enum Who: Hashable {
        /// The store's number of an account.
        case account(AccountKey)
        /// No account's name; of it the first `nameBytesMax` bytes count, and no more is kept.
        case name(String)
        /// An API key that no account has.
        case key

        /// A copy: a slice would keep the whole of a name.
        static func unknown(_ name: String) -> Who {
            let isShort = name.utf8.count <= LoginThrottle.nameBytesMax
            return .name(isShort ? name : String(decoding: name.utf8.prefix(LoginThrottle.nameBytesMax), as: UTF8.self))
        }
    }

    enum Verdict: Hashable {
        case open
        /// The pair is shut out.
        case locked
        /// A budget is used.
        case slowed
    }

    private struct Pair: Hashable {
        var who: Who
        var address: AddressBlock
    }

    private var pairs: [Pair: [Int64]] = [:]
    /// A budget's state: when it will be whole again.
    private var addresses: [AddressBlock: Int64] = [:]
    private var accounts: [Who: Int64] = [:]
    private var common: Int64 = .min
    private var nextPrune: Int64 = .min

    /// When nothing of it will matter any more.
    private(set) var busyUntil: Int64 = .min

    /// Whether credentials may be looked at.
    mutating func verdict(_ who: Who, _ address: AddressBlock, at now: Int64) -> Verdict {
        if isLocked(pairs[Pair(who: who, address: address)], at: now) { return .locked }
        let isOpen =
            Self.addressBudget.allows(addresses[address], at: now)
            && (who == .key || Self.accountBudget.allows(accounts[who], at: now))
            && Self.commonBudget.allows(common, at: now)
        guard isOpen else { return .slowed }
        prune(at: now)
        return pairs.count < Self.entriesMax && accounts.count < Self.entriesMax ? .open : .slowed
    }

    /// Counts wrong credentials.
    /// - Parameter isKnown: the account was right from there before.
    /// - Returns: whether the pair is shut out now.
    mutating func fail(_ who: Who, _ address: AddressBlock, isKnown: Bool, at now: Int64) -> Bool {
        let pair = Pair(who: who, address: address)
        if isLocked(pairs[pair], at: now) { return true }
        var times = pairs[pair, default: []]
        times.removeAll { now - $0 >= Self.window }
        times.append(now)
        pairs[pair] = times
        busyUntil = max(busyUntil, now + Self.window)
        if !isKnown {
            common = Self.commonBudget.spend(common, at: now)
            let ofAddress = Self.addressBudget.spend(addresses[address], at: now)
            addresses[address] = ofAddress
            busyUntil = max(busyUntil, common, ofAddress)
            if who != .key {
                let ofAccount = Self.accountBudget.spend(accounts[who], at: now)
                accounts[who] = ofAccount
                busyUntil = max(busyUntil, ofAccount)
            }
        }
        prune(at: now)
        return times.count >= Self.failuresMax
    }

    private func isLocked(_ times: [Int64]?, at now: Int64) -> Bool {
        guard let times, times.count >= Self.failuresMax, let last = times.last else { return false }
        return now - last < Self.window
    }

    /// Drops what does not matter any more, when there is much of it.
    private mutating func prune(at now: Int64) {
        guard now >= nextPrune, pairs.count + addresses.count + accounts.count > Self.pruneMin else { return }
        nextPrune = now + 1_000
        pairs = pairs.filter { _, times in times.last.map { now - $0 < Self.window } ?? false }
        addresses = addresses.filter { $0.value > now }
        accounts = accounts.filter { $0.value > now }
    }

    // MARK: For the operator

    /// Where an account is shut out, and for how many milliseconds more.
    func locks(of who: Who, at now: Int64) -> [(address: AddressBlock, remaining: Int64)] {
        pairs.compactMap { pair, times in
            guard pair.who == who, isLocked(times, at: now), let last = times.last else { return nil }
            return (pair.address, last + Self.window - now)
        }
    }

    /// Forgets what was wrong of an account, and lets the addresses that it was shut out from try again.
    mutating func unlock(_ who: Who) {
        for pair in pairs.keys where pair.who == who {
            pairs[pair] = nil
            addresses[pair.address] = nil
        }
        accounts[who] = nil
    }

    /// How many entries there are.
    var count: Int { pairs.count + addresses.count + accounts.count }
}

extension LoginThrottle.Budget {
    /// - Parameter wholeAt: when it will be whole again; nil when it is.
    func allows(_ wholeAt: Int64?, at now: Int64) -> Bool {
        max(wholeAt ?? now, now) - now + interval <= burst * interval
    }

    /// - Returns: when it will be whole again. No later than if it were used up, however often it is spent.
    func spend(_ wholeAt: Int64?, at now: Int64) -> Int64 {
        min(max(wholeAt ?? now, now) + interval, now + burst * interval)
    }
}
