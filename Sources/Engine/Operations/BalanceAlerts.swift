import Logging
public import Messaging
import Store

/// Looks at the balances of accounts with a threshold, and tells their recipients when one is low and when it is not
/// any more. A notice is stored before it is sent, one an account, so that a restart neither loses nor repeats it; what
/// is not taken is tried again with growing pauses, and given up after `triesMax`.
public actor BalanceAlerts {
    private let store: Store
    private let accounts: AccountStore
    private let billing: Billing
    private let link: any AlertLink
    /// The account whose messages carry alerts; nil: none are sent by SMS.
    private let sender: String?
    private let clock: Clock
    private let logger: Logger
    private var records: [AccountKey: BalanceAlertRecord] = [:]
    /// One round at a time: what is being sent is still pending.
    private let turns = AsyncMutex()

    /// Notices that are sent at the same time.
    static let sendsMax = 8
    static let triesMax = 8
    private static let pauses = PushRule(pauseMin: 15_000, pauseMax: 900_000)
    /// How long a submission of alerts may take to be committed; the next attempt has the same key.
    private static let submitMax: Duration = .seconds(10)
    private static let wordsMax = 200

    init(
        store: Store, accounts: AccountStore, billing: Billing, link: any AlertLink, sender: String?, clock: Clock,
        logger: Logger
    ) {
        self.store = store
        self.accounts = accounts
        self.billing = billing
        self.link = link
        self.sender = sender
        self.clock = clock
        self.logger = logger
    }

    func load() async throws(StoreFailure) {
        let stored = try await store.balanceAlerts()
        records = Dictionary(stored.map { ($0.account, $0) }, uniquingKeysWith: { $1 })
    }

    // MARK: For the pages

    /// What is known of an account's alerts; nil: nothing was ever reported or low.
    public func record(of account: AccountKey) -> BalanceAlertRecord? { records[account] }

    /// Accounts whose balance is below their threshold, and since when; those that are low longest first.
    public func low() -> [(entry: AccountEntry, since: Timestamp)] {
        let directory = accounts.directory
        return records.values.compactMap { record in
            guard let since = record.state.lowSince, let entry = directory.account(key: record.account) else {
                return nil
            }
            return (entry, since)
        }.sorted { ($0.since, $0.entry.account.id) < ($1.since, $1.entry.account.id) }
    }

    /// - Throws: a sentence when an account's webhook cannot work.
    public nonisolated func check(_ account: Account) throws(CarrierFailure) {
        if let target = AlertTarget(account) { try link.check(target) }
    }

    // MARK: Work

    /// Looks at all balances once, and sends what is due.
    func round() async throws(StoreFailure) {
        await turns.lock()
        defer { turns.unlock() }
        try await look()
        try await sendDue()
    }

    private func look() async throws(StoreFailure) {
        let now = clock.now()
        var changed: [BalanceAlertRecord] = []
        for entry in accounts.directory.entries {
            let settings = entry.account.alert
            guard entry.isEnabled, settings.threshold > 0 || records[entry.key] != nil else { continue }
            let before = records[entry.key] ?? BalanceAlertRecord(account: entry.key)
            var record = before
            if let kind = record.state.note(balance: entry.balance, settings, at: now) {
                record.notice(kind, balance: entry.balance, threshold: settings.threshold, at: now)
            }
            if settings.threshold == 0 || !settings.hasRecipients { record.pending = nil }
            if record != before { changed.append(record) }
        }
        try await keep(changed)
    }

    /// Stored first: what is in memory is in the file.
    private func keep(_ changed: [BalanceAlertRecord]) async throws(StoreFailure) {
        guard !changed.isEmpty else { return }
        try await store.keep(changed)
        for record in changed { records[record.account] = record }
    }

    private func sendDue() async throws(StoreFailure) {
        let now = clock.now()
        let directory = accounts.directory
        let due = records.values.filter { record in record.pending.map { $0.nextTryAt <= now } ?? false }
            .sorted { $0.account < $1.account }.prefix(Self.sendsMax)
            .compactMap { record in directory.account(key: record.account).map { (record, $0) } }
        let sent = await withTaskGroup(of: BalanceAlertRecord.self) { group in
            for (record, entry) in due { group.addTask { await self.send(record, of: entry) } }
            var ended: [BalanceAlertRecord] = []
            for await record in group { ended.append(record) }
            return ended
        }
        try await keep(sent)
    }

    private func send(_ record: BalanceAlertRecord, of entry: AccountEntry) async -> BalanceAlertRecord {
        var record = record
        guard var pending = record.pending else { return record }
        let account = entry.account
        let notice = BalanceNotice(
            kind: pending.kind, account: account.id, name: account.name, unit: account.chargeUnit,
            balance: pending.balance, threshold: pending.threshold, at: pending.at)
        var words: [String] = []
        if !pending.isSMSDone, !account.alert.numbers.isEmpty {
            let answer = await submit(notice, to: account.alert.numbers, of: entry.key)
            words.append("SMS: \(answer.words)")
            pending.isSMSDone = answer.isAccepted
        } else {
            pending.isSMSDone = true
        }
        if !pending.isWebhookDone, let target = AlertTarget(account) {
            let answer = await link.send(notice, to: target)
            words.append("webhook: \(answer.words)")
            pending.isWebhookDone = answer.isAccepted
        } else {
            pending.isWebhookDone = true
        }
        record.answeredAt = clock.now()
        record.answer = String(words.joined(separator: "; ").prefix(Self.wordsMax))
        if pending.isSMSDone, pending.isWebhookDone {
            record.pending = nil
            return record
        }
        pending.tries += 1
        let pause = Self.pauses.pause(afterFailures: pending.tries, jitter: 1)
        pending.nextTryAt = clock.now().adding(milliseconds: pause)
        record.pending = pending.tries < Self.triesMax ? pending : nil
        if record.pending == nil {
            logger.warning(
                "a balance alert was given up",
                metadata: ["account": "\(account.id)", "answer": "\(record.answer)"])
        }
        return record
    }

    // MARK: SMS

    private func submit(_ notice: BalanceNotice, to numbers: [PhoneNumber], of key: AccountKey) async -> PushAnswer {
        guard let sender else { return PushAnswer(isAccepted: true, words: "no account sends alerts") }
        guard let entry = accounts.directory.account(id: sender), entry.isEnabled else {
            return PushAnswer(isAccepted: false, words: "there is no enabled account \(sender)")
        }
        let part = Submission.Part(recipients: numbers.map { Recipient($0.text) }, content: notice.text)
        let submission = Submission(
            parts: [part], idempotencyKey: "balance-alert-\(key)-\(notice.at.milliseconds)")
        switch await OneOutcome.of(submission, by: entry, at: billing, within: Self.submitMax) {
        case .success, .failure(.submissionRepeated): return PushAnswer(isAccepted: true, words: "submitted")
        case .failure(let rejection): return PushAnswer(isAccepted: false, words: "refused: \(rejection.rule)")
        case nil: return PushAnswer(isAccepted: false, words: "not submitted in time")
        }
    }
}

