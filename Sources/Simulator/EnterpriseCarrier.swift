import Dialects
import HTTPCore
import Messaging
import NIOCore
import NIOHTTP1
import Synchronization

/// A simulated carrier's side of dialect 000 (seed 000), in one of its modes. Tokens are kept in memory: a carrier that
/// is started again knows none.
final class EnterpriseCarrier: SimulatedDialect {
    private let carrier: SimulatedCarrier
    private let mode: Enterprise.Mode
    /// When each token ends.
    private let tokens = Mutex<[String: Timestamp]>([:])

    private static let tokenSeconds = 7200
    private static let tokensMax = 10_000
    /// Segments that can still be sent to a carrier that never runs dry.
    private static let remaining: Int64 = 9_999

    init(carrier: SimulatedCarrier, mode: Enterprise.Mode) {
        self.carrier = carrier
        self.mode = mode
    }

    func receive(_ request: HTTPRequest, reply: HTTPReply) -> Bool {
        guard let endpoint = Enterprise.Endpoint(path: request.path), endpoint.mode == mode else { return false }
        guard request.method == .POST else {
            reply.send(HTTPResponse(status: .methodNotAllowed))
            return true
        }
        carrier.countCall()
        let asked = request.body.withUnsafeReadableBytes { raw in
            Enterprise.decodeRequest(endpoint, body: raw) { request.header($0) }
        }
        do throws(Rejection) {
            if endpoint.operation == .token { _ = try asked.content.get() }
            try asked.credentials.check()
            try verify(asked.credentials)
            answer(try asked.content.get(), endpoint, reply)
        } catch {
            carrier.countRefusal()
            reply.send(Self.refusal(error, endpoint))
        }
        return true
    }

    private func verify(_ credentials: Enterprise.Credentials) throws(Rejection) {
        let (account, secrets) = (carrier.account, carrier.secrets)
        let now = carrier.configuration.clock.now()
        let isRight: Bool
        switch credentials {
        case .client(let id, let secret):
            isRight = id == account.clientID && secret == secrets.clientSecret
        case .signed(let token, let signature, let timestamp, let user):
            guard let end = tokens.withLock({ $0[token] }), now < end else { throw Enterprise.tokenRejection }
            isRight =
                credentials.accountID == account.id
                && Enterprise.Authentication.hasSignature(
                    signature, account: user, timestamp: timestamp, password: secrets.apiPassword, at: now)
        case .plain(let enterpriseID, _, let password):
            isRight =
                credentials.accountID == account.id && enterpriseID == account.enterpriseID
                && Enterprise.Authentication.isPassword(password, password: secrets.apiPassword, allowsPlain: false)
        }
        guard isRight else { throw .credentialsWrong }
    }

    private func answer(_ content: Enterprise.Content, _ endpoint: Enterprise.Endpoint, _ reply: HTTPReply) {
        switch content {
        case .token:
            reply.send(Self.response(.token(newToken(), seconds: Self.tokenSeconds)))
        case .send(let submission):
            let verdict = carrier.receive(submission, call: String(endpoint.path.dropFirst()))
            let response =
                switch verdict.decision {
                case .accepted(let acceptance):
                    Self.response(
                        .accepted(acceptance, of: submission, remaining: mode == .plain ? Self.remaining : nil))
                case .refused(let rejection, _): Self.refusal(rejection, endpoint, submission)
                }
            carrier.conclude(verdict, with: response, to: reply)
        case .fetch(let limit):
            let isReports = endpoint.operation == .fetchReports
            let empty: Enterprise.Answer = isReports ? .reports([]) : .replies([])
            if carrier.answersWithGarbage(insteadOf: Self.response(empty), to: reply) { return }
            reply.send(
                Self.response(
                    isReports
                        ? .reports(carrier.takeReports(limit: limit, grain: .message))
                        : .replies(carrier.takeReplies(limit: limit))))
        }
    }

    private func newToken() -> String {
        let token = "sim" + String(UInt64.random(in: .min ... .max), radix: 16)
        let now = carrier.configuration.clock.now()
        tokens.withLock { tokens in
            if tokens.count >= Self.tokensMax { tokens = tokens.filter { $0.value > now } }
            if tokens.count >= Self.tokensMax { tokens.removeAll() }
            tokens[token] = now.adding(milliseconds: Int64(Self.tokenSeconds) * 1000)
        }
        return token
    }

    private static func response(_ answer: Enterprise.Answer) -> HTTPResponse {
        HTTPResponse(contentType: Enterprise.answerContentType, bytes: Enterprise.encodeAnswer(answer))
    }

    private static func refusal(
        _ rejection: Rejection, _ endpoint: Enterprise.Endpoint, _ submission: Submission? = nil
    ) -> HTTPResponse {
        HTTPResponse(
            contentType: Enterprise.answerContentType,
            bytes: Enterprise.encodeFailure(
                rejection, of: endpoint.operation, named: submission.map { Enterprise.Named($0) } ?? Enterprise.Named())
        )
    }
}
