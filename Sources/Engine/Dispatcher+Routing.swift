import Logging
import Messaging
import Store

/// Which lane a message goes to.
extension Dispatcher {
    /// Routes parts. New ones come in the order of their ids; those that have become due do not.
    func take(_ parts: [CommittedPart], areNew: Bool) {
        for part in parts where !areNew || scan.admits(part) { route(waiting(part)) }
    }

    func waiting(_ part: CommittedPart) -> ChannelLane.Waiting {
        let account = accounts.directory.account(number: part.account)?.account
        return ChannelLane.Waiting(
            part: part, accessExtension: (account?.accessExtension ?? "") + part.accessExtension,
            messages: part.messages[...])
    }

    /// Spreads the messages of one content over the channels that serve their carriers.
    func route(_ waiting: ChannelLane.Waiting) {
        let now = now
        var probes = Set<Int64>()
        var offers = lanes.map { number, lane in
            let isOpen = lane.isOpen(at: now)
            if isOpen, lane.isFailing { probes.insert(number) }
            return ChannelChoice.Offer(number: number, channel: lane.channel, isOpen: isOpen, depth: lane.waiting)
        }
        var choices: [Carrier?: ChannelChoice] = [:]
        var byChannel: [Int64: [CommittedPart.Message]] = [:]
        var later: [CommittedPart.Message] = []
        for message in waiting.messages {
            let carrier = Carrier.of(message.mobile)
            let choice = choices[carrier] ?? ChannelChoice.choose(for: carrier, among: offers)
            choices[carrier] = choice
            switch choice {
            case .channel(let number):
                byChannel[number, default: []].append(message)
                // One message is enough to see whether a channel that failed works again.
                if !probes.isEmpty, probes.remove(number) != nil {
                    for index in offers.indices where offers[index].number == number { offers[index].isOpen = false }
                    choices = [:]
                }
            case .noRoute: withoutRoute.append(message.sequence)
            case .later: later.append(message)
            }
        }
        for (number, messages) in byChannel {
            var share = waiting
            share.messages = messages[...]
            lanes[number]?.enqueue(share)
        }
        if !later.isEmpty { unrouted.insert(later, waitingSince: waiting.part.availableAt) }
    }

    // MARK: Routing anew

    /// Gives what waits on a channel that takes nothing now to others, if there are any; on disk it is walked through
    /// in the background.
    func giveAway(from number: Int64) {
        guard let lane = lanes[number], lane.waiting > 0 else { return }
        if !lane.channel.isEnabled || hasOther(than: number) { reroute(from: number) }
    }

    /// Chooses anew for everything that waits on a channel.
    func reroute(from number: Int64) {
        guard let items = lanes[number]?.removeAll() else { return }
        for isSmall in [true, false] { lanes[number]?.withSpill(isSmall: isSmall) { $0.startRouting() } }
        for item in items { route(item) }
    }

    /// Chooses anew for everything that waits.
    func rerouteAll() {
        unrouted.startRouting()
        for number in laneNumbers { reroute(from: number) }
    }

    /// Whether another channel could take some of what waits on this one.
    func hasOther(than number: Int64) -> Bool {
        guard let carriers = lanes[number]?.channel.carriers else { return false }
        return lanes.contains { other, lane in
            other != number && lane.isTaking && !lane.channel.carriers.isDisjoint(with: carriers)
        }
    }

    /// Each lane has a share of the memory, however much waits for the others.
    func shareMemory() {
        let all = configuration.messagesInMemoryMax
        let share = max(min(1000, all), all / max(4, lanes.count))
        for number in laneNumbers { lanes[number]?.depthMax = max(1, share / 2) }
    }

    // MARK: For status

    /// What is known of each channel's lane, by the channel's number.
    func laneStatus() -> [Int64: LaneStatus] {
        let now = now
        return lanes.mapValues { lane in
            LaneStatus(
                health: LaneStatus.Health(lane.health), queued: lane.waiting, inFlight: lane.messagesInFlight,
                sentLastMinute: lane.recent.sum(at: now))
        }
    }

    func queueStatus() -> (waiting: Int, unrouted: Int, hasBacklog: Bool) {
        (
            lanes.values.reduce(unrouted.count) { $0 + $1.waiting }, unrouted.count,
            scan.from != nil || lanes.values.contains { $0.waiting > $0.depth }
        )
    }
}
