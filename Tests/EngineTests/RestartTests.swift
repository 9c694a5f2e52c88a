import Foundation
import Messaging
import Secrets
import Store
import Testing

@testable import Engine

struct RestartTests {
    @Test func `queued messages go out after a restart, once`() async throws {
        let carrier = FakeCarrier()
        let house = try await House.open(["one": carrier])
        let account = try await house.account()
        let first = try await house.send((0..<15).map { String(13_800_138_000 + $0) }, by: account)
        let second = try await house.again()
        try await second.channel("one")
        try await second.finals(15)
        #expect(carrier.sent.sorted() == Array(first..<(first + 15)))
        let third = try await second.again()
        let other = try await third.send(by: try #require(third.engine.accounts.directory.account(id: "J10003")))
        try await third.waitUntil(other, is: .delivered)
        #expect(carrier.sent.count == 16)
        await third.stop()
    }

    @Test func `a scheduled submission goes out when it is due, also after a restart`() async throws {
        let carrier = FakeCarrier()
        let house = try await House.open(["one": carrier])
        try await house.channel("one")
        let account = try await house.account()
        let due = house.clock.now.adding(milliseconds: 3_600_000)
        let sequence = try await house.send([House.mobile, "13900139000"], by: account, at: due)
        #expect(account.runtime.balance == (1_000_000 - 2) * House.price)
        let now = try await house.send(["13800138001"], by: account)
        try await house.waitUntil(now, is: .delivered)
        let second = try await house.again()
        second.clock.advance(milliseconds: 3_599_999)
        let again = try #require(second.engine.accounts.directory.account(id: "J10003"))
        let later = try await second.send(["13800138002"], by: again)
        try await second.waitUntil(later, is: .delivered)
        #expect(carrier.sent == [now, later])
        #expect(try await second.timeline(sequence).state == .scheduled)
        second.clock.advance(milliseconds: 1)
        try await second.waitUntil(sequence, is: .delivered)
        try await second.waitUntil(sequence + 1, is: .delivered)
        #expect(carrier.sent.sorted() == [sequence, sequence + 1, now, later])
        await second.stop()
    }

    @Test func `an attempt that a crash interrupted is not repeated, and its report counts`() async throws {
        let carrier = FakeCarrier()
        let house = try await House.open(["one": carrier])
        let account = try await house.account()
        let sequence = try await house.send(by: account)
        await house.stop()
        // What a crash leaves: the attempt is on disk, nobody knows what became of it.
        let store = try Store(directory: house.directory.path)
        let attempt = NewAttempt(channel: 1, messages: SequenceRuns([sequence]))
        _ = try await store.begin([attempt], at: house.clock.now)
        await store.close()
        let second = try await House.open(["one": carrier], in: house.directory, key: house.key)
        try await second.channel("one")
        let again = try #require(second.engine.accounts.directory.account(id: "J10003"))
        let other = try await second.send(by: again)
        try await second.waitUntil(other, is: .delivered)
        #expect(try await second.timeline(sequence).attemptState == .uncertain)
        #expect(carrier.sent == [other])
        carrier.report(tag: "m\(sequence)", mobile: House.mobile)
        try await second.waitUntil(sequence, is: .delivered)
        await second.stop()
    }

    @Test func `a body that was stored and not applied is applied at the start`() async throws {
        let carrier = FakeCarrier { _, _ in .uncertain(reason: "closed") }
        let house = try await House.open(["one": carrier])
        try await house.channel("one")
        let account = try await house.account()
        let sequence = try await house.send(by: account)
        try await eventually("the call") { house.engine.counters.snapshot.submittedMessages == 1 }
        await house.stop()
        let store = try Store(directory: house.directory.path)
        let body = Array("R|m\(sequence)|\(House.mobile)|UNDELIV".utf8)
        _ = try await store.keep(body, of: .polledReports, from: 1, at: house.clock.now)
        _ = try await store.keep(Array("garbage".utf8), of: .polledReports, from: 1, at: house.clock.now)
        await store.close()
        let second = try await House.open(["one": carrier], in: house.directory, key: house.key)
        #expect(try await second.timeline(sequence).status == "UNDELIV")
        #expect(try await second.engine.store.pendingInbound().isEmpty)
        await second.stop()
    }

    @Test(arguments: [true, false])
    func `what a poll has taken off the carrier is kept when the poll is ended`(byStop: Bool) async throws {
        let gate = Gate()
        let carrier = FakeCarrier(fetchGate: gate)
        let house = try await House.open(["one": carrier])
        try await house.channel("one")
        let account = try await house.account()
        let sequence = try await house.send(by: account)
        try await eventually("a fetch under way") { carrier.calls.count == 1 && carrier.fetchable == 0 }
        guard byStop else {
            _ = try await house.engine.updateChannel(name: "one") { channel, _ in channel.priority = 3 }
            gate.open()
            try await house.waitUntil(sequence, is: .delivered)
            await house.stop()
            return
        }
        let stopping = Task { await house.stop() }
        try await eventually("the end of the intake") { await house.submit(by: account) == .failure(.overloaded) }
        gate.open()
        await stopping.value
        let second = try await House.open(["one": carrier], in: house.directory, key: house.key)
        #expect(try await second.timeline(sequence).state == .delivered)
        await second.stop()
    }

    @Test func `accounts and channels come back, and their secrets are sealed on disk`() async throws {
        let house = try await House.open(["one": FakeCarrier()])
        let secrets = AccountSecrets(
            apiPassword: "open-sesame-42", apiKey: "key-of-ali-baba-77", clientSecret: "of-the-client-12",
            appSecret: "of-the-app-34")
        let account = Account(
            id: "A1", price: Money(microYuan: 31_000), accessExtension: "88", enterpriseID: "1001", clientID: "c-9",
            spCode: "100001", smsSerialStrict: true, noDataCode: true)
        _ = try await house.engine.billing.addAccount(account, secrets: secrets, openingBalance: 5)
        _ = try await house.channel("one")
        let channel = try await house.engine.updateChannel(name: "one") { _, endpoint in
            endpoint.clientID = "us"
            endpoint.clientSecret = "of-ours-at-the-carrier"
            endpoint.spCode = "100002"
            endpoint.enterpriseID = "1002"
        }
        await house.stop()
        for name in try FileManager.default.contentsOfDirectory(atPath: house.directory.path) where name != "portal" {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: house.directory.path + "/" + name))
            for secret in [
                "open-sesame-42", "key-of-ali-baba-77", "of-the-client-12", "of-the-app-34", "sim-secret",
                "of-ours-at-the-carrier",
            ] {
                #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret) stands in \(name)")
            }
        }
        let second = try await House.open(house.carriers, in: house.directory, key: house.key)
        let entry = try #require(second.engine.accounts.directory.account(apiKey: "key-of-ali-baba-77"))
        #expect(entry.secrets == secrets)
        #expect(entry.account == account)
        #expect(second.engine.accounts.directory.account(clientID: "c-9")?.account.id == "A1")
        #expect(second.engine.accounts.directory.account(clientID: "") == nil)
        let again = try #require(await second.engine.channels.channel(named: "one"))
        #expect(again.endpoint == channel.endpoint)
        #expect(again.channel == channel.channel)
        #expect(again.callbackToken == channel.callbackToken)
        await second.stop()
    }

    @Test(arguments: [true, false])
    func `with another master key nothing starts, and a sentence says why`(account: Bool) async throws {
        let house = try await House.open(["one": FakeCarrier()])
        if account { try await house.account() } else { try await house.channel("one") }
        await house.stop()
        do {
            let wrong = try await House.open(house.carriers, in: house.directory, key: SealingKey.generate())
            await wrong.stop()
            Issue.record("it started")
        } catch let failure as StoreFailure {
            guard case .damaged(let sentence) = failure else {
                Issue.record("\(failure)")
                return
            }
            #expect(sentence.contains(account ? "account J10003" : "channel one"))
            #expect(sentence.contains("key file"))
        }
        // The right key still opens it.
        let right = try await House.open(house.carriers, in: house.directory, key: house.key)
        await right.stop()
    }
}
