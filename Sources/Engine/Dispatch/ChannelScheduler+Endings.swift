import Messaging
import Store

/// How calls ended, and the circuit breaker.
extension ChannelScheduler {
    static let backOffMin: Int64 = 500
    static let backOffMax: Int64 = 60_000
    /// Calls in a row without a clear answer after which the carrier counts as failing.
    static let uncertainMax = 3
    /// One call that took this long is enough, if nothing else was answered meanwhile.
    static let stallMin: Int64 = 5_000
    /// What calls may hold after the probe: one step further with each that succeeds, then as much as ever.
    static let rampSteps = [8, 64]

    var isFailing: Bool {
        if case .failing = health { return true }
        return false
    }

    /// Switched on, and not failing. One that is paused keeps what it has, whatever its last calls came to.
    var isTaking: Bool { channel.isEnabled && (channel.isPaused || !isFailing) }

    /// Whether messages may be given to this channel rather than to another.
    func isOpen(at now: Timestamp) -> Bool { isTaking || wantsProbe(at: now) }

    /// The pause of a failing channel is over, and nothing waits with which it could be probed.
    func wantsProbe(at now: Timestamp) -> Bool {
        guard channel.maySend, case .failing(_, let until, _) = health else { return false }
        return until <= now && waiting == 0 && callsInFlight == 0
    }

    /// Takes note of how a call ended and says what is to be done.
    /// - Parameter jitter: 0..<1, spreads the back-off so that channels do not call at one moment.
    mutating func ended(
        _ call: PlannedCall, _ outcome: SubmitOutcome, at now: Timestamp, jitter: Double
    ) -> Resolution {
        callsInFlight -= 1
        messagesInFlight -= call.messages.count
        switch outcome {
        case .accepted(let numbering, let refused):
            noteAnswer(at: now)
            let sequences = refused.map { (call.messages[$0.key].sequence, $0.value) }
            return .settled(.accepted(numbering, refused: Dictionary(sequences) { $1 }))
        case .messageRefused(let code) where call.messages.count > 1 && !fits(call):
            // Planned before the channel was set up anew.
            noteAnswer(at: now)
            return .returned(.refusedForNow(detail: "code \(code) for a call of \(call.messages.count)"))
        case .messageRefused(let code) where call.messages.count > 1:
            noteAnswer(at: now)
            let middle = call.messages.count / 2
            for half in [call.messages[..<middle], call.messages[middle...]].reversed() {
                enqueueSplit(PlannedCall(isUniform: call.isUniform, messages: Array(half), plannedAt: now))
            }
            return .split(detail: "code \(code) for a call of \(call.messages.count)")
        case .messageRefused(let code):
            noteAnswer(at: now)
            return .settled(.refused(status: .rejected, detail: "code \(code)"))
        case .channelRefused(let code):
            uncertainInRow = 0
            backOff(after: call, at: now, jitter: jitter, reason: "refused with code \(code)")
            return .returned(.refusedForNow(detail: "code \(code)"))
        case .notSent(let reason):
            uncertainInRow = 0
            backOff(after: call, at: now, jitter: jitter, reason: reason)
            return .returned(.notSent(detail: reason))
        case .uncertain(let reason):
            uncertainInRow += 1
            if uncertainInRow >= Self.uncertainMax || isFailing || rampMax != nil || isStalled(call, at: now) {
                backOff(after: call, at: now, jitter: jitter, reason: reason)
            }
            return .settled(.uncertain(detail: reason))
        }
    }

    private func fits(_ call: PlannedCall) -> Bool {
        call.messages.count <= (call.isUniform ? limits.sameContentMax : limits.distinctMax)
    }

    /// The attempt of a planned call could not be made durable.
    mutating func withdraw(_ call: PlannedCall) {
        callsInFlight -= 1
        messagesInFlight -= call.messages.count
        requeue(call)
    }

    /// Some of a call's messages are not sent after all.
    mutating func shrink(by count: Int) { messagesInFlight -= count }

    private mutating func noteAnswer(at now: Timestamp) {
        uncertainInRow = 0
        lastAnswerAt = now
        rampMax =
            if isFailing { Self.rampSteps.first } else { rampMax.flatMap { now in Self.rampSteps.first { $0 > now } } }
        become(.healthy, at: now)
    }

    private mutating func become(_ new: Health, at now: Timestamp) {
        if new.isOther(than: health) { healthSince = now }
        health = new
    }

    /// Since when the first of what waits does so, as far as is known.
    var oldest: Timestamp? {
        let split = splits.lazy.flatMap(\.messages).map(\.acceptedAt).min()
        return [small.oldest, bulk.oldest, split].compactMap { $0 }.min()
    }

    /// Nothing was answered in all the time that this call took, and that was long.
    private func isStalled(_ call: PlannedCall, at now: Timestamp) -> Bool {
        now >= call.plannedAt.adding(milliseconds: Self.stallMin) && lastAnswerAt.map { $0 < call.plannedAt } ?? true
    }

    private mutating func backOff(after call: PlannedCall, at now: Timestamp, jitter: Double, reason: String) {
        var failures = 1
        if case .failing(let before, let until, _) = health {
            // Calls that were under way together are one failure.
            guard call.plannedAt >= until else { return }
            failures = before + 1
        }
        rampMax = nil
        let full = min(Self.backOffMax, Self.backOffMin << Int64(min(failures - 1, 10)))
        let wait = full / 2 + Int64(Double(full / 2) * jitter)
        become(.failing(failures: failures, until: now.adding(milliseconds: wait), reason: reason), at: now)
    }

    /// The channel was set up anew: what is known of it may not hold any more.
    mutating func reset() {
        health = .untried
        healthSince = nil
        rampMax = nil
        uncertainInRow = 0
        lastAnswerAt = nil
    }
}
