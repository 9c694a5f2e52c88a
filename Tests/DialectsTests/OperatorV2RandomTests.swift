import Dialects
import Messaging
import Testing

/// What we write in dialect 002 we read, in each of its formats, and whatever comes is answered in it.
struct OperatorV2RandomTests {
    private static let rounds = 10_000

    private static func format(_ round: Int) -> OperatorV2.BodyFormat {
        OperatorV2.BodyFormat.allCases[round % OperatorV2.BodyFormat.allCases.count]
    }

    /// The request that a carrier of this family makes of our call.
    private static func received(
        _ call: OperatorV2.Call, _ format: OperatorV2.BodyFormat, login: OperatorV2.Login = Seed002.login
    ) throws -> OperatorV2.Request {
        let encoded = OperatorV2.encodeCall(call, login: login, at: Seed002.now, format: format)
        let endpoint = try #require(OperatorV2.Endpoint(path: encoded.path))
        try #require(endpoint.operation == call.operation)
        return try OperatorV2.decodeRequest(endpoint, format: format, body: encoded.body)
    }

    @Test("10,000 random sends, in all formats, are understood as they were meant")
    func sends() throws {
        var wire = RandomWire(seed: 21)
        for round in 0..<Self.rounds {
            let format = Self.format(round)
            let call = wire.operatorSend(round % 4, isForm: format == .form)
            let parts: [Submission.Part] =
                switch call {
                case .singleSend(let part), .batchSend(let part): [part]
                case .multiSend(let parts): parts
                default: []
                }
            let request = try Self.received(call, format)
            try #require(request.credentials == Seed002.credentials, wire.at(round))
            try #require(request.content == .success(.send(Submission(parts: parts))), wire.at(round))
        }
    }

