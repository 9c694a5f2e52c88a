import Dialects
import Engine
import HTTPCore
import Messaging
import NIOCore
import NIOHTTP1

/// Dialect 003, `/HttpQuickProcess/submitJson` (seed 003). It has no polls: what is to be collected is pushed, or
/// collected in another dialect.
struct GuoduDoor: DialectDoor {
    let desk: CustomerDesk

    var paths: [String] { [Guodu.path] }

    func receive(_ request: HTTPRequest, reply: HTTPReply, from context: ConnectionContext) -> Bool {
        guard request.path == Guodu.path else { return false }
        guard request.method == .POST else {
            reply.send(.methodNotAllowed(allow: "POST"))
            return true
        }
        // The document tells an unknown user from a wrong password.
        var isKnown = true
        var trace = RequestTrace(.guodu)
        do throws(Rejection) {
            let asked = try request.body.withUnsafeReadableBytes { raw in
                Result { () throws(Rejection) in try Guodu.decodeRequest(body: raw) }
            }.get()
            let credentials = asked.credentials
            trace.login = credentials.operatorID
            trace.mobile = asked.mobile
            let entry = try desk.admit(
                id: credentials.operatorID, from: context,
                find: { directory in
                    let entry = directory.account(login: credentials.operatorID, in: .guodu)
                    isKnown = entry != nil
                    return entry
                },
                verify: { entry, _ in
                    credentials.areRight(for: entry.account, secrets: entry.secrets) ? nil : .credentialsWrong
                })
            trace.entry = entry
            carryOut(try asked.content.get(), by: entry, reply, from: context)
        } catch {
            refuse(error, isKnown: isKnown, trace, reply, from: context)
        }
        return true
    }

    private func carryOut(
        _ content: Guodu.Content, by entry: AccountEntry, _ reply: HTTPReply, from context: ConnectionContext
    ) {
        var trace = RequestTrace(.guodu)
        (trace.entry, trace.submission) = (entry, content.submission)
        guard fits(content.submission, by: entry) else {
            return refuse(.extensionInvalid, trace, reply, from: context)
        }
        let (manner, refused) = (content.manner, trace)
        desk.submit(content.submission, by: entry, from: context) { outcome in
            switch outcome {
            case .success(let acceptance):
                reply.send(
                    HTTPResponse(
                        contentType: Guodu.contentType, bytes: Guodu.encodeAnswer(acceptance, manner: manner)))
            case .failure(let rejection): refuse(rejection, refused, reply, from: context)
            }
        }
    }

    /// Whether some channel's number has room for the AppendID (seed 003, table 3-1-3-1, note 1).
    private func fits(_ submission: Submission, by entry: AccountEntry) -> Bool {
        guard let own = submission.parts.first?.accessExtension.utf8.count, own > 0 else { return true }
        let base = desk.engine.channels.accessNumberDigitsMin + entry.account.accessExtension.utf8.count
        return base + own <= Channel.accessNumberDigitsMax
    }

    private func refuse(
        _ rejection: Rejection, isKnown: Bool = true, _ trace: RequestTrace, _ reply: HTTPReply,
        from context: ConnectionContext
    ) {
        let isUnknown = rejection == .credentialsWrong && !isKnown
        let code = isUnknown ? Guodu.unknownOperator : Guodu.resultCode(for: rejection)
        desk.note(rejection, code: code, of: trace, from: context)
        reply.send(HTTPResponse(contentType: Guodu.contentType, bytes: Guodu.encodeFailure(code: code)))
    }
}
