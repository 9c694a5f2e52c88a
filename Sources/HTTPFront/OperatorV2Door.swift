import Dialects
import Engine
import HTTPCore
import Messaging
import NIOCore
import NIOHTTP1

/// Dialect 002, `/sms/v2/std/…` (seed 002).
struct OperatorV2Door: DialectDoor {
    let desk: CustomerDesk

    var paths: [String] { OperatorV2.Endpoint.paths }

    func receive(_ request: HTTPRequest, reply: HTTPReply, from context: ConnectionContext) -> Bool {
        guard let endpoint = OperatorV2.Endpoint(path: request.path) else { return false }
        guard request.method == .POST || request.method == .GET else {
            reply.send(.methodNotAllowed(allow: "GET, POST"))
            return true
        }
        var asked = Asked(operation: endpoint.operation, format: .json, reply: reply)
        var trace = RequestTrace(.operatorV2)
        do throws(Rejection) {
            let decoded = try decode(request, endpoint, &asked)
            if decoded.credentials.apiKey.isEmpty { trace.login = decoded.credentials.userID }
            trace.mobile = decoded.mobile
            let entry = try admit(decoded.credentials, from: context)
            trace.entry = entry
            carryOut(try decoded.content.get(), by: entry, asked, from: context)
        } catch {
            refuse(asked, error, trace, from: context)
        }
        return true
    }

    /// What an answer depends on.
    private struct Asked {
        var operation: OperatorV2.Operation
        var format: OperatorV2.BodyFormat
        var reply: HTTPReply
    }

    private func decode(
        _ request: HTTPRequest, _ endpoint: OperatorV2.Endpoint, _ asked: inout Asked
    ) throws(Rejection) -> OperatorV2.Request {
        // Some clients put the form behind the path of a POST, and no body or type with it.
        let isQuery =
            request.method == .GET || request.body.readableBytes == 0 && request.queryBytes.readableBytes > 0
        asked.format = isQuery ? .form : try OperatorV2.BodyFormat(contentType: request.contentType)
        let bytes = isQuery ? request.queryBytes : request.body
        let format = asked.format
        return try bytes.withUnsafeReadableBytes { raw in
            Result { () throws(Rejection) in try OperatorV2.decodeRequest(endpoint, format: format, body: raw) }
        }.get()
    }

    private func admit(
        _ credentials: OperatorV2.Credentials, from context: ConnectionContext
    ) throws(Rejection) -> AccountEntry {
        let key = credentials.apiKey
        let tolerance = desk.engine.configuration.timestampTolerance
        return try desk.admit(
            id: key.isEmpty ? credentials.userID : nil, from: context,
            find: {
                key.isEmpty ? $0.account(login: credentials.userID, in: .operatorV2) : $0.account(apiKey: key)
            },
            verify: { entry, now in
                do throws(Rejection) {
                    try OperatorV2.Authentication.verify(
                        credentials, account: entry.account, secrets: entry.secrets, at: now,
                        toleranceMilliseconds: tolerance)
                    return nil
                } catch {
                    // That the account is off is said by the gatekeeper, after the credentials were right.
                    return error == .accountDisabled ? nil : error
                }
            })
    }

    private func carryOut(
        _ content: OperatorV2.Content, by entry: AccountEntry, _ asked: Asked, from context: ConnectionContext
    ) {
        switch content {
        case .send(let submission):
            desk.submit(submission, by: entry, from: context) { outcome in
                switch outcome {
                case .success(let acceptance): answer(asked, .accepted(acceptance))
                case .failure(let rejection):
                    var trace = RequestTrace(.operatorV2)
                    (trace.entry, trace.submission) = (entry, submission)
                    refuse(asked, rejection, trace, from: context)
                }
            }
        case .balance:
            let balance = OperatorV2.Balance(unit: entry.account.chargeUnit, amount: entry.gauges.balance)
            answer(asked, .balance(balance))
        case .fetch(let limit):
            collect(limit, for: entry, asked)
        }
    }

    private func collect(_ limit: Int, for entry: AccountEntry, _ asked: Asked) {
        let (operation, format) = (asked.operation, asked.format)
        desk.collect(
            { outbox throws(StoreFailure) in
                operation == .fetchReports
                    ? .reports(try await outbox.collectReports(for: entry, limit: limit))
                    : .replies(try await outbox.collectReplies(for: entry, limit: limit))
            }, reply: asked.reply,
            then: { Self.response($0, of: operation, format) })
    }

    // MARK: Answers

    private func answer(_ asked: Asked, _ answer: OperatorV2.Answer) {
        asked.reply.send(Self.response(.success(answer), of: asked.operation, asked.format))
    }

    private func refuse(
        _ asked: Asked, _ rejection: Rejection, _ trace: RequestTrace, from context: ConnectionContext
    ) {
        desk.note(rejection, code: String(OperatorV2.resultCode(for: rejection)), of: trace, from: context)
        asked.reply.send(Self.response(.failure(rejection), of: asked.operation, asked.format))
    }

    private static func response(
        _ result: Result<OperatorV2.Answer, Rejection>, of operation: OperatorV2.Operation,
        _ format: OperatorV2.BodyFormat
    ) -> HTTPResponse {
        let bytes =
            switch result {
            case .success(let answer): OperatorV2.encodeAnswer(answer, format: format)
            case .failure(let rejection): OperatorV2.encodeFailure(rejection, of: operation, format: format)
            }
        return HTTPResponse(contentType: format.answerContentType, bytes: bytes)
    }
}
