import Messaging

/// Which channel a message goes to, as a pure rule.
enum ChannelChoice: Equatable {
    case channel(Int64)
    /// No channel that is on takes this number: it will never go out as things are set up.
    case noRoute
    /// There may be a way later: channels are off, or none is set up.
    case later

    /// A channel on offer.
    struct Offer {
        var number: Int64
        var channel: Channel
        /// Not failing, as far as is known.
        var isOpen: Bool
        var depth: Int
    }

    /// Channels that serve the number's carrier, open ones before failing ones, then by priority, then the emptiest.
    static func choose(for carrier: Carrier?, among offers: [Offer]) -> ChannelChoice {
        let enabled = offers.filter(\.channel.isEnabled)
        if enabled.isEmpty { return .later }
        let best = enabled.filter { $0.channel.carriers.serves(carrier) }.min { left, right in
            if left.isOpen != right.isOpen { return left.isOpen }
            if left.channel.priority != right.channel.priority { return left.channel.priority > right.channel.priority }
            if left.depth != right.depth { return left.depth < right.depth }
            return left.number < right.number
        }
        return best.map { .channel($0.number) } ?? .noRoute
    }
}
