import Dialects
import Engine
import HTTPCore
import Logging
import Messaging
import NIOCore
import NIOHTTP1

/// Dialect 002, `/sms/v2/std/…` (seed 002).
struct OperatorV2Door: DialectDoor {
    let engine: Engine
    let logger: Logger

    func receive(_ request: HTTPRequest, reply: HTTPReply, from context: ConnectionContext) -> Bool {
        guard let endpoint = OperatorV2.Endpoint(path: request.path) else { return false }
        guard request.method == .POST || request.method == .GET else {
            reply.send(HTTPResponse(status: .methodNotAllowed))
            return true
        }
        var asked = Asked(operation: endpoint.operation, format: .json, reply: reply)
        do throws(Rejection) {
            let decoded = try decode(request, endpoint, &asked)
            let entry = try admit(decoded.credentials, from: context)
            try context.count(for: entry)
            carryOut(try decoded.content.get(), by: entry, asked, from: context)
        } catch {
            refuse(asked, error)
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
        let isGet = request.method == .GET
        asked.format = isGet ? .form : try OperatorV2.BodyFormat(contentType: request.contentType)
        let bytes = isGet ? request.queryBytes : request.body
        let format = asked.format
        return try bytes.withUnsafeReadableBytes { raw in
            Result { () throws(Rejection) in try OperatorV2.decodeRequest(endpoint, format: format, body: raw) }
        }.get()
    }

    private func admit(
        _ credentials: OperatorV2.Credentials, from context: ConnectionContext
    ) throws(Rejection) -> AccountEntry {
        let key = credentials.apiKey
        let tolerance = engine.configuration.timestampTolerance
        return try engine.gatekeeper.admit(
            id: key.isEmpty ? credentials.userID : key, address: context.address,
            find: { key.isEmpty ? $0.account(id: credentials.userID) : $0.account(apiKey: key) },
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
            let ticket = context.sink.expect { outcome in
                switch outcome {
                case .success(let acceptance): answer(asked, .accepted(acceptance))
                case .failure(let rejection): refuse(asked, rejection)
                }
            }
            if let rejection = engine.billing.submit(submission, by: entry, ticket: ticket, sink: context.sink) {
                context.sink.cancel(ticket)
                refuse(asked, rejection)
            }
        case .balance:
            let balance = OperatorV2.Balance(unit: entry.account.chargeUnit, amount: entry.gauges.balance)
            answer(asked, .balance(balance))
        case .fetch(let limit):
            collect(limit, for: entry, asked)
        }
    }

    private func collect(_ limit: Int, for entry: AccountEntry, _ asked: Asked) {
        let outbox = engine.outbox
        Task {
            let result: Result<OperatorV2.Answer, Rejection>
            do throws(StoreFailure) {
                result = .success(
                    asked.operation == .fetchReports
                        ? .reports(try await outbox.collectReports(for: entry, limit: limit))
                        : .replies(try await outbox.collectReplies(for: entry, limit: limit)))
            } catch {
                logger.log(
                    level: error.isOfDisk ? .debug : .error, "an outbox cannot be read",
                    metadata: ["reason": "\(error)"])
                result = .failure(.storageFailed)
            }
            let response = response(asked, result)
            asked.reply.eventLoop.execute { asked.reply.send(response) }
        }
    }

    // MARK: Answers

    private func answer(_ asked: Asked, _ answer: OperatorV2.Answer) {
        asked.reply.send(response(asked, .success(answer)))
    }

    private func refuse(_ asked: Asked, _ rejection: Rejection) {
        engine.counters.refused()
        asked.reply.send(response(asked, .failure(rejection)))
    }

    private func response(_ asked: Asked, _ result: Result<OperatorV2.Answer, Rejection>) -> HTTPResponse {
        let bytes =
            switch result {
            case .success(let answer): OperatorV2.encodeAnswer(answer, format: asked.format)
            case .failure(let rejection):
                OperatorV2.encodeFailure(rejection, of: asked.operation, format: asked.format)
            }
        return HTTPResponse(contentType: asked.format.answerContentType, bytes: bytes)
    }
}
