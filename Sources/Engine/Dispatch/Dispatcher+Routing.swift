import Logging
import Messaging
import Store

/// Which scheduler a message goes to.
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

    func waiting(_ part: CommittedPart) -> ChannelScheduler.Waiting {
        ChannelScheduler.Waiting(part: part, messages: part.messages[...])
    }

    /// Spreads the messages of one content over the channels that their routes name, or else that serve their carriers.
    func route(_ waiting: ChannelScheduler.Waiting) {
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
            if messages.count > 1, schedulers[key]?.scheduler.wantsProbe(at: now) == true {
                // One message is enough to see whether a channel that failed works again; the others choose anew.
                share.messages = messages.prefix(1)
                schedulers[key]?.scheduler.enqueue(share)
                share.messages = messages.dropFirst()
                route(share)
            } else {
                schedulers[key]?.scheduler.enqueue(share)
            }
        }
    }

    // MARK: Routing anew

    /// Gives what waits on a channel that takes nothing now to others, if there are any; on disk it is walked through
    /// in the background.
    func giveAway(from key: ChannelKey) {
        guard let scheduler = schedulers[key]?.scheduler, scheduler.waiting > 0 else { return }
        let mayLeave = !scheduler.channel.isPaused && hasOther(than: key)
        if !scheduler.channel.isEnabled || mayLeave { reroute(from: key) }
    }

    /// Chooses anew for everything that waits on a channel.
    func reroute(from key: ChannelKey) {
        guard let items = schedulers[key]?.scheduler.removeAll() else { return }
        schedulers[key]?.scheduler.startRoutingSpilled()
        for item in items { route(item) }
    }

    /// Chooses anew for everything that waits.
    func rerouteAll() {
        unrouted.startRouting()
        for key in channelKeys { reroute(from: key) }
    }

    /// Whether another channel could take some of what waits on this one, and send it.
    func hasOther(than key: ChannelKey) -> Bool {
        guard let networks = schedulers[key]?.scheduler.channel.networks else { return false }
        return schedulers.contains { other, box in
            other != key && box.scheduler.isTaking && box.scheduler.channel.maySend
                && !box.scheduler.channel.networks.isDisjoint(with: networks)
        }
    }

    /// Each scheduler has a share of the memory, however much waits for the others.
    func shareMemory() {
        let all = configuration.messagesInMemoryMax
        let share = max(min(1000, all), all / max(4, schedulers.count))
        for key in channelKeys { schedulers[key]?.scheduler.depthMax = max(1, share / 2) }
    }

    // MARK: For status

    /// What is known of each channel's scheduler, by the channel's number.
    func channelStatus() -> [ChannelKey: ChannelStatus] {
        let now = now
        return schedulers.mapValues { box in
            let scheduler = box.scheduler
            return ChannelStatus(
                health: ChannelStatus.Health(scheduler.health), queued: scheduler.waiting,
                inFlight: scheduler.messagesInFlight,
                sentLastMinute: scheduler.recent.sum(at: now), healthSince: scheduler.healthSince,
                oldest: scheduler.oldest,
                callsGivenUp: scheduler.underWay.givenUp)
        }
    }

    /// Since when the first message waits that has no channel.
    func oldestUnrouted() -> Timestamp? { unrouted.oldest }

    func queueStatus() -> (waiting: Int, unrouted: Int, hasBacklog: Bool) {
        (
            schedulers.values.reduce(unrouted.count) { $0 + $1.scheduler.waiting }, unrouted.count,
            scan.from != nil || schedulers.values.contains { $0.scheduler.waiting > $0.scheduler.depth }
        )
    }
}
