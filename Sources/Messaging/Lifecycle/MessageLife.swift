/// What happens to a message.
public enum MessageEvent: Hashable, Sendable {
    /// In the transaction that accepts it: it has no valid number, or a rule of its account keeps it back.
    case turnedDown(DeliveryStatus)
    /// The time that it is scheduled for has come.
    case due
    /// That time has come, and its number is on a blacklist that its account uses.
    case blacklistedWhenDue
    /// An operator takes it out before it is due; only a scheduled message can be.
    case cancelled
    /// A call that it is in begins.
    case callBegun
    /// The carrier definitely refused its call, or this message of the call, for good.
    case callRefused(DeliveryStatus)
    /// The carrier refused its call for now, or nothing of the call left.
    case callReturned
    /// A carrier's final report of its latest attempt.
    /// - Parameter another: its route has another channel for this status, and no second channel was tried yet.
    case reported(DeliveryStatus, segment: Int?, of: Int?, another: Bool)
    /// A carrier's report that says only that it is on its way.
    case reportedInterim
    /// A report of its first attempt after it was given to a second channel.
    case reportedLate
    /// No final report came in the time that a carrier has for it.
    case unreported
    /// No channel takes it, or it has waited for too long.
    case unsendable(DeliveryStatus)
    /// It is not worth sending any more.
    /// - Parameters:
    ///   - firstFailure: how its first channel reported it, if it waits for a second one.
    ///   - attempt: the state of its latest attempt; nil: there was none.
    case overdue(firstFailure: DeliveryStatus?, attempt: AttemptState?)
    /// It waits for a second channel and no other takes it.
    case noSecondChannel(firstFailure: DeliveryStatus)
    /// An operator decides about it.
    /// - Parameter attempt: the state of its latest attempt.
    case resolved(HandSettlement, attempt: AttemptState?)
    /// Its channel's rule queues it again, which happens once at most.
    /// - Parameter attempt: the state of its latest attempt.
    case resent(attempt: AttemptState?)
}

/// What an event changes of a message; the transaction that the event belongs to applies all of it.
public struct MessageChanges: Hashable, Sendable {
    /// The message afterwards.
    public var life: MessageLife
    /// The segments whose final report is put into the customer's outbox.
    public var segments: SegmentSet = []
    /// Of these reports.
    public var status: DeliveryStatus?
    /// Whether these segments' charge goes back depends on the account's refund rule and this; nil: they arrived, or
    /// there are none.
    public var refund: FailureCause?
    /// What else the transaction does, besides row, reports and refund.
    public var effects: Effects = []
    /// The entry of the message's timeline; nil: the change itself is all that there is to say.
    public var note: TimelineKind?

    /// Changes beyond the message's own row, its reports and its refund.
    public struct Effects: OptionSet, Hashable, Sendable {
        /// Bits are not stored; they live for one transaction.
        public let rawValue: UInt8

        /// - Parameter rawValue: a union of the constants below.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The message counts as delivered or failed in its account's totals.
        public static let countsForAccount = Effects(rawValue: 1)
        /// It does in the totals of its latest attempt's channel.
        public static let countsForChannel = Effects(rawValue: 2)
        /// It is put into the queue: the dispatcher gets it, and the scan for queued ones starts there at the latest.
        public static let enqueues = Effects(rawValue: 4)
        /// It is with its latest attempt again: the channel counts it as submitted, and it is looked at for expiry.
        public static let returnsToAttempt = Effects(rawValue: 8)
        /// The channel of its latest attempt does not count it as submitted any more.
        public static let leavesChannel = Effects(rawValue: 16)
        /// That channel counts it as failed, and its attempt is kept as the first of two.
        public static let failsOnChannel = Effects(rawValue: 32)
        /// Those that change the channel's totals.
        public static let ofChannel: Effects = [.countsForChannel, .returnsToAttempt, .leavesChannel, .failsOnChannel]
    }

    init(_ life: MessageLife, state: MessageState? = nil, effects: Effects = [], note: TimelineKind? = nil) {
        self.life = life
        self.life.state = state ?? life.state
        self.effects = effects
        self.note = note
    }
}

/// A message as the rules of its life see it.
public struct MessageLife: Hashable, Sendable {
    /// The state before an event, or after it in `MessageChanges`.
    public var state: MessageState
    /// Which of its segments have their final report, and with what status.
    public var progress: MessageProgress
    /// Until when it is worth sending; nil: as long as it waits.
    public var validUntil: Timestamp?

    /// - Parameter validUntil: nil: it never becomes too late to send.
    public init(state: MessageState, progress: MessageProgress, validUntil: Timestamp? = nil) {
        self.state = state
        self.progress = progress
        self.validUntil = validUntil
    }

    /// Whether it is too late to send it.
    public func isOver(at now: Timestamp) -> Bool { Validity.isOver(validUntil, at: now) }

    /// Whether it may go out again: the carrier has reported nothing of it, and it is worth sending still.
    public func maySendAgain(at now: Timestamp) -> Bool {
        state == .submitted && !progress.hasReports && !isOver(at: now)
    }

