import Dialects
import Engine
import HTTPCore
import Messaging
import NIOCore
import NIOHTTP1

/// Dialect 001, `/api/v1/…` (seed 001).
struct ApiV1Door: DialectDoor {
    let desk: CustomerDesk

    var paths: [String] { ApiV1.Operation.allCases.map(\.path) }

    func receive(_ request: HTTPRequest, reply: HTTPReply, from context: ConnectionContext) -> Bool {
        guard let operation = ApiV1.Operation(path: request.path) else { return false }
        guard request.method == .POST else {
            reply.send(.methodNotAllowed(allow: "POST"))
            return true
        }
        var trace = RequestTrace(.apiV1)
        do throws(Rejection) {
            let asked = try Self.decode(operation, request)
            let credentials = asked.credentials
            trace.login = credentials.account
            trace.mobile = asked.mobile
            let entry = try desk.admit(
                id: credentials.account, from: context,
                find: { $0.account(login: credentials.account, in: .apiV1) },
                verify: { entry, _ in
                    credentials.areRight(for: entry.account, secrets: entry.secrets) ? nil : .credentialsWrong
                })
            trace.entry = entry
            carryOut(try asked.content.get(), operation, by: entry, reply, from: context)
        } catch {
            refuse(error, trace, reply, from: context)
        }
        return true
    }

    private static func decode(
        _ operation: ApiV1.Operation, _ request: HTTPRequest
    ) throws(Rejection) -> ApiV1.Request {
        // Some clients put the form behind the path, and no body or type with it.
        let isQuery = request.body.readableBytes == 0 && request.queryBytes.readableBytes > 0
        let contentType = isQuery ? nil : request.contentType
        return try (isQuery ? request.queryBytes : request.body).withUnsafeReadableBytes { raw in
            Result { () throws(Rejection) in
                try ApiV1.decodeRequest(operation, contentType: contentType, body: raw)
            }
        }.get()
    }

    private func carryOut(
        _ content: ApiV1.Content, _ operation: ApiV1.Operation, by entry: AccountEntry, _ reply: HTTPReply,
        from context: ConnectionContext
    ) {
        switch content {
        case .send(let submission):
            desk.submit(submission, by: entry, from: context) { outcome in
                switch outcome {
                case .success(let acceptance): reply.send(Self.response(.success(.accepted(acceptance))))
                case .failure(let rejection):
                    var trace = RequestTrace(.apiV1)
                    (trace.entry, trace.submission) = (entry, submission)
                    refuse(rejection, trace, reply, from: context)
                }
            }
        case .balance:
            let balance = ApiV1.Balance(
                unit: entry.account.chargeUnit, amount: entry.gauges.balance, payment: entry.account.payment)
            reply.send(Self.response(.success(.balance(balance))))
        case .fetch:
            let isReports = operation == .fetchReports
            desk.collect(
                { outbox throws(StoreFailure) in
                    isReports
                        ? ApiV1.Answer.reports(
                            try await outbox.collectReports(for: entry, limit: ApiV1.fetchMax, grain: .message))
                        : .replies(try await outbox.collectReplies(for: entry, limit: ApiV1.fetchMax))
                }, reply: reply,
                then: { Self.response($0) })
        }
    }

    // MARK: Answers

    private func refuse(
        _ rejection: Rejection, _ trace: RequestTrace, _ reply: HTTPReply, from context: ConnectionContext
    ) {
        desk.note(rejection, code: ApiV1.resultCode(for: rejection), of: trace, from: context)
        reply.send(Self.response(.failure(rejection)))
    }

    private static func response(_ result: Result<ApiV1.Answer, Rejection>) -> HTTPResponse {
        let bytes =
            switch result {
            case .success(let answer): ApiV1.encodeAnswer(answer)
            case .failure(let rejection): ApiV1.encodeFailure(rejection)
            }
        return HTTPResponse(contentType: ApiV1.answerContentType, bytes: bytes)
    }
}
