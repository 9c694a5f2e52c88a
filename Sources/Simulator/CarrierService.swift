import Dialects
import HTTPCore
import Messaging
import NIOCore
import NIOHTTP1

/// A simulated carrier's side of HTTP.
struct CarrierService: HTTPService {
    let carrier: SimulatedCarrier

    func connect(eventLoop: any EventLoop, remoteAddress: [UInt8]?) -> any HTTPConnection {
        CarrierConnection(carrier: carrier)
    }
}

private final class CarrierConnection: HTTPConnection {
    private let carrier: SimulatedCarrier

    private static let json = "application/json;charset=utf-8"

    init(carrier: SimulatedCarrier) {
        self.carrier = carrier
    }

    func closed() {}

    func receive(_ request: HTTPRequest, reply: HTTPReply) {
        if let endpoint = OperatorV2.Endpoint(path: request.path) {
            serve(endpoint, request, reply)
        } else if request.path == "/simulator/stats", request.method == .GET {
            reply.send(HTTPResponse(contentType: Self.json, bytes: Array(carrier.statistics.json.utf8)))
        } else if request.path == "/simulator/log", request.method == .GET {
            let after = request.query.split(separator: "&").lazy
                .compactMap { $0.hasPrefix("after=") ? Int($0.dropFirst("after=".count)) : nil }.first
            let entries = carrier.logEntries(after: max(0, min(after ?? 0, Int(Int32.max))))
            reply.send(HTTPResponse(contentType: Self.json, bytes: SubmissionLog.json(entries)))
        } else {
            reply.send(HTTPResponse(status: .notFound))
        }
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
            refuse(error, endpoint.operation, format, reply)
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
        let isPushing = carrier.configuration.push != nil
        if case .fetch = content, let garbage = carrier.nextPollGarbage() {
            let empty: OperatorV2.Answer = operation == .fetchReports ? .reports([]) : .replies([])
            return garbage.send(insteadOf: Self.response(empty, format), to: reply)
        }
        switch content {
        case .send(let submission):
            let verdict = carrier.receive(submission, call: operation)
            finish(verdict, operation, format, reply)
        case .fetch(let limit) where operation == .fetchReports:
            send(.reports(isPushing ? [] : carrier.takeReports(limit: limit)), format, reply)
        case .fetch(let limit):
            send(.replies(isPushing ? [] : carrier.takeReplies(limit: limit)), format, reply)
        case .balance:
            send(.balance(OperatorV2.Balance(unit: .count, amount: Self.balance)), format, reply)
        }
    }

    /// A carrier that never runs dry; the figure is the sample's (seed 002 §2.6.8).
    private static let balance: Int64 = 99_885_514

    private func finish(
        _ verdict: CarrierBook.Verdict, _ operation: OperatorV2.Operation, _ format: OperatorV2.BodyFormat,
        _ reply: HTTPReply
    ) {
        let response =
            switch verdict.decision {
            case .accepted(let acceptance): Self.response(.accepted(acceptance), format)
            case .refused(let code): Self.refusal(code, operation, format)
            }
        let conclude: @Sendable () -> Void = {
            switch verdict.answer {
            case .sent: reply.send(response)
            case .lost: reply.abort()
            case .garbage(let garbage): garbage.send(insteadOf: response, to: reply)
            }
        }
        if verdict.delay > 0 {
            reply.eventLoop.scheduleTask(in: .milliseconds(verdict.delay), conclude)
        } else {
            conclude()
        }
    }

    private func send(_ answer: OperatorV2.Answer, _ format: OperatorV2.BodyFormat, _ reply: HTTPReply) {
        reply.send(Self.response(answer, format))
    }

    private static func response(_ answer: OperatorV2.Answer, _ format: OperatorV2.BodyFormat) -> HTTPResponse {
        HTTPResponse(
            contentType: format.answerContentType, bytes: OperatorV2.encodeAnswer(answer, format: format))
    }

    private func refuse(
        _ rejection: Rejection, _ operation: OperatorV2.Operation, _ format: OperatorV2.BodyFormat, _ reply: HTTPReply
    ) {
        reply.send(Self.refusal(OperatorV2.resultCode(for: rejection), operation, format))
    }

    private static func refusal(
        _ code: Int, _ operation: OperatorV2.Operation, _ format: OperatorV2.BodyFormat
    ) -> HTTPResponse {
        HTTPResponse(
            contentType: format.answerContentType,
            bytes: OperatorV2.encodeFailure(code: code, of: operation, format: format))
    }
}
