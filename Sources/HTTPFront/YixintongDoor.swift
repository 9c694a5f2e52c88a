import Dialects
import Engine
import HTTPCore
import Messaging
import NIOCore
import NIOHTTP1
import Synchronization

/// Dialect 004, `/api/sms/…` and `/info/sms/…` (seed 004): signed requests, each served once.
struct YixintongDoor: DialectDoor {
    let desk: CustomerDesk
    private let replays = ReplayGuard()

    init(desk: CustomerDesk) {
        self.desk = desk
    }

    var paths: [String] { Yixintong.Operation.allCases.map(\.path) }

    func receive(_ request: HTTPRequest, reply: HTTPReply, from context: ConnectionContext) -> Bool {
        guard let operation = Yixintong.Operation(path: request.path) else { return false }
        guard request.method == .POST else {
            reply.send(.methodNotAllowed(allow: "POST"))
            return true
        }
        let asked = Asked(operation: operation, reply: reply)
        var trace = RequestTrace(.yixintong)
        do throws(Refusal) {
            let credentials = try Self.credentials(request)
            trace.login = credentials.appKey
            let id = try Self.requestID(credentials, at: now)
            let decoded = try Self.decode(request, operation)
            trace.mobile = decoded.mobile
            let entry = try admit(credentials, decoded.parameters, from: context)
            trace.entry = entry
            try serveOnce(id, entry)
            try carryOut(decoded.content, credentials.requestID, by: entry, asked, from: context)
        } catch {
            refuse(asked, error, trace, from: context)
        }
        return true
    }

    private var now: Timestamp { desk.engine.configuration.clock.now() }

    /// What an answer depends on.
    private struct Asked {
        var operation: Yixintong.Operation
        var reply: HTTPReply
    }

    private enum Refusal: Error {
        /// By the dialect's own rules.
        case code(Yixintong.ResultCode)
        case rejection(Rejection)
    }

    // MARK: Who asks

    private static func credentials(_ request: HTTPRequest) throws(Refusal) -> Yixintong.Credentials {
        func required(_ name: String) throws(Refusal) -> String {
            guard let value = request.header(name), !value.isEmpty else { throw .rejection(.parameterMissing(name)) }
            return value
        }
        return Yixintong.Credentials(
            spCode: try required(Yixintong.HeaderName.spCode), appKey: try required(Yixintong.HeaderName.appKey),
            requestID: try required(Yixintong.HeaderName.requestID),
            signature: try required(Yixintong.HeaderName.signature))
    }

    private static func requestID(
        _ credentials: Yixintong.Credentials, at now: Timestamp
    ) throws(Refusal) -> Yixintong.RequestID {
        guard let id = Yixintong.RequestID(credentials.requestID) else {
            throw .rejection(.parameterInvalid(Yixintong.HeaderName.requestID))
        }
        guard Yixintong.ReplayWindow.isNear(id, at: now) else { throw .code(.requestTooOld) }
        return id
    }

    private static func decode(
        _ request: HTTPRequest, _ operation: Yixintong.Operation
    ) throws(Refusal) -> Yixintong.Request {
        do throws(Rejection) {
            return try request.body.withUnsafeReadableBytes { raw in
                Result { () throws(Rejection) in try Yixintong.decodeRequest(operation, body: raw) }
            }.get()
        } catch {
            throw .rejection(error)
        }
    }

    private func admit(
        _ credentials: Yixintong.Credentials, _ parameters: [Yixintong.Parameter], from context: ConnectionContext
    ) throws(Refusal) -> AccountEntry {
        let id = credentials.appKey
        var flaw: Yixintong.ResultCode?
        do throws(Rejection) {
            return try desk.admit(
                id: id, from: context,
                find: { directory in
                    let entry = directory.account(login: id, in: .yixintong)
                    if entry == nil { flaw = .accountInvalid }
                    return entry
                },
                verify: { entry, _ in
                    flaw = Self.flaw(of: credentials, parameters, for: entry)
                    return flaw == nil ? nil : .credentialsWrong
                })
        } catch {
            if error == .credentialsWrong, let flaw { throw .code(flaw) }
            throw .rejection(error)
        }
    }

    /// Nil when the credentials are right.
    private static func flaw(
        of credentials: Yixintong.Credentials, _ parameters: [Yixintong.Parameter], for entry: AccountEntry
    ) -> Yixintong.ResultCode? {
        guard let secret = entry.secrets.appSecret, !secret.isEmpty else { return .accountInvalid }
        let spCode = entry.account.spCode
        guard spCode.isEmpty || spCode == credentials.spCode else { return .credentialsWrong }
        let isRight = Yixintong.Signature.isRight(credentials, parameters: parameters, appSecret: secret)
        return isRight ? nil : .signatureWrong
    }

    /// Only requests that are known to be the account's own are remembered.
    private func serveOnce(_ id: Yixintong.RequestID, _ entry: AccountEntry) throws(Refusal) {
        switch replays.admit(id, of: entry.number, at: now) {
        case .fresh: break
        case .repeated: throw .code(.signatureWrong)
        case .tooOld: throw .code(.requestTooOld)
        case .full: throw .rejection(.overloaded)
        }
    }

