import Messaging
import Store

/// What decides about messages at one moment: the routes, the ported numbers, the channels and whose turn it is.
/// Dispatching and explaining both ask here.
struct RoutePlan {
    /// Messages that are decided about together.
    struct Group: Hashable {
        /// Of the route; one of the constants below where there is none.
        var rank: Int
        var network: Network?
        /// The channel that the message failed on.
        var avoided: ChannelKey?

        static let allChannels = -1
        /// Routes match, and all their channels are off.
        static let waits = -2
    }

    /// The route that a message takes.
    struct Path {
        /// Nil: no route matches, or all channels of those that match are off.
        var match: RouteTable.Match?
        /// Routes that match and all of whose channels are off.
        var passedOver: [RouteTable.Match] = []

        var rank: Int {
            match?.rank ?? (passedOver.isEmpty ? Group.allChannels : Group.waits)
        }
    }

    let directory: RouteDirectory
    private(set) var candidates: [ChannelChoice.Candidate]

    /// A matching route decides alone while one of its channels is on; else the next one is asked.
    func path(account: AccountKey, number: PhoneNumber, network: Network?) -> Path {
        var path = Path()
        guard !directory.table.isEmpty else { return path }
        var rank = -1
        while let match = directory.table.first(account: account, number: number, network: network, after: rank) {
            if match.route.channels.contains(where: { isOn($0.channel) }) {
                path.match = match
                return path
            }
            rank = match.rank
            if path.passedOver.last?.route.name != match.route.name { path.passedOver.append(match) }
        }
        return path
    }

    private func isOn(_ channel: ChannelKey) -> Bool {
        candidates.contains { $0.key == channel && $0.channel.isEnabled }
    }

    /// The channels that a message on this path may take.
    func candidates(on path: Path, avoiding avoided: ChannelKey? = nil) -> [ChannelChoice.Candidate] {
        if path.rank == Group.waits { return [] }
        guard let match = path.match else {
            return avoided == nil ? candidates : candidates.filter { $0.key != avoided }
        }
        return candidates.compactMap { candidate in
            guard candidate.key != avoided, let member = match.route.member(over: candidate.key) else { return nil }
            var candidate = candidate
            candidate.routePriority = member.priority
            return candidate
        }
    }

    mutating func noteQueued(_ count: Int, on channel: ChannelKey) {
        guard let place = candidates.firstIndex(where: { $0.key == channel }) else { return }
        candidates[place].depth += count
    }

    mutating func setCredits(_ roundRobin: WeightedRoundRobin) {
        for place in candidates.indices { candidates[place].credit = roundRobin.credit(of: candidates[place].key) }
    }
}

/// Where the messages of one content go.
struct RouteSpread {
    var byChannel: [ChannelKey: [CommittedPart.Message]] = [:]
    /// Those for which there may be a channel later.
    var later: [CommittedPart.Message] = []
    /// Those that no channel will take as things are set up.
    var withoutRoute: [MessageSequence] = []
    /// Those that failed once and that no other channel takes now.
    var exhausted: [MessageSequence] = []

    /// A large submission is divided in pieces of this many messages of one carrier.
    static let pieceMax = 1000

    private struct Piece {
        var choice: ChannelChoice
        /// The channels of which it takes the one whose turn it is.
        var peers: [ChannelChoice.Candidate]
        /// There are equal channels, be they full: the next piece may go elsewhere.
        var isOneOfMany: Bool
        var count = 0
    }

    /// The piece that is being filled.
    private struct Open {
        var group: RoutePlan.Group
        var piece: Piece
    }

    /// Decides about messages in their order: neighbours on one channel make one compact call.
    init(
        _ messages: some Collection<CommittedPart.Message>, account: AccountKey, avoided: [MessageSequence: ChannelKey],
        plan: RoutePlan, roundRobin: inout WeightedRoundRobin
    ) {
        var plan = plan
        // The piece that is being filled stands beside the others: neighbours mostly belong together.
        var pieces: [RoutePlan.Group: Piece] = [:]
        var open: Open?
        for message in messages {
            let network = plan.directory.network(of: message.mobile)
            let path = plan.path(account: account, number: message.mobile, network: network)
            let group = RoutePlan.Group(
                rank: path.rank, network: network, avoided: avoided.isEmpty ? nil : avoided[message.sequence])
            var piece: Piece
            if let open, open.group == group {
                piece = open.piece
            } else {
                if let open { pieces[open.group] = open.piece }
                piece = pieces[group] ?? Self.piece(of: group, on: path, plan)
            }
            if piece.count >= Self.pieceMax, piece.isOneOfMany {
                Self.close(piece, &plan, &roundRobin)
                piece = Self.piece(of: group, on: path, plan)
            }
            piece.count += 1
            open = Open(group: group, piece: piece)
            place(message, piece.choice, hasFailed: group.avoided != nil)
        }
        if let open {
            // As it was before it was opened again.
            if !pieces.isEmpty { pieces[open.group] = nil }
            Self.close(open.piece, &plan, &roundRobin)
        }
        for piece in pieces.values { Self.close(piece, &plan, &roundRobin) }
    }

    private mutating func place(_ message: CommittedPart.Message, _ choice: ChannelChoice, hasFailed: Bool) {
        switch choice {
        case .channel(let key): byChannel[key, default: []].append(message)
        case _ where hasFailed:
            exhausted.append(message.sequence)
        case .noRoute: withoutRoute.append(message.sequence)
        case .later: later.append(message)
        }
    }

    private static func piece(of group: RoutePlan.Group, on path: RoutePlan.Path, _ plan: RoutePlan) -> Piece {
        let candidates = plan.candidates(on: path, avoiding: group.avoided)
        let peers = ChannelChoice.peers(for: group.network, among: candidates)
        let choice = ChannelChoice.choose(of: peers, among: candidates)
        // Only one of many has a turn.
        let isOneOfMany = peers.count > 1
        return Piece(choice: choice, peers: isOneOfMany ? ChannelChoice.unfilled(peers) : [], isOneOfMany: isOneOfMany)
    }

    private static func close(_ piece: Piece, _ plan: inout RoutePlan, _ roundRobin: inout WeightedRoundRobin) {
        guard piece.isOneOfMany, case .channel(let key) = piece.choice else { return }
        roundRobin.note(key, among: piece.peers, count: piece.count)
        plan.noteQueued(piece.count, on: key)
        plan.setCredits(roundRobin)
    }
}
