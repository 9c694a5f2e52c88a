import Logging
import Messaging
import Store

/// Which queued messages are only in the database: those that a restart or a full memory left there.
struct Backlog {
    /// From this sequence on there may be queued messages that memory does not hold.
    private(set) var from: Int64?
    /// The first one that was left on disk since the last read began.
    private var leftSince: Int64?
    /// Up to here everything that was committed has been read: it must not be taken from elsewhere once more.
    private(set) var readThrough: Int64 = 0

    mutating func noteOnDisk(from sequence: Int64) {
        from = min(from ?? sequence, sequence)
        leftSince = min(leftSince ?? sequence, sequence)
    }

    /// Begins a read; nil when there is nothing to read.
    mutating func beginRead() -> Int64? {
        leftSince = nil
        return from
    }

    /// Ends it. `next`: where the read stopped; nil when it came to the end. `last`: the last message that it found.
    mutating func endRead(next: Int64?, last: Int64?) {
        readThrough = max(readThrough, last ?? 0)
        let candidates = [next, leftSince].compactMap { $0 }
        from = candidates.min()
    }
}

extension Dispatcher {
    private var depth: Int {
        lanes.values.reduce(unroutedCount) { $0 + $1.depth }
    }

    /// Routes parts, or leaves them on disk when memory holds enough. New ones come in the order of their ids; those
    /// that have become due do not, and wait on disk only if there is no room.
    func take(_ parts: [CommittedPart], areNew: Bool) {
        var held = depth
        for part in parts {
            if areNew, part.id <= backlog.readThrough { continue }
            let isBehind = areNew && backlog.from != nil
            if isBehind || held + part.messages.count > configuration.messagesInMemoryMax {
                backlog.noteOnDisk(from: part.id)
                continue
            }
            held += part.messages.count
            route(waiting(part))
        }
    }

    private func waiting(_ part: CommittedPart) -> ChannelLane.Waiting {
        let account = accounts.directory.account(number: part.account)?.account
        return ChannelLane.Waiting(
            part: part, accessExtension: (account?.accessExtension ?? "") + part.accessExtension,
            messages: part.messages[...])
    }

    /// Spreads the messages of one content over the channels that their routes name, or else that serve their carriers.
    func route(_ waiting: ChannelLane.Waiting) {
        let spread = spread(waiting, at: now)
        withoutRoute += spread.withoutRoute
        exhausted += spread.exhausted
        let later = spread.later
        for (number, messages) in spread.byChannel {
            var share = waiting
            share.messages = messages[...]
            lanes[number]?.enqueue(share)
        }
        guard !later.isEmpty else { return }
        var share = waiting
        share.messages = later[...]
        unrouted.append(share)
        unroutedCount += later.count
    }

    /// Reads queued messages from the database while memory has room.
    func refill() async {
        while backlog.from != nil, depth < configuration.messagesInMemoryMax / 2, let from = backlog.beginRead() {
            do {
                let limit = max(1000, configuration.messagesInMemoryMax / 4)
                let (parts, next) = try await store.queued(from: from, limit: limit)
                for part in parts { route(waiting(part)) }
                backlog.endRead(next: next, last: parts.last?.messages.last?.sequence)
            } catch {
                logger.failure(error, "queued messages cannot be read")
                backlog.noteOnDisk(from: from)
                return
            }
        }
    }

    /// Ends messages that will never have a channel, and now and then those that waited too long for one.
    func failUnroutable() async {
        let doomed = withoutRoute
        withoutRoute = []
        await fail(doomed, with: .noRoute)
        await endExhausted()
        guard !unrouted.isEmpty, now >= unroutedCheckAt else { return }
        unroutedCheckAt = now.adding(milliseconds: Self.unroutedCheckInterval)
        let deadline = now.adding(milliseconds: -configuration.reportExpiry)
        let old = unrouted.filter { $0.part.acceptedAt < deadline }
        guard !old.isEmpty else { return }
        unrouted.removeAll { $0.part.acceptedAt < deadline }
        unroutedCount = unrouted.reduce(0) { $0 + $1.messages.count }
        await fail(old.flatMap { $0.messages.map(\.sequence) }, with: .expired)
    }

    private func fail(_ sequences: [Int64], with status: DeliveryStatus) async {
        guard let first = sequences.min() else { return }
        do {
            await desk.apply(try await store.fail(sequences, with: status, at: now))
        } catch {
            logger.failure(error, "messages without a route cannot be ended")
            backlog.noteOnDisk(from: first)
        }
    }

    // MARK: For status

    /// What is known of each channel's lane, by the channel's number.
    func laneStatus() -> [Int64: LaneStatus] {
        let now = now
        return lanes.mapValues { lane in
            LaneStatus(
                health: LaneStatus.Health(lane.health), queued: lane.depth, inFlight: lane.messagesInFlight,
                sentLastMinute: lane.recent.sum(at: now))
        }
    }

    func queueStatus() -> (waiting: Int, unrouted: Int, hasBacklog: Bool) {
        (depth, unroutedCount, backlog.from != nil)
    }
}
