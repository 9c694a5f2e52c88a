import Messaging
import Store
import Testing

/// One final report of each segment, whatever the carrier says and says again.
struct FinalReportTests {
    /// What a carrier says of a message, in order, and what must be left of it.
    struct Story: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var segments = 1
        var says: [Say]
        /// What the customer hears, by segment, in order.
        var heard: [String]
        var state: MessageState
        var status: String
        /// Segments that are given back where failures are.
        var refunded: Int
        /// On the timeline, in order.
        var repeated: [String]
    }

    enum Say: Sendable {
        case whole(String)
        case segment(Int, String)
        /// Not the carrier: the time ran out.
        case timeout
    }

    static let stories = [
        Story(
            testDescription: "twice", says: [.whole("DELIVRD"), .whole("DELIVRD")], heard: ["1 DELIVRD"],
            state: .delivered, status: "DELIVRD", refunded: 0, repeated: ["DELIVRD"]),
        Story(
            testDescription: "changed mind: delivered first", says: [.whole("DELIVRD"), .whole("UNDELIV")],
            heard: ["1 DELIVRD"], state: .delivered, status: "DELIVRD", refunded: 0, repeated: ["UNDELIV"]),
        Story(
            testDescription: "changed mind: failed first", says: [.whole("MK:0001"), .whole("DELIVRD")],
            heard: ["1 MK:0001"], state: .failed, status: "MK:0001", refunded: 1, repeated: ["DELIVRD"]),
        Story(
            testDescription: "DELIVRD after EXPIRED", says: [.timeout, .whole("DELIVRD"), .timeout],
            heard: ["1 EXPIRED"], state: .failed, status: "EXPIRED", refunded: 1, repeated: ["DELIVRD"]),
        Story(
            testDescription: "DELIVRD of each segment after EXPIRED", segments: 3,
            says: [.timeout, .segment(2, "DELIVRD"), .segment(1, "DELIVRD"), .segment(3, "DELIVRD")],
            heard: ["1 EXPIRED", "2 EXPIRED", "3 EXPIRED"], state: .failed, status: "EXPIRED", refunded: 3,
            repeated: ["DELIVRD", "DELIVRD", "DELIVRD"]),
        Story(
            testDescription: "one segment in time, the others after EXPIRED", segments: 3,
            says: [.segment(2, "DELIVRD"), .timeout, .segment(1, "DELIVRD"), .segment(3, "UNDELIV")],
            heard: ["2 DELIVRD", "1 EXPIRED", "3 EXPIRED"], state: .failed, status: "EXPIRED", refunded: 2,
            repeated: ["DELIVRD", "UNDELIV"]),
        Story(
            testDescription: "the whole message, then its segments", segments: 2,
            says: [.whole("DELIVRD"), .segment(1, "DELIVRD"), .segment(2, "UNDELIV")],
            heard: ["1 DELIVRD", "2 DELIVRD"], state: .delivered, status: "DELIVRD", refunded: 0,
            repeated: ["DELIVRD", "UNDELIV"]),
        Story(
            testDescription: "a segment, then the whole message, then the other segment", segments: 2,
            says: [.segment(1, "DELIVRD"), .whole("UNDELIV"), .segment(2, "DELIVRD")],
            heard: ["1 DELIVRD", "2 UNDELIV"], state: .failed, status: "UNDELIV", refunded: 1,
            repeated: ["DELIVRD"]),
        Story(
            testDescription: "each segment twice, the second time otherwise", segments: 2,
            says: [
                .segment(1, "DELIVRD"), .segment(1, "UNDELIV"), .segment(2, "DELIVRD"), .segment(2, "UNDELIV"),
            ], heard: ["1 DELIVRD", "2 DELIVRD"], state: .delivered, status: "DELIVRD", refunded: 0,
            repeated: ["UNDELIV", "UNDELIV"]),
        Story(
            testDescription: "a segment again before the others are there", segments: 2,
            says: [.segment(2, "UNDELIV"), .segment(2, "DELIVRD"), .timeout], heard: ["2 UNDELIV", "1 EXPIRED"],
            state: .failed, status: "UNDELIV", refunded: 2, repeated: ["DELIVRD"]),
    ]

    /// In a body each, and as many as can be in one body.
    @Test(arguments: stories, [false, true])
    func `the first final report of a segment wins`(_ story: Story, isOneBody: Bool) async throws {
        let world = try World()
        let account = try await world.account(refund: .failed)
        let channel = try await world.channel()
        let sequence = try await world.send(account, segments: story.segments)
        try await world.submit(channel, [sequence])
        let later = World.noon.adding(milliseconds: 1)
        var waiting: [CarrierReport] = []
        for say in story.says {
            switch say {
            case .whole(let status): waiting.append(World.report("m\(sequence)", status))
            case .segment(let number, let status):
                waiting.append(World.report("m\(sequence)", segment: number, of: story.segments, status))
            case .timeout: break
            }
            if case .timeout = say {} else if isOneBody { continue }
            if !waiting.isEmpty { try await world.apply(waiting, from: channel, at: later) }
            waiting = []
            if case .timeout = say { _ = try await world.store.expire(begunBefore: later, at: later) }
        }
        if !waiting.isEmpty { try await world.apply(waiting, from: channel, at: later) }

        let heard = try await world.collect(account)
        #expect(heard.map { "\($0.segmentNumber) \($0.status.code)" } == story.heard)
        let timeline = try await world.timeline(sequence)
        #expect(timeline.state == story.state)
        #expect(timeline.status == story.status)
        #expect(timeline.refunded == Int64(story.refunded) * World.price)
        // What comes more than once is one entry with a counter.
        var repeated: [String] = []
        for status in story.repeated where !repeated.contains(where: { $0.hasPrefix(status) }) {
            let times = story.repeated.count { $0 == status }
            repeated.append(times == 1 ? status : "\(status), \(times) times, the last at \(later.chinaText)")
        }
        #expect(timeline.entries.filter { $0.kind == "repeated report" }.map(\.detail) == repeated)
        #expect(
            try await world.balance(account) == World.opening - Int64(story.segments - story.refunded) * World.price)
        #expect(try await world.store.verifyLedger().differences.isEmpty)
        let total = try await world.store.total(account: account, days: World.today...World.today)
        #expect(total.delivered + total.failed == 1)
        #expect(total.delivered == (story.state == .delivered ? 1 : 0))
    }
}
