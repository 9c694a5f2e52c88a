import Logging
import Messaging
import Store
import Synchronization

/// Carries out what a `PushLane` says, in a task of its own.
final class PushRunner: Sendable {
    /// Where to, and how much at a time.
    struct Aim: Sendable {
        var target: PushTarget
        var link: any PushLink
        var dialect: PushDialect { target.settings.dialect }
    }

    /// What all lanes share.
    struct Surroundings: Sendable {
        var store: Store
        var slots: PushSlots
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
        var aim: Aim?
        /// Drivers that are not used any more.
        var dropped: [any PushLink] = []
        var isStopping = false
    }

    let key: OutboxKey
    private let account: String
    private let around: Surroundings
    private let state: Mutex<State>
    private let bell = Bell()

    /// What has one attempt only goes out so many at a time, each in a request of its own.
    private static let singlesAtOnce = 16
    /// The pause before a commit is tried again that the disk did not take.
    private static let diskPause: Int64 = 1_000
    /// Every so many failures in a row one is said.
    private static let failuresPerWarning = 20

    init(key: OutboxKey, account: String, aim: Aim, around: Surroundings) {
        state = Mutex(State(aim: aim))
        self.key = key
        self.account = account
        self.around = around
    }

    // MARK: From outside

    var target: PushTarget? { state.withLock { $0.aim?.target } }

    /// Goes on with another address; nil: none.
    func aim(at aim: Aim?) {
        state.withLock { state in
            if let link = state.aim?.link { state.dropped.append(link) }
            state.aim = aim
        }
        bell.ring(.changed)
    }

    func noteMore() { bell.ring(.more) }

    func noteReplay() { bell.ring(.changed) }

    /// Ends after what is under way.
    func stop() {
        state.withLock { $0.isStopping = true }
        bell.ring(.changed)
    }

    // MARK: The work

    /// What a turn of the lane holds on to between loading and settling.
    private struct Turn {
        var aim: Aim
        var load: PushLoad?
        var result: PushResult?
        var slot: PushSlots.Kind?
    }

    /// Returns after `stop`, or when the store is closed.
    func run(from record: PushLaneRecord?) async {
        let first = state.withLock { $0.aim }
        let triesOnce = first?.dialect.triesOnce ?? false
        var lane = PushLane(rule: around.rule, triesOnce: triesOnce, record: record, at: around.clock.now())
        var turn: Turn?
        while true {
            note(bell.take(), &lane)
            let (aim, isStopping) = state.withLock { ($0.aim, $0.isStopping) }
            if turn == nil { await closeDropped() }
            if let aim { lane.triesOnce = (turn?.aim ?? aim).dialect.triesOnce }
            switch lane.action(at: around.clock.now(), isOn: aim != nil, isStopping: isStopping) {
            case .wait: await bell.wait()
            case .rest(let milliseconds): await bell.wait(atMost: milliseconds)
            case .end:
                await end(turn)
                return
            case .send:
                guard await send(&turn, &lane) else { return await end(turn) }
            case .step(let loads):
                guard let now = turn?.aim ?? aim else { continue }
                var current = turn ?? Turn(aim: now)
                guard await step(&current, &lane, loads: loads, aim: aim) else { return await end(current) }
                turn = current.load == nil && current.result == nil ? nil : current
            }
        }
    }

    private func note(_ rings: Bell.Rings, _ lane: inout PushLane) {
        if rings.contains(.timer) { lane.noteTimer() }
        if rings.contains(.changed) { lane.noteChange() } else if rings.contains(.more) { lane.noteMore() }
    }

    /// - Returns: false when the lane has to end.
    private func step(_ turn: inout Turn, _ lane: inout PushLane, loads: Bool, aim: Aim?) async -> Bool {
        let kind: PushSlots.Kind = lane.failures > 0 ? .failing : .working
        var loads = loads
        if let slot = turn.slot {
            // Others' turn, and an address that has changed: what was answered is settled first.
            if slot != kind || around.slots.areWanted(slot) || aim?.target != turn.aim.target { loads = false }
        } else if loads {
            await around.slots.take(kind)
            turn.slot = kind
        }
        lane.noteStep()
        let now = around.clock.now()
        let dialect = turn.aim.dialect
        let order = PushOrder(
            key: key, limit: dialect.triesOnce ? Self.singlesAtOnce : dialect.limit(of: key.kind),
            triesOnce: dialect.triesOnce, grain: dialect.grain)
        do {
            let step = try await around.store.stepPushes(
                order, settling: turn.result, loads: loads, prefersReplay: lane.prefersReplay,
                giveUpBefore: around.giveUpBefore(now), at: now)
            if step.givenUp > 0 { say("given up", count: step.givenUp, turn.result) }
            turn.result = nil
            turn.load = step.load
            if step.hasMore { lane.noteMore() }
            if loads { lane.noteLoaded(step.load != nil) } else { lane.noteSettled() }
        } catch .closed {
            return false
        } catch {
            around.logger.failure(error, "pushes cannot be noted; trying again")
            if state.withLock({ $0.isStopping }) { return false }
            giveSlot(&turn)
            await bell.wait(atMost: Self.diskPause)
            return true
        }
        if turn.load == nil { giveSlot(&turn) }
        return true
    }

    /// - Returns: false when the lane has to end.
    private func send(_ turn: inout Turn?, _ lane: inout PushLane) async -> Bool {
        guard var current = turn, let load = current.load else { return false }
        let answers =
            current.aim.dialect.triesOnce
            ? await Self.pushSingly(load, over: current.aim.link)
            : [await current.aim.link.push(load.content, sequence: load.sequence)]
        let isAccepted = answers.allSatisfy(\.isAccepted)
        // Cut off by the end of the service: the outcome is not known, and it is no failure of the endpoint.
        if !isAccepted, Task.isCancelled { return false }
        let next = lane.noteAnswer(
            isAccepted: isAccepted, at: around.clock.now(), jitter: Double.random(in: 0...1))
        current.load = nil
        let result = PushResult(load: load, isAccepted: isAccepted, answers: answers.map(\.words), nextTryAt: next)
        current.result = result
        turn = current
        if isAccepted || lane.triesOnce, load.replay == nil { around.counters.collected(load.ids.count) }
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
        if let slot = turn.slot { around.slots.give(slot) }
        turn.slot = nil
    }

    private func end(_ turn: Turn?) async {
        if let slot = turn?.slot { around.slots.give(slot) }
        aim(at: nil)
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
        around.logger.warning("pushes are \(what)", metadata: metadata)
    }
}
