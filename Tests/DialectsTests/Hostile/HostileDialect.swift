import Messaging

@testable import Dialects

/// A request as it is posted.
struct HandlerRequest {
    var path: String
    var contentType: String
    var headers: [(name: String, value: String)] = []
    var body: [UInt8]
}

/// What a door made of a request.
enum HandlerOutcome {
    case refused
    /// Something was fetched, or told.
    case served
    case accepted(Submission)
}

/// A dialect's customer, as a test of its door needs it.
protocol HostileDialect: Sendable {
    /// A request that is right.
    func request(by account: HostileAccount, at now: Timestamp, _ wire: inout RandomWire) -> HandlerRequest
    /// Signs a request that was changed, where the dialect signs what it sends.
    func seal(_ request: inout HandlerRequest, by account: HostileAccount)
    /// What an answer says, read with the dialect's own decoder.
    /// - Throws: when the answer is none of this dialect.
    func outcome(of request: HandlerRequest, _ answer: [UInt8]) throws -> HandlerOutcome
}

extension HostileDialect {
    func seal(_ request: inout HandlerRequest, by account: HostileAccount) {}
}

extension RandomWire {
    /// A header, the body, both or, seldom, neither is changed.
    mutating func mutate(_ request: inout HandlerRequest) {
        if oneIn(16) { return }
        if !request.headers.isEmpty, oneIn(6) {
            let place = number(0...request.headers.count - 1)
            let bytes = mutated(Array(request.headers[place].value.utf8))
            // What is no header at all is for HTTP to refuse, in no dialect.
            let printable = bytes.filter { (0x21...0x7E).contains($0) }
            request.headers[place].value = String(decoding: printable, as: UTF8.self)
            if oneIn(2) { return }
        }
        request.body = mutated(request.body)
    }

    /// A part as any dialect can carry it: a short text, few numbers.
    mutating func plainPart(customID: String, extensionDigits: Int = 6) -> Submission.Part {
        Submission.Part(
            recipients: recipients(max: 5), content: text(unitsMax: 200, holdsSequences: false), customID: customID,
            accessExtension: digits(0...extensionDigits))
    }
}

extension HandlerOutcome {
    /// - Parameter decoded: the request as its codec reads it.
    static func accepted(_ decoded: @autoclosure () throws -> Submission, unless isRefused: Bool) throws
        -> HandlerOutcome
    {
        isRefused ? .refused : .accepted(try decoded())
    }
}

/// An answer that parses and yet cannot be.
struct WrongAnswer: Error, CustomStringConvertible {
    let description: String
}

struct HostileEnterprise: HostileDialect {
    func request(by account: HostileAccount, at now: Timestamp, _ wire: inout RandomWire) -> HandlerRequest {
        let isSigned = wire.oneIn(2)
        let login: Enterprise.Login =
            isSigned
            ? .signed(token: account.token, account: account.id, password: account.password)
            : .plain(
                enterpriseID: account.account.enterpriseID, account: account.id, password: account.password)
        let call: Enterprise.Call
        switch wire.number(0...9) {
        case 0: call = .fetchReports(limit: wire.number(1...1000))
        case 1: call = .fetchReplies(limit: wire.number(1...1000))
        case 2:
            let client = Enterprise.Login.client(
                id: account.account.clientID, secret: account.clientSecret)
            return Self.posted(Enterprise.encodeCall(.token, login: client, at: now))
        default:
            let moment = wire.oneIn(8) ? now.adding(milliseconds: 3_600_000) : nil
            call = .send(wire.plainPart(customID: wire.identifier(bytesMax: 20)), at: moment)
        }
        return Self.posted(Enterprise.encodeCall(call, login: login, at: now))
    }

    private static func posted(_ call: EncodedRequest) -> HandlerRequest {
        HandlerRequest(
            path: call.path, contentType: call.contentType, headers: call.headers.map { ($0.name, $0.value) },
            body: call.body)
    }

    func outcome(of request: HandlerRequest, _ answer: [UInt8]) throws -> HandlerOutcome {
        guard let endpoint = Enterprise.Endpoint(path: request.path) else { return .refused }
        return try answer.withUnsafeBytes { raw in
            switch endpoint.operation {
            case .token: try Enterprise.TokenAnswer(decoding: raw).error.isEmpty ? .served : .refused
            case .fetchReports: try Enterprise.ReportsAnswer(decoding: raw).error == "0" ? .served : .refused
            case .fetchReplies: try Enterprise.RepliesAnswer(decoding: raw).error == "0" ? .served : .refused
            case .send:
                try .accepted(
                    Self.submission(request, endpoint), unless: Enterprise.SendAnswer(decoding: raw).code != "0")
            }
        }
    }

