import Dialects
import Engine
import HTTPCore
import Messaging
import NIOCore
import NIOHTTP1
import Secrets

/// Dialect 000, `/oauth2/…` and `/json/sms/…` (seed 000).
struct EnterpriseDoor: DialectDoor {
    let desk: CustomerDesk

    var paths: [String] { Enterprise.Endpoint.all.map(\.path) }

    func receive(_ request: HTTPRequest, reply: HTTPReply, from context: ConnectionContext) -> Bool {
        guard let endpoint = Enterprise.Endpoint(path: request.path) else { return false }
        guard request.method == .POST else {
            reply.send(.methodNotAllowed(allow: "POST"))
            return true
        }
        let asked = request.body.withUnsafeReadableBytes { raw in
            Enterprise.decodeRequest(endpoint, body: raw) { request.header($0) }
        }
        var trace = RequestTrace(Self.dialect(endpoint))
        if case .client(let id, _) = asked.credentials {
            trace.clientID = id
        } else {
            trace.login = asked.credentials.accountID
        }
        trace.mobile = asked.named(isKnown: false).recipients.first?.text ?? ""
        do throws(Rejection) {
            // A token's request has its credentials in the body, which must be understood first.
            if endpoint.operation == .token { _ = try asked.content.get() }
            try asked.credentials.check()
            let entry = try admit(asked.credentials, from: context)
            trace.entry = entry
            carryOut(try asked.content.get(), by: entry, endpoint, reply, from: context)
        } catch {
            refuse(error, endpoint, trace, asked.named(isKnown: trace.entry != nil), reply, from: context)
        }
        return true
    }

    private static func dialect(_ endpoint: Enterprise.Endpoint) -> DialectName {
        endpoint.mode == .plain ? .enterpriseJSON : .enterpriseOAuth2
    }

    private func admit(
        _ credentials: Enterprise.Credentials, from context: ConnectionContext
    ) throws(Rejection) -> AccountEntry {
        let id = credentials.accountID
        switch credentials {
        case .client(let clientID, let secret):
            return try desk.admit(
                id: clientID, from: context, find: { $0.account(clientID: clientID) },
                verify: { entry, _ in
                    guard let known = entry.secrets.clientSecret, !known.isEmpty, constantTimeEqual(secret, known)
                    else { return .credentialsWrong }
                    return nil
                })
        case .signed(let token, let signature, let timestamp, let account):
            // Nobody guesses a token, so one that is wrong has ended, and is no reason to lock anybody out.
            guard let owner = desk.engine.tokens.account(of: token) else { throw Enterprise.tokenRejection }
            let tolerance = desk.engine.configuration.signatureTolerance
            let entry = try desk.admit(
                id: id, from: context, find: { $0.account(login: id, in: .enterpriseOAuth2) },
                verify: { entry, now in
                    do throws(Rejection) {
                        try Enterprise.Authentication.prove(
                            signature, account: account, timestamp: timestamp, password: entry.secrets.apiPassword,
                            at: now, toleranceMilliseconds: tolerance)
                        return nil
                    } catch {
                        return error
                    }
                })
            guard entry.number == owner else { throw Enterprise.tokenRejection }
            return entry
        case .plain(let enterpriseID, _, let password):
            return try desk.admit(
                id: id, from: context, find: { $0.account(login: id, in: .enterpriseJSON) },
                verify: { entry, _ in
                    let isRight = Enterprise.Authentication.isPassword(
                        password, password: entry.secrets.apiPassword, allowsPlain: entry.account.allowsPlainPassword)
                    return isRight && enterpriseID == entry.account.enterpriseID ? nil : .credentialsWrong
                })
        }
    }

    private func carryOut(
        _ content: Enterprise.Content, by entry: AccountEntry, _ endpoint: Enterprise.Endpoint, _ reply: HTTPReply,
        from context: ConnectionContext
    ) {
        switch content {
        case .token:
            let tokens = desk.engine.tokens
            desk.collect(
                { _ async throws(StoreFailure) in
                    Enterprise.Answer.token(try await tokens.issue(to: entry), seconds: tokens.seconds)
                }, reply: reply, then: { Self.response($0, endpoint) })
        case .send(let submission):
            desk.submit(submission, by: entry, from: context) { outcome in
                switch outcome {
                case .success(let acceptance):
                    let remaining = endpoint.mode == .plain ? Self.remaining(of: entry) : nil
                    reply.send(Self.response(.accepted(acceptance, of: submission, remaining: remaining)))
                case .failure(let rejection):
                    var trace = RequestTrace(Self.dialect(endpoint))
                    (trace.entry, trace.submission) = (entry, submission)
                    refuse(rejection, endpoint, trace, Enterprise.Named(submission), reply, from: context)
                }
            }
        case .fetch(let limit):
            desk.collect(
                { outbox async throws(StoreFailure) in
                    endpoint.operation == .fetchReports
                        ? Enterprise.Answer.reports(
                            try await outbox.collectReports(for: entry, limit: limit, grain: .message))
                        : .replies(try await outbox.collectReplies(for: entry, limit: limit))
                }, reply: reply, then: { Self.response($0, endpoint) })
        }
    }

    /// Segments that the account can still send.
    private static func remaining(of entry: AccountEntry) -> Int64 {
        let account = entry.account
        let spendable = max(0, entry.gauges.balance - account.balanceFloor)
        switch account.chargeUnit {
        case .count: return spendable
        // What costs nothing can be sent without end; clients read the figure as a 32-bit number.
        case .money: return account.price > .zero ? spendable / account.price.microYuan : Int64(Int32.max)
        }
    }

    // MARK: Answers

    private static func response(_ answer: Enterprise.Answer) -> HTTPResponse {
        HTTPResponse(contentType: Enterprise.answerContentType, bytes: Enterprise.encodeAnswer(answer))
    }

    private static func response(
        _ result: Result<Enterprise.Answer, Rejection>, _ endpoint: Enterprise.Endpoint
    ) -> HTTPResponse {
        switch result {
        case .success(let answer): response(answer)
        case .failure(let rejection):
            HTTPResponse(
                contentType: Enterprise.answerContentType,
                bytes: Enterprise.encodeFailure(rejection, of: endpoint.operation))
        }
    }

    private func refuse(
        _ rejection: Rejection, _ endpoint: Enterprise.Endpoint, _ trace: RequestTrace, _ named: Enterprise.Named,
        _ reply: HTTPReply, from context: ConnectionContext
    ) {
        let code =
            endpoint.operation == .token
            ? Enterprise.tokenError(for: rejection) : String(Enterprise.resultCode(for: rejection).rawValue)
        desk.note(rejection, code: code, of: trace, from: context)
        reply.send(
            HTTPResponse(
                contentType: Enterprise.answerContentType,
                bytes: Enterprise.encodeFailure(rejection, of: endpoint.operation, named: named)))
    }
}
