import Dialects
import Engine
import HTTPCore
import Logging
import Messaging
import NIOCore
import NIOHTTP1

/// Serves the requests of one dialect: reads them with the dialect's codec, decides whether the account may come in,
/// has the engine do what is asked, and answers.
struct DialectHandler<Dialect: CustomerDialect>: Sendable {
    /// A request as it was read. In one place for all that refer to it: it is large, and has a dozen texts.
    final class Asked: Sendable {
        let request: Dialect.Request

        init(_ request: Dialect.Request) {
            self.request = request
        }
    }

    let name: DialectName
    let dialect: Dialect
    let engine: Engine
    let logger: Logger

    /// On the connection's event loop.
    func receive(_ request: HTTPRequest, at route: Dialect.Route, reply: HTTPReply, from context: ConnectionContext) {
        guard request.method == .POST || request.method == .GET && dialect.allowsGet else {
            return reply.send(.methodNotAllowed(allow: dialect.allowsGet ? "GET, POST" : "POST"))
        }
        let now = engine.configuration.clock.now()
        let asked = Asked(dialect.read(route, RequestFields(request: request), at: now))
        var (entry, submission): (AccountEntry?, Submission?)
        do throws(DialectRefusal) {
            if let refusal = asked.request.refusal { throw refusal }
            let admitted = try admit(asked, from: context)
            entry = admitted
            try dialect.admit(asked.request, of: admitted.key, at: now)
            let action = try dialect.action(asked.request, by: admitted.account)
            if case .send(let wanted) = action, dialect.refusesExtensionsWithoutRoom, !hasRoom(wanted, admitted) {
                submission = wanted
                throw DialectRefusal(.extensionInvalid)
            }
            carryOut(action, asked, by: admitted, reply, from: context)
        } catch {
            refuse(error, asked, entry, submission, reply, from: context)
        }
    }

    // MARK: Who asks

    /// Lets an account in and counts its connection.
    private func admit(_ asked: Asked, from context: ConnectionContext) throws(DialectRefusal) -> AccountEntry {
        guard let identity = asked.request.identity else { throw dialect.unknownAccount }
        var (id, owner): (String?, AccountKey?)
        switch identity {
        case .login(let login): id = login
        case .clientID(let clientID): id = clientID
        case .apiKey: break
        case .token(let token, let login):
            id = login
            owner = engine.tokens.account(of: token)
            if owner == nil { throw dialect.tokenRefusal }
        }
        let tolerance = TimeTolerance(
            timestamp: engine.configuration.timestampTolerance, signature: engine.configuration.signatureTolerance)
        var flaw: DialectRefusal?
        do throws(Rejection) {
            let entry = try engine.authenticator.admit(
                id: id, address: context.address,
                find: { directory in
                    let entry = Self.account(identity, in: directory, name)
                    if entry == nil { flaw = dialect.unknownAccount }
                    return entry
                },
                verify: { entry, now in
                    flaw = dialect.verify(
                        asked.request, account: entry.account, secrets: entry.secrets, tolerance: tolerance, at: now)
                    return flaw?.rejection
                })
            try context.count(for: entry)
            if let owner, entry.key != owner { throw Rejection.credentialsWrong }
            return entry
        } catch {
            throw error == .credentialsWrong ? flaw ?? dialect.tokenRefusal : DialectRefusal(error)
        }
    }

    private static func account(
        _ identity: CustomerIdentity, in directory: AccountDirectory, _ name: DialectName
    ) -> AccountEntry? {
        switch identity {
        case .login(let login), .token(_, let login): directory.account(login: login, in: name)
        case .apiKey(let key): directory.account(apiKey: key)
        case .clientID(let id): directory.account(clientID: id)
        }
    }

    /// Whether some channel's number has room for the customer's part of the extension.
    private func hasRoom(_ submission: Submission, _ entry: AccountEntry) -> Bool {
        guard let own = submission.parts.first?.accessExtension.utf8.count, own > 0 else { return true }
        let base = engine.channels.accessNumberDigitsMin + entry.account.accessExtension.utf8.count
        return base + own <= Channel.accessNumberDigitsMax
    }

    // MARK: What is asked