    @Test("10,000 random fetches and logins, in all formats, are understood as they were meant")
    func fetches() throws {
        var wire = RandomWire(seed: 22)
        for round in 0..<Self.rounds {
            let userID = "J" + wire.digits(1...5)
            let secret = "p" + wire.identifier(bytesMax: 20)
            let (login, credentials): (OperatorV2.Login, OperatorV2.Credentials) =
                switch wire.number(0...2) {
                case 0:
                    (
                        .digest(userID: userID, password: secret),
                        OperatorV2.Credentials(
                            userID: userID,
                            password: OperatorV2.Authentication.digest(
                                userID: userID, password: secret, timestamp: "0803192020"),
                            timestamp: "0803192020")
                    )
                case 1:
                    (
                        .plain(userID: userID, password: secret),
                        OperatorV2.Credentials(userID: userID, password: secret)
                    )
                default: (.apiKey(secret), OperatorV2.Credentials(apiKey: secret))
                }
            let limit = wire.number(1...500)
            let (call, content): (OperatorV2.Call, OperatorV2.Content) =
                switch wire.number(0...2) {
                case 0: (.fetchReports(limit: limit), .fetch(limit: limit))
                case 1: (.fetchReplies(limit: limit), .fetch(limit: min(200, limit)))
                default: (.balance, .balance)
                }
            let request = try Self.received(call, Self.format(round), login: login)
            try #require(
                request == OperatorV2.Request(credentials: credentials, content: .success(content)), wire.at(round))
        }
    }

    @Test("10,000 random reports and as many replies, fetched and pushed, arrive as they were given out")
    func lists() throws {
        var wire = RandomWire(seed: 23)
        for round in 0..<Self.rounds / 10 {
            let format = Self.format(round)
            // As printed, a list stands in the form as it is, where an ampersand would end it.
            let isPrinted = Self.pushFormat(round) == .printedForm
            let reports = (0..<10).map { _ in wire.operatorReport(hasPlainID: isPrinted) }
            let wanted = reports.map(RoundTripTests.asCarrier)
            let fetched = try OperatorV2.encodeAnswer(.reports(reports), format: format)
                .withUnsafeBytes { try OperatorV2.ReportsAnswer(decoding: $0) }
            try #require(fetched == OperatorV2.ReportsAnswer(result: 0, reports: wanted), wire.at(round))
            try #require(try Self.pushed(.reports(reports), round) == .reports(wanted), wire.at(round))

            let replies = (0..<10).map { _ in wire.reply() }
            let expected = replies.map(RoundTripTests.asCarrier)
            let read = try OperatorV2.encodeAnswer(.replies(replies), format: format)
                .withUnsafeBytes { try OperatorV2.RepliesAnswer(decoding: $0) }
            try #require(read == OperatorV2.RepliesAnswer(result: 0, replies: expected), wire.at(round))
            try #require(try Self.pushed(.replies(replies), round) == .replies(expected), wire.at(round))
        }
    }

    /// Not in step with `format`.
    private static func pushFormat(_ round: Int) -> OperatorV2.PushFormat {
        OperatorV2.PushFormat.allCases[round / 3 % OperatorV2.PushFormat.allCases.count]
    }

    private static func pushed(_ push: OperatorV2.Push, _ round: Int) throws -> OperatorV2.ReceivedPush.Content {
        let format = pushFormat(round)
        let body = OperatorV2.encodePush(
            push, sequence: Int64(round), login: Seed002.login, at: Seed002.now, format: format)
        let received = try body.withUnsafeBytes {
            try OperatorV2.decodePush(format: try OperatorV2.BodyFormat(contentType: format.contentType), body: $0)
        }
        try #require(received.credentials == Seed002.credentials)
        try #require(received.sequence == String(round))
        return received.content
    }

    @Test("10,000 random answers to sends, balances and failures are read as they were given")
    func answers() throws {
        var wire = RandomWire(seed: 24)
        for round in 0..<Self.rounds {
            let format = Self.format(round)
            let id = Int64(wire.number(1...Int.max))
            let customID = wire.identifier(bytesMax: 64)
            let accepted = OperatorV2.encodeAnswer(
                .accepted(Acceptance(firstID: MessageID(rawValue: id), customID: customID)), format: format)
            let answer = try accepted.withUnsafeBytes { try OperatorV2.SendAnswer(decoding: $0) }
            try #require(
                answer == OperatorV2.SendAnswer(result: 0, firstID: id, customID: customID), wire.at(round))

            let amount = Int64(wire.number(-1_000_000_000_000...1_000_000_000_000))
            let isMoney = wire.oneIn(2)
            let balance = OperatorV2.encodeAnswer(
                .balance(OperatorV2.Balance(unit: isMoney ? .money : .count, amount: amount)), format: format)
            try #require(
                try balance.withUnsafeBytes { try OperatorV2.BalanceAnswer(decoding: $0) }
                    == OperatorV2.BalanceAnswer(
                        result: 0, chargeType: isMoney ? 1 : 0, balance: isMoney ? 0 : amount,
                        money: isMoney ? Money(microYuan: amount) : .zero), wire.at(round))

            let code = -wire.number(1...999_999)
            let failed = OperatorV2.encodeFailure(code: code, of: .multiSend, format: format)
            try #require(
                try failed.withUnsafeBytes { try OperatorV2.SendAnswer(decoding: $0) }
                    == OperatorV2.SendAnswer(result: code, firstID: 0, customID: ""), wire.at(round))
        }
    }

    /// What an answer to a refused request is made of.
    private struct Refusal: Hashable {
        var rejection: Rejection
        var operation: OperatorV2.Operation
        var format: OperatorV2.BodyFormat
    }

    @Test("100,000 mutated requests are understood or refused in well-formed words, and carriers' bodies harm nothing")
    func mutations() throws {
        var wire = RandomWire(seed: 25)
        let goldens = HostileInputTests.goldens.map { ($0.0, $0.1, Array($0.2.utf8)) }
        var refusals: Set<Refusal> = []
        var (refused, understood) = (0, 0)
        var bodies = Reading(judgesFields: true)
        for round in 0..<100_000 {
            let (operation, format, golden) = goldens[round % goldens.count]
            let bytes = wire.mutated(golden)
            let charset: TextCharset = round % 5 == 0 ? .utf8 : .gbk
            if let rejection = rejection(operation, format, bytes, charset: charset) {
                refused += 1
                // An answer is made of these three, so each is read back once.
                let refusal = Refusal(rejection: rejection, operation: operation, format: format)
                if refusals.insert(refusal).inserted { try Self.readBack(refusal) }
            } else {
                understood += 1
            }
            guard round % 4 == 0 else { continue }
            bodies.read(bytes) { raw throws(Rejection) in try OperatorV2.decodePush(format: format, body: raw) }
            bodies.read(bytes) { raw throws(Rejection) in try OperatorV2.SendAnswer(decoding: raw) }
        }
        #expect(refused > 20_000)
        #expect(understood > 20_000)
        #expect(refusals.count > 20)
        #expect(bodies.refused > 1000)
    }

    private static func readBack(_ refusal: Refusal) throws {
        let body = OperatorV2.encodeFailure(refusal.rejection, of: refusal.operation, format: refusal.format)
        #expect((body.first == UInt8(ascii: "<")) == (refusal.format == .xml))
        let result = try body.withUnsafeBytes { raw in
            switch refusal.operation {
            case .singleSend, .batchSend, .multiSend: try OperatorV2.SendAnswer(decoding: raw).result
            case .fetchReports: try OperatorV2.ReportsAnswer(decoding: raw).result
            case .fetchReplies: try OperatorV2.RepliesAnswer(decoding: raw).result
            case .balance: try OperatorV2.BalanceAnswer(decoding: raw).result
            }
        }
        #expect(result == OperatorV2.resultCode(for: refusal.rejection))
        #expect(result != OperatorV2.success)
    }
}

