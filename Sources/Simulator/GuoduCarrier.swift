import Dialects
import HTTPCore
import Messaging
import NIOCore
import NIOHTTP1

/// A carrier's side of dialect 003 (seed 003). It has no polls: what is reported is pushed.
struct GuoduCarrier: SimulatedDialect {
    let carrier: SimulatedCarrier

    func receive(_ request: HTTPRequest, reply: HTTPReply) -> Bool {
        guard request.path == Guodu.path else { return false }
        guard request.method == .POST else {
            reply.send(HTTPResponse(status: .methodNotAllowed))
            return true
        }
        carrier.countCall()
        do throws(Rejection) {
            let asked = try request.body.withUnsafeReadableBytes { bytes in
                Result { () throws(Rejection) in try Guodu.decodeRequest(body: bytes) }
            }.get()
            guard asked.credentials.areRight(for: carrier.account, secrets: carrier.secrets) else {
                throw .credentialsWrong
            }
            answer(try asked.content.get(), reply)
        } catch {
            carrier.countRefusal()
            reply.send(Self.response(Guodu.encodeFailure(error)))
        }
        return true
    }

    private func answer(_ content: Guodu.Content, _ reply: HTTPReply) {
        let verdict = carrier.receive(content.submission, call: "submitJson")
        let response =
            switch verdict.decision {
            case .accepted(let acceptance): Self.response(Guodu.encodeAnswer(acceptance, manner: content.manner))
            case .refused(.tooManyConnections, _): Self.response(Guodu.encodeFailure(code: Self.definiteRefusal))
            case .refused(let rejection, _): Self.response(Guodu.encodeFailure(rejection))
            }
        carrier.conclude(verdict, with: response, to: reply)
    }

    /// "Insufficient balance": what the dialect has for a refusal that is meant for all and certain; -1 is neither.
    private static let definiteRefusal = "11"

    private static func response(_ bytes: [UInt8]) -> HTTPResponse {
        HTTPResponse(contentType: Guodu.contentType, bytes: bytes)
    }
}

/// Its pushes (seed 003 §3.2): lists, each until it is accepted.
struct GuoduCarrierPush: SimulatedPush {
    var reportsMax: Int { Guodu.pushedMax }
    var repliesMax: Int { Guodu.pushedMax }
    var grain: ReportGrain { .message }
    var isTriedOnce: Bool { false }

    func encode(_ items: PushedItems, sequence: Int64, at now: Timestamp) -> (contentType: String, body: [UInt8]) {
        let body =
            switch items {
            case .reports(let reports): Guodu.encodePush(reports: reports)
            case .replies(let replies): Guodu.encodePush(replies: replies)
            }
        return (Guodu.contentType, body)
    }

    func isAccepted(_ answer: PushClient.Answer) -> Bool { answer.status == 200 }
}