    // MARK: What is asked

    private func carryOut(
        _ content: Result<Yixintong.Content, Rejection>, _ requestID: String, by entry: AccountEntry, _ asked: Asked,
        from context: ConnectionContext
    ) throws(Refusal) {
        let saysNoData = entry.account.noDataCode
        switch content {
        case .failure(let rejection): throw .rejection(rejection)
        case .success(.send(let send)):
            let submission = try Self.submission(send, requestID, by: entry)
            desk.submit(submission, by: entry, from: context) { outcome in
                var trace = RequestTrace(.yixintong)
                (trace.entry, trace.submission) = (entry, submission)
                switch outcome {
                case .success(let acceptance):
                    let invalid = send.part.recipients.compactMap { recipient in
                        if case .invalid(let text) = recipient { text } else { nil }
                    }
                    asked.reply.send(Self.response(.accepted(acceptance, invalid: invalid)))
                // A request that was served before a restart: as the replay window would have it.
                case .failure(.submissionRepeated) where send.serialNumber.isEmpty:
                    refuse(asked, .code(.signatureWrong), trace, from: context)
                case .failure(let rejection): refuse(asked, .rejection(rejection), trace, from: context)
                }
            }
        case .success(.fetchReports):
            collect(asked, saysNoData) { outbox throws(StoreFailure) in
                .reports(
                    try await outbox.collectReports(for: entry, limit: Yixintong.reportsMax, grain: .message))
            }
        case .success(.fetchReplies):
            collect(asked, saysNoData) { outbox throws(StoreFailure) in
                .replies(try await outbox.queryReplies(for: entry, limit: Yixintong.repliesMax))
            }
        case .success(.confirmReplies(let last)):
            collect(asked, saysNoData) { outbox throws(StoreFailure) in
                try await outbox.confirmReplies(for: entry, through: last)
                return .confirmed
            }
        }
    }

    /// Where the customer numbers nothing, its request's id keeps the request from being served twice: the replay
    /// window is as old as the process. The prefix keeps it apart from serialNumbers, which are digits.
    private static func submission(
        _ send: Yixintong.Send, _ requestID: String, by entry: AccountEntry
    ) throws(Refusal) -> Submission {
        let serial = send.serialNumber
        if entry.account.smsSerialStrict {
            if serial.isEmpty { throw .rejection(.parameterMissing("serialNumber")) }
            if !Yixintong.isStrictSerial(serial) { throw .code(.serialInvalid) }
        }
        return Submission(
            parts: [send.part], idempotencyKey: serial.isEmpty ? "x-request-id:" + requestID : serial,
            templateID: send.templateID)
    }

    private func collect(
        _ asked: Asked, _ saysNoData: Bool,
        _ work: @escaping @Sendable (Outbox) async throws(StoreFailure) -> Yixintong.Answer
    ) {
        let operation = asked.operation
        desk.collect(work, reply: asked.reply) { result in
            switch result {
            case .success(let answer): Self.response(answer, saysNoData: saysNoData)
            case .failure(let rejection): Self.response(Yixintong.encodeFailure(rejection, of: operation))
            }
        }
    }

    // MARK: Answers

    private func refuse(
        _ asked: Asked, _ refusal: Refusal, _ trace: RequestTrace, from context: ConnectionContext
    ) {
        let bytes: [UInt8]
        switch refusal {
        case .code(let code):
            desk.note(rule: Self.rule(of: code), code: String(code.rawValue), of: trace, from: context)
            bytes = Yixintong.encodeFailure(code: code, of: asked.operation)
        case .rejection(let rejection):
            let code = Yixintong.resultCode(for: rejection)
            desk.note(rejection, code: String(code.rawValue), of: trace, from: context)
            bytes = Yixintong.encodeFailure(rejection, of: asked.operation)
        }
        asked.reply.send(Self.response(bytes))
    }

    /// As records of refusals name what is a code of this dialect's own.
    private static func rule(of code: Yixintong.ResultCode) -> String {
        switch code {
        case .accountInvalid, .credentialsWrong, .signatureWrong: Rejection.credentialsWrong.rule
        case .requestTooOld: Rejection.timestampStale.rule
        case .serialInvalid: Rejection.customIDInvalid.rule
        default: "code \(code.rawValue)"
        }
    }

    private static func response(_ answer: Yixintong.Answer, saysNoData: Bool = false) -> HTTPResponse {
        response(Yixintong.encodeAnswer(answer, saysNoData: saysNoData))
    }

    private static func response(_ bytes: [UInt8]) -> HTTPResponse {
        HTTPResponse(contentType: Yixintong.contentType, bytes: bytes)
    }
}

/// The request ids of the last five minutes, shared by all event loops.
private final class ReplayGuard: Sendable {
    private let window = Mutex(Yixintong.ReplayWindow())

    func admit(_ id: Yixintong.RequestID, of account: Int64, at now: Timestamp) -> Yixintong.ReplayWindow.Verdict {
        window.withLock { $0.admit(id, of: account, at: now) }
    }
}
