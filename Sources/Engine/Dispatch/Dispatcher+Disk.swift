import Logging
import Messaging
import Store

/// One read of queued messages from the database, and what it is for.
struct DiskRead: Sendable {
    enum Purpose: Sendable {
        /// A scheduler's memory runs dry.
        case refill
        /// What waits is to be routed anew: a scheduler failed, or channels changed.
        case routing
        /// To find what waited too long.
        case ageing
        /// What the last run left.
        case scan
    }

    enum Place: Sendable {
        case channel(ChannelKey, isSmall: Bool, account: AccountKey)
        case unrouted
    }

    var purpose: Purpose
    var place: Place
    var ranges: [Spill.Range]
    var limit: Int
}

/// Messages that wait on disk: a read at a time, beside the dispatcher's own work, so that nothing waits for it.
extension Dispatcher {
    private static let readMax = 5_000
    /// No more are sought while so many wait to be ended.
    private static let expiredMax = 10_000

    /// Begins a read, if one is due.
    func startRead() {
        guard !isReading, let read = nextRead() else { return }
        isReading = true
        let (events, store) = (events, store)
        Task {
            let result: Result<QueuedPage, StoreFailure>
            do throws(StoreFailure) {
                let (parts, next) =
                    if read.purpose == .scan, let first = read.ranges.first {
                        try await store.queued(from: first.lowerBound, limit: read.limit)
                    } else {
                        try await store.queued(in: read.ranges, limit: read.limit)
                    }
                result = .success(QueuedPage(parts: parts, next: next))
            } catch {
                result = .failure(error)
            }
            _ = events.push(.read(read, result))
        }
    }

    struct QueuedPage: Sendable {
        var parts: [CommittedPart]
        var next: MessageSequence?
    }

    // MARK: Which

    /// Schedulers that run dry and what is done in the background have turns.
    private func nextRead() -> DiskRead? {
        refillHasTurn.toggle()
        return refillHasTurn ? nextRefill() ?? nextInBackground() : nextInBackground() ?? nextRefill()
    }

    /// For whom least is left in memory.
    private func nextRefill() -> DiskRead? {
        var best: (place: DiskRead.Place, depth: Int, wanted: Int)?
        for (key, box) in schedulers where box.scheduler.channel.isEnabled {
            for (queue, isSmall) in [(box.scheduler.small, true), (box.scheduler.bulk, false)] {
                guard let (account, depth, wanted) = queue.mostWanting(depthMax: box.scheduler.depthMax) else {
                    continue
                }
                guard best.map({ depth < $0.depth }) ?? true else { continue }
                best = (.channel(key, isSmall: isSmall, account: account), depth, wanted)
            }
        }
        guard let best else { return nil }
        return read(best.place, for: .refill, from: .min, limit: min(best.wanted, Self.readMax))
    }

    private func nextInBackground() -> DiskRead? {
        while let (place, from) = walk(\.routingFrom) {
            if let read = read(place, for: .routing, from: from) { return read }
            withSpill(place) { $0.continueRouting(after: [], next: nil) }
        }
        if let from = scan.from {
            return DiskRead(purpose: .scan, place: .unrouted, ranges: [from...MessageSequence.max], limit: Self.readMax)
        }
        guard expired.count < Self.expiredMax else { return nil }
        while let (place, from) = walk(\.ageingFrom) {
            if let read = read(place, for: .ageing, from: from) { return read }
            withSpill(place) { $0.continueAgeing(after: [], next: nil, youngest: nil, deadline: now) }
        }
        return nil
    }

    /// A place on disk that a walk of this kind goes over, and where it goes on.
    private func walk(_ from: KeyPath<Spill, MessageSequence?>) -> (place: DiskRead.Place, from: MessageSequence)? {
        for (key, box) in schedulers {
            for (queue, isSmall) in [(box.scheduler.small, true), (box.scheduler.bulk, false)] {
                guard let found = queue.spilled(from) else { continue }
                return (.channel(key, isSmall: isSmall, account: found.account), found.from)
            }
        }
        return unrouted[keyPath: from].map { (.unrouted, $0) }
    }

    private func read(
        _ place: DiskRead.Place, for purpose: DiskRead.Purpose, from: MessageSequence, limit: Int = readMax
    ) -> DiskRead? {
        let ranges = withSpill(place) { $0.take(from: from) } ?? []
        return ranges.isEmpty ? nil : DiskRead(purpose: purpose, place: place, ranges: ranges, limit: limit)
    }

    @discardableResult
    private func withSpill<R>(_ place: DiskRead.Place, _ body: (inout Spill) -> R?) -> R? {
        switch place {
        case .channel(let key, let isSmall, let account):
            schedulers[key]?.scheduler.withSpill(isSmall: isSmall, account: account, body) ?? nil
        case .unrouted: body(&unrouted)
        }
    }

