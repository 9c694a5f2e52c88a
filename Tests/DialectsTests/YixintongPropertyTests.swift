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
            #expect(request.content == .success(.send(send)))
            let headers = Dictionary(call.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            let credentials = Yixintong.Credentials(
                spCode: headers["x-sp-code"] ?? "", appKey: headers["x-app-key"] ?? "",
                requestID: headers["x-request-id"] ?? "", signature: headers["x-sign"] ?? "")
            #expect(
                Yixintong.Signature.isRight(
                    credentials, parameters: request.parameters, appSecret: login.appSecret))
        }
    }

    @Test("fetches and confirmations round-trip, without parameters but maxId")
    func fetches() throws {
        let login = Yixintong.Login(spCode: "1", appKey: "a", appSecret: "s")
        func received(_ call: Yixintong.Call) throws -> Yixintong.Content {
            let encoded = Yixintong.encodeCall(call, login: login, requestID: "1700000000000123456")
            let operation = try #require(Yixintong.Operation(path: encoded.path))
            return try Yixintong.decodeRequest(operation, body: encoded.body).content.get()
        }
        #expect(try received(.fetchReports) == .fetchReports)
        #expect(try received(.fetchReplies) == .fetchReplies)
        #expect(
            try received(.confirmReplies(maxID: "99")) == .confirmReplies(through: MessageID(rawValue: 99)))
    }

    @Test("10,000 random reports, replies and acceptances round-trip")
    func answers() throws {
        var random = SplitMix(state: 105)
        for _ in 0..<10_000 {
            let time = Timestamp(milliseconds: Int64.random(in: 0...4_000_000_000, using: &random) * 1000)
            let isDelivered = Bool.random(using: &random)
            let report = CustomerReport(
                id: MessageID(rawValue: 1), customID: Self.digits(1...32, &random), segmentNumber: 1, segmentTotal: 1,
                mobile: Self.number(&random).text, accessNumber: "", accessExtension: "", submittedAt: time,
                reportedAt: time, status: isDelivered ? .delivered : .undeliverable, customData: "")
            let reports = try Yixintong.encodeAnswer(.reports([report])).withUnsafeBytes {
                try Yixintong.ReportsAnswer(decoding: $0)
            }
            #expect(
                reports.reports == [
                    CarrierReport(
                        customID: report.customID, carrierID: nil, segmentNumber: nil, mobile: report.mobile,
                        status: report.status, detail: isDelivered ? "" : "1")
                ])
            let reply = CustomerReply(
                id: MessageID(rawValue: Int64.random(in: 1...Int64.max, using: &random)),
                mobile: Self.number(&random).text, accessNumber: "1069" + Self.digits(0...16, &random),
                accessExtension: "", receivedAt: time, content: Self.text(0...70, &random))
            let replies = try Yixintong.encodeAnswer(.replies([reply])).withUnsafeBytes {
                try Yixintong.RepliesAnswer(decoding: $0)
            }
            #expect(replies.maxID == String(reply.id.rawValue))
            #expect(
                replies.replies == [
                    CarrierReply(
                        carrierID: nil, mobile: reply.mobile, accessNumber: reply.accessNumber,
                        content: reply.content, receivedAt: time)
                ])
            let accepted = Yixintong.encodeAnswer(.accepted(Acceptance(firstID: reply.id, customID: "")))
            #expect(
                try accepted.withUnsafeBytes { try Yixintong.SendAnswer(decoding: $0) }
                    == Yixintong.SendAnswer(code: 0, taskID: String(reply.id.rawValue)))
        }
    }

    @Test("20,000 mutated requests never crash, and each refusal is an answer that clients can read")
    func mutations() throws {
        var random = SplitMix(state: 106)
        let login = Yixintong.Login(spCode: "1", appKey: "a", appSecret: "s")
        let extras: [[UInt8]] =
            ["\"", "\\", "{", "}", "[", "]", ",", ":", "\\u", "\\ud800", "null", "1e9"].map {
                Array($0.utf8)
            } + [[0], [0xFF], [0x81], [0xE4]]
        for round in 0..<20_000 {
            let call: Yixintong.Call = round % 8 == 0 ? .confirmReplies(maxID: "12") : .send(Self.send(&random))
            var bytes = Yixintong.encodeCall(call, login: login, requestID: "1700000000000123456").body
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(contentsOf: extras.randomElement(using: &random) ?? [], at: at)
                case 2: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...9, using: &random)))
                default: bytes.removeSubrange(at...)
                }
            }
            if let rejection = Self.rejection(call.operation, bytes) {
                let answer = Yixintong.encodeFailure(rejection, of: call.operation)
                let code = try answer.withUnsafeBytes { try Yixintong.SendAnswer(decoding: $0) }.code
                #expect(code != 0)
            }
            bytes.withUnsafeBytes { raw in
                _ = try? Yixintong.SendAnswer(decoding: raw)
                _ = try? Yixintong.ReportsAnswer(decoding: raw)
                _ = try? Yixintong.RepliesAnswer(decoding: raw)
            }
        }
    }

    private static func rejection(_ operation: Yixintong.Operation, _ body: [UInt8]) -> Rejection? {
        do throws(Rejection) {
            _ = try Yixintong.decodeRequest(operation, body: body).content.get()
            return nil
        } catch {
            return error
        }
    }

    @Test("a carrier's answers changed at random never crash a reader")
    func answerMutations() {
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
            bytes.withUnsafeBytes { raw in
                _ = try? Yixintong.SendAnswer(decoding: raw)
                _ = try? Yixintong.ReportsAnswer(decoding: raw)
                _ = try? Yixintong.RepliesAnswer(decoding: raw)
            }
        }
    }
}
