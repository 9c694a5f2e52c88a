import DequeModule
import Messaging
import Store

/// What waits for one channel and what is under way on it, as a pure state machine: it plans calls and is told how they
/// ended; the dispatcher does the rest.
struct ChannelLane {
    /// A content and those of its messages that wait here.
    struct Waiting {
        var part: CommittedPart
        /// Account extension + customer extension.
        var accessExtension: String
        var messages: ArraySlice<CommittedPart.Message>
    }

    struct PlannedCall: Equatable {
        var isUniform: Bool
        var messages: [OutgoingMessage]
        /// Made of a refused call, to find the message that the carrier will not take; never merged with others.
        var isSplit = false
    }

    enum Health: Equatable {
        case untried
        case healthy
        /// One call at a time until one succeeds; none before `until`.
        case failing(failures: Int, until: Timestamp, reason: String)
    }

    /// What is to be done with a call that ended.
    enum Resolution {
        case settled(Settlement.Outcome)
        /// Settle as refused for now, and `split` has been queued.
        case split(detail: String)
        /// Settle as not sent or refused for now; the messages are in `returned` of the lane's caller.
        case returned(Settlement.Outcome)
    }

    var channel: Channel
    let limits: CallLimits
    private(set) var health = Health.untried
    private(set) var callsInFlight = 0
    private(set) var messagesInFlight = 0
    /// Messages waiting.
    private(set) var depth = 0
    /// Small submissions, one-time codes among them, do not stand behind large ones.
    private var small: Deque<Waiting> = []
    private var bulk: Deque<Waiting> = []
    private var splits: Deque<PlannedCall> = []
    private var bulkHasTurn = false
    /// When the rate allows the next segment, in microseconds: at high rates a segment takes less than a millisecond.
    private var nextSegmentAt: Int64 = 0
    /// A lane that is no later than this is busy, not idle, and makes up for it; in microseconds.
    private static let lateMax: Int64 = 5000

    /// A submission with fewer recipients counts as small.
    static let smallRecipientsMax = 10
    static let backOffMin: Int64 = 500
    static let backOffMax: Int64 = 60_000
    /// Calls in a row without an answer after which the carrier counts as failing.
    static let uncertainMax = 3
    private var uncertainInRow = 0
    /// Segments handed to the carrier in the last minute.
    private(set) var recent = MinuteCount()

    init(channel: Channel, limits: CallLimits) {
        self.channel = channel
        self.limits = limits
    }

    // MARK: In

    mutating func enqueue(_ waiting: Waiting) {
        depth += waiting.messages.count
        if waiting.messages.count < Self.smallRecipientsMax {
            small.append(waiting)
        } else {
            bulk.append(waiting)
        }
    }

    /// Takes everything out that waits, so that other channels may have it.
    mutating func removeAll() -> [OutgoingMessage] {
        var all = splits.flatMap(\.messages)
        for waiting in Array(small) + Array(bulk) { all += waiting.messages.map { Self.outgoing($0, of: waiting) } }
        small.removeAll()
        bulk.removeAll()
        splits.removeAll()
        depth = 0
        return all
    }

    /// Puts messages of an ended call back.
    mutating func requeue(_ messages: [OutgoingMessage]) {
        for message in messages.reversed() { small.prepend(Waiting(message)) }
        depth += messages.count
    }

    // MARK: Out

    /// The next call, if the channel's limits allow one now.
    mutating func nextCall(at now: Timestamp) -> PlannedCall? {
        guard mayCall(at: now), rateAllows(at: now) else { return nil }
        guard let call = takeCall() else { return nil }
        depth -= call.messages.count
        callsInFlight += 1
        messagesInFlight += call.messages.count
        let segments = call.messages.reduce(0) { $0 + $1.segments }
        recent.note(segments, at: now)
        if let rate = channel.ratePerSecond, rate > 0 {
            let current = now.milliseconds * 1000
            let start = current - nextSegmentAt > Self.lateMax ? current : nextSegmentAt
            nextSegmentAt = start + (Int64(segments) * 1_000_000 + Int64(rate) - 1) / Int64(rate)
        }
        return call
    }

    /// When `nextCall` is worth asking again although nothing happens in between; nil when it is not.
    func wakeUp(at now: Timestamp) -> Timestamp? {
        guard depth > 0, channel.isEnabled, callsInFlight < channel.connectionLimit else { return nil }
        var at = Timestamp(milliseconds: (nextSegmentAt + 999) / 1000)
        if case .failing(_, let until, _) = health {
            if callsInFlight > 0 { return nil }
            at = max(at, until)
        }
        return at > now ? at : nil
    }

    /// Whether messages may be given to this channel rather than to another.
    func isOpen(at now: Timestamp) -> Bool {
        guard channel.isEnabled else { return false }
        if case .failing(_, let until, _) = health { return until <= now }
        return true
    }

    private func mayCall(at now: Timestamp) -> Bool {
        guard depth > 0, channel.isEnabled, callsInFlight < channel.connectionLimit else { return false }
        if case .failing(_, let until, _) = health { return callsInFlight == 0 && until <= now }
        return true
    }

    private func rateAllows(at now: Timestamp) -> Bool {
        channel.ratePerSecond == nil || nextSegmentAt <= now.milliseconds * 1000
    }