    // MARK: Its end

    func finish(_ read: DiskRead, _ result: Result<QueuedPage, StoreFailure>) {
        let page: QueuedPage
        do {
            page = try result.get()
        } catch {
            logger.failure(error, "queued messages cannot be read; trying again")
            if read.purpose != .scan {
                withSpill(read.place) { $0.finish(read.ranges, next: .min, found: 0) }
            }
            // `isReading` stays until then.
            later(.mayRead, afterMilliseconds: 1000)
            return
        }
        isReading = false
        let (now, deadline) = (now, expiryDeadline)
        var parts = page.parts
        if read.purpose == .scan {
            parts = scan.take(parts, next: page.next)
        } else {
            // What joined ranges cover of others waits elsewhere in its own right.
            if case .channel(_, _, let account) = read.place { parts.removeAll { $0.account != account } }
            let found = parts.reduce(0) { $0 + $1.messages.count }
            withSpill(read.place) { spill in
                spill.finish(read.ranges, next: page.next, found: found)
                switch read.purpose {
                case .routing: spill.continueRouting(after: read.ranges, next: page.next)
                case .ageing:
                    spill.continueAgeing(
                        after: read.ranges, next: page.next, youngest: parts.last?.acceptedAt, deadline: deadline)
                case .refill, .scan: break
                }
            }
        }
        for part in parts {
            if part.availableAt < deadline || part.isOver(at: now) {
                expired += part.messages.map(\.sequence)
            } else {
                place(part, after: read)
            }
        }
    }

    private func place(_ part: CommittedPart, after read: DiskRead) {
        switch (read.purpose, read.place) {
        case (.ageing, _):
            withSpill(read.place) {
                $0.insert(part.messages, waitingSince: part.availableAt, validUntil: part.validUntil)
            }
        case (.refill, .channel(let key, _, _)) where schedulers[key]?.scheduler.isTaking == true:
            // Its channel was chosen when it came.
            schedulers[key]?.scheduler.enqueue(waiting(part), isReadBack: true)
        default: route(waiting(part))
        }
    }

    // MARK: Messages that are ended here

    /// Nothing is as old as that while the clock cannot be believed.
    var expiryDeadline: Timestamp {
        configuration.time.isHeld
            ? Timestamp(milliseconds: 0) : now.adding(milliseconds: -configuration.reportExpiry)
    }

    /// Has messages ended, soon, that waited too long or are not worth sending any more.
    func expire(_ sequences: [MessageSequence]) {
        expired += sequences
        _ = events.push(.tick)
    }

    /// Looks now and then for messages that waited too long or are not worth sending any more, wherever they wait.
    func seekExpired() {
        let now = now
        guard now >= expiryCheckAt || now < expiryCheckAt.adding(milliseconds: -Self.expiryCheckInterval) else {
            return
        }
        expiryCheckAt = now.adding(milliseconds: Self.expiryCheckInterval)
        let deadline = expiryDeadline
        for key in channelKeys { expired += schedulers[key]?.scheduler.removeExpired(before: deadline, at: now) ?? [] }
        unrouted.startAgeing(before: deadline, at: now)
        lendProbes()
        if isUnroutedToBeTriedAgain {
            isUnroutedToBeTriedAgain = false
            unrouted.startRouting()
        }
    }

    /// Ends messages that will never have a channel and those that waited too long, some at a time.
    func endDoomed() async {
        let homeless = Array(withoutRoute.prefix(Self.endedAtOnceMax))
        withoutRoute.removeFirst(homeless.count)
        await fail(homeless, with: .noRoute)
        await endExhausted()
        let late = Array(expired.prefix(Self.endedAtOnceMax))
        expired.removeFirst(late.count)
        await fail(late, with: .expired)
        if !withoutRoute.isEmpty || !expired.isEmpty { _ = events.push(.tick) }
    }

    private static let endedAtOnceMax = 2_000

    private func fail(_ sequences: [MessageSequence], with status: DeliveryStatus) async {
        guard !sequences.isEmpty else { return }
        do {
            await inbound.apply(try await store.fail(sequences, with: status, at: now))
        } catch {
            logger.failure(error, "messages that cannot be sent cannot be ended either")
            tryAgainLater(sequences)
        }
    }

    /// Messages that could not be ended are looked at again.
    func tryAgainLater(_ sequences: [MessageSequence]) {
        for sequence in sequences { unrouted.insert(sequence, waitingSince: now) }
        isUnroutedToBeTriedAgain = true
    }
}
