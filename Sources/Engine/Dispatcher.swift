import Logging
import Messaging
import Store

/// Takes committed messages, chooses a channel for each, makes attempts durable, and has the drivers carry them out.
/// What to do is decided by the lanes and by `ChannelChoice`; this is the shell around them.
public actor Dispatcher {
    enum Event: Sendable {
        case parts([CommittedPart])
        case due([CommittedPart])
        case ended(channel: Int64, attempt: Int64, call: ChannelLane.PlannedCall, outcome: SubmitOutcome)
        case channelsChanged([ChannelEntry])
        case tick
        /// No new calls from now on.
        case quiesce
    }

    let store: Store
    let accounts: AccountStore
    let routes: RouteStore
    let desk: InboundDesk
    let counters: EngineCounters
    let configuration: EngineConfiguration
    let logger: Logger
    nonisolated let events = Mailbox<Event>(countMax: .max)

    var lanes: [Int64: ChannelLane] = [:]
    private var entries: [Int64: ChannelEntry] = [:]
    /// Messages that no channel takes at present.
    var unrouted: [ChannelLane.Waiting] = []
    var unroutedCount = 0
    /// When to look next for those of them that waited too long.
    var unroutedCheckAt = Timestamp(milliseconds: 0)
    static let unroutedCheckInterval: Int64 = 5_000
    /// Messages that no channel will ever take as things are set up; to be ended.
    var withoutRoute: [Int64] = []
    /// Messages that failed once and that no other channel takes; to be ended.
    var exhausted: [Int64] = []
    var turns = ChannelTurns()
    var backlog = Backlog()
    private var tickAt: Timestamp?
    private var isQuiet = false
    /// Called for each call that a carrier has taken: reports can be expected.
    private let onSubmitted: @Sendable (Int64) -> Void

    init(
        store: Store, accounts: AccountStore, routes: RouteStore, desk: InboundDesk, counters: EngineCounters,
        configuration: EngineConfiguration, logger: Logger, onSubmitted: @escaping @Sendable (Int64) -> Void
    ) {
        self.store = store
        self.accounts = accounts
        self.routes = routes
        self.desk = desk
        self.counters = counters
        self.configuration = configuration
        self.logger = logger
        self.onSubmitted = onSubmitted
    }

    var now: Timestamp { configuration.clock.now() }

    /// Hands new committed parts in, in the order of their commits; callable on any thread, never waits.
    nonisolated func enqueue(_ parts: [CommittedPart]) {
        guard !parts.isEmpty else { return }
        _ = events.push(.parts(parts))
    }

    /// Hands scheduled parts in whose time has come; callable on any thread, never waits.
    nonisolated func enqueueDue(_ parts: [CommittedPart]) { _ = events.push(.due(parts)) }

    /// Works until `stop`.
    func run() async {
        backlog.noteOnDisk(from: 0)
        while let batch = await events.next() {
            var endings: [Ending] = []
            for event in batch {
                switch event {
                case .parts(let parts): take(parts, areNew: true)
                case .due(let parts): take(parts, areNew: false)
                case .channelsChanged(let changed): change(changed)
                case .tick: tickAt = nil
                case .quiesce: isQuiet = true
                case .ended(let channel, let attempt, let call, let outcome):
                    endings.append(Ending(channel: channel, attempt: attempt, call: call, outcome: outcome))
                }
            }
            await settle(endings)
            await refill()
            await failUnroutable()
            let now = now
            await makeCalls(at: now)
            scheduleTick(since: now)
        }
    }

    nonisolated func stop() { events.close() }

    // MARK: Channels

    private func change(_ changed: [ChannelEntry]) {
        for entry in changed {
            let number = entry.number
            entries[number] = entry
            var lane = lanes[number] ?? ChannelLane(channel: entry.channel, limits: entry.link.limits)
            lane.channel = entry.channel
            lane.reset()
            lanes[number] = lane
        }
        let waiting = unrouted
        unrouted = []
        unroutedCount = 0
        for item in waiting { route(item) }
        for number in lanes.keys where lanes[number]?.channel.isEnabled == false { reroute(from: number) }
    }

    /// Gives what waits on a channel that takes nothing now to others, if there are any.
    func reroute(from number: Int64) {
        guard let lane = lanes[number], lane.depth > 0 else { return }
        let now = now
        let hasOther = lanes.contains { $0.key != number && $0.value.isOpen(at: now) }
        guard hasOther || !lane.channel.isEnabled, let messages = lanes[number]?.removeAll() else { return }
        for message in messages { route(ChannelLane.Waiting(message)) }
    }

    // MARK: Calls

    private func makeCalls(at now: Timestamp) async {
        if isQuiet { return }
        var planned: [(channel: Int64, call: ChannelLane.PlannedCall)] = []
        for number in lanes.keys {
            while let call = lanes[number]?.nextCall(at: now) { planned.append((number, call)) }
        }
        guard !planned.isEmpty else { return }
        let attempts = planned.map { channel, call in
            NewAttempt(channel: channel, messages: SequenceRuns(call.messages.map(\.sequence)))
        }
        let begun: [BegunAttempt]
        do {
            begun = try await store.begin(attempts, at: now)
        } catch {
            logger.failure(error, "attempts cannot be made durable; nothing is sent")
            for (channel, call) in planned { lanes[channel]?.withdraw(call, putBack: call.messages) }
            wake(afterMilliseconds: 1000)
            return
        }
        for ((channel, call), attempt) in zip(planned, begun) { start(call, attempt, on: channel) }
    }

    private func start(_ planned: ChannelLane.PlannedCall, _ begun: BegunAttempt, on channel: Int64) {
        var call = planned
        if var open = begun.only {
            // A message that was read from disk while it was on its way through memory stands here twice.
            call.messages.removeAll { open.remove($0.sequence) == nil }
            lanes[channel]?.shrink(by: planned.messages.count - call.messages.count)
        }
        guard let entry = entries[channel] else { return }
        let made = call
        let request = CarrierCall(attempt: begun.id, isUniform: made.isUniform, messages: made.messages)
        let events = events
        Task {
            let outcome: SubmitOutcome =
                made.messages.isEmpty ? .accepted(firstID: nil) : await entry.link.submit(request)
            _ = events.push(.ended(channel: channel, attempt: begun.id, call: made, outcome: outcome))
        }
    }

    private struct Ending {
        var channel: Int64
        var attempt: Int64
        var call: ChannelLane.PlannedCall
        var outcome: SubmitOutcome
    }

    private func settle(_ endings: [Ending]) async {
        guard !endings.isEmpty else { return }
        let now = now
        var settlements: [Settlement] = []
        var returned: [(channel: Int64, messages: [OutgoingMessage])] = []
        for ending in endings {
            let resolution = lanes[ending.channel]?.ended(
                ending.call, ending.outcome, at: now, jitter: Double.random(in: 0..<1))
            switch resolution {
            case .settled(let outcome):
                settlements.append(Settlement(attempt: ending.attempt, outcome: outcome))
            case .split(let detail):
                settlements.append(Settlement(attempt: ending.attempt, outcome: .refusedForNow(detail: detail)))
            case .returned(let outcome):
                settlements.append(Settlement(attempt: ending.attempt, outcome: outcome))
                returned.append((ending.channel, ending.call.messages))
            case nil: break
            }
            note(ending)
        }
        await makeDurable(settlements)
        for (channel, messages) in returned {
            lanes[channel]?.requeue(messages)
            if lanes[channel]?.isOpen(at: now) == false { reroute(from: channel) }
        }
    }

    private func note(_ ending: Ending) {
        switch ending.outcome {
        case .accepted, .uncertain:
            counters.submitted(ending.call.messages.count)
            onSubmitted(ending.channel)
        case .messageRefused: break
        case .channelRefused(let reason), .notSent(let reason):
            logger.warning(
                "a channel takes nothing at present",
                metadata: [
                    "channel": "\(entries[ending.channel]?.channel.name ?? "?")", "reason": "\(reason)",
                    "messages": "\(ending.call.messages.count)",
                ])
        }
    }

    /// Keeps trying: what a carrier answered must not be forgotten, and messages are not tried again before it is kept.
    private func makeDurable(_ settlements: [Settlement]) async {
        while true {
            do {
                let effects = try await store.settle(settlements, at: now)
                await desk.apply(effects)
                return
            } catch .closed {
                return
            } catch {
                logger.failure(error, "outcomes of attempts cannot be stored; trying again")
                try? await Task.sleep(for: .milliseconds(500))
                // At the stop: they stay begun, and wait for reports after the next start.
                if Task.isCancelled { return }
            }
        }
    }

    // MARK: Time

    /// - Parameter planned: when calls were planned last; what became possible after it must not be missed.
    private func scheduleTick(since planned: Timestamp) {
        let wanted = lanes.values.compactMap { $0.wakeUp(at: planned) }.min()
        guard let wanted, tickAt.map({ wanted < $0 }) ?? true else { return }
        tickAt = wanted
        wake(afterMilliseconds: wanted.milliseconds - now.milliseconds)
    }

    private func wake(afterMilliseconds delay: Int64) {
        let events = events
        Task {
            try? await Task.sleep(for: .milliseconds(delay))
            _ = events.push(.tick)
        }
    }
}
