import Dialects
import Messaging
import Testing

/// Dialect 000: what one side writes, the other reads, whatever the values are; and what nobody wrote does no harm.
struct EnterpriseRoundTripTests {
    private static let rounds = 10_000

    // MARK: Random values

    private struct Values {
        var random: SplitMix

        private static let alphabet: [Character] = Array(
            "abcXYZ019 ,.\"\\/<>&%+={}[]:;'\u{7F}\n\r\t【】验证码测试你好數乗€é😀👨‍👩‍👧")

        mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

        mutating func content() -> String {
            let length = number(1...40)
            var text = "测"
            for _ in 0..<length { text.append(Self.alphabet[number(0...Self.alphabet.count - 1)]) }
            return text
        }

        /// As an id or a header field may be: printable, nothing to trim.
        mutating func token(_ lengths: ClosedRange<Int>) -> String {
            let letters = Array("abcdefXYZ0123456789-_./+=\"\\#@验")
            return String((0..<number(lengths)).map { _ in letters[number(0...letters.count - 1)] })
        }

        mutating func digits(_ lengths: ClosedRange<Int>) -> String {
            String((0..<number(lengths)).map { _ in Character(String(number(0...9))) })
        }

        mutating func recipient() -> Recipient {
            switch number(0...9) {
            case 0: Recipient("00852" + digits(8...8))
            case 1: Recipient("x" + digits(1...4))
            default: Recipient("1" + digits(10...10))
            }
        }

        mutating func part() -> Submission.Part {
            var recipients = (0..<number(0...3)).map { _ in recipient() }
            recipients.insert(Recipient("13800138000"), at: number(0...recipients.count))
            return Submission.Part(
                recipients: recipients, content: content(), customID: token(0...21), accessExtension: digits(0...20))
        }

        mutating func moment() -> Timestamp { Timestamp(milliseconds: Int64(number(0...4_000_000_000)) * 1000) }

        mutating func status() -> DeliveryStatus {
            let codes = ["DELIVRD", "DELIVRD", "EXPIRED", "UNDELIV", "MK:0001", "MBBLACK", "ID:" + digits(1...6)]
            return DeliveryStatus(codes[number(0...codes.count - 1)])
        }

        mutating func report() -> CustomerReport {
            CustomerReport(
                id: MessageID(rawValue: Int64(number(1...Int.max))), customID: token(0...21), segmentNumber: 1,
                segmentTotal: 1, mobile: recipient().text, accessNumber: digits(5...20),
                accessExtension: digits(0...6), submittedAt: moment(), reportedAt: moment(), status: status(),
                customData: "", requestID: MessageID(rawValue: Int64(number(1...Int.max))))
        }

        mutating func reply() -> CustomerReply {
            CustomerReply(
                id: MessageID(rawValue: Int64(number(1...Int.max))), mobile: recipient().text,
                accessNumber: digits(5...20), accessExtension: digits(0...6), receivedAt: moment(),
                content: number(0...20) == 0 ? "" : content())
        }
    }

    /// What the carrier's side makes of a call of ours.
    private func received(_ call: Enterprise.Call, login: Enterprise.Login, at now: Timestamp) -> Enterprise.Request? {
        let encoded = Enterprise.encodeCall(call, login: login, at: now)
        guard let endpoint = Enterprise.Endpoint(path: encoded.path), endpoint.operation == call.operation else {
            return nil
        }
        return encoded.body.withUnsafeBytes { raw in
            Enterprise.decodeRequest(endpoint, body: raw) { name in
                encoded.headers.first { $0.name.lowercased() == name.lowercased() }?.value
            }
        }
    }

    // MARK: Both directions