    /// Segments that one call may carry: no more than the rate lets through in a fifth of a second.
    private var segmentsPerCallMax: Int {
        channel.ratePerSecond.map { max(1, $0 / 5) } ?? .max
    }

    private mutating func takeCall() -> PlannedCall? {
        if let split = splits.popFirst() { return split }
        let fromBulk = small.isEmpty || (bulkHasTurn && !bulk.isEmpty)
        bulkHasTurn = !fromBulk
        return fromBulk ? takeUniform() : takeDistinct()
    }

    private mutating func takeUniform() -> PlannedCall? {
        guard var waiting = bulk.popFirst() else { return nil }
        let countMax = max(1, min(limits.sameContentMax, segmentsPerCallMax / max(1, waiting.part.segments)))
        var messages: [OutgoingMessage] = []
        var numbers = Set<PhoneNumber>()
        // A number may stand only once in a call: reports find their message by it when all else is lost.
        while messages.count < countMax, let next = waiting.messages.first, numbers.insert(next.mobile).inserted {
            messages.append(Self.outgoing(next, of: waiting))
            waiting.messages = waiting.messages.dropFirst()
        }
        if !waiting.messages.isEmpty { bulk.prepend(waiting) }
        return PlannedCall(isUniform: true, messages: messages)
    }

    private mutating func takeDistinct() -> PlannedCall? {
        var messages: [OutgoingMessage] = []
        var segments = 0
        while messages.count < limits.distinctMax, var waiting = small.popFirst() {
            while let next = waiting.messages.first, messages.count < limits.distinctMax,
                messages.isEmpty || segments + waiting.part.segments <= segmentsPerCallMax
            {
                messages.append(Self.outgoing(next, of: waiting))
                segments += waiting.part.segments
                waiting.messages = waiting.messages.dropFirst()
            }
            guard waiting.messages.isEmpty else {
                small.prepend(waiting)
                break
            }
        }
        return messages.isEmpty ? nil : PlannedCall(isUniform: false, messages: messages)
    }

    private static func outgoing(_ message: CommittedPart.Message, of waiting: Waiting) -> OutgoingMessage {
        OutgoingMessage(
            sequence: message.sequence, mobile: message.mobile, content: waiting.part.content,
            accessExtension: waiting.accessExtension, segments: waiting.part.segments,
            acceptedAt: waiting.part.acceptedAt, account: waiting.part.account,
            avoided: waiting.part.avoided.isEmpty ? nil : waiting.part.avoided[message.sequence])
    }

    // MARK: Endings

    /// Takes note of how a call ended and says what is to be done.
    /// - Parameter jitter: 0..<1, spreads the back-off so that channels do not knock in step.
    mutating func ended(
        _ call: PlannedCall, _ outcome: SubmitOutcome, at now: Timestamp, jitter: Double
    ) -> Resolution {
        callsInFlight -= 1
        messagesInFlight -= call.messages.count
        if case .uncertain = outcome { uncertainInRow += 1 } else { uncertainInRow = 0 }
        switch outcome {
        case .accepted(let firstID):
            health = .healthy
            return .settled(.accepted(firstID: firstID))
        case .messageRefused(let code) where call.messages.count > 1:
            health = .healthy
            let middle = call.messages.count / 2
            for half in [call.messages[..<middle], call.messages[middle...]].reversed() {
                splits.prepend(PlannedCall(isUniform: call.isUniform, messages: Array(half), isSplit: true))
            }
            depth += call.messages.count
            return .split(detail: "code \(code) for a call of \(call.messages.count)")
        case .messageRefused(let code):
            health = .healthy
            return .settled(.refused(status: .rejected, detail: "code \(code)"))
        case .channelRefused(let code):
            backOff(at: now, jitter: jitter, reason: "refused with code \(code)")
            return .returned(.refusedForNow(detail: "code \(code)"))
        case .notSent(let reason):
            backOff(at: now, jitter: jitter, reason: reason)
            return .returned(.notSent(detail: reason))
        case .uncertain(let reason):
            if uncertainInRow >= Self.uncertainMax { backOff(at: now, jitter: jitter, reason: reason) }
            return .settled(.uncertain(detail: reason))
        }
    }

    /// The attempt of a planned call could not be made durable, or parts of it were settled otherwise meanwhile.
    mutating func withdraw(_ call: PlannedCall, putBack messages: [OutgoingMessage]) {
        callsInFlight -= 1
        messagesInFlight -= call.messages.count
        requeue(messages)
    }

    /// Some of a call's messages are not sent after all.
    mutating func shrink(by count: Int) { messagesInFlight -= count }

    private mutating func backOff(at now: Timestamp, jitter: Double, reason: String) {
        var failures = 1
        if case .failing(let before, let until, _) = health {
            // Calls that were under way together are one failure.
            guard until <= now else { return }
            failures = before + 1
        }
        let full = min(Self.backOffMax, Self.backOffMin << Int64(min(failures - 1, 10)))
        let wait = full / 2 + Int64(Double(full / 2) * jitter)
        health = .failing(failures: failures, until: now.adding(milliseconds: wait), reason: reason)
    }

    mutating func reset() { health = .untried }
}
