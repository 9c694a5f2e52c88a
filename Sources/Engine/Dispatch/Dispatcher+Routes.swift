import Logging
import Messaging
import Store

extension Dispatcher {
    /// - Parameters:
    ///   - accountExtension: of the account whose messages are to be routed.
    ///   - off: a channel that is taken for switched off.
    func plan(at now: Timestamp, for accountExtension: String, without off: ChannelKey? = nil) -> RoutePlan {
        let offers = lanes.map { key, lane in
            var offer = ChannelChoice.Offer(
                key: key, channel: lane.channel, isOpen: lane.isOpen(at: now), depth: lane.waiting,
                credit: turns.credit(of: key),
                carriesExtension: lane.carries(accountExtension: accountExtension))
            if key == off { offer.channel.isEnabled = false }
            return offer
        }
        return RoutePlan(directory: routes.directory, offers: offers)
    }

    /// Decides which channels the messages of one content go to.
    func spread(_ waiting: ChannelLane.Waiting, at now: Timestamp) -> RouteSpread {
        RouteSpread(
            waiting.messages, account: waiting.part.account, avoided: waiting.part.avoided,
            plan: plan(at: now, for: waiting.part.accountExtension), turns: &turns)
    }

    /// Ends messages that failed once and that no other channel takes: their first report is the final one.
    func endExhausted() async {
        guard !exhausted.isEmpty else { return }
        let sequences = exhausted
        exhausted = []
        do {
            await desk.apply(try await store.endRetries(sequences, at: now))
        } catch {
            logger.failure(error, "messages that failed cannot be ended")
            tryAgainLater(sequences)
        }
    }

    /// What would become of a message that came now.
    func explain(account: AccountKey, number: PhoneNumber) -> RouteExplanation {
        let own = accounts.directory.account(key: account)?.account.accessExtension ?? ""
        let plan = plan(at: now, for: own)
        let ported = plan.directory.ported[number]
        let carrier = plan.directory.carrier(of: number)
        let path = plan.path(account: account, number: number, carrier: carrier)
        let offers = plan.offers(on: path)
        let (choice, verdicts) = ChannelChoice.explain(for: carrier, among: offers)
        var channels: [RouteExplanation.ChannelVerdict] = []
        for offer in plan.offers {
            let place = offers.firstIndex { $0.key == offer.key }
            let health = lanes[offer.key].map { LaneStatus.Health($0.health) } ?? .untried
            channels.append(
                RouteExplanation.ChannelVerdict(
                    name: offer.channel.name,
                    verdict: place.map { RouteExplanation.Verdict(verdicts[$0], health) }
                        ?? (path.rank == RoutePlan.Group.waits && !offer.channel.isEnabled ? .off : .notInRoute),
                    priority: place.map { offers[$0].priority } ?? offer.channel.priority,
                    weight: offer.channel.weight, queued: offer.depth, isPaused: offer.channel.isPaused))
        }
        let outcome: RouteExplanation.Outcome =
            switch choice {
            case .channel(let key): .channel(lanes[key]?.channel.name ?? "")
            case .noRoute: .noRoute
            case .later: .waits
            }
        return RouteExplanation(
            number: number, carrier: carrier, isPorted: ported != nil, route: path.match?.route,
            prefix: path.match?.prefix, passedOver: path.passedOver.map(\.route.name), outcome: outcome,
            channels: channels.sorted { $0.name < $1.name })
    }
}
