public import Messaging
public import Store

/// The decisions of the hot path, a step at a time and without I/O, so that a benchmark can say what each costs:
/// what `Billing` and `Dispatcher` do between the commits.
public struct StageProbe {
    private var balances = Balances()
    private var scheduler: ChannelScheduler

    /// Begins with the balance that the account shows, and with an empty scheduler.
    public init(account: AccountEntry, channel: Channel, limits: CallLimits) {
        balances.open(account.payer, balance: account.balance)
        scheduler = ChannelScheduler(channel: channel, limits: limits)
    }

    /// Prices submissions and takes their charges; what breaks a rule or cannot be paid is left out.
    public mutating func bill(
        _ submissions: [Submission], by entry: AccountEntry, at now: Timestamp
    ) -> [AcceptedSubmission] {
        var billed: [AcceptedSubmission] = []
        billed.reserveCapacity(submissions.count)
        for submission in submissions {
            guard let priced = try? SubmissionPricing.price(submission, by: entry, at: now) else { continue }
            let cost = priced.parts.reduce(0) { $0 + $1.cost }
            guard balances.take(cost, from: entry.payer, floor: entry.payerFloor) else { continue }
            billed.append(priced)
        }
        entry.payerGauges.publish(balance: balances.balance(entry.payer))
        return billed
    }

    /// Plans the calls for committed parts; their attempts have no id yet.
    public mutating func calls(for parts: [CommittedPart], at now: Timestamp) -> [CarrierCall] {
        for part in parts {
            scheduler.enqueue(
                ChannelScheduler.Waiting(part: part, messages: part.messages[...]))
        }
        var calls: [CarrierCall] = []
        while let call = scheduler.nextCall(at: now) {
            calls.append(CarrierCall(attempt: 0, isUniform: call.isUniform, messages: call.messages))
        }
        return calls
    }

    /// Takes note of how a call ended; what is to be stored of it.
    public mutating func ended(
        _ call: CarrierCall, _ outcome: SubmitOutcome, at now: Timestamp
    ) -> Settlement.Outcome {
        let planned = ChannelScheduler.PlannedCall(isUniform: call.isUniform, messages: call.messages, plannedAt: now)
        switch scheduler.ended(planned, outcome, at: now, jitter: 0) {
        case .settled(let outcome), .returned(let outcome): return outcome
        case .split(let detail): return .refusedForNow(detail: detail)
        }
    }
}
