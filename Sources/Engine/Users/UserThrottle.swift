import Messaging

/// How fast passwords of users may be tried. Pure; times are milliseconds of a clock that is never set.
///
/// * After three wrong tries at a name each further one has to wait: one second, then twice as long each time, up to
///   five minutes. A name is never shut out for good, and an hour without a wrong try forgets them.
/// * The wait counts for the name, wherever the tries come from; but where its user logged in last it counts for that
///   address alone, so that a stranger's tries do not keep the user out.
/// * Each address, and all of them together, have a budget that fills up with time.
///
/// Names that nobody has are slowed down as well. Each entry costs a piece of the common budget and lasts for an hour,
/// so the tables are bounded without dropping entries early.
struct UserThrottle {
    static let freeTries = 3
    static let waitMax: Int64 = 5 * 60_000
    static let memory: Int64 = 3_600_000
    static let addressBudget = LoginThrottle.Budget(burst: 20, interval: 10_000)
    static let commonBudget = LoginThrottle.Budget(burst: 500, interval: 250)
    static let entriesMax = 20_000
    private static let pruneMin = 4_096

    /// What tries are counted of.
    struct Target: Hashable {
        /// In small letters; of a long name its first bytes.
        private let name: String
        /// The address that the user is known at; nil for all others.
        private let address: AddressBlock?

        init(name: String, at address: AddressBlock, isKnown: Bool) {
            self.name = String(decoding: User.folded(name).utf8.prefix(User.nameBytesMax), as: UTF8.self)
            self.address = isKnown ? address : nil
        }
    }

    private struct Tries {
        var wrong = 0
        var last: Int64
        /// When the next try is looked at.
        var openAt: Int64
    }

    private var targets: [Target: Tries] = [:]
    /// When a budget will be whole again.
    private var addresses: [AddressBlock: Int64] = [:]
    private var common: Int64 = .min
    private var nextPrune: Int64 = .min

    /// For how many milliseconds a try has to wait; 0: it may be looked at.
    mutating func wait(_ target: Target, _ address: AddressBlock, at now: Int64) -> Int64 {
        prune(at: now)
        var wait = max(0, (targets[target]?.openAt ?? now) - now)
        if !Self.addressBudget.allows(addresses[address], at: now) { wait = max(wait, Self.addressBudget.interval) }
        let isFull = targets.count >= Self.entriesMax || addresses.count >= Self.entriesMax
        if isFull || !Self.commonBudget.allows(common, at: now) { wait = max(wait, Self.commonBudget.interval) }
        return wait
    }

    /// Counts a wrong try; each try is counted before it is looked at, so that many at once are not free, and taken
    /// back by `succeed`.
    mutating func begin(_ target: Target, _ address: AddressBlock, at now: Int64) {
        var tries = targets[target] ?? Tries(last: now, openAt: now)
        if now - tries.last >= Self.memory { tries = Tries(last: now, openAt: now) }
        tries.wrong = min(tries.wrong + 1, 1_000)
        tries.last = now
        let doublings = tries.wrong - Self.freeTries
        if doublings >= 0 { tries.openAt = now + min(Self.waitMax, 1_000 << Int64(min(doublings, 20))) }
        targets[target] = tries
        addresses[address] = Self.addressBudget.spend(addresses[address], at: now)
        common = Self.commonBudget.spend(common, at: now)
    }

    /// Forgets what was wrong of a name.
    mutating func succeed(_ target: Target, _ address: AddressBlock) {
        targets[target] = nil
        if let wholeAt = addresses[address] { addresses[address] = wholeAt - Self.addressBudget.interval }
    }

    private mutating func prune(at now: Int64) {
        guard now >= nextPrune, targets.count + addresses.count > Self.pruneMin else { return }
        nextPrune = now + 1_000
        targets = targets.filter { now - $0.value.last < Self.memory }
        addresses = addresses.filter { $0.value > now }
    }

    /// How many entries there are.
    var count: Int { targets.count + addresses.count }
}