    private func carryOut(
        _ action: CustomerAction, _ asked: Asked, by entry: AccountEntry, _ reply: HTTPReply,
        from context: ConnectionContext
    ) {
        let grain = dialect.reportGrain
        switch action {
        case .send(let submission): submit(submission, asked, by: entry, reply, from: context)
        case .balance: reply.send(response(.balance, asked, entry))
        case .collectReports(let limit):
            collect(asked, entry, reply) { outbox throws(StoreFailure) in
                .reports(try await outbox.collectReports(for: entry, limit: limit, grain: grain))
            }
        case .collectReplies(let limit):
            collect(asked, entry, reply) { outbox throws(StoreFailure) in
                .replies(try await outbox.collectReplies(for: entry, limit: limit))
            }
        case .queryReplies(let limit):
            collect(asked, entry, reply) { outbox throws(StoreFailure) in
                .replies(try await outbox.queryReplies(for: entry, limit: limit))
            }
        case .confirmReplies(let last):
            collect(asked, entry, reply) { outbox throws(StoreFailure) in
                try await outbox.confirmReplies(for: entry, through: last)
                return .confirmed
            }
        case .token:
            let tokens = engine.tokens
            collect(asked, entry, reply) { _ throws(StoreFailure) in
                .token(try await tokens.issue(to: entry), seconds: tokens.seconds)
            }
        }
    }

    /// Hands a submission in, and answers when its outcome is durable, or at once when it is refused.
    private func submit(
        _ submission: Submission, _ asked: Asked, by entry: AccountEntry, _ reply: HTTPReply,
        from context: ConnectionContext
    ) {
        let submitted = Submitted(self, submission, asked, entry, reply, context)
        let ticket = context.sink.expect(submitted)
        if let rejection = engine.billing.submit(submission, by: entry, ticket: ticket, sink: context.sink) {
            context.sink.cancel(ticket)
            submitted.settle(.failure(rejection))
        }
    }

    /// A submission whose outcome is awaited, and whom to answer.
    private final class Submitted: OutcomeReceiver {
        private let handler: DialectHandler
        private let submission: Submission
        private let asked: Asked
        private let entry: AccountEntry
        private let reply: HTTPReply
        private let context: ConnectionContext

        init(
            _ handler: DialectHandler, _ submission: Submission, _ asked: Asked, _ entry: AccountEntry,
            _ reply: HTTPReply, _ context: ConnectionContext
        ) {
            self.handler = handler
            self.submission = submission
            self.asked = asked
            self.entry = entry
            self.reply = reply
            self.context = context
        }

        func settle(_ outcome: Result<Acceptance, Rejection>) {
            switch outcome {
            case .success(let acceptance):
                reply.send(handler.response(.accepted(acceptance, submission), asked, entry))
            case .failure(let rejection):
                let refusal = handler.dialect.refusal(rejection, of: asked.request)
                handler.refuse(refusal, asked, entry, submission, reply, from: context)
            }
        }
    }

    /// Does something with the outbox and answers with what came of it.
    private func collect(
        _ asked: Asked, _ entry: AccountEntry, _ reply: HTTPReply,
        _ work: @escaping @Sendable (Outbox) async throws(StoreFailure) -> CustomerOutcome
    ) {
        // Hundreds of entries at once: one task for each request is not one for each message.
        Task {
            let response: HTTPResponse
            do throws(StoreFailure) {
                response = self.response(try await work(engine.outbox), asked, entry)
            } catch .busy(let words) {
                logger.debug("an outbox is put off", metadata: ["reason": "\(words)"])
                response = Self.response(dialect.encode(DialectRefusal(.overloaded), to: asked.request, isKnown: true))
            } catch {
                logger.log(
                    level: error.isOfStorage ? .debug : .error, "an outbox cannot be read",
                    metadata: ["reason": "\(error)"])
                response = Self.response(
                    dialect.encode(DialectRefusal(.storageFailed), to: asked.request, isKnown: true))
            }
            reply.eventLoop.execute { reply.send(response) }
        }
    }

    // MARK: Answers

    private func response(_ outcome: CustomerOutcome, _ asked: Asked, _ entry: AccountEntry) -> HTTPResponse {
        Self.response(dialect.encode(outcome, to: asked.request, of: entry.account, balance: entry.balance))
    }

    private static func response(_ answer: EncodedAnswer) -> HTTPResponse {
        HTTPResponse(contentType: answer.contentType, bytes: answer.body)
    }

    /// Counts and records a refused request, and answers it.
    private func refuse(
        _ refusal: DialectRefusal, _ asked: Asked, _ entry: AccountEntry?, _ submission: Submission?,
        _ reply: HTTPReply, from context: ConnectionContext
    ) {
        let record = RefusalRecord(
            dialect: name, identity: asked.request.identity, entry: entry, submission: submission,
            mobile: asked.request.mobile)
        record.note(
            refusal.rejection, code: dialect.code(of: refusal, to: asked.request), from: context.address, engine)
        reply.send(Self.response(dialect.encode(refusal, to: asked.request, isKnown: entry != nil)))
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
