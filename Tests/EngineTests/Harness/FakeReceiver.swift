import Engine
import Messaging
import Synchronization

/// A customer that is pushed to: answers as the test says and remembers what it was pushed.
final class FakeReceiver: Sendable {
    struct Push: Sendable {
        var url: String
        var content: PushContent
        var sequence: Int64

        /// Telephone numbers of the entries.
        var mobiles: [String] {
            switch content {
            case .reports(let reports): reports.map(\.mobile)
            case .replies(let replies): replies.map(\.mobile)
            }
        }
    }

    typealias Answer = @Sendable (Push) async -> Bool

    private let state = Mutex<[Push]>([])
    private let answer: Answer

    init(answer: @escaping Answer = { _ in true }) {
        self.answer = answer
    }

    /// In the order in which they came.
    var pushes: [Push] { state.withLock { $0 } }
    func pushes(to url: String) -> [Push] { pushes.filter { $0.url == url } }

    func take(_ push: Push) async -> PushAnswer {
        state.withLock { $0.append(push) }
        let isAccepted = await answer(push)
        return PushAnswer(isAccepted: isAccepted, words: isAccepted ? "HTTP 200" : "HTTP 503")
    }
}

struct FakePushLinks: PushLinkMaker {
    let receiver: FakeReceiver

    private struct Link: PushLink {
        let receiver: FakeReceiver
        let url: String

        func push(_ content: PushContent, sequence: Int64) async -> PushAnswer {
            await receiver.take(FakeReceiver.Push(url: url, content: content, sequence: sequence))
        }
        func close() async {}
    }

    func makePushLink(_ target: PushTarget) throws(CarrierFailure) -> any PushLink {
        if target.url == "impossible" { throw CarrierFailure("impossible") }
        return Link(receiver: receiver, url: target.url)
    }
}