    /// The one rule of a message's life.
    /// - Returns: nil when the event changes nothing in this state.
    public func changes(on event: MessageEvent, at now: Timestamp) -> MessageChanges? {
        switch (state, event) {
        case (.scheduled, .due): MessageChanges(self, state: .queued, effects: .enqueues)
        case (.scheduled, .blacklistedWhenDue): ending(.blacklisted, .keptBack, note: .keptBackWhenDue)
        case (.scheduled, .cancelled): ending(.deleted, .cancelled, note: .cancelled)
        case (.scheduled, .turnedDown(let status)), (.queued, .turnedDown(let status)): ending(status, .neverCharged)
        case (.queued, .callBegun): MessageChanges(self, state: .submitted)
        case (.queued, .unsendable(let status)): ending(status, .refused)
        // It left in time once and was reported failed: that report is the final one.
        case (.queued, .overdue(let failure?, _)): ending(failure, .undelivered, note: .retry)
        // It left in time once, and it is not known what became of it: it waits for its report.
        case (.queued, .overdue(nil, .abandoned)): MessageChanges(self, state: .submitted, effects: .returnsToAttempt)
        case (.queued, .overdue(nil, _)): ending(.expired, .notInTime)
        case (.queued, .noSecondChannel(let failure)): ending(failure, .undelivered, note: .retry)
        case (.submitted, .callRefused(let status)): ending(status, .refused)
        case (.submitted, .callReturned) where !progress.hasReports:
            MessageChanges(self, state: .queued, effects: .enqueues)
        case (.submitted, .unreported): ending(.expired, .undelivered)
        case (.submitted, .resolved(let settlement, .uncertain)): resolution(settlement, at: now)
        case (.submitted, .resent(.uncertain)) where maySendAgain(at: now):
            MessageChanges(self, state: .queued, effects: [.enqueues, .leavesChannel], note: .resent)
        case (.scheduled, _): nil
        case (_, .reported(let status, let segment, let total, let another)):
            if another, !status.isDelivered, maySendAgain(at: now) {
                MessageChanges(self, state: .queued, effects: [.enqueues, .failsOnChannel], note: .retry)
            } else {
                reporting(status, .undelivered) { $0.apply(status, segment: segment, of: total) }
                    ?? MessageChanges(self, note: .repeatedReport)
            }
        case (_, .reportedInterim): MessageChanges(self, note: .interimReport)
        case (_, .reportedLate): MessageChanges(self, note: .lateReport)
        default: nil
        }
    }

    private func resolution(_ settlement: HandSettlement, at now: Timestamp) -> MessageChanges? {
        switch settlement {
        case .delivered: ending(.delivered, .undelivered, note: .settledByHand)
        case .failed: ending(.undeliverable, .undelivered, note: .settledByHand)
        case .resend:
            maySendAgain(at: now)
                ? MessageChanges(self, state: .queued, effects: [.enqueues, .leavesChannel], note: .settledByHand) : nil
        }
    }

    /// Why an operator cannot decide so about it; nil: it is possible.
    public func objection(to settlement: HandSettlement, attempt: AttemptState?, at now: Timestamp) -> String? {
        guard state == .submitted, let attempt else { return "it is \(state.name), not uncertain" }
        if attempt != .uncertain { return "its attempt is \(attempt.name), not uncertain" }
        guard settlement == .resend, !maySendAgain(at: now) else { return nil }
        if progress.hasReports { return "a part of it has its report: the carrier has it" }
        return "it was worth sending until \(validUntil?.chinaText ?? "now") only"
    }

    /// Every segment that has no report gets this one.
    private func ending(_ status: DeliveryStatus, _ cause: FailureCause, note: TimelineKind? = nil) -> MessageChanges? {
        var changes = reporting(status, cause) { $0.close(with: status) }
        changes?.note = note
        return changes
    }

    /// - Returns: nil when no segment is left to be reported.
    private func reporting(
        _ status: DeliveryStatus, _ cause: FailureCause, _ report: (inout MessageProgress) -> SegmentSet
    ) -> MessageChanges? {
        var changes = MessageChanges(self)
        changes.segments = report(&changes.life.progress)
        guard !changes.segments.isEmpty else { return nil }
        changes.status = status
        if !status.isDelivered { changes.refund = cause }
        if changes.life.progress.isFinal {
            changes.life.state = changes.life.progress.state
            // One that was queued again is not with the channel of its latest attempt any more.
            changes.effects = state == .submitted ? [.countsForAccount, .countsForChannel] : .countsForAccount
        } else if state == .queued {
            // A report of a part shows that the carrier has the message: one that was queued again does not go out.
            changes.life.state = .submitted
            changes.effects = .returnsToAttempt
        }
        return changes
    }

    // MARK: Many messages at once

    /// An event that does the same to all messages, for one statement over many rows.
    public struct Move: Hashable, Sendable {
        /// The only state that the event moves messages of.
        public var from: MessageState
        /// The state that it moves them to.
        public var to: MessageState
        /// Messages that have a report of a segment stay.
        public var onlyUnreported: Bool
    }

    /// What an event does to messages that are worth sending, asked of `changes` for each distinct case.
    /// - Returns: nil unless it moves the messages of exactly one state, all to the same one.
    public static func move(on event: MessageEvent) -> Move? {
        let fresh = MessageProgress(segmentTotal: 2)
        let moves = MessageState.allCases.compactMap { state -> Move? in
            let life = MessageLife(state: state, progress: fresh)
            guard let to = life.changes(on: event, at: Timestamp(milliseconds: 0))?.life.state, to != state else {
                return nil
            }
            let reported = MessageLife(state: state, progress: MessageProgress(segmentTotal: 2, reported: [1]))
            let isForAll = reported.changes(on: event, at: Timestamp(milliseconds: 0))?.life.state == to
            return Move(from: state, to: to, onlyUnreported: !isForAll)
        }
        return moves.count == 1 ? moves[0] : nil
    }
}
