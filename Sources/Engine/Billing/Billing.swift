public import Messaging
import Store
import Synchronization

/// Takes the outcomes of submissions, many at once; there is one for each event loop.
public protocol SubmissionSink: AnyObject, Sendable {
    /// Called once per batch with all outcomes for this sink, from any thread; must not block.
    func settle(_ outcomes: [SettledSubmission])
}

/// What became of one submission. An acceptance is durable.
public struct SettledSubmission: Sendable {
    /// The number that the sink gave with the submission.
    public var ticket: UInt64
    /// The ids that it got, or why it was refused and nothing was charged.
    public var outcome: Result<Acceptance, Rejection>
}

/// Owns the balances. Takes whole batches of submissions from a bounded mailbox, takes their charges, has them
/// committed, and lets the replies go. It runs on the queue that commits are made on.
public actor Billing {
    private struct Item: Sendable {
        let submission: AcceptedSubmission
        let entry: AccountEntry
        let cost: Int64
        let load: SubmissionLoad
        let ticket: UInt64
        let sink: any SubmissionSink

        /// In China, as yyyymmdd.
        var day: Int { submission.parts.first?.acceptedAt.chinaDay ?? 0 }
    }

    private let store: Store
    private let accounts: AccountStore
    private let mailbox: Mailbox<Item>
    private let onCommit: @Sendable ([CommittedPart]) -> Void
    private let counters: EngineCounters
    private let clock: Clock
    /// How far ahead a request's own end may lie, in milliseconds.
    private nonisolated let validityMax: Int64
    private var balances = Balances()
    private var spending = DailySpending()
    private var congestion: Congestion
    /// Of all submissions between their arrival and their commit.
    private nonisolated let waitingLoad = WaitingLoad()
    private nonisolated let submissionsMax: Int
    private nonisolated let recipientsMax: Int
    private nonisolated let unitsMax = Atomic<Int>(.max)
    /// When the batch under way began, or since when the oldest submission waits to be taken up, in milliseconds since
    /// `epoch`; 0 when there is neither.
    private nonisolated let busySince = Atomic<Int64>(0)
    private nonisolated let stallMilliseconds: Int64
    private nonisolated let epoch = ContinuousClock.now

    /// Contents of submissions that wait, in bytes.
    static let bytesMax = 64 << 20

    /// - Parameter onCommit: takes committed parts that are to be sent now; must not block.
    init(
        store: Store, accounts: AccountStore, counters: EngineCounters, submissionsMax: Int,
        recipientsMax: Int, waitMax: Int64 = 1000, validityMax: Int64 = .max, clock: Clock,
        onCommit: @escaping @Sendable ([CommittedPart]) -> Void
    ) {
        self.store = store
        self.accounts = accounts
        self.counters = counters
        self.clock = clock
        self.onCommit = onCommit
        self.submissionsMax = submissionsMax
        self.recipientsMax = recipientsMax
        self.validityMax = validityMax
        congestion = Congestion(waitMax: waitMax)
        stallMilliseconds = congestion.stallMilliseconds
        mailbox = Mailbox(countMax: submissionsMax)
    }

    func load() {
        for entry in accounts.directory.entries { balances.open(entry.key, balance: entry.runtime.balance) }
    }

    // MARK: Submissions

    /// Hands a submission in; callable on any thread, never waits.
    /// - Returns: nil when its outcome will come through `sink`, else why it was refused at once.
    public nonisolated func submit(
        _ submission: Submission, by entry: AccountEntry, ticket: UInt64, sink: any SubmissionSink
    ) -> Rejection? {
        let load = SubmissionLoad(submission)
        // Before the price, whose rules count what they let pass.
        guard admit(load, by: entry) else { return .overloaded }
        do {
            let priced = try SubmissionPricing.price(submission, by: entry, at: clock.now(), validityMax: validityMax)
            let cost = priced.cost
            let item = Item(submission: priced, entry: entry, cost: cost, load: load, ticket: ticket, sink: sink)
            noteWaiting()
            if mailbox.push(item) { return nil }
            release(load, by: entry)
            entry.runtime.screening.forget(priced)
            return .overloaded
        } catch {
            release(load, by: entry)
            return error
        }
    }

    private nonisolated func admit(_ load: SubmissionLoad, by entry: AccountEntry) -> Bool {
        let total = waitingLoad.add(load)
        let ofAccount = entry.runtime.waiting.add(load)
        let bounds = SubmissionLoad(
            submissions: submissionsMax, recipients: recipientsMax, bytes: Self.bytesMax,
            units: unitsMax.load(ordering: .relaxed))
        if load.isAdmitted(total: total, ofAccount: ofAccount, bounds: bounds), !isStuck { return true }
        release(load, by: entry)
        return false
    }

    private nonisolated func release(_ load: SubmissionLoad, by entry: AccountEntry) {
        waitingLoad.subtract(load)
        entry.runtime.waiting.subtract(load)
    }

    /// Notes since when a submission waits where no batch is under way: batches are taken up on the queue of the
    /// commits, so while another's commit hangs, what waits is stuck all the same. Called before the push, because
    /// the batch may have ended when that returns; a submission that comes just as a batch ends leaves the note to the
    /// next one.
    private nonisolated func noteWaiting() {
        guard busySince.load(ordering: .relaxed) == 0 else { return }
        _ = busySince.compareExchange(expected: 0, desired: elapsedMilliseconds, ordering: .relaxed)
    }

    private nonisolated var isStuck: Bool {
        let since = busySince.load(ordering: .relaxed)
        return since != 0 && elapsedMilliseconds - since > stallMilliseconds
    }

    /// Never 0.
    private nonisolated var elapsedMilliseconds: Int64 {
        1 + Int64((ContinuousClock.now - epoch) / .milliseconds(1))
    }

    /// Submissions in the mailbox, those of the batch under way not included.
    public nonisolated var waiting: Int { mailbox.count }

    /// The queue that commits are made on.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { store.commits.asUnownedSerialExecutor() }

    /// Works until `stop`; what waits then is still carried out.
    func run() async {
        while let batch = await mailbox.next() {
            let start = ContinuousClock.now
            busySince.store(elapsedMilliseconds, ordering: .relaxed)
            await process(batch)
            busySince.store(0, ordering: .relaxed)
            let units = batch.reduce(0) { $0 + $1.load.units }
            congestion.note(units: units, microseconds: Int64((ContinuousClock.now - start) / .microseconds(1)))
            unitsMax.store(congestion.unitsMax, ordering: .relaxed)
        }
    }

    nonisolated func stop() { mailbox.close() }

    private func process(_ batch: [Item]) async {
        var accepted: [Item] = []
        accepted.reserveCapacity(batch.count)
        var unpaid: [Item] = []
        if batch.contains(where: { $0.entry.account.spendPerDayMax > 0 }) { await openSpending(of: batch) }
        for item in batch {
            if take(item) { accepted.append(item) } else { unpaid.append(item) }
        }
        if !accepted.isEmpty { await commit(accepted) }
        if !unpaid.isEmpty { await refuse(unpaid) }
    }

    /// Takes a submission's charge; false, and nothing taken, when the balance or the account's day has no room for it.
    private func take(_ item: Item) -> Bool {
        let entry = item.entry
        let max = entry.account.spendPerDayMax
        if max > 0, !spending.take(item.cost, of: entry.key, on: item.day, max: max) { return false }
        if balances.take(item.cost, from: entry.payer, floor: entry.payerFloor) { return true }
        if max > 0 { spending.give(item.cost, to: entry.key, on: item.day) }
        return false
    }

    /// Gives back the charge of a submission that was not committed.
    private func giveBack(_ item: Item) {
        balances.give(item.cost, to: item.entry.payer)
        if item.entry.account.spendPerDayMax > 0 { spending.give(item.cost, to: item.entry.key, on: item.day) }
    }

    /// Looks up what accounts with a limit of a day have been charged on it, once an account and day. Where that fails
    /// the day stays unknown, and has no room.
    private func openSpending(of batch: [Item]) async {
        for item in batch where item.entry.account.spendPerDayMax > 0 {
            let (key, day) = (item.entry.key, item.day)
            guard !spending.isKnown(key, on: day) else { continue }
            guard let charged = try? await store.charged(key, on: day) else { continue }
            spending.open(key, on: day, spent: charged)
        }
    }

    /// Submissions that their accounts cannot pay. One whose key was used before is a repetition: its customer is told
    /// so even when the first one took the last of the balance.
    private func refuse(_ unpaid: [Item]) async {
        var repeated: Set<Int> = []
        let keyed = unpaid.indices.filter { unpaid[$0].submission.idempotencyKey != nil }
        if !keyed.isEmpty, let used = try? await store.areUsed(keyed.map { unpaid[$0].submission }) {
            for (index, isUsed) in zip(keyed, used) where isUsed { repeated.insert(index) }
        }
        refuse(
            unpaid.enumerated().map { ($1, repeated.contains($0) ? .submissionRepeated : .insufficientBalance) })
    }

    /// Tells their senders; the frequency limits forget what they counted of them.
    private func refuse(_ refused: [(Item, Rejection)]) {
        for (item, _) in refused { item.entry.runtime.screening.forget(item.submission) }
        Self.reply(to: refused.map { ($0.0, .failure($0.1)) }, waitingLoad)
    }

    private func commit(_ items: [Item]) async {
        // Before the replies go out: after an acceptance its customer must not see the old balance.
        publishBalances(of: items)
        let (onCommit, counters, waitingLoad) = (onCommit, counters, waitingLoad)
        let failed = await withCheckedContinuation { (done: CheckedContinuation<[(Item, Rejection)], Never>) in
            store.accept(items.map(\.submission)) { result in
                switch result {
                case .success(let results):
                    let failed = Self.conclude(items, results, counters, waitingLoad, onCommit)
                    done.resume(returning: failed)
                case .failure:
                    done.resume(returning: items.map { ($0, .storageFailed) })
                }
            }
        }
        guard !failed.isEmpty else { return }
        for (item, _) in failed { giveBack(item) }
        publishBalances(of: failed.map(\.0))
        refuse(failed)
    }

    /// Lets the replies to accepted submissions go, and their messages on their way.
    /// - Returns: those that were not accepted.
    private static func conclude(
        _ items: [Item], _ results: [Result<CommittedSubmission, Rejection>], _ counters: EngineCounters,
        _ waitingLoad: WaitingLoad, _ onCommit: @Sendable ([CommittedPart]) -> Void
    ) -> [(Item, Rejection)] {
        var outcomes: [(Item, Result<Acceptance, Rejection>)] = []
        outcomes.reserveCapacity(items.count)
        var ready: [CommittedPart] = []
        ready.reserveCapacity(items.count)
        var failed: [(Item, Rejection)] = []
        for (item, result) in zip(items, results) {
            switch result {
            case .success(let committed):
                outcomes.append((item, .success(committed.acceptance)))
                ready += committed.ready
            case .failure(let rejection): failed.append((item, rejection))
            }
        }
        reply(to: outcomes, waitingLoad)
        counters.accepted(outcomes.map(\.0.submission))
        onCommit(ready)
        return failed
    }

    private func publishBalances(of items: [Item]) {
        for item in items { item.entry.payerGauges.publish(balance: balances.balance(item.entry.payer)) }
    }

    /// One call per sink, however many replies. Their load is released before the sinks are called.
    private static func reply(to outcomes: [(Item, Result<Acceptance, Rejection>)], _ waitingLoad: WaitingLoad) {
        for (item, _) in outcomes {
            waitingLoad.subtract(item.load)
            item.entry.runtime.waiting.subtract(item.load)
        }
        var bySink: [ObjectIdentifier: (sink: any SubmissionSink, settled: [SettledSubmission])] = [:]
        for (item, outcome) in outcomes {
            bySink[ObjectIdentifier(item.sink), default: (item.sink, [])].settled.append(
                SettledSubmission(ticket: item.ticket, outcome: outcome))
        }
        for (sink, settled) in bySink.values { sink.settle(settled) }
    }

    // MARK: Balances

    /// Adds an account with its opening balance.
    /// - Throws: `alreadyExists`.
    public func addAccount(
        _ account: Account, secrets: AccountSecrets, openingBalance: Int64
    ) async throws(StoreFailure) -> AccountEntry {
        let entry = try await accounts.add(account, secrets: secrets, openingBalance: openingBalance)
        // Not set: since it was published something may have been charged or paid in.
        balances.give(openingBalance, to: entry.key)
        entry.runtime.publish(balance: balances.balance(entry.key))
        return entry
    }

    /// Adds to a balance; a negative amount corrects, down to the account's floor.
    /// - Returns: false when the balance would pass its floor; nothing was changed then.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func recharge(_ entry: AccountEntry, amount: Int64, note: String?) async throws(StoreFailure) -> Bool {
        if amount < 0, !balances.take(-amount, from: entry.key, floor: entry.account.balanceFloor) { return false }
        do {
            try await store.recharge(account: entry.key, amount: amount, note: note, at: clock.now())
        } catch {
            if amount < 0 { balances.give(-amount, to: entry.key) }
            throw error
        }
        if amount > 0 { balances.give(amount, to: entry.key) }
        entry.runtime.publish(balance: balances.balance(entry.key))
        return true
    }

    /// Moves an amount above 0 from one account's own balance to another's, down to 0: credit is not moved.
    /// - Returns: false when there is not so much; nothing was changed then.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func transfer(
        _ amount: Int64, from source: AccountEntry, to target: AccountEntry
    ) async throws(StoreFailure) -> Bool {
        guard balances.take(amount, from: source.key, floor: 0) else { return false }
        do {
            try await store.transfer(
                amount, from: source.key, to: target.key,
                notes: (out: "to \(target.account.id)", in: "from \(source.account.id)"), at: clock.now())
        } catch {
            balances.give(amount, to: source.key)
            throw error
        }
        balances.give(amount, to: target.key)
        for entry in [source, target] { entry.runtime.publish(balance: balances.balance(entry.key)) }
        return true
    }

    /// Takes in refunds that are committed already.
    func credit(_ refunds: [AccountKey: Int64]) {
        for (account, amount) in refunds {
            balances.give(amount, to: account)
            accounts.directory.account(key: account)?.runtime.publish(balance: balances.balance(account))
        }
    }
}