extension BalanceAlertRecord {
    /// Has a notice sent. A low balance that recovered before anybody heard of it is not worth two notices.
    mutating func notice(_ kind: BalanceNotice.Kind, balance: Int64, threshold: Int64, at now: Timestamp) {
        if kind == .recovered, let pending, pending.kind != .recovered, pending.tries == 0 {
            self.pending = nil
            return
        }
        pending = Pending(kind: kind, balance: balance, threshold: threshold, at: now)
    }
}

/// Waits for the outcome of one submission, for a limited time.
private final class OneOutcome: SubmissionSink {
    private let state = OnceContinuation()

    /// - Returns: nil when there is no outcome in time; the submission may be committed all the same.
    static func of(
        _ submission: Submission, by entry: AccountEntry, at billing: Billing, within limit: Duration
    ) async -> Result<Acceptance, Rejection>? {
        let sink = OneOutcome()
        return await withCheckedContinuation { continuation in
            sink.state.set(continuation)
            Task {
                try? await Task.sleep(for: limit)
                sink.state.resume(nil)
            }
            if let refusal = billing.submit(submission, by: entry, ticket: 0, sink: sink) {
                sink.state.resume(.failure(refusal))
            }
        }
    }

    func settle(_ outcomes: [SettledSubmission]) {
        if let outcome = outcomes.first?.outcome { state.resume(outcome) }
    }
}
