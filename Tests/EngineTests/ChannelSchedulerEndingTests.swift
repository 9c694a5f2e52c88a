import Messaging
import Store
import Testing

@testable import Engine

/// What a scheduler makes of the endings of its calls.
struct ChannelSchedulerEndingTests {
    private var bench = SchedulerBench()

    private mutating func begin(count: Int) throws -> ChannelScheduler.PlannedCall {
        bench.put(1, count: count)
        let call = bench.call()
        return try #require(call)
    }

    private mutating func end(
        _ call: ChannelScheduler.PlannedCall, _ outcome: SubmitOutcome, jitter: Double = 0
    ) -> String {
        switch bench.end(call, outcome, jitter: jitter) {
        case .settled(.accepted(.consecutive(let id), _)): "accepted \(id)"
        case .settled(.accepted(.shared(let key), _)): "accepted \(key)"
        case .settled(.accepted(nil, _)): "accepted 0"
        case .settled(.refused(let status, _)): "refused \(status)"
        case .settled(.uncertain): "uncertain"
        case .settled: "settled otherwise"
        case .split: "split"
        case .returned(.notSent): "returned, not sent"
        case .returned(.refusedForNow): "returned, refused"
        case .returned: "returned otherwise"
        }
    }

    @Test mutating func `a call that is taken is over`() throws {
        let call = try begin(count: 20)
        #expect(end(call, .accepted(.consecutive(from: 9))) == "accepted 9")
        #expect(bench.scheduler.health == .healthy)
        #expect(bench.scheduler.callsInFlight == 0)
        #expect(bench.scheduler.messagesInFlight == 0)
        #expect(bench.calls().isEmpty)
    }

    @Test mutating func `the carrier's name of a call goes through`() throws {
        let call = try begin(count: 20)
        #expect(end(call, .accepted(.shared("3F2A"))) == "accepted 3F2A")
    }

    @Test mutating func `an uncertain call is never put back`() throws {
        let call = try begin(count: 20)
        #expect(end(call, .uncertain(reason: "time-out")) == "uncertain")
        #expect(bench.scheduler.depth == 0)
        #expect(bench.calls().isEmpty)
        #expect(bench.removeAll().isEmpty)
    }

    @Test mutating func `a single refused message is final`() throws {
        let call = try begin(count: 1)
        #expect(end(call, .messageRefused(code: "-100012")) == "refused REJECTD")
        #expect(bench.calls().isEmpty)
    }

    @Test mutating func `a refused call is halved until the bad message is alone`() throws {
        let bad: MessageSequence = 7
        var open = [try begin(count: 16)]
        var refused: [MessageSequence] = []
        var passed: [MessageSequence] = []
        while !open.isEmpty {
            let call = open.removeFirst()
            let sequences = call.messages.map(\.sequence)
            if sequences.contains(bad) {
                let ending = end(call, .messageRefused(code: "no"))
                if ending == "refused REJECTD" { refused += sequences }
            } else {
                passed += sequences
                _ = end(call, .accepted(nil))
            }
            open += bench.calls()
        }
        #expect(refused == [bad])
        #expect(passed.sorted() == (1...16).filter { $0 != bad })
        #expect(bench.scheduler.callsInFlight == 0)
        #expect(bench.scheduler.depth == 0)
    }

