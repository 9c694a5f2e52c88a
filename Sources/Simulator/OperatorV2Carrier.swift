import Dialects
import HTTPCore
import Messaging
import NIOCore
import NIOHTTP1

/// A simulated carrier's side of dialect 002 (seed 002).
struct OperatorV2Carrier: SimulatedDialect {
    let carrier: SimulatedCarrier

    func receive(_ request: HTTPRequest, reply: HTTPReply) -> Bool {
        guard let endpoint = OperatorV2.Endpoint(path: request.path) else { return false }
        serve(endpoint, request, reply)
        return true
    }

    private func serve(_ endpoint: OperatorV2.Endpoint, _ request: HTTPRequest, _ reply: HTTPReply) {
        guard request.method == .POST || request.method == .GET else {
            return reply.send(HTTPResponse(status: .methodNotAllowed))
        }
        carrier.countCall()
        var format = OperatorV2.BodyFormat.json
        do throws(Rejection) {
            let isGet = request.method == .GET
            format = isGet ? .form : try OperatorV2.BodyFormat(contentType: request.contentType)
            let bytes = isGet ? request.queryBytes : request.body
            let asked = try Self.decode(endpoint, format, bytes)
            try OperatorV2.Authentication.verify(
                asked.credentials, account: carrier.account, secrets: carrier.secrets,
                at: carrier.configuration.clock.now())
            answer(try asked.content.get(), endpoint.operation, format, reply)
        } catch {
            carrier.countRefusal()
            reply.send(Self.refusal(OperatorV2.resultCode(for: error), endpoint.operation, format))
        }
    }

    private static func decode(
        _ endpoint: OperatorV2.Endpoint, _ format: OperatorV2.BodyFormat, _ bytes: ByteBuffer
    ) throws(Rejection) -> OperatorV2.Request {
        let result = bytes.withUnsafeReadableBytes { bytes in
            Result { () throws(Rejection) -> OperatorV2.Request in
                try OperatorV2.decodeRequest(endpoint, format: format, body: bytes)
            }
        }
        return try result.get()
    }

    private func answer(
        _ content: OperatorV2.Content, _ operation: OperatorV2.Operation, _ format: OperatorV2.BodyFormat,
        _ reply: HTTPReply
    ) {
        switch content {
        case .send(let submission):
            let verdict = carrier.receive(submission, call: operation.rawValue)
            let response =
                switch verdict.decision {
                case .accepted(let acceptance): Self.response(.accepted(acceptance), format)
                case .refused(_, let code): Self.refusal(code, operation, format)
                }
            carrier.conclude(verdict, with: response, to: reply)
        case .fetch(let limit):
            let isReports = operation == .fetchReports
            let empty: OperatorV2.Answer = isReports ? .reports([]) : .replies([])
            if carrier.answersWithGarbage(insteadOf: Self.response(empty, format), to: reply) { return }
            let answer: OperatorV2.Answer =
                isReports ? .reports(carrier.takeReports(limit: limit)) : .replies(carrier.takeReplies(limit: limit))
            reply.send(Self.response(answer, format))
        case .balance:
            let balance = OperatorV2.Balance(unit: .count, amount: Self.balance)
            reply.send(Self.response(.balance(balance), format))
        }
    }

    /// A carrier that never runs dry; the figure is the sample's (seed 002 §2.6.8).
    private static let balance: Int64 = 99_885_514

    private static func response(_ answer: OperatorV2.Answer, _ format: OperatorV2.BodyFormat) -> HTTPResponse {
        HTTPResponse(
            contentType: format.answerContentType, bytes: OperatorV2.encodeAnswer(answer, format: format))
    }

    private static func refusal(
        _ code: Int, _ operation: OperatorV2.Operation, _ format: OperatorV2.BodyFormat
    ) -> HTTPResponse {
        HTTPResponse(
            contentType: format.answerContentType,
            bytes: OperatorV2.encodeFailure(code: code, of: operation, format: format))
    }
}

/// Its pushes (seed 002 §2.7, §2.8).
struct OperatorV2CarrierPush: SimulatedPush {
    let user: String
    let password: String

    var reportsMax: Int { OperatorV2.pushedReportsMax }
    var repliesMax: Int { OperatorV2.pushedRepliesMax }
    var grain: ReportGrain { .segment }
    var isTriedOnce: Bool { false }

    func encode(_ items: PushedItems, sequence: Int64, at now: Timestamp) -> (contentType: String, body: [UInt8]) {
        let push: OperatorV2.Push =
            switch items {
            case .reports(let reports): .reports(reports)
            case .replies(let replies): .replies(replies)
            }
        let body = OperatorV2.encodePush(
            push, sequence: sequence, login: .digest(userID: user, password: password), at: now)
        return (OperatorV2.PushFormat.form.contentType, body)
    }

    func isAccepted(_ answer: PushClient.Answer) -> Bool {
        guard answer.status == 200 else { return false }
        let read = try? answer.body.withUnsafeBytes { try OperatorV2.PushAnswer(decoding: $0) }
        return read?.result == 0
    }
}
