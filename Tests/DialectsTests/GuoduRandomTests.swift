import Dialects
import Messaging
import Testing

/// What we write in dialect 003 we read, and whatever comes is answered in it.
struct GuoduRandomTests {
    private static let rounds = 10_000

    @Test("10,000 random submissions of each manner are understood as they were meant")
    func submissions() throws {
        var wire = RandomWire(seed: 11)
        for round in 0..<Self.rounds {
            let appendID = wire.digits(0...Guodu.extensionDigitsMax)
            // A text that looks encoded cannot be told from one that was encoded twice.
            let shared = Submission.Part(
                recipients: wire.recipients(max: Guodu.numbersMax),
                content: wire.text(unitsMax: Guodu.contentUnitsMax, holdsSequences: false), accessExtension: appendID)
            let call = Guodu.encodeCall(.shared(shared), operatorID: "ABC123", password: "p\"w%")
            let request = try Guodu.decodeRequest(body: call)
            try #require(
                request.credentials == Guodu.Credentials(operatorID: "ABC123", password: "p\"w%"), wire.at(round))
            let variant: Guodu.Variant = shared.recipients.count == 1 ? .single : .batch
            try #require(
                request.content == .success(Guodu.Content(Submission(parts: [shared]), variant: variant)),
                wire.at(round))

            let count = round % 500 == 0 ? 500 : wire.number(2...6)
            let parts = (0..<count).map { _ in
                Submission.Part(
                    recipients: [.number(wire.phone())], content: wire.text(unitsMax: Guodu.contentUnitsMax),
                    accessExtension: appendID)
            }
            let personalised = Guodu.encodeCall(.personalised(parts), operatorID: "ABC123", password: "x")
            try #require(
                try Guodu.decodeRequest(body: personalised).content
                    == .success(Guodu.Content(Submission(parts: parts), variant: .personalised)), wire.at(round))
        }
    }

    @Test("10,000 random reports and replies arrive as they were pushed")
    func pushes() throws {
        var wire = RandomWire(seed: 12)
        for round in 0..<Self.rounds / 10 {
            let reports = (0..<10).map { _ in wire.report() }
            let received = try Guodu.encodePush(reports: reports).withUnsafeBytes { try Guodu.decodePush($0) }
            try #require(received == Guodu.InboundPush(reports: reports.map(Self.asCarrier)), wire.at(round))
            let replies = (0..<10).map { _ in wire.reply() }
            let heard = try Guodu.encodePush(replies: replies).withUnsafeBytes { try Guodu.decodePush($0) }
            try #require(heard == Guodu.InboundPush(replies: replies.map(Self.asCarrier)), wire.at(round))
        }
    }

    @Test("10,000 random answers are read as they were given")
    func answers() throws {
        var wire = RandomWire(seed: 13)
        for round in 0..<Self.rounds {
            let id = MessageID(sequence: MessageSequence(Int64(wire.number(1...Int(MessageID.sequenceMax)))))
            let variant = Guodu.Variant.allCases[wire.number(0...2)]
            let answer = try Guodu.encodeAnswer(Acceptance(firstID: id, customID: ""), variant: variant)
                .withUnsafeBytes { try Guodu.SendAnswer(decoding: $0) }
            try #require(
                answer == Guodu.SendAnswer(code: variant.successCode, messageID: String(id.rawValue)), wire.at(round))
        }
    }

    @Test("100,000 mutated requests are understood or refused in well-formed words, and carriers' bodies harm nothing")
    func mutations() throws {
        var wire = RandomWire(seed: 14)
        let parts = [13_800_138_000, 13_900_139_000].map { number in
            Submission.Part(recipients: [.number(PhoneNumber(rawValue: number))], content: "测 试,1")
        }
        let goldens = [
            Array(GuoduSeedTests.request.utf8), Array(GuoduSeedTests.reports.utf8),
            Guodu.encodeCall(.personalised(parts), operatorID: "ABC123", password: "x"),
            Array(#"{"ResultCode":"03","MsgId":"1"}"#.utf8),
            Array(#"[{"mobile":"1","content":"%E6%94%B6","moTime":"2022-12-12 12:00:00","spNumber":"1"}]"#.utf8),
        ]
        var bodies = Reading()
        bodies.judgesFields = true
        for round in 0..<100_000 {
            let bytes = wire.mutated(goldens[round % goldens.count])
            do throws(Rejection) {
                _ = try Guodu.decodeRequest(body: bytes).content.get()
            } catch {
                let refusal = Guodu.encodeFailure(error)
                let answer = try refusal.withUnsafeBytes { try Guodu.SendAnswer(decoding: $0) }
                try #require(answer.code == Guodu.resultCode(for: error) && !answer.isAccepted, wire.at(round))
            }
            bodies.reports(bytes, \.reports) { raw throws(Rejection) in try Guodu.decodePush(raw) }
            bodies.read(bytes) { raw throws(Rejection) in try Guodu.SendAnswer(decoding: raw) }
        }
        bodies.expectBoth(atLeast: 1000)
    }

    private static func asCarrier(_ report: CustomerReport) -> CarrierReport {
        CarrierReport(
            customID: "", carrierID: nil, segmentNumber: nil, mobile: report.mobile, status: report.status,
            detail: report.status.isDelivered ? "发送成功" : report.status.code, reportedAt: report.reportedAt,
            carrierKey: String(report.requestID.rawValue))
    }

    private static func asCarrier(_ reply: CustomerReply) -> CarrierReply {
        CarrierReply(
            carrierID: nil, mobile: reply.mobile, accessNumber: reply.accessNumber, content: reply.content,
            receivedAt: reply.receivedAt)
    }
}
