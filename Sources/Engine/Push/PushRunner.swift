import Logging
import Messaging
import Store
import Synchronization

/// Carries out what a `PushLane` says, in a task of its own.
final class PushRunner: Sendable {
    /// Where to, and how much at a time.
    struct Destination: Sendable {
        var target: PushTarget
        var link: any PushLink
        var dialect: PushDialect { target.settings.dialect }
    }

    /// What all lanes share.
    struct Context: Sendable {
        var store: Store
        var semaphore: PushSemaphore
        var rule: PushRule
        var clock: Clock
        var time: TimeKeeper?
        var counters: EngineCounters
        var logger: Logger

        /// Nothing is as old as that while the clock cannot be believed.
        func giveUpBefore(_ now: Timestamp) -> Timestamp {
            time?.isHeld == true ? Timestamp(milliseconds: 0) : now.adding(milliseconds: -rule.giveUpAfter)
        }
    }

    private struct State {
        var destination: Destination?
        /// Drivers that are not used any more.
        var dropped: [any PushLink] = []
        var isStopping = false
    }

    let key: OutboxKey
    private let account: String
    private let context: Context
    private let state: Mutex<State>
    private let event = AsyncEvent()

    /// What has one attempt only goes out so many at a time, each in a request of its own.
    private static let singlesAtOnce = 16
    /// The pause before a commit is tried again that the disk did not take.
    private static let diskPause: Int64 = 1_000
    /// Every so many failures in a row one is said.
    private static let failuresPerWarning = 20

    init(key: OutboxKey, account: String, destination: Destination, context: Context) {
        state = Mutex(State(destination: destination))
        self.key = key
        self.account = account
        self.context = context
    }

    // MARK: From outside

    var target: PushTarget? { state.withLock { $0.destination?.target } }

    /// Goes on with another address; nil: none.
    func setDestination(_ destination: Destination?) {
        state.withLock { state in
            if let link = state.destination?.link { state.dropped.append(link) }
            state.destination = destination
        }
        event.signal(.changed)
    }

    func noteMore() { event.signal(.more) }

    func noteReplay() { event.signal(.changed) }

    /// Ends after what is under way.
    func stop() {
        state.withLock { $0.isStopping = true }
        event.signal(.changed)
    }

    // MARK: The work

    /// What a turn of the lane holds on to between loading and settling.
    private struct Turn {
        var destination: Destination
        var load: PushLoad?
        var result: PushResult?
        var slot: PushSemaphore.Kind?
    }

    /// Returns after `stop`, or when the store is closed.
    func run(from record: PushLaneRecord?) async {
        let first = state.withLock { $0.destination }
        let triesOnce = first?.dialect.triesOnce ?? false
        var lane = PushLane(rule: context.rule, triesOnce: triesOnce, record: record, at: context.clock.now())
        var turn: Turn?
        while true {
            note(event.take(), &lane)
            let (destination, isStopping) = state.withLock { ($0.destination, $0.isStopping) }
            if turn == nil { await closeDropped() }
            if let destination { lane.triesOnce = (turn?.destination ?? destination).dialect.triesOnce }
            switch lane.action(at: context.clock.now(), isOn: destination != nil, isStopping: isStopping) {
            case .wait: await event.wait()
            case .rest(let milliseconds): await event.wait(atMost: milliseconds)
            case .end:
                await end(turn)
                return
            case .send:
                guard await send(&turn, &lane) else { return await end(turn) }
            case .step(let loads):
                guard let now = turn?.destination ?? destination else { continue }
                var current = turn ?? Turn(destination: now)
                guard await step(&current, &lane, loads: loads, destination: destination) else {
                    return await end(current)
                }
                turn = current.load == nil && current.result == nil ? nil : current
            }
        }
    }

    private func note(_ signals: AsyncEvent.Signals, _ lane: inout PushLane) {
        if signals.contains(.timer) { lane.noteTimer() }
        if signals.contains(.changed) { lane.noteChange() } else if signals.contains(.more) { lane.noteMore() }
    }

