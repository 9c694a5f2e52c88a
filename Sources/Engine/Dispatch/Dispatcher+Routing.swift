import Logging
import Messaging
import Store

/// Which lane a message goes to.
extension Dispatcher {
    /// Routes parts. New ones come in the order of their ids; those that have become due do not.
    func take(_ parts: [CommittedPart], areNew: Bool) {
        let deadline = areNew ? Timestamp(milliseconds: 0) : expiryDeadline
        for part in parts where !areNew || scan.admits(part) {
            // The clock may have been held for days when a scheduled message became due.
            if part.availableAt < deadline {
                expire(part.messages.map(\.sequence))
            } else {
                route(waiting(part))
            }
        }
    }

    func waiting(_ part: CommittedPart) -> ChannelLane.Waiting {
        ChannelLane.Waiting(part: part, messages: part.messages[...])
    }

    /// Spreads the messages of one content over the channels that their routes name, or else that serve their carriers.
    func route(_ waiting: ChannelLane.Waiting) {
        let now = now
        if waiting.part.isOver(at: now) { return expire(waiting.messages.map(\.sequence)) }
        let spread = spread(waiting, at: now)
        withoutRoute += spread.withoutRoute
        exhausted += spread.exhausted
        if !spread.later.isEmpty {
            unrouted.insert(
                spread.later, waitingSince: waiting.part.availableAt, validUntil: waiting.part.validUntil)
        }
        for (key, messages) in spread.byChannel {
            var share = waiting
            share.messages = messages[...]
            if messages.count > 1, lanes[key]?.wantsProbe(at: now) == true {
                // One message is enough to see whether a channel that failed works again; the others choose anew.
                share.messages = messages.prefix(1)
                lanes[key]?.enqueue(share)
                share.messages = messages.dropFirst()
                route(share)
            } else {
                lanes[key]?.enqueue(share)
            }
        }
    }

    // MARK: Routing anew

    /// Gives what waits on a channel that takes nothing now to others, if there are any; on disk it is walked through
    /// in the background.
    func giveAway(from key: ChannelKey) {
        guard let lane = lanes[key], lane.waiting > 0 else { return }
        let mayLeave = !lane.channel.isPaused && hasOther(than: key)
        if !lane.channel.isEnabled || mayLeave { reroute(from: key) }
    }

    /// Chooses anew for everything that waits on a channel.
    func reroute(from key: ChannelKey) {
        guard let items = lanes[key]?.removeAll() else { return }
        lanes[key]?.startRoutingSpilled()
        for item in items { route(item) }
    }

    /// Chooses anew for everything that waits.
    func rerouteAll() {
        unrouted.startRouting()
        for key in laneKeys { reroute(from: key) }
    }

    /// Whether another channel could take some of what waits on this one, and send it.
    func hasOther(than key: ChannelKey) -> Bool {
        guard let carriers = lanes[key]?.channel.carriers else { return false }
        return lanes.contains { other, lane in
            other != key && lane.isTaking && lane.channel.maySend
                && !lane.channel.carriers.isDisjoint(with: carriers)
        }
    }

    /// Each lane has a share of the memory, however much waits for the others.
    func shareMemory() {
        let all = configuration.messagesInMemoryMax
        let share = max(min(1000, all), all / max(4, lanes.count))
        for key in laneKeys { lanes[key]?.depthMax = max(1, share / 2) }
    }

    // MARK: For status

    /// What is known of each channel's lane, by the channel's number.
    func laneStatus() -> [ChannelKey: LaneStatus] {
        let now = now
        return lanes.mapValues { lane in
            LaneStatus(
                health: LaneStatus.Health(lane.health), queued: lane.waiting, inFlight: lane.messagesInFlight,
                sentLastMinute: lane.recent.sum(at: now), healthSince: lane.healthSince, oldest: lane.oldest,
                callsGivenUp: lane.underWay.givenUp)
        }
    }

    /// Since when the first message waits that has no channel.
    func oldestUnrouted() -> Timestamp? { unrouted.oldest }

    func queueStatus() -> (waiting: Int, unrouted: Int, hasBacklog: Bool) {
        (
            lanes.values.reduce(unrouted.count) { $0 + $1.waiting }, unrouted.count,
            scan.from != nil || lanes.values.contains { $0.waiting > $0.depth }
        )
    }
}
