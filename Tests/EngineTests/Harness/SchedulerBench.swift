import Messaging
import Store

@testable import Engine

/// A scheduler with a clock and messages to put into it.
struct SchedulerBench {
    var scheduler: ChannelScheduler
    var now = TestClock.noon

    init(
        connectionLimit: Int = 100, limits: CallLimits = CallLimits(sameContentMax: 1000, distinctMax: 100)
    ) {
        let channel = Channel(name: "one", accessNumber: "1", connectionLimit: connectionLimit)
        scheduler = ChannelScheduler(channel: channel, limits: limits)
    }

    mutating func put(
        _ first: MessageSequence, count: Int, segments: Int = 1, of account: AccountKey = 1,
        accessExtension: String = ""
    ) {
        put(
            first, mobiles: (0..<Int64(count)).map { 13_000_000_000 + first.rawValue + $0 }, segments: segments,
            of: account,
            accessExtension: accessExtension)
    }

    mutating func put(
        _ first: MessageSequence, mobiles: [Int64], segments: Int = 1, of account: AccountKey = 1,
        accessExtension: String = ""
    ) {
        let messages = mobiles.enumerated().map { offset, mobile in
            CommittedPart.Message(sequence: first + Int64(offset), mobile: PhoneNumber(rawValue: mobile))
        }
        let part = CommittedPart(
            id: first, account: account, acceptedAt: now, content: "c", accessExtension: accessExtension,
            segments: segments,
            messages: messages)
        scheduler.enqueue(ChannelScheduler.Waiting(part: part, messages: messages[...]))
    }

    mutating func call() -> ChannelScheduler.PlannedCall? { scheduler.nextCall(at: now) }

    mutating func calls() -> [ChannelScheduler.PlannedCall] {
        var all: [ChannelScheduler.PlannedCall] = []
        while let call = call() { all.append(call) }
        return all
    }

    mutating func calls(max: Int) -> [ChannelScheduler.PlannedCall] {
        (0..<max).compactMap { _ in call() }
    }

    @discardableResult
    mutating func end(
        _ call: ChannelScheduler.PlannedCall, _ outcome: SubmitOutcome, jitter: Double = 0
    ) -> ChannelScheduler.Resolution {
        scheduler.ended(call, outcome, at: now, jitter: jitter)
    }

    mutating func removeAll() -> [CommittedPart.Message] { scheduler.removeAll().flatMap { Array($0.messages) } }

    /// Lets the clock run, ends every call at once, and counts the segments.
    mutating func run(milliseconds: Int) -> Int {
        var segments = 0
        for _ in 0..<milliseconds {
            while let call = call() {
                segments += call.messages.reduce(0) { $0 + $1.segments }
                end(call, .accepted(nil))
            }
            now = now.adding(milliseconds: 1)
        }
        return segments
    }
}
