import Messaging
import Store

/// What decides about messages at one moment: the routes, the ported numbers, the channels and whose turn it is.
/// Dispatching and explaining both ask here.
struct RoutePlan {
    /// Messages that are decided about together.
    struct Group: Hashable {
        /// Of the route; one of the constants below where there is none.
        var rank: Int
        var carrier: Carrier?
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
    private(set) var offers: [ChannelChoice.Offer]

    /// A matching route decides alone while one of its channels is on; else the next one is asked.
    func path(account: AccountKey, number: PhoneNumber, carrier: Carrier?) -> Path {
        var path = Path()
        guard !directory.table.isEmpty else { return path }
        var rank = -1
        while let match = directory.table.first(account: account, number: number, carrier: carrier, after: rank) {
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
        offers.contains { $0.key == channel && $0.channel.isEnabled }
    }

    /// The channels that a message on this path may take.
    func offers(on path: Path, avoiding avoided: ChannelKey? = nil) -> [ChannelChoice.Offer] {
        if path.rank == Group.waits { return [] }
        guard let match = path.match else {
            return avoided == nil ? offers : offers.filter { $0.key != avoided }
        }
        return offers.compactMap { offer in
            guard offer.key != avoided, let way = match.route.way(over: offer.key) else { return nil }
            var offer = offer
            offer.routePriority = way.priority
            return offer
        }
    }

    mutating func noteQueued(_ count: Int, on channel: ChannelKey) {
        guard let place = offers.firstIndex(where: { $0.key == channel }) else { return }
        offers[place].depth += count
    }

    mutating func setCredits(_ turns: ChannelTurns) {
        for place in offers.indices { offers[place].credit = turns.credit(of: offers[place].key) }
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
        var peers: [ChannelChoice.Offer]
        /// There are equal channels, be they full: the next piece may go elsewhere.
        var isOneOfMany: Bool
        var count = 0
    }

    /// Decides about messages in their order: neighbours on one channel make one compact call.
    init(
        _ messages: some Collection<CommittedPart.Message>, account: AccountKey, avoided: [MessageSequence: ChannelKey],
        plan: RoutePlan, turns: inout ChannelTurns
    ) {
        var plan = plan
        // The piece that is being filled stands beside the others: neighbours mostly belong together.
        var pieces: [RoutePlan.Group: Piece] = [:]
        var open: (group: RoutePlan.Group, piece: Piece)?
        for message in messages {
            let carrier = plan.directory.carrier(of: message.mobile)
            let path = plan.path(account: account, number: message.mobile, carrier: carrier)
            let group = RoutePlan.Group(
                rank: path.rank, carrier: carrier, avoided: avoided.isEmpty ? nil : avoided[message.sequence])
            var piece: Piece
            if let open, open.group == group {
                piece = open.piece
            } else {
                if let open { pieces[open.group] = open.piece }
                piece = pieces[group] ?? Self.piece(of: group, on: path, plan)
            }
            if piece.count >= Self.pieceMax, piece.isOneOfMany {
                Self.close(piece, &plan, &turns)
                piece = Self.piece(of: group, on: path, plan)
            }
            piece.count += 1
            open = (group, piece)
            place(message, piece.choice, hasFailed: group.avoided != nil)
        }
        if let open { pieces[open.group] = open.piece }
        for piece in pieces.values { Self.close(piece, &plan, &turns) }
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
        let offers = plan.offers(on: path, avoiding: group.avoided)
        let peers = ChannelChoice.peers(for: group.carrier, among: offers)
        let choice = ChannelChoice.choose(of: peers, among: offers)
        return Piece(choice: choice, peers: ChannelChoice.unfilled(peers), isOneOfMany: peers.count > 1)
    }

    private static func close(_ piece: Piece, _ plan: inout RoutePlan, _ turns: inout ChannelTurns) {
        guard piece.isOneOfMany, case .channel(let key) = piece.choice else { return }
        turns.note(key, among: piece.peers, count: piece.count)
        plan.noteQueued(piece.count, on: key)
        plan.setCredits(turns)
    }
}
