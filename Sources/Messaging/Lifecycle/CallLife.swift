/// What happens to a call to a carrier (an attempt).
public enum CallEvent: Hashable, Sendable {
    /// The carrier's answer takes it.
    case taken
    /// The carrier definitely refused it; its messages are final with this status.
    case refused(DeliveryStatus)
    /// The carrier definitely refused it, but not for good.
    case refusedForNow
    /// Nothing left this machine.
    case notSent
    /// No answer that says whether the carrier has it; or the process was stopped before there was one.
    case unanswered
    /// None of its messages waits for a report any more: each has one, or an operator gave it one.
    case reported
    /// None does any more, since the last of them were queued again.
    case requeued
}

/// What an event changes of a call.
public struct CallChanges: Hashable, Sendable {
    /// The call's state afterwards.
    public var state: AttemptState
    /// What happens to those of its messages whose latest attempt it is; nil: nothing.
    public var messages: MessageEvent?
    /// How the channel's totals count its messages.
    public var count: Count = .none
    /// Parked reports that its numbering explains are tried at once.
    public var wakesReports = false
    /// Its end is noted on the timeline of its message where it has only one: the timeline names a message's earlier
    /// attempts only if they are noted, and a row for each message at every halving would be many times the call.
    public var isNoted = false

    /// How a channel's totals count messages.
    public enum Count: Sendable { case none, submitted, refused }
}

extension AttemptState {
    /// The one rule of a call's life.
    /// - Returns: nil when the event changes nothing in this state.
    public func changes(on event: CallEvent) -> CallChanges? {
        switch (self, event) {
        case (.begun, .taken): CallChanges(state: .accepted, count: .submitted, wakesReports: true)
        case (.begun, .refused(let status)):
            CallChanges(state: .refused, messages: .callRefused(status), count: .refused)
        case (.begun, .refusedForNow): CallChanges(state: .refused, messages: .callReturned, isNoted: true)
        case (.begun, .notSent): CallChanges(state: .notSent, messages: .callReturned)
        case (.begun, .unanswered): CallChanges(state: .uncertain, count: .submitted)
        case (.uncertain, .reported): CallChanges(state: .accepted)
        case (.uncertain, .requeued): CallChanges(state: .abandoned)
        default: nil
        }
    }
}
