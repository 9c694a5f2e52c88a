import Dialects
import HTTPCore
import Messaging
import NIOCore
import NIOHTTP1

/// A carrier's side of dialect 001 (seed 001).
struct ApiV1Carrier: SimulatedDialect {
    let carrier: SimulatedCarrier

    func receive(_ request: HTTPRequest, reply: HTTPReply) -> Bool {
        guard let operation = ApiV1.Operation(path: request.path) else { return false }
        guard request.method == .POST else {
            reply.send(HTTPResponse(status: .methodNotAllowed))
            return true
        }
        carrier.countCall()
        do throws(Rejection) {
            let contentType = request.contentType
            let asked = try request.body.withUnsafeReadableBytes { bytes in
                Result { () throws(Rejection) in
                    try ApiV1.decodeRequest(operation, contentType: contentType, body: bytes)
                }
            }.get()
            guard asked.credentials.areRight(for: carrier.account, secrets: carrier.secrets) else {
                throw .credentialsWrong
            }
            answer(try asked.content.get(), operation, reply)
        } catch {
            carrier.countRefusal()
            reply.send(Self.response(ApiV1.encodeFailure(error)))
        }
        return true
    }

    private func answer(_ content: ApiV1.Content, _ operation: ApiV1.Operation, _ reply: HTTPReply) {
        switch content {
        case .send(let submission):
            let verdict = carrier.receive(submission, call: operation.rawValue)
            let response =
                switch verdict.decision {
                case .accepted(let acceptance): Self.response(ApiV1.encodeAnswer(.accepted(acceptance)))
                case .refused(let rejection, _): Self.response(ApiV1.encodeFailure(rejection))
                }
            carrier.conclude(verdict, with: response, to: reply)
        case .fetch:
            if carrier.answersWithGarbage(insteadOf: Self.response(ApiV1.encodeAnswer(.reports([]))), to: reply) {
                return
            }
            let answer: ApiV1.Answer =
                operation == .fetchReports
                ? .reports(carrier.takeReports(limit: ApiV1.fetchMax, grain: .message))
                : .replies(carrier.takeReplies(limit: ApiV1.fetchMax))
            reply.send(Self.response(ApiV1.encodeAnswer(answer)))
        case .balance:
            // The sample's.
            let balance = ApiV1.Balance(unit: .count, amount: 200_000, payment: .prepaid)
            reply.send(Self.response(ApiV1.encodeAnswer(.balance(balance))))
        }
    }

    private static func response(_ bytes: [UInt8]) -> HTTPResponse {
        HTTPResponse(contentType: ApiV1.answerContentType, bytes: bytes)
    }
}

/// Its pushes: one report or reply each, tried once.
struct ApiV1CarrierPush: SimulatedPush {
    var reportsMax: Int { 1 }
    var repliesMax: Int { 1 }
    var grain: ReportGrain { .message }
    var isTriedOnce: Bool { true }

    func encode(_ items: PushedItems, sequence: Int64, at now: Timestamp) -> (contentType: String, body: [UInt8]) {
        let body =
            switch items {
            case .reports(let reports): reports.first.map { ApiV1.encodePush(report: $0) }
            case .replies(let replies): replies.first.map { ApiV1.encodePush(reply: $0) }
            }
        return (ApiV1.answerContentType, body ?? [])
    }

    func isAccepted(_ answer: PushClient.Answer) -> Bool { answer.status == 200 }
}
