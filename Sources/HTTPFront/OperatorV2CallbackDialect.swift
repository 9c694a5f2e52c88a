import Dialects
import Messaging
import Secrets

/// How a carrier of dialect 002 pushes (seed 002 §2.7, §2.8): its credentials and its answer.
struct OperatorV2CallbackDialect: CallbackDialect {
    let user: String
    let password: String

    func judge(_ body: [UInt8], contentType: String?, at now: Timestamp) -> CallbackVerdict {
        let push: OperatorV2.ReceivedPush
        do throws(Rejection) {
            push = try body.withUnsafeBytes { raw in
                Result { () throws(Rejection) in try OperatorV2.decodePush(sniffing: raw) }
            }.get()
        } catch {
            let answer = OperatorV2.encodePushAnswer(.reports, sequence: "", result: OperatorV2.resultCode(for: error))
            return CallbackVerdict(isAccepted: false, reason: "\(error)", answer: answer)
        }
        do throws(Rejection) {
            if !isPlain(push.credentials) {
                try OperatorV2.Authentication.proveDigest(push.credentials, userID: user, password: password, at: now)
            }
        } catch {
            let reason =
                error == .timestampStale ? "its timestamp is too far from our clock" : "wrong credentials"
            return CallbackVerdict(
                isAccepted: false, reason: reason,
                answer: OperatorV2.encodePushAnswer(
                    push.command, sequence: push.sequence, result: OperatorV2.resultCode(for: error)))
        }
        return CallbackVerdict(
            isAccepted: true, reason: "",
            answer: OperatorV2.encodePushAnswer(push.command, sequence: push.sequence, result: 0))
    }

    /// The password itself; a channel without one has none to show.
    private func isPlain(_ credentials: OperatorV2.Credentials) -> Bool {
        !password.isEmpty && credentials.userID == user.uppercased()
            && constantTimeEqual(credentials.password, password)
    }
}
