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
    struct Candidate {
        var key: ChannelKey
        var channel: Channel
        /// Not failing, as far as is known; or paused.
        var isOpen: Bool
        var depth: Int
        /// What the channel is owed of its share; see `WeightedRoundRobin`.
        var credit: Int64 = 0
        /// The route's priority for it, else its own.
        var routePriority: Int?
        /// Its number and its dialect have room for the account's extension.
        var carriesExtension = true

        var priority: Int { routePriority ?? channel.priority }
        /// What waits, against the channel's share.
        fileprivate var load: Int { depth * 1000 / max(1, channel.weight) }

        func serves(_ network: Network?) -> Bool {
            channel.isEnabled && channel.networks.serves(network) && carriesExtension
        }

        /// Whether it goes before another one: open before failing, then by priority, then one that is not paused.
        fileprivate func precedes(_ other: Candidate) -> Bool {
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
    static func choose(for network: Network?, among candidates: [Candidate]) -> ChannelChoice {
        choose(of: peers(for: network, among: candidates), among: candidates)
    }

    /// As above, with the channels that are equal already found.
    static func choose(of peers: [Candidate], among candidates: [Candidate]) -> ChannelChoice {
        if peers.isEmpty { return candidates.contains(where: \.channel.isEnabled) ? .noRoute : .later }
        return best(of: peers).map { .channel($0.key) } ?? .later
    }

    /// The channels that are equal before shares and queues are looked at.
    static func peers(for network: Network?, among candidates: [Candidate]) -> [Candidate] {
        let peers = first(of: candidates) { $0.serves(network) }
        guard let best = peers.first, best.channel.isPaused else { return peers }
        // A paused channel keeps what is its own, and is no help where one that goes before it fails.
        let failing = first(of: candidates) { $0.serves(network) && !$0.isOpen && $0.priority >= best.priority }
        if failing.isEmpty { return peers }
        let open = first(of: candidates) { $0.serves(network) && $0.isOpen && !$0.channel.isPaused }
        return open.isEmpty ? failing : open
    }

    /// Those of some candidates that nothing precedes.
    private static func first(of candidates: [Candidate], where isMeant: (Candidate) -> Bool) -> [Candidate] {
        var first: [Candidate] = []
        for candidate in candidates where isMeant(candidate) {
            guard let other = first.first else {
                first = [candidate]
                continue
            }
            if candidate.precedes(other) {
                first = [candidate]
            } else if !other.precedes(candidate) {
                first.append(candidate)
            }
        }
        return first
    }

    /// The one of equal channels whose turn it is.
    static func best(of peers: [Candidate]) -> Candidate? {
        if peers.count < 2 { return peers.first }
        return unfilled(peers).min { left, right in
            if left.credit != right.credit { return left.credit > right.credit }
            if left.load != right.load { return left.load < right.load }
            if left.channel.weight != right.channel.weight { return left.channel.weight > right.channel.weight }
            return left.key < right.key
        }
    }

    /// Those of equal channels that are not far behind the others.
    static func unfilled(_ peers: [Candidate]) -> [Candidate] {
        guard let lightest = peers.map(\.load).min() else { return [] }
        return peers.filter { $0.depth < fullMin || $0.load <= 2 * lightest }
    }

    /// The choice and what speaks for or against each channel, in the order of the candidates.
    static func explain(
        for network: Network?, among candidates: [Candidate]
    ) -> (choice: ChannelChoice, verdicts: [Verdict]) {
        let choice = choose(for: network, among: candidates)
        let peers = peers(for: network, among: candidates)
        let unfilled = Set(unfilled(peers).map(\.key))
        let verdicts = candidates.map { candidate -> Verdict in
            if choice == .channel(candidate.key) { return .chosen }
            if !candidate.channel.isEnabled { return .off }
            if !candidate.channel.networks.serves(network) { return .doesNotServe }
            if !candidate.carriesExtension { return .cannotCarryExtension }
            if candidate.channel.isPaused, let peer = peers.first, !peer.channel.isPaused {
                return peer.isOpen && candidate.priority < peer.priority ? .lowerPriority : .paused
            }
            if let peer = peers.first, candidate.isOpen != peer.isOpen { return .failing }
            if !peers.contains(where: { $0.key == candidate.key }) { return .lowerPriority }
            return unfilled.contains(candidate.key) ? .notItsTurn : .fuller
        }
        return (choice, verdicts)
    }
}

/// Divides messages among equal channels by weight: each message adds to the credit of all of them by their shares, and
/// is subtracted from the one that carries it. The sum of credits is always zero.
struct WeightedRoundRobin {
    private var credits: [ChannelKey: Int64] = [:]

    func credit(of channel: ChannelKey) -> Int64 { credits[channel] ?? 0 }

    /// Notes that `chosen` has got `count` messages that the others of `peers` could have had.
    mutating func note(_ chosen: ChannelKey, among peers: [ChannelChoice.Candidate], count: Int) {
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
