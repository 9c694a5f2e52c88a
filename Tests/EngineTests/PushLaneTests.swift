import Messaging
import Testing

@testable import Engine

/// What a lane does after what it has seen.
struct PushLaneTests {
    private static let noon = TestClock.noon
    private static let rule = PushRule(pauseMin: 1000, pauseMax: 8000)

    private enum Event: Sendable {
        case more, change, timer
        case step
        case loaded(Bool)
        case settled
        case accepted
        case failed
        /// So many milliseconds pass.
        case later(Int64)
        case off, on, stop
    }

    /// What the lane does at the end of these events.
    private static func action(_ events: [Event], once: Bool = false, record: PushLaneRecord? = nil) -> PushLane.Action
    {
        var now = noon
        var (isOn, isStopping) = (true, false)
        var lane = PushLane(rule: rule, triesOnce: once, record: record, at: now)
        for event in events {
            switch event {
            case .more: lane.noteMore()
            case .change: lane.noteChange()
            case .timer: lane.noteTimer()
            case .step: lane.noteStep()
            case .loaded(let hasLoad): lane.noteLoaded(hasLoad)
            case .settled: lane.noteSettled()
            case .accepted: _ = lane.noteAnswer(isAccepted: true, at: now, jitter: 1)
            case .failed: _ = lane.noteAnswer(isAccepted: false, at: now, jitter: 1)
            case .later(let milliseconds): now = now.adding(milliseconds: milliseconds)
            case .off: isOn = false
            case .on: isOn = true
            case .stop: isStopping = true
            }
        }
        return lane.action(at: now, isOn: isOn, isStopping: isStopping)
    }

    private static let table: [([Event], PushLane.Action)] = [
        // It looks once by itself: something may wait since the last run.
        ([], .step(loads: true)),
        ([.step, .loaded(false)], .wait),
        ([.step, .loaded(false), .more], .step(loads: true)),
        ([.step, .loaded(true)], .send),
        ([.step, .loaded(true), .more], .send),
        // An answer is settled together with taking what comes next.
        ([.step, .loaded(true), .accepted], .step(loads: true)),
        ([.step, .loaded(true), .accepted, .step, .loaded(true)], .send),
        ([.step, .loaded(true), .accepted, .step, .loaded(false)], .wait),
        // Settled alone, because others wait for a slot: what may wait is looked for.
        ([.step, .loaded(true), .accepted, .step, .settled], .step(loads: true)),
        // What comes while it looks may not have been seen.
        ([.step, .more, .loaded(false)], .step(loads: true)),
        ([.more, .step, .loaded(false)], .wait),
        // A failure is settled at once, then it rests.
        ([.step, .loaded(true), .failed], .step(loads: false)),
        ([.step, .loaded(true), .failed, .step, .settled], .rest(milliseconds: 1000)),
        ([.step, .loaded(true), .failed, .step, .settled, .more], .rest(milliseconds: 1000)),
        ([.step, .loaded(true), .failed, .step, .settled, .later(400)], .rest(milliseconds: 600)),
        ([.step, .loaded(true), .failed, .step, .settled, .later(1000)], .step(loads: true)),
        ([.step, .loaded(true), .failed, .step, .settled, .timer], .step(loads: true)),
        ([.step, .loaded(false), .timer], .wait), ([.step, .loaded(true), .timer], .send),
        // Never longer than a pause can be, though the clock was set back.
        ([.step, .loaded(true), .failed, .step, .settled, .later(-100_000)], .rest(milliseconds: 8000)),
        // Another address is tried at once.
        ([.step, .loaded(true), .failed, .step, .settled, .change], .step(loads: true)),
        // Without an address nothing happens; what was answered is settled.
        ([.off], .wait), ([.off, .more], .wait), ([.off, .more, .on, .change], .step(loads: true)),
        ([.step, .loaded(false), .off, .more, .on, .change], .step(loads: true)),
        ([.step, .loaded(true), .off], .send),
        ([.step, .loaded(true), .accepted, .off], .step(loads: false)),
        ([.step, .loaded(true), .failed, .step, .settled, .off], .wait),
        // At the end of the service what has its number is sent, what was answered is settled, and nothing begins.
        ([.stop], .end), ([.more, .stop], .end), ([.step, .loaded(true), .stop], .send),
        ([.step, .loaded(true), .accepted, .stop], .step(loads: false)),
        ([.step, .loaded(true), .accepted, .stop, .step, .settled], .end),
        ([.step, .loaded(true), .failed, .stop, .step, .settled], .end),
    ]

    @Test(arguments: Self.table.indices) func `what is done next`(_ row: Int) {
        let (events, action) = Self.table[row]
        #expect(Self.action(events) == action, "\(events)")
    }

    @Test func `what is tried once goes on after a failure`() {
        #expect(Self.action([.step, .loaded(true), .failed], once: true) == .step(loads: true))
        #expect(Self.action([.step, .loaded(true), .failed, .step, .settled], once: true) == .step(loads: true))
    }

    @Test func `pauses grow with failures in a row, and an acceptance ends the row`() {
        var lane = PushLane(rule: Self.rule, triesOnce: false, at: Self.noon)
        var pauses: [Int64] = []
        for isAccepted in [false, false, false, false, false, true, false] {
            lane.noteStep()
            lane.noteLoaded(true)
            let next = lane.noteAnswer(isAccepted: isAccepted, at: Self.noon, jitter: 1)
            pauses.append((next?.milliseconds ?? Self.noon.milliseconds) - Self.noon.milliseconds)
            lane.noteStep()
            if isAccepted { lane.noteLoaded(true) } else { lane.noteSettled() }
        }
        #expect(pauses == [1000, 2000, 4000, 8000, 8000, 0, 1000])
    }

    @Test func `a pause goes on over a start`() {
        var record = PushLaneRecord(account: 1, kind: .reports)
        record.failures = 3
        record.nextTryAt = Self.noon.adding(milliseconds: 3000)
        #expect(Self.action([], record: record) == .rest(milliseconds: 3000))
        #expect(Self.action([.later(3000)], record: record) == .step(loads: true))
        #expect(
            Self.action([.later(3000), .step, .loaded(true), .failed, .settled], record: record)
                == .rest(milliseconds: 8000))
        record.nextTryAt = Self.noon.adding(milliseconds: -1)
        #expect(Self.action([], record: record) == .step(loads: true))
    }

    @Test func `new entries and repeated ones take turns`() {
        var lane = PushLane(rule: Self.rule, triesOnce: false, at: Self.noon)
        var turns: [Bool] = []
        for _ in 0..<4 {
            turns.append(lane.prefersReplay)
            lane.noteStep()
            lane.noteLoaded(true)
            _ = lane.noteAnswer(isAccepted: true, at: Self.noon, jitter: 1)
        }
        #expect(turns == [false, true, false, true])
    }
}

struct PushSlotTests {
    @Test func `a slot is handed to who waited first, and kinds do not take from each other`() async throws {
        let semaphore = PushSemaphore(working: 1, failing: 1)
        await semaphore.acquire(.working)
        await semaphore.acquire(.failing)
        #expect(!semaphore.areWanted(.working))
        let second = Task { await semaphore.acquire(.working) }
        try await eventually("somebody waits") { semaphore.areWanted(.working) }
        #expect(!semaphore.areWanted(.failing))
        semaphore.release(.failing)
        #expect(semaphore.areWanted(.working))
        semaphore.release(.working)
        await second.value
        #expect(!semaphore.areWanted(.working))
    }
}
