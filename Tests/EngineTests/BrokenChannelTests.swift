import Foundation
import Messaging
import Store
import Testing

@testable import Engine

/// Settings that cannot work, and the mode in which they are put right.
struct BrokenChannelTests {
    @Test func `a stored channel that cannot work is off, and the others work`() async throws {
        let (one, two) = (FakeCarrier(), FakeCarrier())
        let house = try await House.open(["one": one, "two": two])
        try await house.channel("one", priority: 1)
        try await house.channel("two")
        let account = try await house.account()
        // For the next start there is no driver for it.
        let again = try await house.again(["two": two])
        let entry = try #require(await again.engine.channels.channel(named: "one"))
        #expect(entry.problem?.contains("there is no one") == true)
        let reached = try #require(again.engine.accounts.directory.account(id: account.account.id))
        let sequence = try await again.send(by: reached)
        try await again.waitUntil(sequence, is: .delivered)
        #expect(try await again.timeline(sequence).channel == "two")
        // What it pushed meanwhile waits for its driver.
        let kept = try await again.engine.inbound.keep(
            Array("R|m\(sequence)|\(House.mobile)|DELIVRD".utf8), of: .pushed, from: entry)
        #expect(try await again.engine.inbound.process(kept, from: entry) == nil)
        #expect(try await again.engine.unmatched.counts().pendingBodies == 1)
        let mended = try await again.engine.updateChannel(name: "one") { $1.url = "two" }
        #expect(mended.problem == nil)
        let third = try await again.again()
        #expect(try await third.engine.unmatched.counts().pendingBodies == 0)
        await third.stop()
    }

    @Test func `in safe mode nothing is sent or asked, and what is submitted waits`() async throws {
        let carrier = FakeCarrier()
        let house = try await House.open(["one": carrier])
        try await house.channel("one")
        try await house.account()
        let safe = try await house.again { $0.isSafe = true }
        let before = carrier.fetches
        let account = try #require(safe.engine.accounts.directory.account(id: "J10003"))
        carrier.put("R|m900001|13800138000|DELIVRD", as: .polledReports)
        let sequence = try await safe.send(by: account)
        for _ in 0..<50 { try await safe.engine.proveAlive() }
        // Settings can be changed, and are checked as ever.
        _ = try await safe.engine.updateChannel(name: "one") { channel, _ in channel.weight = 2 }
        await #expect(throws: ChannelStore.ChangeFailure.self) {
            _ = try await safe.engine.updateChannel(name: "one") { $1.url = "nowhere" }
        }
        for _ in 0..<50 { try await safe.engine.proveAlive() }
        #expect(carrier.calls.isEmpty && carrier.fetches == before)
        #expect(try await safe.timeline(sequence).state == .queued)
        let well = try await safe.again()
        try await well.waitUntil(sequence, is: .delivered)
        #expect(try #require(await well.engine.channels.channel(named: "one")).channel.weight == 2)
        await well.stop()
    }

    @Test func `a channel's token is random, stays, and can be replaced`() async throws {
        let house = try await House.open(["one": FakeCarrier(), "two": FakeCarrier()])
        let first = try await house.channel("one").callback
        #expect(first.token.utf8.count == 32 && first.before == nil)
        #expect(try await house.channel("two").callback.token != first.token)
        let second = try await house.engine.updateChannel(
            name: "one",
            callback: CallbackChange(makesNewToken: true, networks: [try #require(IPNetwork("10.0.0.0/8"))])
        ) { _, _ in }.callback
        #expect(second.token != first.token && second.before?.token == first.token)
        let other = try await house.engine.updateChannel(name: "one") { channel, _ in channel.weight = 3 }
        #expect(other.callback == second, "a change of something else leaves it")
        let again = try await house.again()
        #expect(await again.engine.channels.channel(named: "one")?.callback == second)
        for name in try FileManager.default.contentsOfDirectory(atPath: again.directory.path) where name != "portal" {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: again.directory.path + "/" + name))
            for token in [first.token, second.token] {
                #expect(bytes.range(of: Data(token.utf8)) == nil, "\(name) holds a token in the clear")
            }
        }
        await again.stop()
    }
}
