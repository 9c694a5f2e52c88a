import Dialects
public import Engine
public import Messaging
import NIOCore

extension CarrierLinks: AlertLink {
    /// Calls an account's webhook over a connection of its own; the address is judged as those of pushes are.
    public func send(_ notice: BalanceNotice, to target: AlertTarget) async -> PushAnswer {
        let post: PushPost
        do throws(CarrierFailure) {
            post = try makePost(target)
        } catch {
            return PushAnswer(isAccepted: false, words: error.reason)
        }
        let answer: PushAnswer
        do throws(PushPost.Failure) {
            let body = BalanceAlertBody.encode(notice, as: target.form)
            let heard = try await post.send(contentType: BalanceAlertBody.contentType, body: body)
            answer = heard.body.withUnsafeBytes {
                BalanceAlertBody.judge(status: Int(heard.status), $0, as: target.form)
            }
        } catch {
            answer = PushAnswer(isAccepted: false, words: error.words)
        }
        await post.close()
        return answer
    }

    /// Looks nothing up and connects to nothing.
    /// - Throws: `CarrierFailure` for a URL that cannot be called, and for one that names a private address where the
    ///   account may not have one.
    public func check(_ target: AlertTarget) throws(CarrierFailure) { _ = try makePost(target) }

    private func makePost(_ target: AlertTarget) throws(CarrierFailure) -> PushPost {
        try PushPost(
            url: target.url, allowsPrivate: target.allowsPrivate, group: group, resolver: resolver,
            timeout: pushTimeout, idleMax: idleMax)
    }
}
