import Dialects
public import Engine
import Messaging
import NIOCore

extension CarrierLinks: PushLinkMaker {
    public func makePushLink(_ target: PushTarget) throws(CarrierFailure) -> any PushLink {
        let post = try PushPost(
            url: target.url, allowsPrivate: target.settings.allowsPrivateTargets, group: group, resolver: resolver,
            timeout: pushTimeout, idleMax: idleMax)
        return CustomerPushLink(post: post, target: target, clock: clock)
    }
}

/// Pushes to a customer in the dialect that it chose.
struct CustomerPushLink: PushLink {
    let post: PushPost
    let target: PushTarget
    let clock: Clock

    func push(_ content: PushContent, sequence: Int64) async -> PushAnswer {
        let (contentType, body) = encode(content, sequence)
        do throws(PushPost.Failure) {
            return judge(try await post.send(contentType: contentType, body: body))
        } catch {
            return PushAnswer(isAccepted: false, words: error.words)
        }
    }

    private func encode(_ content: PushContent, _ sequence: Int64) -> (contentType: String, body: [UInt8]) {
        switch target.settings.dialect {
        case .operatorV2:
            let format: OperatorV2.PushFormat = target.settings.format == .json ? .json : .form
            let login = OperatorV2.Login.digest(userID: target.userID, password: target.password)
            let push: OperatorV2.Push =
                switch content {
                case .reports(let reports): .reports(reports)
                case .replies(let replies): .replies(replies)
                }
            let body = OperatorV2.encodePush(push, sequence: sequence, login: login, at: clock.now(), format: format)
            return (format.contentType, body)
        case .apiV1: return (Self.json, Self.encodeApiV1(content))
        case .guodu:
            switch content {
            case .reports(let reports): return (Self.json, Guodu.encodePush(reports: reports))
            case .replies(let replies): return (Self.json, Guodu.encodePush(replies: replies))
            }
        }
    }

    private static let json = OperatorV2.PushFormat.json.contentType

    /// One entry is all that a request has room for.
    private static func encodeApiV1(_ content: PushContent) -> [UInt8] {
        switch content {
        case .reports(let reports): reports.first.map { ApiV1.encodePush(report: $0) } ?? []
        case .replies(let replies): replies.first.map { ApiV1.encodePush(reply: $0) } ?? []
        }
    }

    private func judge(_ answer: PushPost.Answer) -> PushAnswer {
        let status = "HTTP \(answer.status)"
        guard answer.status == 200 else { return PushAnswer(isAccepted: false, words: status) }
        guard target.settings.dialect == .operatorV2 else { return PushAnswer(isAccepted: true, words: status) }
        let read = answer.body.withUnsafeBytes { raw in Result { try OperatorV2.PushAnswer(decoding: raw) } }
        switch read {
        case .success(let said):
            return PushAnswer(isAccepted: said.result == 0, words: "\(status), result \(said.result)")
        case .failure: return PushAnswer(isAccepted: false, words: "\(status), an answer that cannot be read")
        }
    }

    func close() async { await post.close() }
}