    @Test("10,000 random sends")
    func sends() {
        var values = Values(random: SplitMix(state: 41))
        for round in 0..<Self.rounds {
            let part = values.part()
            let moment = values.number(0...3) == 0 ? values.moment() : nil
            let (token, user, password) = (values.token(1...44), values.token(1...6), values.token(1...20))
            let isSigned = round % 2 == 0
            let login: Enterprise.Login =
                isSigned
                ? .signed(token: token, account: user, password: password)
                : .plain(enterpriseID: token, account: user, password: password)
            let request = received(.send(part, at: moment), login: login, at: Seed000.now)
            #expect(
                request?.content == .success(.send(Submission(parts: [part], scheduledAt: moment))),
                "seed 41, round \(round)")
            switch request?.credentials {
            case .signed(token, let signature, let timestamp, user):
                let isRight = Enterprise.Authentication.hasSignature(
                    signature, account: user, timestamp: timestamp, password: password, at: Seed000.now)
                #expect(isSigned && isRight, "seed 41, round \(round)")
            case .plain(token, user, let given):
                let isRight = Enterprise.Authentication.isPassword(given, password: password, allowsPlain: false)
                #expect(!isSigned && isRight, "seed 41, round \(round)")
            default: Issue.record("\(String(describing: request?.credentials))")
            }
        }
    }

    @Test("10,000 random fetches and token requests")
    func fetches() {
        var values = Values(random: SplitMix(state: 42))
        for round in 0..<Self.rounds {
            let limit = values.number(1...1000)
            let (id, secret) = (values.token(1...40), values.token(1...40))
            if round % 2 == 0 {
                let request = received(.token, login: .client(id: id, secret: secret), at: Seed000.now)
                #expect(request?.content == .success(.token), "seed 42, round \(round)")
                #expect(request?.credentials == .client(id: id, secret: secret), "seed 42, round \(round)")
            } else {
                let call: Enterprise.Call = round % 4 == 1 ? .fetchReports(limit: limit) : .fetchReplies(limit: limit)
                let request = received(call, login: Seed000.plainLogin, at: Seed000.now)
                #expect(request?.content == .success(.fetch(limit: limit)), "seed 42, round \(round)")
            }
        }
    }

    @Test("10,000 random answers to sends and token requests")
    func answers() throws {
        var values = Values(random: SplitMix(state: 43))
        for round in 0..<Self.rounds {
            if round % 4 == 0 {
                let (token, seconds) = (values.token(1...64), values.number(1...100_000))
                let body = Enterprise.encodeAnswer(.token(token, seconds: seconds))
                let answer = try body.withUnsafeBytes { try Enterprise.TokenAnswer(decoding: $0) }
                #expect(
                    answer == Enterprise.TokenAnswer(token: token, seconds: Int64(seconds)), "seed 43, round \(round)")
                continue
            }
            let (part, customID) = (values.part(), values.token(1...30))
            let id = MessageID(rawValue: Int64(values.number(1...Int.max)))
            let remaining = round % 4 == 1 ? Int64(values.number(0...Int.max)) : nil
            let body = Enterprise.encodeAnswer(
                .accepted(
                    Acceptance(firstID: id, customID: customID), of: Submission(parts: [part]), remaining: remaining))
            let answer = try body.withUnsafeBytes { try Enterprise.SendAnswer(decoding: $0) }
            #expect(answer.code == "0", "seed 43, round \(round)")
            #expect(answer.taskID == String(id.rawValue), "seed 43, round \(round)")
            #expect(answer.remaining == remaining, "seed 43, round \(round)")
            #expect(answer.entries.map(\.mobile) == part.recipients.map(\.text), "seed 43, round \(round)")
            #expect(answer.entries.allSatisfy { $0.customID == customID }, "seed 43, round \(round)")
            let valid = part.recipients.map { if case .number = $0 { true } else { false } }
            #expect(answer.entries.map(\.isAccepted) == valid, "seed 43, round \(round)")
        }
    }

    @Test("10,000 random reports")
    func reports() throws {
        var values = Values(random: SplitMix(state: 44))
        for round in 0..<Self.rounds / 5 {
            let reports = (0..<5).map { _ in values.report() }
            let body = Enterprise.encodeAnswer(.reports(reports))
            let answer = try body.withUnsafeBytes { try Enterprise.ReportsAnswer(decoding: $0) }
            #expect(
                answer == Enterprise.ReportsAnswer(error: "0", reports: reports.map(Self.asCarrier)),
                "seed 44, round \(round)")
        }
    }

    @Test("10,000 random replies")
    func replies() throws {
        var values = Values(random: SplitMix(state: 45))
        for round in 0..<Self.rounds / 5 {
            let replies = (0..<5).map { _ in values.reply() }
            let body = Enterprise.encodeAnswer(.replies(replies))
            let answer = try body.withUnsafeBytes { try Enterprise.RepliesAnswer(decoding: $0) }
            #expect(
                answer == Enterprise.RepliesAnswer(error: "0", replies: replies.map(Self.asCarrier)),
                "seed 45, round \(round)")
        }
    }

    private static func asCarrier(_ report: CustomerReport) -> CarrierReport {
        CarrierReport(
            customID: report.customID, carrierID: nil, segmentNumber: nil, mobile: report.mobile,
            status: report.status, reportedAt: report.reportedAt, carrierKey: String(report.requestID.rawValue))
    }

    private static func asCarrier(_ reply: CustomerReply) -> CarrierReply {
        CarrierReply(
            carrierID: reply.id.rawValue, mobile: reply.mobile, accessNumber: "", content: reply.content,
            receivedAt: reply.receivedAt, accessExtension: reply.accessExtension)
    }

    // MARK: What nobody wrote

    /// What an answer to a refused request is made of.
    private struct Refusal: Hashable {
        var rejection: Rejection
        var operation: Enterprise.Operation
    }

    @Test("100,000 mutated requests are understood or refused in the dialect's own words")
    func mutatedRequests() {
        var wire = RandomWire(seed: 46)
        let samples: [(Enterprise.Operation, [UInt8])] = [
            (.token, Array(Seed000.tokenBody.utf8)), (.send, Array(Seed000.sendBody.utf8)),
            (.fetchReports, Array(Seed000.fetchBody.utf8)), (.fetchReplies, Array(Seed000.fetchBody.utf8)),
        ]
        var refusals: Set<Refusal> = []
        var refused = 0
        for round in 0..<100_000 {
            let (operation, golden) = samples[round % samples.count]
            let mode: Enterprise.Mode = round % 8 < 4 ? .token : .plain
            let request = Seed000.request(operation, mode, Self.mutated(golden, &wire.random))
            guard case .failure(let rejection) = request.content else { continue }
            refused += 1
            // An answer is made of these two, so each is read back once.
            guard refusals.insert(Refusal(rejection: rejection, operation: operation)).inserted else { continue }
            let body = Enterprise.encodeFailure(rejection, of: operation)
            #expect(Self.isRefusal(body, of: operation), wire.at(round))
        }
        #expect(refused > 30_000)
        #expect(refusals.count > 5)
    }

    @Test("mutated answers are read or refused, by each reader, for what they are")
    func mutatedAnswers() {
        var (lists, others) = (Reading(), Reading())
        var values = Values(random: SplitMix(state: 47))
        for _ in 0..<5_000 {
            let submission = Submission(parts: [values.part()])
            let bodies = [
                Enterprise.encodeAnswer(.token(values.token(1...40), seconds: 7200)),
                Enterprise.encodeAnswer(
                    .accepted(
                        Acceptance(firstID: MessageID(rawValue: 1), customID: "m1"), of: submission, remaining: 1)),
                Enterprise.encodeAnswer(.reports([values.report()])),
                Enterprise.encodeAnswer(.replies([values.reply()])),
            ]
            for body in bodies {
                let bytes = Self.mutated(body, &values.random)
                others.read(bytes) { raw throws(Rejection) in try Enterprise.TokenAnswer(decoding: raw) }
                others.read(bytes) { raw throws(Rejection) in try Enterprise.SendAnswer(decoding: raw) }
                lists.reports(bytes, \.reports) { raw throws(Rejection) in
                    try Enterprise.ReportsAnswer(decoding: raw)
                }
                lists.replies(bytes, \.replies) { raw throws(Rejection) in
                    try Enterprise.RepliesAnswer(decoding: raw)
                }
            }
        }
        lists.expectBoth(atLeast: 1000)
        others.expectBoth(atLeast: 1000)
    }

    private static func isRefusal(_ body: [UInt8], of operation: Enterprise.Operation) -> Bool {
        body.withUnsafeBytes { raw in
            switch operation {
            case .token: (try? Enterprise.TokenAnswer(decoding: raw).error.isEmpty) == false
            case .send: (try? Enterprise.SendAnswer(decoding: raw)).map { $0.code != "0" } == true
            case .fetchReports: (try? Enterprise.ReportsAnswer(decoding: raw)).map { $0.error != "0" } == true
            case .fetchReplies: (try? Enterprise.RepliesAnswer(decoding: raw)).map { $0.error != "0" } == true
            }
        }
    }

    private static let extras: [[UInt8]] = [
        [0x22], [0x5C], [0x7B], [0x5D], [0x2C], Array("\\u".utf8), Array("\\ud800".utf8), Array("null".utf8), [0],
        [0xFF], [0x81], [0xE4],
    ]

    private static func mutated(_ golden: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = golden
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            if bytes.isEmpty { bytes = [0x20] }
            let at = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.insert(contentsOf: extras.randomElement(using: &random) ?? [], at: at)
            case 2: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...9, using: &random)))
            default: bytes.removeSubrange(at...)
            }
        }
        return bytes
    }
}
