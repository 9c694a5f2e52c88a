import Messaging
import Store
import Testing

@testable import Engine

/// How a scheduler plans its calls.
struct ChannelSchedulerTests {
    @Test func `nothing to send is no call`() {
        var bench = SchedulerBench()
        #expect(bench.call() == nil)
        #expect(bench.scheduler.wakeUp(at: bench.now) == nil)
    }

    @Test func `a large submission goes out in the largest calls of one content`() {
        var bench = SchedulerBench(limits: CallLimits(sameContentMax: 1000, distinctMax: 100))
        bench.put(1, count: 2500)
        let calls = bench.calls()
        #expect(calls.map(\.messages.count) == [1000, 1000, 500])
        #expect(calls.allSatisfy { $0.isUniform })
        #expect(calls.flatMap(\.messages).map(\.sequence) == Array(1...2500))
        #expect(bench.scheduler.depth == 0)
        #expect(bench.scheduler.messagesInFlight == 2500)
    }

    @Test func `small submissions share calls of different contents`() {
        var bench = SchedulerBench(limits: CallLimits(sameContentMax: 1000, distinctMax: 100))
        for number in 0..<150 { bench.put(MessageSequence(1) + Int64(number), count: 1) }
        let calls = bench.calls()
        #expect(calls.map(\.messages.count) == [100, 50])
        #expect(calls.allSatisfy { !$0.isUniform })
        #expect(calls.flatMap(\.messages).map(\.sequence) == Array(1...150))
    }

    @Test func `small ones go first, and large ones have every other turn`() {
        var bench = SchedulerBench(limits: CallLimits(sameContentMax: 10, distinctMax: 2))
        bench.put(1000, count: 40)
        for number in 0..<6 { bench.put(MessageSequence(1) + Int64(number), count: 1) }
        #expect(bench.calls().map(\.isUniform) == [false, true, false, true, false, true, true])
    }

    @Test func `ten recipients are large, nine are small`() {
        var bench = SchedulerBench()
        bench.put(1, count: 9)
        bench.put(100, count: 10)
        #expect(bench.calls().map(\.isUniform) == [false, true])
    }

    @Test func `no number stands twice in a call of one content`() {
        var bench = SchedulerBench()
        bench.put(1, mobiles: (0..<12).map { 13_800_138_000 + Int64($0 % 5) })
        let calls = bench.calls()
        #expect(calls.allSatisfy { Set($0.messages.map(\.mobile)).count == $0.messages.count })
        #expect(calls.flatMap(\.messages).map(\.sequence) == Array(1...12))
        #expect(calls.map(\.messages.count) == [5, 5, 2])
    }

    @Test func `a number stands twice in a call of different contents only where the dialect allows it`() {
        for (repeats, counts) in [(true, [6]), (false, [2, 1, 2, 1])] {
            let limits = CallLimits(sameContentMax: 10, distinctMax: 10, repeatsNumbers: repeats)
            var bench = SchedulerBench(limits: limits)
            bench.put(1, mobiles: [13_800_138_000, 13_800_138_001, 13_800_138_001])
            bench.put(10, mobiles: [13_800_138_001, 13_800_138_000])
            bench.put(20, mobiles: [13_800_138_000])
            let calls = bench.calls()
            #expect(calls.map(\.messages.count) == counts)
            #expect(calls.flatMap(\.messages).map(\.sequence) == [1, 2, 3, 10, 11, 20])
            #expect(bench.scheduler.depth == 0)
        }
    }

