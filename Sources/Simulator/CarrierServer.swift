import Dialects
import HTTPCore
import Messaging
import NIOCore
import NIOHTTP1
import Synchronization

/// The server's side of one dialect at a simulated carrier. It reads requests and writes answers with the codec that
/// serves customers; what becomes of messages is the carrier's.
struct CarrierServer<Dialect: CustomerDialect>: Sendable {
    typealias Asked = Dialect.Request

    let name: DialectName
    let dialect: Dialect
    let carrier: SimulatedCarrier
    let tokens = CarrierTokens()

    /// On the connection's event loop.
    func receive(_ request: HTTPRequest, at route: Dialect.Route, reply: HTTPReply) {
        guard request.method == .POST || request.method == .GET && dialect.allowsGet else {
            return reply.send(HTTPResponse(status: .methodNotAllowed))
        }
        carrier.countCall()
        let now = carrier.configuration.clock.now()
        let asked = dialect.read(route, RequestFields(request: request), at: now)
        do throws(DialectRefusal) {
            if let refusal = asked.refusal { throw refusal }
            try verify(asked, at: now)
            try dialect.admit(asked, of: 0, at: now)
            let call = request.path.split(separator: "/").last.map(String.init) ?? ""
            try carryOut(dialect.action(asked, by: carrier.account), asked, call: call, at: now, reply)
        } catch {
            carrier.countRefusal()
            reply.send(refusal(error, asked))
        }
    }

    private func verify(_ asked: Asked, at now: Timestamp) throws(DialectRefusal) {
        let account = carrier.account
        let isKnown: Bool
        switch asked.identity {
        case .login(let login): isKnown = account.hasLogin(login, in: name)
        case .clientID(let id): isKnown = id == account.clientID
        case .token(let token, let login):
            guard tokens.isGood(token, at: now) else { throw dialect.tokenRefusal }
            isKnown = account.hasLogin(login, in: name)
        case .apiKey: isKnown = true
        case nil: isKnown = false
        }
        guard isKnown else { throw dialect.unknownAccount }
        let refusal = dialect.verify(
            asked, account: account, secrets: carrier.secrets, tolerance: TimeTolerance(), at: now)
        if let refusal { throw refusal }
    }

    private func carryOut(
        _ action: CustomerAction, _ asked: Asked, call: String, at now: Timestamp, _ reply: HTTPReply
    ) throws(DialectRefusal) {
        let outcome: CustomerOutcome
        switch action {
        case .send(let submission): return try take(submission, asked, call: call, reply)
        case .collectReports(let limit):
            if carrier.answersWithGarbage(insteadOf: response(.reports([]), asked), to: reply) { return }
            outcome = .reports(carrier.takeReports(limit: limit, grain: dialect.reportGrain))
        case .collectReplies(let limit):
            if carrier.answersWithGarbage(insteadOf: response(.replies([]), asked), to: reply) { return }
            outcome = .replies(carrier.takeReplies(limit: limit))
        case .queryReplies(let limit):
            if carrier.answersWithGarbage(insteadOf: response(.replies([]), asked), to: reply) { return }
            outcome = .replies(carrier.memory.query(limit: limit) { carrier.takeReplies(limit: $0) })
        case .confirmReplies(let last):
            carrier.memory.confirm(through: last)
            outcome = .confirmed
        case .balance: outcome = .balance
        case .token: outcome = .token(tokens.make(at: now), seconds: CarrierTokens.seconds)
        }
        reply.send(response(outcome, asked))
    }

    private func take(
        _ submission: Submission, _ asked: Asked, call: String, _ reply: HTTPReply
    ) throws(DialectRefusal) {
        guard submission.idempotencyKey.map({ carrier.memory.isNew(key: $0, in: name) }) ?? true else {
            throw DialectRefusal(.submissionRepeated)
        }
        let verdict = carrier.receive(submission, call: call)
        let response =
            switch verdict.decision {
            case .accepted(let acceptance): response(.accepted(acceptance, submission), asked)
            case .refused(let rejection, let code): refusal(dialect.simulatedRefusal(rejection, code: code), asked)
            }
        carrier.conclude(verdict, with: response, to: reply)
    }

    private func response(_ outcome: CustomerOutcome, _ asked: Asked) -> HTTPResponse {
        let answer = dialect.encode(outcome, to: asked, of: carrier.account, balance: dialect.simulatedBalance)
        return HTTPResponse(contentType: answer.contentType, bytes: answer.body)
    }

    private func refusal(_ refusal: DialectRefusal, _ asked: Asked) -> HTTPResponse {
        let answer = dialect.encode(refusal, to: asked, isKnown: true)
        return HTTPResponse(contentType: answer.contentType, bytes: answer.body)
    }
}

/// What serves one path.
typealias CarrierHandler = @Sendable (HTTPRequest, HTTPReply) -> Void

/// Makes what serves the paths of a dialect.
struct CarrierServerMaker: DialectVisitor {
    let carrier: SimulatedCarrier

    func visit<Customers: CustomerDialect>(_ dialect: Dialect<Customers>) -> [(String, CarrierHandler)] {
        let server = CarrierServer(name: dialect.name, dialect: dialect.customers, carrier: carrier)
        return dialect.customers.routes.map { path, route in
            (path, { server.receive($0, at: route, reply: $1) })
        }
    }
}

/// The access tokens that a simulated carrier gave out; one that listens anew knows none.
final class CarrierTokens: Sendable {
    /// When each ends.
    private let ends = Mutex<[String: Timestamp]>([:])

    static let seconds = 7200
    private static let countMax = 10_000

    func isGood(_ token: String, at now: Timestamp) -> Bool {
        ends.withLock { $0[token] }.map { now < $0 } ?? false
    }

    func make(at now: Timestamp) -> String {
        let token = "sim" + String(UInt64.random(in: .min ... .max), radix: 16)
        ends.withLock { ends in
            if ends.count >= Self.countMax { ends = ends.filter { $0.value > now } }
            if ends.count >= Self.countMax { ends.removeAll() }
            ends[token] = now.adding(milliseconds: Int64(Self.seconds) * 1000)
        }
        return token
    }
}

/// A request as dialects read it.
private struct RequestFields: HTTPRequestFields {
    let request: HTTPRequest

    var isGet: Bool { request.method == .GET }
    var contentType: String? { request.contentType }
    var hasBody: Bool { request.body.readableBytes > 0 }
    var hasQuery: Bool { request.queryBytes.readableBytes > 0 }
    func header(_ name: String) -> String? { request.header(name) }

    func visitBytes(ofQuery: Bool, _ read: (UnsafeRawBufferPointer) -> Void) {
        (ofQuery ? request.queryBytes : request.body).withUnsafeReadableBytes(read)
    }
}
