import Messaging
import Store
import Testing

/// How many commits a message costs, alone and in company.
struct CommitTests {
    @Test(arguments: [1, 300])
    func `messages cost six commits from their acceptance to their collection, however many they are`(
        count: Int
    ) async throws {
        let world = try World()
        let account = try await world.account()
        let channel = try await world.channel()
        let mobiles = (0..<count).map { "\(13_800_138_000 + $0)" }
        var commits = world.store.commitCount
        func expectOneCommit(_ step: String) {
            #expect(world.store.commitCount == commits + 1, "\(step)")
            commits = world.store.commitCount
        }
        let first = try await world.send(account, mobiles)
        expectOneCommit("accepted and charged")
        let attempt = try await world.begin(channel, first..<first + Int64(count))
        expectOneCommit("the call begins")
        try await world.settle(attempt, .accepted(.consecutive(from: 1000)))
        expectOneCommit("the call ends")
        let inbound = try await world.store.keep([0x7B], of: .polledReports, from: channel, at: World.noon)
        expectOneCommit("the raw body of the reports is stored")
        let reports = mobiles.indices.map { World.report("m\(first + Int64($0))", mobile: mobiles[$0]) }
        let outcome = try await world.store.apply(
            reports: reports, replies: [], of: inbound, from: channel, at: World.noon)
        #expect(outcome.effects.delivered == count)
        expectOneCommit("the reports are applied and put into the outbox")
        #expect(try await world.collect(account).count == count)
        expectOneCommit("the customer collects")
    }
}