    @Test func `messages of different extensions share a call only where the dialect allows it`() {
        for (shares, counts) in [(false, [4]), (true, [2, 1, 1])] {
            let limits = CallLimits(sameContentMax: 10, distinctMax: 10, sharesExtension: shares)
            var bench = SchedulerBench(limits: limits)
            bench.put(1, mobiles: [13_800_138_000, 13_800_138_001], accessExtension: "12")
            bench.put(10, mobiles: [13_800_138_002], accessExtension: "0006")
            bench.put(20, mobiles: [13_800_138_003], accessExtension: "12")
            let calls = bench.calls()
            #expect(calls.map(\.messages.count) == counts)
            #expect(calls.flatMap(\.messages).map(\.sequence) == [1, 2, 10, 20])
            if shares { #expect(calls.allSatisfy { Set($0.messages.map(\.accessExtension)).count == 1 }) }
        }
    }

    @Test func `no more calls at once than the channel allows`() {
        var bench = SchedulerBench(connectionLimit: 2, limits: CallLimits(sameContentMax: 10, distinctMax: 10))
        bench.put(1, count: 50)
        let first = bench.calls()
        #expect(first.count == 2)
        #expect(bench.scheduler.wakeUp(at: bench.now) == nil)
        bench.end(first[0], .accepted(.consecutive(from: 1)))
        #expect(bench.calls().count == 1)
        #expect(bench.scheduler.callsInFlight == 2)
    }

    @Test func `a disabled channel sends nothing and gives up what waits`() {
        var bench = SchedulerBench()
        bench.put(1, count: 20)
        bench.put(50, count: 1)
        bench.scheduler.channel.isEnabled = false
        #expect(bench.call() == nil)
        #expect(!bench.scheduler.isOpen(at: bench.now))
        #expect(Set(bench.removeAll().map(\.sequence)) == Set(Array(1...20) + [50]))
        #expect(bench.scheduler.depth == 0)
    }

    @Test func `where a call has one content, recipients of a small submission share it`() {
        var bench = SchedulerBench(limits: CallLimits(sameContentMax: 5, distinctMax: 1))
        bench.put(1, count: 7)
        bench.put(10, count: 1)
        let calls = bench.calls()
        #expect(calls.map { $0.messages.map(\.sequence) } == [[1, 2, 3, 4, 5], [6, 7], [10]])
        #expect(calls.allSatisfy { $0.isUniform })
    }

    // MARK: Rate

    @Test(arguments: [1, 3, 50, 300, 600, 999, 1500, 2500, 7000])
    func `over ten seconds no more segments leave than the rate allows, and nearly as many`(rate: Int) {
        for segments in [1, 2] {
            var bench = SchedulerBench(connectionLimit: 1, limits: CallLimits(sameContentMax: 1, distinctMax: 1))
            bench.scheduler.channel.ratePerSecond = rate
            for number in 0..<(rate * 12) {
                bench.put(MessageSequence(1) + Int64(number), count: 1, segments: segments)
            }
            let sent = bench.run(milliseconds: 10_000)
            // A call that may leave now may do so whole: one of them over.
            #expect(sent <= rate * 10 + max(segments, rate / 5), "\(segments) segments")
            #expect(sent >= rate * 10 - max(segments, rate / 5), "\(segments) segments")
        }
    }

    @Test func `one call carries no more than a fifth of a second's segments`() {
        var bench = SchedulerBench()
        bench.scheduler.channel.ratePerSecond = 100
        bench.put(1, count: 60, segments: 4)
        #expect(bench.call()?.messages.count == 5)
        #expect(bench.call() == nil)
        bench.now = bench.now.adding(milliseconds: 199)
        #expect(bench.call() == nil)
        bench.now = bench.now.adding(milliseconds: 1)
        #expect(bench.call()?.messages.count == 5)
    }

    @Test func `a clock that is set back lengthens no pause`() {
        var bench = SchedulerBench()
        bench.scheduler.channel.ratePerSecond = 10
        for number in 0..<5 { bench.put(MessageSequence(1) + Int64(number), count: 1, segments: 2) }
        #expect(bench.call() != nil)
        #expect(bench.call() == nil)
        bench.now = bench.now.adding(milliseconds: -3_600_000)
        #expect(bench.call() == nil)
        bench.now = bench.now.adding(milliseconds: 200)
        #expect(bench.call() != nil)
        bench.scheduler.callsInFlight = 0
        bench.scheduler.health = .failing(failures: 1, until: bench.now.adding(milliseconds: 500), reason: "down")
        bench.now = bench.now.adding(milliseconds: -3_600_000)
        #expect(bench.call() == nil)
        bench.now = bench.now.adding(milliseconds: ChannelScheduler.backOffMax)
        #expect(bench.call() != nil)
    }

    @Test func `a message longer than the rate still goes out`() {
        var bench = SchedulerBench()
        bench.scheduler.channel.ratePerSecond = 1
        bench.put(1, count: 1, segments: 3)
        bench.put(2, count: 1, segments: 3)
        #expect(bench.call()?.messages.count == 1)
        #expect(bench.call() == nil)
        #expect(bench.scheduler.wakeUp(at: bench.now) == bench.now.adding(milliseconds: 3000))
        bench.now = bench.now.adding(milliseconds: 3000)
        #expect(bench.call()?.messages.count == 1)
    }

    @Test func `whoever waits for the rate says until when, and then may go`() throws {
        var bench = SchedulerBench(connectionLimit: 4)
        bench.scheduler.channel.ratePerSecond = 700
        for number in 0..<2000 { bench.put(MessageSequence(1) + Int64(number), count: 1) }
        while bench.scheduler.depth > 0 {
            if let call = bench.call() {
                bench.end(call, .accepted(nil))
            } else {
                bench.now = try #require(bench.scheduler.wakeUp(at: bench.now))
            }
        }
    }
}
