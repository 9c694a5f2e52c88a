public import Messaging
import Store

/// What would become of what waits for a channel if it were switched off, as the other channels are now.
public struct ChannelOutlook: Hashable, Sendable {
    /// Messages that wait for it.
    public var waiting = 0
    /// Of these: would go to other channels.
    public var moved = 0
    /// Would end: as NOROUTE, or with the report of the first channel that they failed on.
    public var ended = 0
    /// Would wait until there is a channel.
    public var kept = 0
    /// Networks for whose numbers no other channel is on, while others are: new messages would end as NOROUTE, unless
    /// a route says otherwise.
    public var lost: [Network] = []

    /// Waiting on disk and not looked at.
    public var unknown: Int { max(0, waiting - moved - ended - kept) }
}

extension Dispatcher {
    /// - Returns: nil when there is no such channel; else what is known of the messages in memory, and which wait on
    ///   disk, by account.
    func outlook(without key: ChannelKey) -> (
        outlook: ChannelOutlook, onDisk: [(account: AccountKey, ranges: [Spill.Range])]
    )? {
        guard let scheduler = schedulers[key]?.scheduler else { return nil }
        var outlook = ChannelOutlook()
        outlook.waiting = scheduler.waiting
        for item in scheduler.splits.flatMap(\.waiting) + scheduler.small.held + scheduler.bulk.held {
            add(item, without: key, to: &outlook)
        }
        let extensions = Set(accounts.directory.entries.map(\.account.accessExtension)).union([""])
        let plans = extensions.map { digits in
            (before: plan(at: now, for: digits).candidates, after: plan(at: now, for: digits, without: key).candidates)
        }
        outlook.lost = scheduler.channel.networks.networks.filter { network in
            plans.contains { before, after in
                ChannelChoice.choose(for: network, among: before) != .noRoute
                    && ChannelChoice.choose(for: network, among: after) == .noRoute
            }
        }
        let onDisk = (scheduler.small.spills + scheduler.bulk.spills).map {
            (account: $0.account, ranges: $0.spill.inOrder)
        }
        return (outlook, onDisk)
    }

    /// Adds what was read from disk.
    func adding(
        _ parts: [CommittedPart], of account: AccountKey, without key: ChannelKey, to outlook: ChannelOutlook
    ) -> ChannelOutlook {
        var outlook = outlook
        for part in parts where part.account == account { add(waiting(part), without: key, to: &outlook) }
        return outlook
    }

    private func add(_ item: ChannelScheduler.Waiting, without key: ChannelKey, to outlook: inout ChannelOutlook) {
        var roundRobin = roundRobin
        let spread = RouteSpread(
            item.messages, account: item.part.account, avoided: item.part.avoided,
            plan: plan(at: now, for: item.part.accountExtension, without: key), roundRobin: &roundRobin)
        outlook.moved += spread.byChannel.values.reduce(0) { $0 + $1.count }
        outlook.ended += spread.withoutRoute.count + spread.exhausted.count
        outlook.kept += spread.later.count
    }
}

extension Engine {
    /// Messages on disk that are looked at; of what is beyond nothing is said.
    private static let outlookMax = 200_000
    private static let outlookPage = 5_000

    /// What would become of what waits for a channel if it were switched off now.
    /// - Returns: zeros when the channel has no scheduler.
    /// - Throws: `unavailable` or `damaged` when disk or file fail, `closed` when the service or the task is ended.
    public func outlook(without entry: ChannelEntry) async throws(StoreFailure) -> ChannelOutlook {
        guard let known = await dispatcher.outlook(without: entry.key) else { return ChannelOutlook() }
        var outlook = known.outlook
        var room = Self.outlookMax
        for (account, ranges) in known.onDisk {
            var rest = ranges
            while !rest.isEmpty, room > 0 {
                let (parts, next) = try await store.queued(in: rest, limit: min(room, Self.outlookPage))
                room -= parts.reduce(0) { $0 + $1.messages.count }
                outlook = await dispatcher.adding(parts, of: account, without: entry.key, to: outlook)
                guard let next else { break }
                rest = rest.filter { $0.upperBound >= next }.map { max($0.lowerBound, next)...$0.upperBound }
            }
        }
        return outlook
    }
}
