/// Which channels messages take: for whom, whereto, and what happens when one fails.
public struct Route: Hashable, Sendable {
    /// Unique among routes; decides between routes that are equal otherwise.
    public var name: String
    /// A route of higher priority is asked first.
    public var priority: Int
    /// Numbers of accounts; empty: every account.
    public var accounts: Set<AccountKey>
    /// Empty: every carrier.
    public var networks: NetworkSet
    /// Empty: every number.
    public var prefixes: [NumberPrefix]
    /// At least one.
    public var channels: [Member]
    /// A message reported failed with one of these is tried once on another channel of the route.
    public var retryCodes: Set<DeliveryStatus>
    /// Whether the route is used; a `RouteTable` leaves out those that are not.
    public var isEnabled: Bool

    /// A channel of a route.
    public struct Member: Hashable, Sendable {
        /// The channel's number.
        public var channel: ChannelKey
        /// Stands in for the channel's own priority on this route; nil: the channel's own.
        public var priority: Int?

        /// - Parameter priority: nil: the channel's own.
        public init(channel: ChannelKey, priority: Int? = nil) {
            self.channel = channel
            self.priority = priority
        }
    }

    /// The most accounts that a route can name.
    public static let accountsMax = 1_000
    /// The most number prefixes that a route can name.
    public static let prefixesMax = 10_000
    /// The most channels of a route.
    public static let channelsMax = 100
    /// The most retry codes of a route.
    public static let retryCodesMax = 100

    /// Empty `accounts`, `networks` and `prefixes` match every message.
    public init(
        name: String, priority: Int = 0, accounts: Set<AccountKey> = [], networks: NetworkSet = [],
        prefixes: [NumberPrefix] = [], channels: [Member], retryCodes: Set<DeliveryStatus> = [], isEnabled: Bool = true
    ) {
        self.name = name
        self.priority = priority
        self.accounts = accounts
        self.networks = networks
        self.prefixes = prefixes
        self.channels = channels
        self.retryCodes = retryCodes
        self.isEnabled = isEnabled
    }

    /// This channel's entry in the route; nil when the route does not use it.
    public func member(over channel: ChannelKey) -> Member? { channels.first { $0.channel == channel } }

    /// Whether a final report of this status sends a message that went out on `channel` to another one.
    public func retries(_ status: DeliveryStatus, on channel: ChannelKey) -> Bool {
        retryCodes.contains(status) && !status.isDelivered && status.isFinal && member(over: channel) != nil
            && channels.contains { $0.channel != channel }
    }
}
