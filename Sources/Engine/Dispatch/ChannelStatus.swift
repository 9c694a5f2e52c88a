public import Messaging

/// What is known of a channel at work.
public struct ChannelStatus: Sendable {
    /// How the last calls ended.
    public enum Health: Sendable, Equatable {
        /// No call has ended since the start, or since the channel was changed.
        case untried
        /// Calls are made as messages come.
        case healthy
        /// Calls failed and are made after pauses only; why, as a sentence without its full stop.
        case failing(reason: String)

        init(_ health: ChannelScheduler.Health) {
            switch health {
            case .untried: self = .untried
            case .healthy: self = .healthy
            case .failing(_, _, let reason): self = .failing(reason: reason)
            }
        }
    }

    /// How the last calls ended.
    public var health: Health
    /// Messages waiting for this channel, those on disk included.
    public var queued: Int
    /// Messages in calls under way.
    public var inFlight: Int
    /// Segments handed to the carrier in the last 60 seconds.
    public var sentLastMinute: Int
    /// Since when it has this health; nil: since the start, or since it was changed.
    public var healthSince: Timestamp?
    /// Since when the first message that waits for it does so; nil: none waits.
    public var oldest: Timestamp?
    /// Calls that the driver did not end and that were given up, since the start.
    public var callsGivenUp: Int
}
