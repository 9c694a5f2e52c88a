import Dialects
import Messaging
import Testing

/// What we write in dialect 001 we read, and whatever comes is answered in it.
struct ApiV1RandomTests {
    private static let rounds = 10_000

    @Test("10,000 random sends are understood as they were meant")
    func sends() throws {
        var wire = RandomWire(seed: 1)
        for round in 0..<Self.rounds {
            let key = wire.identifier(bytesMax: ApiV1.taskIDBytesMax)
            // A positive integer, or nothing.
            let digits = String(wire.digits(0...ApiV1.extensionDigitsMax).drop { $0 == "0" })
            let part = Submission.Part(
                recipients: wire.recipients(max: ApiV1.numbersMax), content: wire.text(unitsMax: ApiV1.contentUnitsMax),
                customID: key, accessExtension: digits)
            let call = ApiV1.encodeCall(.send(part), account: "ABC123", password: "a+b&c")
            let request = try ApiV1.decodeRequest(.send, body: call.body)
            try #require(
                request.content
                    == .success(.send(Submission(parts: [part], idempotencyKey: key.isEmpty ? nil : key))),
                wire.at(round))
            try #require(request.credentials.password == ApiV1.digest(password: "a+b&c"), wire.at(round))
        }
    }

    @Test("10,000 random reports and replies, polled and pushed, arrive as they were given out")
    func lists() throws {
        var wire = RandomWire(seed: 2)
        for round in 0..<Self.rounds / 10 {
            let reports = (0..<10).map { _ in wire.report() }
            let wanted = reports.map(Self.asCarrier)
            let polled = try ApiV1.encodeAnswer(.reports(reports))
                .withUnsafeBytes { try ApiV1.ReportsAnswer(decoding: $0) }
            try #require(polled.isSuccess && polled.reports == wanted, wire.at(round))
            let pushed = try reports.map { report in
                try ApiV1.encodePush(report: report).withUnsafeBytes { try ApiV1.decodePush($0) }
            }
            try #require(pushed == wanted.map { ApiV1.InboundPush(reports: [$0]) }, wire.at(round))
            let replies = (0..<10).map { _ in wire.reply() }
            let fetched = try ApiV1.encodeAnswer(.replies(replies))
                .withUnsafeBytes { try ApiV1.RepliesAnswer(decoding: $0) }
            try #require(
                fetched.isSuccess
                    && fetched.replies
                        == replies.map { reply in
                            Self.asCarrier(reply, String(reply.accessExtension.drop { $0 == "0" }))
                        },
                wire.at(round))
            let received = try replies.map { reply in
                try ApiV1.encodePush(reply: reply).withUnsafeBytes { try ApiV1.decodePush($0) }
            }
            try #require(
                received
                    == replies.map { ApiV1.InboundPush(replies: [Self.asCarrier($0, $0.accessExtension)]) },
                wire.at(round))
        }
    }

    @Test("10,000 random answers to sends, balances and failures are read as they were given")
    func answers() throws {
        var wire = RandomWire(seed: 3)
        for round in 0..<Self.rounds {
            let id = wire.identifier(bytesMax: 64)
            let accepted = ApiV1.encodeAnswer(.accepted(Acceptance(firstID: MessageID(sequence: 1), customID: id)))
            let answer = try accepted.withUnsafeBytes { try ApiV1.SendAnswer(decoding: $0) }
            try #require(answer == ApiV1.SendAnswer(code: "00", taskID: id, message: "成功"), wire.at(round))
            let unit = ChargeUnit.allCases[wire.number(0...1)]
            let balance = ApiV1.Balance(
                unit: unit, amount: Int64(wire.number(-1_000_000_000_000...1_000_000_000_000)),
                payment: Account.Payment.allCases[wire.number(0...1)])
            let said = try ApiV1.encodeAnswer(.balance(balance))
                .withUnsafeBytes { try ApiV1.BalanceAnswer(decoding: $0) }
            try #require(unit.amount(said.balance) == balance.amount && said.payment == balance.payment, wire.at(round))
        }
    }

    @Test("100,000 mutated requests are understood or refused in well-formed words, and carriers' bodies harm nothing")
    func mutations() throws {
        var wire = RandomWire(seed: 4)
        let goldens = [
            ApiV1SeedTests.send, "account=A&pwd=b", ApiV1SeedTests.reports, ApiV1SeedTests.replies,
            #"{"mobile":"139","content":"x","times":"2019-04-12 17:57:08","extNo":"1"}"#,
        ].map { Array($0.utf8) }
        var bodies = Reading()
        bodies.judgesFields = true
        for round in 0..<100_000 {
            let bytes = wire.mutated(goldens[round % goldens.count])
            let operation = ApiV1.Operation.allCases[round % 4]
            do throws(Rejection) {
                _ = try ApiV1.decodeRequest(operation, body: bytes).content.get()
            } catch {
                let refusal = ApiV1.encodeFailure(error)
                let answer = try refusal.withUnsafeBytes { try ApiV1.SendAnswer(decoding: $0) }
                try #require(answer.code == ApiV1.resultCode(for: error) && !answer.isAccepted, wire.at(round))
            }
            switch round % 3 {
            case 0:
                bodies.reports(bytes, \.reports) { raw throws(Rejection) in try ApiV1.ReportsAnswer(decoding: raw) }
            case 1:
                bodies.replies(bytes, \.replies) { raw throws(Rejection) in try ApiV1.RepliesAnswer(decoding: raw) }
            default: bodies.reports(bytes, \.reports) { raw throws(Rejection) in try ApiV1.decodePush(raw) }
            }
        }
        bodies.expectBoth(atLeast: 1000)
    }

    @Test("a carrier's answer that is none is refused", arguments: ["", "x", "[]", "{}", #"{"data":[]}"#, "<html>"])
    func noAnswer(body: String) {
        #expect(throws: Rejection.malformedJSON) {
            try Array(body.utf8).withUnsafeBytes { try ApiV1.ReportsAnswer(decoding: $0) }
        }
    }

    private static func asCarrier(_ report: CustomerReport) -> CarrierReport {
        CarrierReport(
            customID: report.customID, carrierID: nil, segmentNumber: nil, mobile: report.mobile,
            status: report.status, reportedAt: report.reportedAt)
    }

    private static func asCarrier(_ reply: CustomerReply, _ accessExtension: String) -> CarrierReply {
        CarrierReply(
            carrierID: nil, mobile: reply.mobile, accessNumber: "", content: reply.content,
            receivedAt: reply.receivedAt, accessExtension: accessExtension)
    }
}
