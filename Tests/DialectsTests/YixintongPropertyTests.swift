import Dialects
import Messaging
import Testing

/// What we write, we read; and whatever comes, it is understood or refused in the dialect's own words.
struct YixintongPropertyTests {
    private static let alphabet: [String] = [
        "a", "Z", "0", " ", "\"", "\\", "/", "&", "=", "%", "+", "{", "}", "<", "\n", "\t", "验", "证", "码", "【", "】",
        "é",
        "😀", "\u{2028}", "\u{7F}", "~", "*", "'",
    ]

    private static func text(_ units: ClosedRange<Int>, _ random: inout SplitMix) -> String {
        var result = ""
        for _ in 0..<Int.random(in: units, using: &random) {
            result += alphabet.randomElement(using: &random) ?? "a"
        }
        return result
    }

    private static func number(_ random: inout SplitMix) -> PhoneNumber {
        Bool.random(using: &random)
            ? PhoneNumber(rawValue: Int64.random(in: 13_000_000_000...19_999_999_999, using: &random))
            : PhoneNumber(rawValue: -Int64.random(in: 85_200_000_000...85_299_999_999, using: &random))
    }

    private static func digits(_ count: ClosedRange<Int>, _ random: inout SplitMix) -> String {
        String(
            (0..<Int.random(in: count, using: &random)).map { _ in "0123456789".randomElement(using: &random) ?? "0" })
    }

    private static func send(_ random: inout SplitMix) -> Yixintong.Send {
        let recipients = (0..<Int.random(in: 1...5, using: &random)).map { _ in Recipient.number(number(&random)) }
        var content = text(1...90, &random)
        if content.trimmed().isEmpty { content += "x" }
        let part = Submission.Part(
            recipients: recipients, content: content, customID: digits(0...32, &random),
            accessExtension: digits(0...20, &random))
        let template = Bool.random(using: &random) ? "" : "1" + digits(0...8, &random)
        return Yixintong.Send(part: part, templateID: template)
    }

    @Test("10,000 random sends round-trip, and their signatures are right in both encodings")
    func sends() throws {
        var random = SplitMix(state: 104)
        let login = Yixintong.Login(spCode: "100001", appKey: "J10003", appSecret: "s3cret&=")
        for round in 0..<10_000 {
            let send = Self.send(&random)
            let id = Yixintong.RequestID.text(at: Seed002.now, number: random.next())
            let call = Yixintong.encodeCall(
                .send(send), login: login, requestID: id, encoding: round % 2 == 0 ? .java : .javaScript)
            let request = try Yixintong.decodeRequest(.send, body: call.body)
            try #require(request.content == .success(.send(send)), "seed 104, round \(round)")
            let headers = Dictionary(call.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            let credentials = Yixintong.Credentials(
                spCode: headers["x-sp-code"] ?? "", appKey: headers["x-app-key"] ?? "",
                requestID: headers["x-request-id"] ?? "", signature: headers["x-sign"] ?? "")
            try #require(
                Yixintong.Signature.isRight(
                    credentials, parameters: request.parameters, appSecret: login.appSecret),
                "seed 104, round \(round)")
        }
    }

