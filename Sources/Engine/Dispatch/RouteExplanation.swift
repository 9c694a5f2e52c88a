public import Messaging

/// Which channel a message of an account to a number would take now, and why.
public struct RouteExplanation: Sendable {
    /// The number that was asked about.
    public var number: PhoneNumber
    /// The carrier that serves it now; nil: a mainland prefix that no carrier holds.
    public var network: Network?
    /// The carrier is from an entry of its own, not from the prefix.
    public var isPorted: Bool
    /// Nil: no route matches, and every channel is asked; or those that match wait.
    public var route: Route?
    /// The prefix of the route that the number has.
    public var prefix: NumberPrefix?
    /// Names of routes that match and all of whose channels are off.
    public var passedOver: [String]
    /// What would become of the message.
    public var outcome: Outcome
    /// Every channel, by name.
    public var channels: [ChannelVerdict]

    /// What would become of a message.
    public enum Outcome: Hashable, Sendable {
        /// The name of the channel.
        case channel(String)
        /// Nothing that is on takes the number: the message ends as NOROUTE.
        case noRoute
        /// It waits until a channel is switched on.
        case waits
    }

    /// What speaks for or against a channel.
    public struct ChannelVerdict: Sendable {
        /// The channel's name.
        public var name: String
        /// Why it is chosen or is not.
        public var verdict: Verdict
        /// On this route.
        public var priority: Int
        /// Its share of the messages among channels of one priority, on this route.
        public var weight: Int
        /// Messages waiting for it.
        public var queued: Int
        /// What is routed to it waits until it is resumed.
        public var isPaused: Bool
    }

    /// Why a channel is chosen or is not.
    public enum Verdict: Hashable, Sendable {
        /// In this order: it is taken; is switched off; has not this carrier; goes after another; is not on the route.
        case chosen, off, doesNotServe, lowerPriority, notInRoute
        /// It would wait there, and another one can send it.
        case paused
        /// Its number or its dialect has no room for the account's extension.
        case cannotCarryExtension
        /// It has far more waiting, for its weight, than another one.
        case fuller
        /// By weight it is another one's turn.
        case notItsTurn
        /// Its calls fail, and another one is asked first; why, as a sentence without its full stop.
        case failing(reason: String)

        init(_ verdict: ChannelChoice.Verdict, _ health: ChannelStatus.Health) {
            switch verdict {
            case .chosen: self = .chosen
            case .off: self = .off
            case .doesNotServe: self = .doesNotServe
            case .cannotCarryExtension: self = .cannotCarryExtension
            case .lowerPriority: self = .lowerPriority
            case .paused: self = .paused
            case .fuller: self = .fuller
            case .notItsTurn: self = .notItsTurn
            case .failing:
                if case .failing(let reason) = health {
                    self = .failing(reason: reason)
                } else {
                    self = .failing(reason: "")
                }
            }
        }
    }
}
