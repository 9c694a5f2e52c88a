/// Which channels messages take: for whom, whereto, and what happens when one fails.
public struct Route: Hashable, Sendable {
    public var name: String
    /// A route of higher priority is asked first.
    public var priority: Int
    /// Numbers of accounts; empty: every account.
    public var accounts: Set<Int64>
    /// Empty: every carrier.
    public var carriers: CarrierSet
    /// Empty: every number.
    public var prefixes: [NumberPrefix]
    /// At least one.
    public var channels: [Way]
    /// A message reported failed with one of these is tried once on another channel of the route.
    public var retryCodes: Set<DeliveryStatus>
    public var isEnabled: Bool

    /// A channel of a route.
    public struct Way: Hashable, Sendable {
        /// The channel's number.
        public var channel: Int64
        /// Stands in for the channel's own priority on this route; nil: the channel's own.
        public var priority: Int?

        public init(channel: Int64, priority: Int? = nil) {
            self.channel = channel
            self.priority = priority
        }
    }

    public static let accountsMax = 1_000
    public static let prefixesMax = 10_000
    public static let channelsMax = 100
    public static let retryCodesMax = 100

    public init(
        name: String, priority: Int = 0, accounts: Set<Int64> = [], carriers: CarrierSet = [],
        prefixes: [NumberPrefix] = [], channels: [Way], retryCodes: Set<DeliveryStatus> = [], isEnabled: Bool = true
    ) {
        self.name = name
        self.priority = priority
        self.accounts = accounts
        self.carriers = carriers
        self.prefixes = prefixes
        self.channels = channels
        self.retryCodes = retryCodes
        self.isEnabled = isEnabled
    }

    public func way(over channel: Int64) -> Way? { channels.first { $0.channel == channel } }

    /// Whether a final report of this status sends a message that went out on `channel` to another one.
    public func retries(_ status: DeliveryStatus, on channel: Int64) -> Bool {
        retryCodes.contains(status) && !status.isDelivered && status.isFinal && way(over: channel) != nil
            && channels.contains { $0.channel != channel }
    }
}