extension RandomWire {
    /// Letters, digits, `_` and `-`.
    mutating func plainID(bytesMax: Int) -> String {
        let letters = Array("abcXYZ0189_-".utf8)
        let count = number(0...bytesMax)
        return String(decoding: (0..<count).map { _ in letters[number(0...letters.count - 1)] }, as: UTF8.self)
    }

    /// A text whose UTF-8 is known for UTF-8, which accents alone are not.
    private static func telling(_ text: String) -> String {
        let isTelling = text.utf8.allSatisfy { $0 < 0x80 } || TextCharset.isUTF8ForCertain(Array(text.utf8))
        return isTelling ? text : text + "测"
    }

    /// - Parameter isForm: in a form, a text that looks percent-encoded cannot be told from one that was encoded twice.
    mutating func operatorPart(_ recipients: [Recipient], isForm: Bool) -> Submission.Part {
        Submission.Part(
            recipients: recipients, content: Self.telling(text(unitsMax: 999, holdsSequences: !isForm)),
            customID: plainID(bytesMax: OperatorV2.customIDBytesMax),
            customData: plainID(bytesMax: OperatorV2.customIDBytesMax),
            accessExtension: digits(0...OperatorV2.extensionDigitsMax),
            serviceType: plainID(bytesMax: OperatorV2.serviceTypeBytesMax).filter { $0 != "_" && $0 != "-" })
    }

    /// A single send, a batch or, for any other kind, a multi send.
    mutating func operatorSend(_ kind: Int, isForm: Bool) -> OperatorV2.Call {
        switch kind {
        case 0: return .singleSend(operatorPart([.number(phone())], isForm: isForm))
        case 1: return .batchSend(operatorPart(recipients(max: OperatorV2.batchNumbersMax), isForm: isForm))
        default:
            let count = oneIn(200) ? OperatorV2.multiNumbersMax : number(1...4)
            var parts: [Submission.Part] = []
            for _ in 0..<count { parts.append(operatorPart([.number(phone())], isForm: isForm)) }
            return .multiSend(parts)
        }
    }

    mutating func operatorReport(hasPlainID: Bool) -> CustomerReport {
        let total = number(1...15)
        let customID = hasPlainID ? plainID(bytesMax: 64) : identifier(bytesMax: 64)
        return CustomerReport(
            id: MessageID(rawValue: Int64(number(1...Int.max))), customID: customID,
            segmentNumber: number(1...total), segmentTotal: total, mobile: phone().text, accessNumber: digits(1...20),
            accessExtension: digits(0...6), submittedAt: time(), reportedAt: time(), status: status(),
            customData: plainID(bytesMax: 64))
    }
}