    /// - Returns: false when the lane has to end.
    private func step(_ turn: inout Turn, _ lane: inout PushLane, loads: Bool, destination: Destination?) async -> Bool
    {
        let kind: PushSemaphore.Kind = lane.failures > 0 ? .failing : .working
        var loads = loads
        if let slot = turn.slot {
            // Others' turn, and an address that has changed: what was answered is settled first.
            if slot != kind || context.semaphore.areWanted(slot) || destination?.target != turn.destination.target {
                loads = false
            }
        } else if loads {
            await context.semaphore.acquire(kind)
            turn.slot = kind
        }
        lane.noteStep()
        let now = context.clock.now()
        let dialect = turn.destination.dialect
        let order = PushOrder(
            key: key, limit: dialect.triesOnce ? Self.singlesAtOnce : dialect.limit(of: key.kind),
            triesOnce: dialect.triesOnce, grain: dialect.grain)
        do {
            let step = try await context.store.stepPushes(
                order, settling: turn.result, loads: loads, prefersReplay: lane.prefersReplay,
                giveUpBefore: context.giveUpBefore(now), at: now)
            if step.givenUp > 0 { say("given up", count: step.givenUp, turn.result) }
            turn.result = nil
            turn.load = step.load
            if step.hasMore { lane.noteMore() }
            if loads { lane.noteLoaded(step.load != nil) } else { lane.noteSettled() }
        } catch .closed {
            return false
        } catch {
            context.logger.failure(error, "pushes cannot be noted; trying again")
            if state.withLock({ $0.isStopping }) { return false }
            giveSlot(&turn)
            await event.wait(atMost: Self.diskPause)
            return true
        }
        if turn.load == nil { giveSlot(&turn) }
        return true
    }

    /// - Returns: false when the lane has to end.
    private func send(_ turn: inout Turn?, _ lane: inout PushLane) async -> Bool {
        guard var current = turn, let load = current.load else { return false }
        let answers =
            current.destination.dialect.triesOnce
            ? await Self.pushSingly(load, over: current.destination.link)
            : [await current.destination.link.push(load.content, sequence: load.sequence)]
        let isAccepted = answers.allSatisfy(\.isAccepted)
        // Cut off by the end of the service: the outcome is not known, and it is no failure of the endpoint.
        if !isAccepted, Task.isCancelled { return false }
        let next = lane.noteAnswer(
            isAccepted: isAccepted, at: context.clock.now(), jitter: Double.random(in: 0...1))
        current.load = nil
        let result = PushResult(load: load, isAccepted: isAccepted, answers: answers.map(\.words), nextTryAt: next)
        current.result = result
        turn = current
        if isAccepted || lane.triesOnce, load.replay == nil { context.counters.collected(load.ids.count) }
        if !isAccepted, lane.failures % Self.failuresPerWarning == 1 { say("not accepted", count: nil, result) }
        return true
    }

    private static func pushSingly(_ load: PushLoad, over link: any PushLink) async -> [PushAnswer] {
        let singles = load.content.singles
        return await withTaskGroup(of: (Int, PushAnswer).self) { group in
            for (index, single) in singles.enumerated() {
                group.addTask { (index, await link.push(single, sequence: load.sequence + Int64(index))) }
            }
            var answers = [PushAnswer](repeating: PushAnswer(isAccepted: false, words: ""), count: singles.count)
            for await (index, answer) in group { answers[index] = answer }
            return answers
        }
    }

    private func giveSlot(_ turn: inout Turn) {
        if let slot = turn.slot { context.semaphore.release(slot) }
        turn.slot = nil
    }

    private func end(_ turn: Turn?) async {
        if let slot = turn?.slot { context.semaphore.release(slot) }
        setDestination(nil)
        await closeDropped()
    }

    private func closeDropped() async {
        let dropped = state.withLock { state in
            defer { state.dropped = [] }
            return state.dropped
        }
        for link in dropped { await link.close() }
    }

    private func say(_ what: String, count: Int?, _ result: PushResult?) {
        var metadata: Logger.Metadata = [
            "account": "\(account)", "what": "\(key.kind.name)", "answer": "\(result?.answers.last ?? "")",
        ]
        if let count { metadata["count"] = "\(count)" }
        context.logger.warning("pushes are \(what)", metadata: metadata)
    }
}
