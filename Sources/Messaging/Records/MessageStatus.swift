/// Where a message is, as lists show it: its state, and of what was submitted or failed what matters to its sender.
public enum MessageStatus: String, Sendable, CaseIterable {
    /// Accepted for a later time.
    case scheduled
    /// Waits for a channel.
    case queued
    /// A carrier has it, or is about to get it; its report is awaited.
    case awaitingReport
    /// It is not known whether the carrier has it: nobody may send it again before that is resolved.
    case uncertain
    /// Every segment was delivered.
    case delivered
    /// At least one segment was not.
    case failed
    /// Taken out before it went to a carrier.
    case cancelled

    /// Those that no final report came for yet.
    public static let unknown: Set<MessageStatus> = [.scheduled, .queued, .awaitingReport, .uncertain]

    /// - Parameters:
    ///   - attempt: the state of the latest attempt; nil: there was none.
    ///   - code: of the message's status; nil before any report.
    public init(state: MessageState, attempt: AttemptState?, code: String?) {
        self =
            switch state {
            case .scheduled: .scheduled
            case .queued: .queued
            case .submitted: attempt == .uncertain ? .uncertain : .awaitingReport
            case .delivered: .delivered
            case .failed: attempt == nil && code == DeliveryStatus.deleted.code ? .cancelled : .failed
            }
    }

    /// What may be done with a message of this status when its sender wants it sent again.
    public var resend: ResendRule {
        switch self {
        case .delivered: .delivered
        case .failed, .cancelled: .allowed
        case .scheduled, .queued, .awaitingReport, .uncertain: .unknown
        }
    }
}

/// Whether a message may be sent again on its sender's wish.
public enum ResendRule: String, Sendable, CaseIterable {
    /// It failed for good: the new one is the only one that can arrive.
    case allowed
    /// It has arrived.
    case delivered
    /// It may arrive still: a second one might be one too many.
    case unknown
}

extension MessageRecord {
    /// As lists show it.
    public var listed: MessageStatus { MessageStatus(state: state, attempt: attemptState, code: status) }
}
