import Messaging
import Store
import Testing

@testable import Engine

/// What carriers hand us and that has no owner, as the engine and the operator try it again.
struct UnmatchedItemsTests {
    private static let silent: FakeCarrier.Answer = { _, _ in .accepted(nil) }

    private func ids(_ house: House, _ state: ParkedItem.State? = nil) async throws -> [String] {
        try await house.engine.unmatched.list(ParkedFilter(state: state), after: nil, limit: 100).map(\.id.text)
    }

    private func parked(_ house: House, _ count: Int) async throws {
        try await eventually("\(count) parked") { house.engine.counters.snapshot.parkedItems == count }
    }

    @Test func `a reply finds its owner when there is one`() async throws {
        try await House.with { house in
            let carrier = try #require(house.carriers["one"])
            carrier.reply(from: House.mobile, to: "106900121228801", "T")
            try await parked(house, 1)
            #expect(try await ids(house) == ["M1"])
            let account = try await house.account(accessExtension: "88")
            house.clock.advance(milliseconds: 1000)
            try await eventually("its owner") { try await ids(house).isEmpty }
            let replies = try await house.engine.outbox.collectReplies(for: account, limit: 9)
            #expect(replies.map(\.content) == ["T"])
            #expect(replies.map(\.accessExtension) == ["01"])
        }
    }

    @Test func `a report without a message expires, and replaying it finds the message that came since`() async throws {
        let carrier = FakeCarrier(answer: Self.silent)
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await House.with(["one": carrier], configure: { $0.parking.parkFor = 60_000 }) { house in
            let account = try await house.account()
            carrier.report(tag: "m1", mobile: House.mobile)
            try await parked(house, 1)
            house.clock.advance(milliseconds: 60_000)
            try await eventually("its expiry") { try await ids(house, .expired) == ["R1"] }
            #expect(try await ids(house, .waiting).isEmpty)
            let inVain = try await house.engine.unmatched.replay([ParkedID(.report, 1)], to: nil)
            #expect(inVain.settled == 0)
            #expect(inVain.left.map(\.reason) == ["it matches no message"])
            let sequence = try await house.send(by: account)
            try await eventually("the call") { house.engine.counters.snapshot.submittedMessages == 1 }
            #expect(sequence == 1)
            house.clock.advance(milliseconds: 3_600_000)
            #expect(try await house.timeline(sequence).state == .submitted)
            let replay = try await house.engine.unmatched.replay(
                [ParkedID(.report, 1), ParkedID(.report, 9)], to: nil)
            #expect(replay.tried == 2)
            #expect(replay.settled == 1)
            #expect(replay.left.map(\.id.text) == ["R9"])
            #expect(replay.left.map(\.reason) == ["there is no such item"])
            #expect(try await house.timeline(sequence).state == .delivered)
            #expect(house.engine.counters.snapshot.deliveredMessages == 1)
            #expect(try await ids(house).isEmpty)
        }
    }

    @Test(arguments: [InboundKind.pushed, .polledReports])
    func `a body that was stored and not applied is applied while the service runs`(kind: InboundKind) async throws {
        let carrier = FakeCarrier(answer: Self.silent)
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await House.with(["one": carrier], configure: { $0.sweepInterval = 10 }) { house in
            let account = try await house.account()
            let sequence = try await house.send(by: account)
            try await eventually("the call") { house.engine.counters.snapshot.submittedMessages == 1 }
            // As when the disk took the body and then took nothing for a while.
            let body = Array("R|m\(sequence)|\(House.mobile)|DELIVRD".utf8)
            _ = try await house.engine.store.keep(body, of: kind, from: 1, at: house.clock.now)
            _ = try await house.engine.store.keep(
                Array("R|m\(sequence)|\(House.mobile)|UNDELIV".utf8), of: .pushed, from: 1, at: house.clock.now,
                failure: "wrong credentials")
            _ = try await house.engine.store.keep(body, of: .pushed, from: 99, at: house.clock.now)
            house.clock.advance(milliseconds: 4999)
            #expect(try await house.timeline(sequence).state == .submitted)
            house.clock.advance(milliseconds: 1)
            try await house.waitUntil(sequence, is: .delivered)
            // That of a channel that is no more stays for the operator, as the refused one does.
            try await eventually("the last one") { try await ids(house, .unreadable) == ["B3", "B2"] }
            #expect(try await ids(house) == ["B3", "B2"])
            #expect(house.engine.counters.snapshot.inboundReports == 1)
        }
    }

    @Test func `a body that could not be read is read again by hand`() async throws {
        let carrier = FakeCarrier(answer: Self.silent)
        try await House.with(["one": carrier]) { house in
            let account = try await house.account()
            let sequence = try await house.send(by: account)
            try await eventually("the call") { house.engine.counters.snapshot.submittedMessages == 1 }
            let good = "R|m\(sequence)|\(House.mobile)|DELIVRD\nR|m99|\(House.mobile)|DELIVRD"
            for text in [good, "nonsense"] {
                _ = try await house.engine.store.keep(
                    Array(text.utf8), of: .pushed, from: 1, at: house.clock.now, failure: "an older version's words")
            }
            let (replay, last) = try await house.engine.unmatched.replayAll(ParkedFilter(), to: nil, after: nil)
            #expect(last?.text == "B2")
            #expect(replay.tried == 2)
            #expect(replay.settled == 1)
            #expect(replay.parked == 1)
            #expect(replay.left.map(\.id.text) == ["B2"])
            #expect(try await house.timeline(sequence).state == .delivered)
            #expect(try await ids(house) == ["R1", "B2"])
            let item = try await house.engine.unmatched.item(ParkedID(.body, 2), bytesFrom: 0, length: 100)
            guard case .body(let body) = item.content else {
                Issue.record("\(item)")
                return
            }
            #expect(body.bytes == Array("nonsense".utf8))
            #expect(body.failure == "not four fields")
            let end = try await house.engine.unmatched.replayAll(ParkedFilter(), to: nil, after: last)
            #expect(end.last == nil)
        }
    }

    @Test func `an operator gives a reply to an account`() async throws {
        try await House.with { house in
            let carrier = try #require(house.carriers["one"])
            let one = try await house.account("A1", accessExtension: "7")
            _ = try await house.account("A2", accessExtension: "7")
            carrier.reply(from: House.mobile, to: "10690012122705", "T")
            carrier.reply(from: House.mobile, to: "999", "Y")
            try await parked(house, 2)
            let inVain = try await house.engine.unmatched.replay([ParkedID(.reply, 1)], to: nil)
            #expect(inVain.left.map(\.reason) == ["it has no owner"])
            let replay = try await house.engine.unmatched.replay([ParkedID(.reply, 1), ParkedID(.reply, 2)], to: one)
            #expect(replay.settled == 2)
            let replies = try await house.engine.outbox.collectReplies(for: one, limit: 9)
            #expect(replies.map(\.content).sorted() == ["T", "Y"])
            #expect(Set(replies.map(\.accessExtension)) == ["05", ""])
        }
    }
}