    @Test("fetches and 10,000 random confirmations round-trip, without parameters but maxId")
    func fetches() throws {
        var random = SplitMix(state: 108)
        let login = Yixintong.Login(spCode: "1", appKey: "a", appSecret: "s")
        func received(_ call: Yixintong.Call) throws -> Yixintong.Content {
            let encoded = Yixintong.encodeCall(call, login: login, requestID: "1700000000000123456")
            let operation = try #require(Yixintong.Operation(path: encoded.path))
            return try Yixintong.decodeRequest(operation, body: encoded.body).content.get()
        }
        #expect(try received(.fetchReports) == .fetchReports)
        #expect(try received(.fetchReplies) == .fetchReplies)
        for round in 0..<10_000 {
            let id = Int64.random(in: 0...Int64.max, using: &random)
            try #require(
                try received(.confirmReplies(maxID: String(id))) == .confirmReplies(through: MessageID(rawValue: id)),
                "seed 108, round \(round)")
        }
    }

    @Test("10,000 random reports, replies and acceptances round-trip")
    func answers() throws {
        var random = SplitMix(state: 105)
        for round in 0..<10_000 {
            let time = Timestamp(milliseconds: Int64.random(in: 0...4_000_000_000, using: &random) * 1000)
            let isDelivered = Bool.random(using: &random)
            let report = CustomerReport(
                id: MessageID(rawValue: 1), customID: Self.digits(1...32, &random), segmentNumber: 1, segmentTotal: 1,
                mobile: Self.number(&random).text, accessNumber: "", accessExtension: "", submittedAt: time,
                reportedAt: time, status: isDelivered ? .delivered : .undeliverable, customData: "")
            let reports = try Yixintong.encodeAnswer(.reports([report])).withUnsafeBytes {
                try Yixintong.ReportsAnswer(decoding: $0)
            }
            try #require(
                reports.reports == [
                    CarrierReport(
                        customID: report.customID, carrierID: nil, segmentNumber: nil, mobile: report.mobile,
                        status: report.status, detail: isDelivered ? "" : "1")
                ], "seed 105, round \(round)")
            let reply = CustomerReply(
                id: MessageID(rawValue: Int64.random(in: 1...Int64.max, using: &random)),
                mobile: Self.number(&random).text, accessNumber: "1069" + Self.digits(0...16, &random),
                accessExtension: "", receivedAt: time, content: Self.text(0...70, &random))
            let replies = try Yixintong.encodeAnswer(.replies([reply])).withUnsafeBytes {
                try Yixintong.RepliesAnswer(decoding: $0)
            }
            try #require(replies.maxID == String(reply.id.rawValue))
            try #require(
                replies.replies == [
                    CarrierReply(
                        carrierID: nil, mobile: reply.mobile, accessNumber: reply.accessNumber,
                        content: reply.content, receivedAt: time)
                ], "seed 105, round \(round)")
            let accepted = Yixintong.encodeAnswer(.accepted(Acceptance(firstID: reply.id, customID: "")))
            try #require(
                try accepted.withUnsafeBytes { try Yixintong.SendAnswer(decoding: $0) }
                    == Yixintong.SendAnswer(code: 0, taskID: String(reply.id.rawValue)), "seed 105, round \(round)")
        }
    }

    /// What an answer to a refused request is made of.
    private struct Refusal: Hashable {
        var rejection: Rejection
        var operation: Yixintong.Operation
    }

    @Test("100,000 mutated requests never crash, and each refusal is an answer that clients can read")
    func mutations() throws {
        var wire = RandomWire(seed: 106)
        let login = Yixintong.Login(spCode: "1", appKey: "a", appSecret: "s")
        let goldens = (0..<256).map { place in
            let call: Yixintong.Call =
                place % 8 == 0 ? .confirmReplies(maxID: "12") : .send(Self.send(&wire.random))
            return (
                call.operation, Yixintong.encodeCall(call, login: login, requestID: "1700000000000123456").body
            )
        }
        var refusals: Set<Refusal> = []
        var (refused, understood) = (0, 0)
        var answers = Reading()
        for round in 0..<100_000 {
            let (operation, golden) = goldens[round % goldens.count]
            let bytes = wire.mutated(golden)
            if let rejection = Self.rejection(operation, bytes) {
                refused += 1
                // An answer is made of these two, so each is read back once.
                let refusal = Refusal(rejection: rejection, operation: operation)
                if refusals.insert(refusal).inserted {
                    let answer = Yixintong.encodeFailure(rejection, of: operation)
                    let code = try answer.withUnsafeBytes { try Yixintong.SendAnswer(decoding: $0) }.code
                    try #require(code == Yixintong.resultCode(for: rejection).rawValue && code != 0, wire.at(round))
                }
            } else {
                understood += 1
            }
            guard round % 4 == 0 else { continue }
            answers.read(bytes) { raw throws(Rejection) in try Yixintong.SendAnswer(decoding: raw) }
            answers.reports(bytes, \.reports) { raw throws(Rejection) in try Yixintong.ReportsAnswer(decoding: raw) }
            answers.replies(bytes, \.replies) { raw throws(Rejection) in try Yixintong.RepliesAnswer(decoding: raw) }
        }
        #expect(answers.refused > 1000)
        #expect(refused > 20_000)
        #expect(understood > 5_000)
        #expect(refusals.count > 10)
    }

    private static func rejection(_ operation: Yixintong.Operation, _ body: [UInt8]) -> Rejection? {
        do throws(Rejection) {
            _ = try Yixintong.decodeRequest(operation, body: body).content.get()
            return nil
        } catch {
            return error
        }
    }

    @Test("a carrier's answers changed at random are read or refused, by each reader, for what they are")
    func answerMutations() {
        var (lists, others) = (Reading(), Reading())
        var random = SplitMix(state: 107)
        let reply =
            #"{"code":0,"data":{"apiSmsReplyBoList":[{"callMdn":"1","content":"x","replyTime":"2021-08-04 14:55:01"}],"#
            + #""maxId":"1"},"msg":"ok"}"#
        let report = #"{"data":[{"serialNumber":"1","userNumber":"15988888888","result":0}],"code":0,"msg":"ok"}"#
        for round in 0..<5000 {
            var bytes = Array((round % 2 == 0 ? reply : report).utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                bytes[at] = UInt8.random(in: 0...255, using: &random)
            }
            others.read(bytes) { raw throws(Rejection) in try Yixintong.SendAnswer(decoding: raw) }
            lists.reports(bytes, \.reports) { raw throws(Rejection) in try Yixintong.ReportsAnswer(decoding: raw) }
            lists.replies(bytes, \.replies) { raw throws(Rejection) in try Yixintong.RepliesAnswer(decoding: raw) }
        }
        lists.expectBoth(atLeast: 1000)
        others.expectBoth(atLeast: 500)
    }
}