    private static func submission(_ request: HandlerRequest, _ endpoint: Enterprise.Endpoint) throws -> Submission {
        let decoded = request.body.withUnsafeBytes { raw in
            Enterprise.decodeRequest(endpoint, body: raw) { name in
                request.headers.first { $0.name.lowercased() == name.lowercased() }?.value
            }
        }
        guard case .send(let submission) = try decoded.content.get() else { throw WrongAnswer(description: "no send") }
        return submission
    }
}

struct HostileApiV1: HostileDialect {
    func request(by account: HostileAccount, at now: Timestamp, _ wire: inout RandomWire) -> HandlerRequest {
        let call: ApiV1.Call
        switch wire.number(0...9) {
        case 0: call = .fetchReports
        case 1: call = .fetchReplies
        case 2: call = .balance
        // Some were there before.
        default: call = .send(wire.plainPart(customID: wire.oneIn(10) ? "again" : wire.identifier(bytesMax: 20)))
        }
        let encoded = ApiV1.encodeCall(call, account: account.id, password: account.password)
        return HandlerRequest(path: encoded.path, contentType: ApiV1.requestContentType, body: encoded.body)
    }

    func outcome(of request: HandlerRequest, _ answer: [UInt8]) throws -> HandlerOutcome {
        guard let operation = ApiV1.Operation(path: request.path) else { return .refused }
        return try answer.withUnsafeBytes { raw in
            let isRefused = try ApiV1.SendAnswer(decoding: raw).code != ApiV1.success
            switch operation {
            case .send: return try .accepted(Self.submission(request), unless: isRefused)
            case .fetchReports: if !isRefused { _ = try ApiV1.ReportsAnswer(decoding: raw) }
            case .fetchReplies: if !isRefused { _ = try ApiV1.RepliesAnswer(decoding: raw) }
            case .balance: if !isRefused { _ = try ApiV1.BalanceAnswer(decoding: raw) }
            }
            return isRefused ? .refused : .served
        }
    }

    private static func submission(_ request: HandlerRequest) throws -> Submission {
        guard case .send(let submission) = try ApiV1.decodeRequest(.send, body: request.body).content.get() else {
            throw WrongAnswer(description: "no send")
        }
        return submission
    }
}

struct HostileOperatorV2: HostileDialect {
    func request(by account: HostileAccount, at now: Timestamp, _ wire: inout RandomWire) -> HandlerRequest {
        let format = OperatorV2.BodyFormat.allCases[wire.number(0...2)]
        let customID = wire.plainID(bytesMax: 20)
        let call: OperatorV2.Call
        switch wire.number(0...9) {
        case 0: call = .fetchReports(limit: wire.number(1...500))
        case 1: call = .fetchReplies(limit: wire.number(1...200))
        case 2: call = .balance
        case 3, 4:
            var part = wire.plainPart(customID: customID)
            part.recipients = [.number(wire.phone())]
            call = .singleSend(part)
        case 5, 6:
            let count = wire.number(1...4)
            var parts: [Submission.Part] = []
            for _ in 0..<count {
                var part = wire.plainPart(customID: customID)
                part.recipients = [.number(wire.phone())]
                parts.append(part)
            }
            call = .multiSend(parts)
        default: call = .batchSend(wire.plainPart(customID: customID))
        }
        let login = OperatorV2.Login.digest(userID: account.id, password: account.password)
        let encoded = OperatorV2.encodeCall(call, login: login, at: now, format: format)
        return HandlerRequest(path: encoded.path, contentType: encoded.contentType, body: encoded.body)
    }

    func outcome(of request: HandlerRequest, _ answer: [UInt8]) throws -> HandlerOutcome {
        let format = try OperatorV2.BodyFormat(contentType: request.contentType)
        guard let endpoint = OperatorV2.Endpoint(path: request.path),
            (answer.first == UInt8(ascii: "<")) == (format == .xml)
        else { throw WrongAnswer(description: "the answer's format") }
        return try answer.withUnsafeBytes { raw in
            switch endpoint.operation {
            case .singleSend, .batchSend, .multiSend:
                let said = try OperatorV2.SendAnswer(decoding: raw)
                guard (said.result == 0) == (said.firstID > 0) else { throw WrongAnswer(description: "\(said)") }
                return try .accepted(Self.submission(request, endpoint, format), unless: said.result != 0)
            case .fetchReports: return try OperatorV2.ReportsAnswer(decoding: raw).result == 0 ? .served : .refused
            case .fetchReplies: return try OperatorV2.RepliesAnswer(decoding: raw).result == 0 ? .served : .refused
            case .balance: return try OperatorV2.BalanceAnswer(decoding: raw).result == 0 ? .served : .refused
            }
        }
    }

