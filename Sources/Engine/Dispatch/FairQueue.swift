import DequeModule
import Messaging
import Store

/// One of the queues of a scheduler: accounts have turns, so that none waits until all of another's messages are sent.
/// Memory is shared out among the accounts that have something waiting.
struct FairQueue {
    private var accounts: [AccountKey: AccountQueue] = [:]
    /// Accounts with something in memory, in the order of their turns.
    private var ring: Deque<AccountKey> = []
    /// Accounts with something on disk only.
    private var spilled: Set<AccountKey> = []
    /// Messages in memory.
    private(set) var depth = 0
    private var bytes = 0
    private var spilledCount = 0
    /// When to look for accounts that are not needed any more.
    private var sweepAt = Self.sweepMin

    /// What contents may take on average before fewer messages are held.
    private static let bytesPerMessageMax = 512
    /// An account that has no more than this in memory has room, however full it is: a single message never goes by
    /// way of the disk because of others.
    private static let roomMin = 16
    private static let sweepMin = 1024

    /// Nothing is in memory.
    var isEmpty: Bool { ring.isEmpty }
    var count: Int { depth + spilledCount }
    /// Accounts of which something is kept, which may be nothing but room.
    var knownAccounts: Int { accounts.count }

    // MARK: In

    /// Takes messages in at the end of their account's, those that memory has no room for on disk only.
    /// - Parameter isReadBack: they come from the front of what is on disk.
    mutating func append(_ item: ChannelScheduler.Waiting, depthMax: Int, isReadBack: Bool = false) {
        let account = item.part.account
        let stands = !isReadBack && accounts[account]?.spill.isEmpty == false
        let room = stands ? 0 : room(of: account, depthMax: depthMax)
        guard item.messages.count > room else { return change(account, entering: .last) { $0.append(item) } }
        var held = item
        held.messages = item.messages.prefix(room)
        if !held.messages.isEmpty { change(account, entering: .last) { $0.append(held) } }
        withSpill(of: account) { spill in
            spill.insert(
                item.messages.dropFirst(room), waitingSince: item.part.availableAt, validUntil: item.part.validUntil)
        }
    }

    /// Puts back what is left of an item that was taken; others come first.
    mutating func putBack(_ item: ChannelScheduler.Waiting) {
        change(item.part.account, entering: .last) { $0.prepend(item) }
    }

    /// Puts back what was taken in vain.
    mutating func requeue(_ item: ChannelScheduler.Waiting) {
        change(item.part.account, entering: .first) { $0.prepend(item) }
    }

    /// How many messages of an account memory has room for.
    private func room(of account: AccountKey, depthMax: Int) -> Int {
        let own = accounts[account]?.depth ?? 0
        guard bytes / Self.bytesPerMessageMax < depthMax else { return max(0, Self.roomMin - own) }
        return max(min(share(of: depthMax) - own, depthMax - depth), Self.roomMin - own, 0)
    }

    private func share(of depthMax: Int) -> Int { depthMax / max(1, ring.count, spilled.count) }

    // MARK: Out

    /// Takes the first item of the account whose turn it is.
    mutating func popFirst() -> ChannelScheduler.Waiting? {
        guard let account = ring.popFirst() else { return nil }
        let item = change(account) { $0.popFirst() }
        if accounts[account]?.isEmpty == false { ring.append(account) }
        return item
    }

    /// Takes another item of the account whose turn it was last, if it has one.
    mutating func popNext(of account: AccountKey) -> ChannelScheduler.Waiting? {
        guard ring.last == account else { return nil }
        ring.removeLast()
        let item = change(account) { $0.popFirst() }
        if accounts[account]?.isEmpty == false { ring.append(account) }
        return item
    }

    /// Takes out what is in memory.
    mutating func removeAll() -> [ChannelScheduler.Waiting] {
        defer { ring = [] }
        return ring.flatMap { account in change(account) { $0.removeAll() } }
    }

    /// Takes out what has waited in memory since before `deadline` or is not worth sending any more, and begins to look
    /// through the rest.
    mutating func removeExpired(before deadline: Timestamp, at now: Timestamp) -> [MessageSequence] {
        let expired = Array(accounts.keys).flatMap { account in
            change(account) { $0.removeExpired(before: deadline, at: now) }
        }
        if !expired.isEmpty { ring.removeAll { accounts[$0]?.isEmpty != false } }
        return expired
    }

    // MARK: On disk

    /// Looks at or changes what an account has on disk only.
    mutating func withSpill<R>(of account: AccountKey, _ body: (inout Spill) -> R) -> R {
        let before = accounts[account]?.spill.count ?? 0
        let result = body(&accounts[account, default: AccountQueue()].spill)
        guard let spill = accounts[account]?.spill else { return result }
        spilledCount += spill.count - before
        if spill.isEmpty { spilled.remove(account) } else { spilled.insert(account) }
        return result
    }

    /// An account over whose messages on disk a walk goes, and where it goes on.
    func spilled(_ walk: KeyPath<Spill, MessageSequence?>) -> (account: AccountKey, from: MessageSequence)? {
        for account in spilled {
            if let from = accounts[account]?.spill[keyPath: walk] { return (account, from) }
        }
        return nil
    }

    /// Begins to route anew what is on disk.
    mutating func startRouting() {
        for account in Array(spilled) { withSpill(of: account) { $0.startRouting() } }
    }

    /// The account that should be read back from disk first, what it has in memory, and how many messages it wants.
    func mostWanting(depthMax: Int) -> (account: AccountKey, depth: Int, wanted: Int)? {
        var best: (account: AccountKey, depth: Int, wanted: Int)?
        let enough = share(of: depthMax) / 2
        let hasBytes = bytes / Self.bytesPerMessageMax <= depthMax / 2
        for account in spilled {
            let own = accounts[account]?.depth ?? 0
            guard own == 0 || own <= enough && hasBytes, best.map({ own < $0.depth }) ?? true else { continue }
            let room = room(of: account, depthMax: depthMax)
            if room > 0 { best = (account, own, room) }
        }
        return best
    }

    // MARK: For status

    /// Since when the first of all waits, as far as is known.
    var oldest: Timestamp? { accounts.values.compactMap(\.oldest).min() }

    /// What is in memory, in no order.
    var held: [ChannelScheduler.Waiting] { accounts.values.flatMap(\.held) }

    /// What is on disk only, by account.
    var spills: [(account: AccountKey, spill: Spill)] {
        spilled.compactMap { account in accounts[account].map { (account, $0.spill) } }
    }

    // MARK: Its own books

    private enum Place {
        case first
        case last
    }

    /// Changes what an account has in memory.
    /// - Parameter place: where an account that had nothing gets its turn; nil: nowhere.
    @discardableResult
    private mutating func change<R>(
        _ account: AccountKey, entering place: Place? = nil, _ body: (inout AccountQueue) -> R
    ) -> R {
        if place != nil, accounts.count >= sweepAt { sweep() }
        let (result, change) = accounts[account, default: AccountQueue()].measured(body)
        depth += change.messages
        bytes += change.bytes
        switch place {
        case .first where change.hasBegun: ring.prepend(account)
        case .last where change.hasBegun: ring.append(account)
        default: break
        }
        return result
    }

    private mutating func sweep() {
        accounts = accounts.filter { !$0.value.isForgettable }
        sweepAt = max(Self.sweepMin, 2 * accounts.count)
    }
}
