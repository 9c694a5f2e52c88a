import Messaging

/// Which channel a message goes to, as a pure rule.
enum ChannelChoice: Equatable {
    case channel(ChannelKey)
    /// No channel that is on takes this number and has room for the account's extension: it will never go out as things
    /// are set up.
    case noRoute
    /// There may be a way later: channels are off, or none is set up.
    case later

    /// A channel on offer.
    struct Offer {
        var key: ChannelKey
        var channel: Channel
        /// Not failing, as far as is known; or paused.
        var isOpen: Bool
        var depth: Int
        /// What the channel is owed of its share; see `ChannelTurns`.
        var credit: Int64 = 0
        /// The route's priority for it, else its own.
        var routePriority: Int?
        /// Its number and its dialect have room for the account's extension.
        var carriesExtension = true

        var priority: Int { routePriority ?? channel.priority }
        /// What waits, against the channel's share.
        fileprivate var load: Int { depth * 1000 / max(1, channel.weight) }

        func serves(_ carrier: Carrier?) -> Bool {
            channel.isEnabled && channel.carriers.serves(carrier) && carriesExtension
        }

        /// Whether it goes before another one: open before failing, then by priority, then one that is not paused.
        fileprivate func precedes(_ other: Offer) -> Bool {
            if isOpen != other.isOpen { return isOpen }
            if priority != other.priority { return priority > other.priority }
            return !channel.isPaused && other.channel.isPaused
        }
    }

    /// Why a channel is chosen or is not, for `RouteExplanation`.
    enum Verdict: Equatable {
        case chosen
        case off
        case doesNotServe
        /// Its number or its dialect has no room for the account's extension.
        case cannotCarryExtension
        case failing
        case lowerPriority
        /// It would wait there, and another one can send it.
        case paused
        /// It has far more waiting, for its weight, than another one.
        case fuller
        /// By weight it is another one's turn.
        case notItsTurn
    }

    /// Fewer messages waiting than this never make a channel count as full.
    static let fullMin = 200

    /// Channels that serve the number's carrier, open ones (a paused one among them, where messages wait) before
    /// failing ones, then by priority; among equals none that has more than twice as much waiting, then the one that is
    /// owed most of its share, then the emptiest.
    static func choose(for carrier: Carrier?, among offers: [Offer]) -> ChannelChoice {
        choose(of: peers(for: carrier, among: offers), among: offers)
    }

    /// As above, with the channels that are equal already found.
    static func choose(of peers: [Offer], among offers: [Offer]) -> ChannelChoice {
        if peers.isEmpty { return offers.contains(where: \.channel.isEnabled) ? .noRoute : .later }
        return best(of: peers).map { .channel($0.key) } ?? .later
    }

    /// The channels that are equal before shares and queues are looked at.
    static func peers(for carrier: Carrier?, among offers: [Offer]) -> [Offer] {
        let peers = first(of: offers) { $0.serves(carrier) }
        guard let best = peers.first, best.channel.isPaused else { return peers }
        // A paused channel keeps what is its own, and is no help where one that goes before it fails.
        let failing = first(of: offers) { $0.serves(carrier) && !$0.isOpen && $0.priority >= best.priority }
        if failing.isEmpty { return peers }
        let open = first(of: offers) { $0.serves(carrier) && $0.isOpen && !$0.channel.isPaused }
        return open.isEmpty ? failing : open
    }

    /// Those of some offers that nothing precedes.
    private static func first(of offers: [Offer], where isMeant: (Offer) -> Bool) -> [Offer] {
        var first: [Offer] = []
        for offer in offers where isMeant(offer) {
            guard let other = first.first else {
                first = [offer]
                continue
            }
            if offer.precedes(other) {
                first = [offer]
            } else if !other.precedes(offer) {
                first.append(offer)
            }
        }
        return first
    }

    /// The one of equal channels whose turn it is.
    static func best(of peers: [Offer]) -> Offer? {
        unfilled(peers).min { left, right in
            if left.credit != right.credit { return left.credit > right.credit }
            if left.load != right.load { return left.load < right.load }
            if left.channel.weight != right.channel.weight { return left.channel.weight > right.channel.weight }
            return left.key < right.key
        }
    }

    /// Those of equal channels that are not far behind the others.
    static func unfilled(_ peers: [Offer]) -> [Offer] {
        guard let lightest = peers.map(\.load).min() else { return [] }
        return peers.filter { $0.depth < fullMin || $0.load <= 2 * lightest }
    }

    /// The choice and what speaks for or against each channel, in the order of the offers.
    static func explain(
        for carrier: Carrier?, among offers: [Offer]
    ) -> (choice: ChannelChoice, verdicts: [Verdict]) {
        let choice = choose(for: carrier, among: offers)
        let peers = peers(for: carrier, among: offers)
        let unfilled = Set(unfilled(peers).map(\.key))
        let verdicts = offers.map { offer -> Verdict in
            if choice == .channel(offer.key) { return .chosen }
            if !offer.channel.isEnabled { return .off }
            if !offer.channel.carriers.serves(carrier) { return .doesNotServe }
            if !offer.carriesExtension { return .cannotCarryExtension }
            if offer.channel.isPaused, let peer = peers.first, !peer.channel.isPaused {
                return peer.isOpen && offer.priority < peer.priority ? .lowerPriority : .paused
            }
            if let peer = peers.first, offer.isOpen != peer.isOpen { return .failing }
            if !peers.contains(where: { $0.key == offer.key }) { return .lowerPriority }
            return unfilled.contains(offer.key) ? .notItsTurn : .fuller
        }
        return (choice, verdicts)
    }
}

/// Divides messages among equal channels by weight: each message adds to the credit of all of them by their shares, and
/// is subtracted from the one that carries it. The sum of credits is always zero.
struct ChannelTurns {
    private var credits: [ChannelKey: Int64] = [:]

    func credit(of channel: ChannelKey) -> Int64 { credits[channel] ?? 0 }

    /// Notes that `chosen` has got `count` messages that the others of `peers` could have had.
    mutating func note(_ chosen: ChannelKey, among peers: [ChannelChoice.Offer], count: Int) {
        guard peers.count > 1 else { return }
        var total: Int64 = 0
        for peer in peers {
            let share = Int64(peer.channel.weight) * Int64(count)
            credits[peer.key, default: 0] += share
            total += share
        }
        credits[chosen, default: 0] -= total
    }
}