    @Test mutating func `halves are not merged with others, keep their kind, and have every other turn`() throws {
        let call = try begin(count: 11)
        for number in 0..<150 { bench.put(MessageSequence(500) + Int64(number), count: 1) }
        #expect(end(call, .messageRefused(code: "no")) == "split")
        let calls = bench.calls()
        #expect(
            calls.map { $0.messages.map(\.sequence) }
                == [Array(500...599), Array(1...5), Array(600...649), Array(6...11)])
        #expect(calls.map(\.isUniform) == [false, true, false, true])
    }

    @Test mutating func `a refused call that is too large by now is planned anew`() throws {
        bench.put(1, count: 1)
        bench.put(2, count: 1)
        let planned = bench.call()
        let call = try #require(planned)
        bench.scheduler.limits = CallLimits(sameContentMax: 10, distinctMax: 1)
        #expect(end(call, .messageRefused(code: "no")) == "returned, refused")
        bench.scheduler.requeue(call)
        #expect(bench.calls().map { $0.messages.map(\.sequence) } == [[1], [2]])
    }

    @Test mutating func `what was not sent comes back in the caller's hands`() throws {
        let call = try begin(count: 20)
        #expect(end(call, .notSent(reason: "down")) == "returned, not sent")
        #expect(bench.scheduler.depth == 0)
        bench.scheduler.requeue(call)
        #expect(bench.scheduler.depth == 20)
        #expect(!bench.scheduler.isOpen(at: bench.now))
    }

    @Test mutating func `requeued messages keep their order and come before others`() throws {
        let call = try begin(count: 3)
        bench.put(100, count: 1)
        _ = end(call, .channelRefused(code: "-100003"))
        bench.scheduler.requeue(call)
        bench.scheduler.reset()
        let next = bench.call()
        #expect(next?.messages.map(\.sequence) == [1, 2, 3, 100])
    }

    // MARK: Back-off

    @Test mutating func `the pause doubles from half a second to a minute, and one success ends it`() throws {
        var pauses: [Int64] = []
        for _ in 0..<10 {
            let call = try begin(count: 1)
            _ = end(call, .notSent(reason: "down"), jitter: 1)
            guard case .failing(_, let until, _) = bench.scheduler.health else {
                Issue.record("not failing")
                return
            }
            pauses.append(until.milliseconds - bench.now.milliseconds)
            bench.now = until
        }
        #expect(pauses == [500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000])
        let call = try begin(count: 1)
        _ = end(call, .accepted(nil))
        #expect(bench.scheduler.health == .healthy)
        let next = try begin(count: 1)
        _ = end(next, .notSent(reason: "down"), jitter: 0)
        #expect(bench.scheduler.wakeUp(at: bench.now) == nil)
        bench.put(1, count: 1)
        #expect(bench.scheduler.wakeUp(at: bench.now) == bench.now.adding(milliseconds: 250))
    }

    @Test mutating func `a failing channel is probed with one message, and gets going by steps`() throws {
        bench.put(10_000, count: 2000)
        for number in 0..<500 { bench.put(MessageSequence(10) + Int64(number), count: 1) }
        let call = try #require(bench.calls(max: 1).first)
        _ = end(call, .channelRefused(code: "x"), jitter: 1)
        #expect(bench.calls().isEmpty)
        bench.now = bench.now.adding(milliseconds: 499)
        #expect(bench.calls().isEmpty)
        bench.now = bench.now.adding(milliseconds: 1)
        var sizes: [Int] = []
        for _ in 0..<3 {
            let calls = bench.calls()
            #expect(calls.count == 1)
            sizes.append(try #require(calls.first).messages.count)
            _ = end(calls[0], .accepted(nil))
        }
        #expect(sizes == [1, 8, 64])
        #expect(bench.calls().count > 4)
    }

    @Test mutating func `a probe without an answer opens the breaker again, for longer`() throws {
        let call = try begin(count: 1)
        _ = end(call, .notSent(reason: "down"), jitter: 1)
        bench.now = bench.now.adding(milliseconds: 500)
        let probe = try begin(count: 1)
        _ = end(probe, .uncertain(reason: "time-out"), jitter: 1)
        guard case .failing(2, let until, _) = bench.scheduler.health else {
            Issue.record("\(bench.scheduler.health)")
            return
        }
        #expect(until == bench.now.adding(milliseconds: 1000))
    }

    @Test mutating func `a failing channel is offered a message only to be probed with`() throws {
        let call = try begin(count: 1)
        #expect(bench.scheduler.isOpen(at: bench.now))
        _ = end(call, .notSent(reason: "down"), jitter: 1)
        #expect(!bench.scheduler.isOpen(at: bench.now))
        bench.now = bench.now.adding(milliseconds: 500)
        #expect(bench.scheduler.isOpen(at: bench.now))
        bench.put(1, count: 1)
        #expect(!bench.scheduler.isOpen(at: bench.now), "one waits already")
        let next = bench.call()
        let probe = try #require(next)
        #expect(!bench.scheduler.isOpen(at: bench.now), "one is under way")
        _ = end(probe, .accepted(nil))
        #expect(bench.scheduler.isOpen(at: bench.now))
    }

    @Test mutating func `one time-out is enough when nothing else was answered meanwhile`() throws {
        let call = try begin(count: 1)
        bench.now = bench.now.adding(milliseconds: ChannelScheduler.stallMin)
        _ = end(call, .uncertain(reason: "time-out"))
        #expect(bench.scheduler.isFailing)
    }

    @Test mutating func `one time-out among answers is no failure`() throws {
        let call = try begin(count: 1)
        bench.now = bench.now.adding(milliseconds: 1)
        let other = try begin(count: 1)
        _ = end(other, .accepted(nil))
        bench.now = bench.now.adding(milliseconds: 30_000)
        _ = end(call, .uncertain(reason: "time-out"))
        #expect(!bench.scheduler.isFailing)
    }

    @Test mutating func `a late failure of a call from before does not lengthen the pause`() throws {
        for number in 0..<200 { bench.put(MessageSequence(1) + Int64(number), count: 1) }
        let calls = bench.calls()
        #expect(calls.count == 2)
        _ = end(calls[0], .notSent(reason: "down"), jitter: 1)
        let health = bench.scheduler.health
        bench.now = bench.now.adding(milliseconds: 30_000)
        _ = end(calls[1], .uncertain(reason: "time-out"), jitter: 1)
        #expect(bench.scheduler.health == health)
    }

    @Test mutating func `calls that fail together are one failure`() throws {
        for number in 0..<400 { bench.put(MessageSequence(1) + Int64(number), count: 1) }
        let calls = bench.calls()
        #expect(calls.count == 4)
        for call in calls { _ = end(call, .notSent(reason: "down"), jitter: 1) }
        guard case .failing(let failures, let until, _) = bench.scheduler.health else {
            Issue.record("not failing")
            return
        }
        #expect(failures == 1)
        #expect(until == bench.now.adding(milliseconds: 500))
    }

    @Test
    mutating func `calls without an answer one after the other count as failure, with answers between they do not`()
        throws
    {
        for _ in 0..<4 {
            for _ in 0..<2 {
                let call = try begin(count: 1)
                _ = end(call, .uncertain(reason: "time-out"))
            }
            let call = try begin(count: 1)
            _ = end(call, .accepted(nil))
        }
        #expect(bench.scheduler.health == .healthy)
        for _ in 0..<3 {
            let call = try begin(count: 1)
            _ = end(call, .uncertain(reason: "time-out"))
        }
        #expect(!bench.scheduler.isOpen(at: bench.now))
        bench.scheduler.reset()
        #expect(bench.scheduler.health == .untried)
    }

    @Test mutating func `a call that was not made durable goes back whole`() throws {
        let call = try begin(count: 30)
        bench.scheduler.withdraw(call)
        #expect(bench.scheduler.depth == 30)
        #expect(bench.scheduler.callsInFlight == 0)
        #expect(bench.scheduler.messagesInFlight == 0)
        #expect(bench.scheduler.health == .untried)
        #expect(bench.calls().flatMap(\.messages).map(\.sequence) == Array(1...30))
    }
}
