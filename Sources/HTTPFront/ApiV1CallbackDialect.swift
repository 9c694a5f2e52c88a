import Dialects
import Messaging
import NIOHTTP1

/// How a carrier of dialect 001 pushes (seed 001): without credentials, one report or reply at a time; only the status
/// of the answer counts.
struct ApiV1CallbackDialect: CallbackDialect {
    func judge(_ body: [UInt8], contentType: String?, at now: Timestamp) -> CallbackVerdict {
        do throws(Rejection) {
            _ = try body.withUnsafeBytes { raw in
                Result { () throws(Rejection) in try ApiV1.decodePush(raw) }
            }.get()
            return CallbackVerdict(isAccepted: true, reason: "", answer: ApiV1.encodePushAnswer())
        } catch {
            return CallbackVerdict(
                isAccepted: false, reason: "\(error)", status: .badRequest, answer: ApiV1.encodePushAnswer(error))
        }
    }
}
