import Logging
import Messaging
import Store

extension Dispatcher {
    /// - Parameters:
    ///   - accountExtension: of the account whose messages are to be routed.
    ///   - off: a channel that is taken for switched off.
    func plan(at now: Timestamp, for accountExtension: String, without off: ChannelKey? = nil) -> RoutePlan {
        let candidates = schedulers.map { key, box in
            var candidate = ChannelChoice.Candidate(
                key: key, channel: box.scheduler.channel, isOpen: box.scheduler.isOpen(at: now),
                depth: box.scheduler.waiting,
                credit: roundRobin.credit(of: key),
                carriesExtension: box.scheduler.carries(accountExtension: accountExtension))
            if key == off { candidate.channel.isEnabled = false }
            return candidate
        }
        return RoutePlan(directory: routes.directory, candidates: candidates)
    }

    /// Decides which channels the messages of one content go to.
    func spread(_ waiting: ChannelScheduler.Waiting, at now: Timestamp) -> RouteSpread {
        RouteSpread(
            waiting.messages, account: waiting.part.account, avoided: waiting.part.avoided,
            plan: plan(at: now, for: waiting.part.accountExtension), roundRobin: &roundRobin)
    }

    /// Ends messages that failed once and that no other channel takes: their first report is the final one.
    func endExhausted() async {
        guard !exhausted.isEmpty else { return }
        let sequences = exhausted
        exhausted = []
        do {
            await inbound.apply(try await store.endRetries(sequences, at: now))
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
        let network = plan.directory.network(of: number)
        let path = plan.path(account: account, number: number, network: network)
        let candidates = plan.candidates(on: path)
        let (choice, verdicts) = ChannelChoice.explain(for: network, among: candidates)
        var channels: [RouteExplanation.ChannelVerdict] = []
        for candidate in plan.candidates {
            let place = candidates.firstIndex { $0.key == candidate.key }
            let health = schedulers[candidate.key].map { ChannelStatus.Health($0.scheduler.health) } ?? .untried
            channels.append(
                RouteExplanation.ChannelVerdict(
                    name: candidate.channel.name,
                    verdict: place.map { RouteExplanation.Verdict(verdicts[$0], health) }
                        ?? (path.rank == RoutePlan.Group.waits && !candidate.channel.isEnabled ? .off : .notInRoute),
                    priority: place.map { candidates[$0].priority } ?? candidate.channel.priority,
                    weight: candidate.channel.weight, queued: candidate.depth, isPaused: candidate.channel.isPaused))
        }
        let outcome: RouteExplanation.Outcome =
            switch choice {
            case .channel(let key): .channel(schedulers[key]?.scheduler.channel.name ?? "")
            case .noRoute: .noRoute
            case .later: .waits
            }
        return RouteExplanation(
            number: number, network: network, isPorted: ported != nil, route: path.match?.route,
            prefix: path.match?.prefix, passedOver: path.passedOver.map(\.route.name), outcome: outcome,
            channels: channels.sorted { $0.name < $1.name })
    }
}
