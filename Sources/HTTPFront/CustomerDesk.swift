import Engine
import HTTPCore
import Logging
import Messaging
import NIOCore

/// What the doors of all dialects share: who may come in, and what is done for them. A door reads requests and writes
/// answers; the desk does the rest.
struct CustomerDesk: Sendable {
    let engine: Engine
    let logger: Logger

    /// Lets an account in and counts its connection. On the connection's event loop.
    /// - Parameters:
    ///   - id: the name that the request gave; nil where an API key stands in its place.
    ///   - find: looks the account up.
    ///   - verify: the dialect's own check of the credentials; nil when they are right.
    func admit(
        id: String?, from context: ConnectionContext, find: (AccountDirectory) -> AccountEntry?,
        verify: (AccountEntry, Timestamp) -> Rejection?
    ) throws(Rejection) -> AccountEntry {
        let entry = try engine.gatekeeper.admit(id: id, address: context.address, find: find, verify: verify)
        try context.count(for: entry)
        return entry
    }

    /// Hands a submission in. On the connection's event loop, which `then` is called on, too: once, when the outcome is
    /// durable, or at once when it is refused.
    func submit(
        _ submission: Submission, by entry: AccountEntry, from context: ConnectionContext,
        then: @escaping (Result<Acceptance, Rejection>) -> Void
    ) {
        let ticket = context.sink.expect(then)
        if let rejection = engine.billing.submit(submission, by: entry, ticket: ticket, sink: context.sink) {
            context.sink.cancel(ticket)
            then(.failure(rejection))
        }
    }

    /// Does something with the outbox and answers with what `then` makes of it. A failure is logged here.
    func collect<T: Sendable>(
        _ work: @escaping @Sendable (Outbox) async throws(StoreFailure) -> T, reply: HTTPReply,
        then: @escaping @Sendable (Result<T, Rejection>) -> HTTPResponse
    ) {
        let outbox = engine.outbox
        // Hundreds of entries at once: one task for each request is not one for each message.
        Task { [logger] in
            let result: Result<T, Rejection>
            do throws(StoreFailure) {
                result = .success(try await work(outbox))
            } catch .busy(let words) {
                logger.debug("an outbox is put off", metadata: ["reason": "\(words)"])
                result = .failure(.overloaded)
            } catch {
                logger.log(
                    level: error.isOfStorage ? .debug : .error, "an outbox cannot be read",
                    metadata: ["reason": "\(error)"])
                result = .failure(.storageFailed)
            }
            let response = then(result)
            reply.eventLoop.execute { reply.send(response) }
        }
    }

    /// Counts a request that is answered with a rejection, and keeps on record what it was.
    /// - Parameter code: what the customer is answered, as the dialect writes it.
    func note(_ rejection: Rejection, code: String, of trace: RequestTrace, from context: ConnectionContext) {
        note(rule: rejection.rule, code: code, of: trace, from: context)
    }

    /// As `note(_:code:of:from:)`, of a rule that only the dialect has.
    func note(rule: String, code: String, of trace: RequestTrace, from context: ConnectionContext) {
        engine.counters.refused()
        // Whoever was shut out is known by name only.
        let directory = engine.accounts.directory
        let named =
            trace.clientID.flatMap { directory.account(clientID: $0) }
            ?? trace.login.flatMap { directory.account(login: $0, in: trace.dialect) }
        let account = (trace.entry ?? named)?.number ?? 0
        let given = trace.clientID ?? trace.login ?? ""
        let name = account == 0 ? String(given.unicodeScalars.prefix(Self.nameMax)) : ""
        engine.refusals.note(
            Refusal.Key(
                account: account, name: Account.folded(name), dialect: trace.dialect.rawValue, code: code, rule: rule,
                address: AddressBlock(context.address).description),
            mobiles: trace.mobiles)
    }

    private static let nameMax = 32
}
