import Dialects
public import Engine
public import Messaging
import NIOCore

extension CarrierLinks: PushLinkMaker {
    /// A link to the customer's address in the dialect that it chose; nothing is looked up or connected yet.
    /// - Throws: `CarrierFailure` for a URL that cannot be called, for one that names a private address where the
    ///   account may not have one, and for a dialect without pushes.
    public func makePushLink(_ target: PushTarget) throws(CarrierFailure) -> any PushLink {
        let post = try PushPost(
            url: target.url, allowsPrivate: target.settings.allowsPrivateTargets, group: group, resolver: resolver,
            timeout: pushTimeout, idleMax: idleMax)
        guard let codec = DialectName(rawValue: target.settings.dialect.rawValue)?.pushes else {
            throw CarrierFailure("nothing is pushed in \(target.settings.dialect.rawValue)")
        }
        return CustomerPushLink(post: post, codec: codec, target: target, clock: clock)
    }
}

/// Pushes to a customer in the dialect that it chose.
struct CustomerPushLink: PushLink {
    let post: PushPost
    let codec: any PushCodec
    let target: PushTarget
    let clock: Clock

    func push(_ content: PushContent, sequence: Int64) async -> PushAnswer {
        let (contentType, body) = codec.encode(
            content,
            PushContext(
                userID: target.userID, password: target.password, format: target.settings.format, sequence: sequence,
                at: clock.now()))
        do throws(PushPost.Failure) {
            let answer = try await post.send(contentType: contentType, body: body)
            return answer.body.withUnsafeBytes { codec.judge(status: Int(answer.status), $0) }
        } catch {
            return PushAnswer(isAccepted: false, words: error.words)
        }
    }

    func close() async { await post.close() }
}
