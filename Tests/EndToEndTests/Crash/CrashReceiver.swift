import Foundation
import Synchronization

/// The receiver of one customer's pushes: refuses some, and writes down what it was told and what it said.
final class CrashReceiver: Sendable {
    private struct State {
        var generator: SeededGenerator
        var requests: [Request] = []
    }

    private struct Request {
        var body: String
        var isAccepted: Bool
        var wasUnderWay = false
    }

    let account: String
    let kind: CrashFacts.Pushing
    private let receiver: PushReceiver
    private let state: Mutex<State>

    init(account: String, kind: CrashFacts.Pushing, seed: UInt64) throws {
        self.account = account
        self.kind = kind
        receiver = try PushReceiver()
        state = Mutex(State(generator: SeededGenerator(seed: seed)))
        receiver.answer { [weak self] push in self?.answer(push) ?? .refused }
    }

    var arguments: [String] {
        ["--push-report", receiver.url(), "--push-dialect", kind.rawValue, "--allow-private-push"]
    }

    private func answer(_ push: PushReceiver.Push) -> PushReceiver.Answer {
        // Of dialect 002's form the decoded field; the other bodies are JSON themselves.
        let text = push.field("rpts") ?? push.body
        return state.withLock { state in
            let isAccepted = Int.random(in: 0..<10, using: &state.generator) > 0
            state.requests.append(Request(body: text, isAccepted: isAccepted))
            return isAccepted ? .accepted : .refused
        }
    }

    /// To be called when the appliance is gone: what its last request was answered with it may not know, unless its end
    /// was orderly.
    func noteEnd(isOrderly: Bool) async throws {
        try await eventually("the end of the pushes to \(account)") { receiver.openConnections == 0 }
        if isOrderly { return }
        state.withLock { state in
            guard !state.requests.isEmpty else { return }
            state.requests[state.requests.count - 1].wasUnderWay = true
        }
    }

    var pushes: [CrashFacts.Push] {
        get throws {
            try state.withLock { $0.requests }.flatMap { request in
                let object = try JSONSerialization.jsonObject(with: Data(request.body.utf8))
                let records = object as? [[String: Any]] ?? (object as? [String: Any]).map { [$0] } ?? []
                return records.map { record in
                    CrashFacts.Push(
                        account: account, mobile: record["mobile"] as? String ?? "",
                        segment: record["pknum"] as? Int ?? 1, isDelivered: Self.isDelivered(record),
                        isAccepted: request.isAccepted, wasUnderWay: request.wasUnderWay)
                }
            }
        }
    }

    /// `status` is 0 in dialects 002 and 003, and a word in 001.
    private static func isDelivered(_ record: [String: Any]) -> Bool {
        if let number = record["status"] as? Int { return number == 0 }
        return ["DELIVRD", "DELIVER", "0"].contains(record["status"] as? String)
    }
}
