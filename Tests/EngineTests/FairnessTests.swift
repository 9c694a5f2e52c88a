import Messaging
import Store
import Testing

@testable import Engine

/// What one account sends does not stand before what another one sends.
struct FairnessTests {
    // MARK: In a scheduler

    @Test func `a code goes out with the next call, however much another account has waiting`() {
        var bench = SchedulerBench()
        bench.scheduler.depthMax = 1000
        for number in 0..<5000 { bench.put(MessageSequence(1) + Int64(number), count: 1) }
        bench.put(9000, count: 1, of: 2)
        let call = bench.call()
        #expect(call?.messages.count == 100)
        #expect(call?.messages.contains { $0.sequence == 9000 } == true)
        #expect(bench.calls().flatMap(\.messages).map(\.sequence) == Array(100...1000))
    }

    @Test func `accounts take turns with large submissions too`() {
        var bench = SchedulerBench(limits: CallLimits(sameContentMax: 10, distinctMax: 10))
        bench.put(1, count: 50)
        bench.put(100, count: 30, of: 2)
        bench.put(200, count: 10, of: 3)
        let firsts = bench.calls().compactMap(\.messages.first?.sequence)
        #expect(firsts == [1, 100, 200, 11, 110, 21, 120, 31, 41])
    }

    @Test func `where extensions end a call, an account's turn is a call`() {
        var bench = SchedulerBench(limits: CallLimits(sameContentMax: 10, distinctMax: 10, sharesExtension: true))
        for number in 0..<20 { bench.put(MessageSequence(1) + Int64(number), count: 1, accessExtension: "1") }
        for number in 0..<15 { bench.put(MessageSequence(100) + Int64(number), count: 1, of: 2, accessExtension: "2") }
        #expect(
            bench.calls().map { $0.messages.map(\.sequence) }
                == [Array(1...10), Array(100...109), Array(11...20), Array(110...114)])
    }

    @Test func `what is taken in vain is the first of its account's again`() throws {
        var bench = SchedulerBench(limits: CallLimits(sameContentMax: 10, distinctMax: 2))
        for number in 0..<4 { bench.put(MessageSequence(1) + Int64(number), count: 1) }
        let planned = bench.call()
        let call = try #require(planned)
        bench.put(100, count: 1, of: 2)
        bench.scheduler.withdraw(call)
        #expect(bench.calls().map { $0.messages.map(\.sequence) } == [[1, 100], [2, 3], [4]])
    }

    // MARK: Memory and disk

    /// All that the accounts wait with, on a disk of the test's own.
    private struct Bank {
        var queue = FairQueue()
        var dice: SeededGenerator
        var disk: [MessageSequence: AccountKey] = [:]
        var nextSequence: MessageSequence = 1
        var taken: [AccountKey: [MessageSequence]] = [:]
        let depthMax: Int

        static func item(_ sequences: [MessageSequence], of account: AccountKey) -> ChannelScheduler.Waiting {
            let messages = sequences.map {
                CommittedPart.Message(sequence: $0, mobile: PhoneNumber(rawValue: 13_000_000_000))
            }
            let part = CommittedPart(
                id: sequences[0], account: account, acceptedAt: TestClock.noon, content: "c", accessExtension: "",
                segments: 1, messages: messages)
            return ChannelScheduler.Waiting(part: part, messages: messages[...])
        }

        mutating func put(of account: AccountKey, count: Int) {
            let sequences = Array(nextSequence..<nextSequence + Int64(count))
            nextSequence += Int64(count)
            for sequence in sequences { disk[sequence] = account }
            queue.append(Self.item(sequences, of: account), depthMax: depthMax)
        }

        mutating func take() {
            guard var item = queue.popFirst() else { return }
            let count = Int.random(in: 1...item.messages.count, using: &dice)
            for message in item.messages.prefix(count) {
                disk[message.sequence] = nil
                taken[item.part.account, default: []].append(message.sequence)
            }
            item.messages = item.messages.dropFirst(count)
            if !item.messages.isEmpty { queue.putBack(item) }
        }

        /// Reads back as the dispatcher does: what is in the ranges, and of the account.
        mutating func refill() {
            guard let (account, _, wanted) = queue.mostWanting(depthMax: depthMax) else { return }
            let ranges = queue.withSpill(of: account) { $0.take(from: .min) }
            let there = ranges.flatMap { range in disk.keys.filter { range.contains($0) } }.sorted()
            let read = Array(there.prefix(wanted))
            let next = there.count > wanted ? there[wanted] : nil
            let own = read.filter { disk[$0] == account }
            queue.withSpill(of: account) { $0.finish(ranges, next: next, found: own.count) }
            for sequence in own {
                queue.append(Self.item([sequence], of: account), depthMax: depthMax, isReadBack: true)
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `every message comes out once, in its account's order, and memory is bounded`(seed: UInt64) {
        var bank = Bank(dice: SeededGenerator(seed: seed), depthMax: 200)
        let accounts = Int64(seed) * 3
        for _ in 0..<6000 {
            switch Int.random(in: 0..<10, using: &bank.dice) {
            case 0..<4:
                let account = AccountKey(Int64.random(in: 1...accounts, using: &bank.dice))
                bank.put(of: account, count: account == 1 ? 8 : Int.random(in: 1...3, using: &bank.dice))
            case 4..<8: bank.take()
            default: bank.refill()
            }
            #expect(bank.queue.depth <= 200 + 16 * Int(accounts))
            #expect(bank.queue.count == bank.disk.count)
        }
        #expect(bank.queue.count > bank.queue.depth, "nothing was left on disk only")
        while bank.queue.count > 0 {
            bank.refill()
            bank.take()
        }
        #expect(bank.disk.isEmpty)
        #expect(bank.taken.values.reduce(0) { $0 + $1.count } == Int(bank.nextSequence.rawValue) - 1)
        for (account, sequences) in bank.taken {
            #expect(sequences == sequences.sorted(), "account \(account)")
        }
    }

    @Test func `many accounts that come and go leave nothing behind`() {
        var queue = FairQueue()
        for account in 0..<5000 as Range<AccountKey> {
            queue.append(Bank.item([MessageSequence(account.rawValue + 1)], of: account), depthMax: 100)
            #expect(queue.popFirst()?.part.account == account)
        }
        #expect(queue.knownAccounts <= 1024)
        #expect(queue.isEmpty && queue.count == 0)
    }

    // MARK: In the whole engine

    private static func little(_ configuration: inout EngineConfiguration) { configuration.messagesInMemoryMax = 300 }

    @Test func `a code of another account overtakes thousands that wait on disk`() async throws {
        let gate = Gate()
        let carrier = FakeCarrier(limits: CallLimits(sameContentMax: 100, distinctMax: 10)) { carrier, call in
            if carrier.calls.count == 1 { await gate.pass() }
            return await FakeCarrier.deliver(carrier, call)
        }
        try await House.with(["one": carrier], channels: false, configure: Self.little) { house in
            try await house.channel("one", connectionLimit: 1)
            let flooder = try await house.account()
            let other = try await house.account("J10004")
            for place in 0..<2000 { _ = try await house.send([String(13_800_000_000 + place)], by: flooder) }
            let code = try await house.send(["13900139000"], by: other)
            try await eventually("all wait") { await house.engine.queueStatus().waiting >= 1991 }
            let before = carrier.calls.count
            gate.open()
            try await house.finals(2001)
            let place = try #require(carrier.calls.firstIndex { $0.messages.contains { $0.sequence == code } })
            #expect(place <= before + 1)
            #expect(carrier.sent.sorted() == Array(1...2001))
            #expect(try await house.isSound())
        }
    }

    @Test func `a message for which the carrier refuses everything for now does not keep the others back`() async throws
    {
        let carrier = FakeCarrier(limits: CallLimits(sameContentMax: 10, distinctMax: 1)) { carrier, call in
            if call.messages[0].mobile.text == "13800000000" { return .channelRefused(code: "09") }
            return await FakeCarrier.deliver(carrier, call)
        }
        try await House.with(["one": carrier], channels: false) { house in
            try await house.channel("one", connectionLimit: 1)
            let account = try await house.account()
            for place in 0..<20 { _ = try await house.send([String(13_800_000_000 + place)], by: account) }
            try await eventually("all the others") {
                house.clock.advance(milliseconds: 100)
                _ = house.engine.dispatcher.events.push(.tick)
                return house.engine.counters.snapshot.finalMessages == 19
            }
            #expect(await house.engine.queueStatus().waiting <= 1)
        }
    }

    @Test func `after a change of dialect no call is larger than the new one allows`() async throws {
        let (first, gate) = (Gate(), Gate())
        let many = FakeCarrier(limits: CallLimits(sameContentMax: 100, distinctMax: 100)) { carrier, call in
            if carrier.calls.count == 1 {
                await first.pass()
                return await FakeCarrier.deliver(carrier, call)
            }
            await gate.pass()
            return .messageRefused(code: "no")
        }
        let single = FakeCarrier(limits: CallLimits(sameContentMax: 100, distinctMax: 1))
        try await House.with(["many": many, "single": single], channels: false) { house in
            try await house.channel("many", connectionLimit: 1)
            let account = try await house.account()
            for place in 0..<300 {
                _ = try await house.send([String(13_800_000_000 + place)], "code \(place)", by: account)
            }
            try await eventually("all wait") {
                await house.engine.channelStatus().values.reduce(0) { $0 + $1.queued + $1.inFlight } == 300
            }
            first.open()
            try await house.finals(1)
            try await eventually("a call of many") { many.calls.count == 2 }
            _ = try await house.engine.updateChannel(name: "many") { _, endpoint in endpoint.url = "single" }
            gate.open()
            try await house.finals(300)
            #expect(many.calls.last?.messages.count == 100)
            #expect(single.calls.allSatisfy { $0.messages.count == 1 })
            #expect(single.sent.sorted() == (1...300).filter { many.calls[0].messages[0].sequence != $0 })
            #expect(try await house.isSound())
        }
    }
}
