import Dialects
import Messaging
import NIOHTTP1

/// How a carrier of dialect 003 pushes (seed 003 §3.2): without credentials, lists of reports or replies; only the
/// status of the answer counts.
struct GuoduCallbackDialect: CallbackDialect {
    func judge(_ body: [UInt8], contentType: String?, at now: Timestamp) -> CallbackVerdict {
        do throws(Rejection) {
            _ = try body.withUnsafeBytes { raw in
                Result { () throws(Rejection) in try Guodu.decodePush(raw) }
            }.get()
            return CallbackVerdict(isAccepted: true, reason: "", answer: Guodu.encodePushAnswer())
        } catch {
            return CallbackVerdict(
                isAccepted: false, reason: "\(error)", status: .badRequest, answer: Guodu.encodePushAnswer(error))
        }
    }
}
