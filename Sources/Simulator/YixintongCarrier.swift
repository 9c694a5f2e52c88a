import Dialects
import HTTPCore
import Messaging
import NIOCore
import NIOHTTP1
import Synchronization

/// A simulated carrier's side of dialect 004 (seed 004).
struct YixintongCarrier: SimulatedDialect {
    let carrier: SimulatedCarrier
    /// What the carrier remembers outlives the listener that this serves.
    private var memory: YixintongMemory { carrier.yixintong }

    init(carrier: SimulatedCarrier) {
        self.carrier = carrier
    }

    func receive(_ request: HTTPRequest, reply: HTTPReply) -> Bool {
        guard let operation = Yixintong.Operation(path: request.path) else { return false }
        guard request.method == .POST else {
            reply.send(HTTPResponse(status: .methodNotAllowed))
            return true
        }
        carrier.countCall()
        do throws(Refusal) {
            answer(try content(of: request, operation), operation, reply)
        } catch {
            carrier.countRefusal()
            reply.send(Self.response(error.body(operation)))
        }
        return true
    }

    private enum Refusal: Error {
        case code(Yixintong.ResultCode)
        case rejection(Rejection)

        func body(_ operation: Yixintong.Operation) -> [UInt8] {
            switch self {
            case .code(let code): Yixintong.encodeFailure(code: code, of: operation)
            case .rejection(let rejection): Yixintong.encodeFailure(rejection, of: operation)
            }
        }
    }

    private func content(
        of request: HTTPRequest, _ operation: Yixintong.Operation
    ) throws(Refusal) -> Yixintong.Content {
        let credentials = Yixintong.Credentials(
            spCode: request.header(Yixintong.HeaderName.spCode) ?? "",
            appKey: request.header(Yixintong.HeaderName.appKey) ?? "",
            requestID: request.header(Yixintong.HeaderName.requestID) ?? "",
            signature: request.header(Yixintong.HeaderName.signature) ?? "")
        let now = carrier.configuration.clock.now()
        guard let id = Yixintong.RequestID(credentials.requestID) else {
            throw .rejection(.parameterMissing(Yixintong.HeaderName.requestID))
        }
        guard Yixintong.ReplayWindow.isNear(id, at: now) else { throw .code(.requestTooOld) }
        guard credentials.appKey.uppercased() == carrier.account.id else { throw .code(.accountInvalid) }
        guard credentials.spCode == carrier.configuration.spCode else { throw .code(.credentialsWrong) }
        do throws(Rejection) {
            let decoded = try request.body.withUnsafeReadableBytes { raw in
                Result { () throws(Rejection) in try Yixintong.decodeRequest(operation, body: raw) }
            }.get()
            guard
                Yixintong.Signature.isRight(
                    credentials, parameters: decoded.parameters, appSecret: carrier.configuration.password),
                memory.isFresh(id, at: now)
            else { throw .credentialsWrong }
            return try decoded.content.get()
        } catch {
            throw .rejection(error)
        }
    }

    private func answer(_ content: Yixintong.Content, _ operation: Yixintong.Operation, _ reply: HTTPReply) {
        switch content {
        case .send(let send):
            guard memory.isNew(serial: send.serialNumber) else {
                carrier.countRefusal()
                return reply.send(Self.response(Yixintong.encodeFailure(code: .serialRepeated, of: operation)))
            }
            let verdict = carrier.receive(Submission(parts: [send.part]), call: "send")
            let body =
                switch verdict.decision {
                case .accepted(let acceptance): Yixintong.encodeAnswer(.accepted(acceptance))
                case .refused(let rejection, _): Yixintong.encodeFailure(rejection, of: operation)
                }
            carrier.conclude(verdict, with: Self.response(body), to: reply)
        case .fetchReports:
            if carrier.answersWithGarbage(insteadOf: Self.response(.reports([])), to: reply) { return }
            reply.send(
                Self.response(.reports(carrier.takeReports(limit: Yixintong.reportsMax, grain: .message))))
        case .fetchReplies:
            if carrier.answersWithGarbage(insteadOf: Self.response(.replies([])), to: reply) { return }
            let replies = memory.query { carrier.takeReplies(limit: $0) }
            reply.send(Self.response(.replies(replies)))
        case .confirmReplies(let last):
            memory.confirm(through: last)
            reply.send(Self.response(.confirmed))
        }
    }

    private static func response(_ answer: Yixintong.Answer) -> HTTPResponse {
        response(Yixintong.encodeAnswer(answer))
    }

    private static func response(_ bytes: [UInt8]) -> HTTPResponse {
        HTTPResponse(contentType: Yixintong.contentType, bytes: bytes)
    }
}

/// What a carrier of dialect 004 remembers: requests and serial numbers that it has seen, and replies that are not
/// confirmed yet.
final class YixintongMemory: Sendable {
    private struct State {
        var window = Yixintong.ReplayWindow()
        var serials: Set<String> = []
        /// Each with the number that confirms it, in the order of these.
        var replies: [CustomerReply] = []
        var lastReply: Int64 = 0
    }

    /// When there are more, all are forgotten: a simulator runs for long.
    private static let serialsMax = 500_000

    private let state = Mutex(State())

    func isFresh(_ id: Yixintong.RequestID, at now: Timestamp) -> Bool {
        state.withLock { $0.window.admit(id, of: 0, at: now) == .fresh }
    }

    func isNew(serial: String) -> Bool {
        if serial.isEmpty { return true }
        return state.withLock { state in
            if state.serials.count >= Self.serialsMax { state.serials.removeAll() }
            return state.serials.insert(serial).inserted
        }
    }

    /// The replies that are not confirmed yet, with new ones as far as there is room.
    func query(_ take: (Int) -> [CustomerReply]) -> [CustomerReply] {
        state.withLock { state in
            let room = Yixintong.repliesMax - state.replies.count
            for var reply in room > 0 ? take(room) : [] {
                state.lastReply += 1
                reply.id = MessageID(rawValue: state.lastReply)
                state.replies.append(reply)
            }
            return state.replies
        }
    }

    func confirm(through last: MessageID) {
        state.withLock { state in state.replies.removeAll { $0.id <= last } }
    }
}
