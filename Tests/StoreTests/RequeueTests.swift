import Messaging
import Store
import Testing

/// Messages that are queued again behind the place from which queued ones are looked for.
struct RequeueTests {
    enum Cause: String, CaseIterable, Sendable {
        /// A route tries another channel after a failed report.
        case retry
        /// The channel's rule sends again what is uncertain.
        case rule
        /// An operator does.
        case hand
    }

    @Test(arguments: Cause.allCases)
    func `what is queued again is found by the search after a restart`(cause: Cause) async throws {
        var world = try World()
        let account = try await world.account()
        let channel = try await world.channel("one")
        let other = try await world.channel("two")
        let first = try await world.send(account, ["13800138000", "13800138001", "13800138002"])
        let attempt = try await world.begin(channel, [first + 1])
        _ = try await world.store.fail([first, first + 2], with: .noRoute, at: World.noon)
        #expect(try await !world.store.skipFinished(limit: 100))
        switch cause {
        case .retry:
            let members = [channel, other].map { Route.Member(channel: $0) }
            let codes = [DeliveryStatus("MK:0001")]
            try await world.store.insert(
                Route(name: "retry", channels: members, retryCodes: Set(codes)), at: World.noon)
            try await world.settle(attempt, .accepted(nil))
            try await world.apply(
                [World.report("m\(first + 1)", mobile: "13800138001", "MK:0001")], from: channel)
        case .rule:
            try await world.settle(attempt, .uncertain(detail: "closed"))
            _ = try await world.store.resendUncertain([attempt], at: World.noon)
        case .hand:
            try await world.settle(attempt, .uncertain(detail: "closed"))
            _ = try await world.store.settleByHand(
                [MessageID(sequence: first + 1)], as: .resend, reason: "", at: World.noon)
        }
        #expect(try await world.timeline(first + 1).state == .queued)
        try world.crash()
        let queued = try await world.store.queued(from: 0, limit: 10).parts.flatMap(\.messages).map(\.sequence)
        #expect(queued == [first + 1])
    }
}