    private static func submission(
        _ request: HandlerRequest, _ endpoint: OperatorV2.Endpoint, _ format: OperatorV2.BodyFormat
    ) throws -> Submission {
        let decoded = try OperatorV2.decodeRequest(endpoint, format: format, body: request.body)
        guard case .send(let submission) = try decoded.content.get() else { throw WrongAnswer(description: "no send") }
        return submission
    }
}

struct HostileGuodu: HostileDialect {
    func request(by account: HostileAccount, at now: Timestamp, _ wire: inout RandomWire) -> HandlerRequest {
        let call: Guodu.Call
        if wire.oneIn(3) {
            let digits = wire.digits(0...6)
            let count = wire.number(2...4)
            var parts: [Submission.Part] = []
            for _ in 0..<count {
                parts.append(
                    Submission.Part(
                        recipients: [.number(wire.phone())], content: wire.text(unitsMax: 100),
                        accessExtension: digits))
            }
            call = .personalised(parts)
        } else {
            call = .shared(wire.plainPart(customID: ""))
        }
        let body = Guodu.encodeCall(call, operatorID: account.id, password: account.password)
        return HandlerRequest(path: Guodu.path, contentType: Guodu.contentType, body: body)
    }

    func outcome(of request: HandlerRequest, _ answer: [UInt8]) throws -> HandlerOutcome {
        let said = try answer.withUnsafeBytes { try Guodu.SendAnswer(decoding: $0) }
        guard said.isAccepted == (Int64(said.messageID) != nil), !said.code.isEmpty else {
            throw WrongAnswer(description: "\(said)")
        }
        return try .accepted(
            Guodu.decodeRequest(body: request.body).content.get().submission, unless: !said.isAccepted)
    }
}

struct HostileYixintong: HostileDialect {
    func request(by account: HostileAccount, at now: Timestamp, _ wire: inout RandomWire) -> HandlerRequest {
        let call: Yixintong.Call
        switch wire.number(0...9) {
        case 0: call = .fetchReports
        case 1: call = .fetchReplies
        case 2: call = .confirmReplies(maxID: wire.digits(1...19))
        default:
            let serial = wire.oneIn(10) ? "20160803192020000001" : wire.digits(0...32)
            call = .send(Yixintong.Send(part: wire.plainPart(customID: serial)))
        }
        let login = Yixintong.Login(
            spCode: account.account.spCode, appKey: account.id, appSecret: account.appSecret)
        let encoded = Yixintong.encodeCall(
            call, login: login, requestID: Yixintong.RequestID.text(at: now, number: wire.random.next()))
        return HandlerRequest(
            path: encoded.path, contentType: encoded.contentType, headers: encoded.headers.map { ($0.name, $0.value) },
            body: encoded.body)
    }

    func seal(_ request: inout HandlerRequest, by account: HostileAccount) {
        func header(_ name: String) -> String { request.headers.first { $0.name == name }?.value ?? "" }
        // What nobody can read, nobody can have signed.
        guard let operation = Yixintong.Operation(path: request.path),
            let decoded = try? Yixintong.decodeRequest(operation, body: request.body),
            let place = request.headers.firstIndex(where: { $0.name == Yixintong.HeaderName.signature })
        else { return }
        let credentials = Yixintong.Credentials(
            spCode: header(Yixintong.HeaderName.spCode), appKey: header(Yixintong.HeaderName.appKey),
            requestID: header(Yixintong.HeaderName.requestID))
        request.headers[place].value = Yixintong.Signature.make(
            credentials, parameters: decoded.parameters, appSecret: account.appSecret)
    }

    func outcome(of request: HandlerRequest, _ answer: [UInt8]) throws -> HandlerOutcome {
        guard let operation = Yixintong.Operation(path: request.path) else { return .refused }
        return try answer.withUnsafeBytes { raw in
            switch operation {
            case .send:
                let said = try Yixintong.SendAnswer(decoding: raw)
                guard (said.code == 0) == !said.taskID.isEmpty else { throw WrongAnswer(description: "\(said)") }
                return try .accepted(Self.submission(request), unless: said.code != 0)
            case .fetchReports: return try Yixintong.ReportsAnswer(decoding: raw).code == 0 ? .served : .refused
            case .fetchReplies: return try Yixintong.RepliesAnswer(decoding: raw).code == 0 ? .served : .refused
            case .confirmReplies: return try Yixintong.SendAnswer(decoding: raw).code == 0 ? .served : .refused
            }
        }
    }

    private static func submission(_ request: HandlerRequest) throws -> Submission {
        guard case .send(let send) = try Yixintong.decodeRequest(.send, body: request.body).content.get() else {
            throw WrongAnswer(description: "no send")
        }
        return Submission(parts: [send.part])
    }
}
