import Foundation
import Synchronization

/// Customers that send single messages to ever new numbers, as fast as replies come, until the connection breaks.
final class LoadThreads: Sendable {
    struct Acknowledged: Sendable {
        var msgid: Int
        var mobile: String
    }

    private struct State {
        var acknowledged: [Acknowledged] = []
        var sent = 0
        var running = 0
        var refused: [Int] = []
        var isStopped = false
    }

    private let state = Mutex(State())

    /// `prefix`: the first three digits of the numbers; the others count up from `start` and skip special endings.
    init(_ count: Int, customer: Customer, prefix: String) {
        state.withLock { $0.running = count }
        for thread in 0..<count {
            Thread.detachNewThread { [self] in
                run(customer, prefix: prefix, start: 10_000_000 * (thread + 1))
                state.withLock { $0.running -= 1 }
            }
        }
    }

    private func run(_ customer: Customer, prefix: String, start: Int) {
        guard let client = try? HTTPClient(port: customer.port) else { return }
        var next = start
        while !state.withLock({ $0.isStopped }) {
            next += next % 10_000 == 9999 ? 101 : (next % 10_000 < 100 ? 100 : 1)
            let mobile = prefix + String(next)
            let fields = customer.credentials.merging(["mobile": mobile, "content": "load"]) { $1 }
            guard let body = try? Customer.json(fields) else { return }
            state.withLock { $0.sent += 1 }
            let headers = [("Content-Type", "application/json")]
            guard let answer = try? client.perform("POST", "/sms/v2/std/single_send", headers: headers, body: body),
                let reply = try? JSONDecoder().decode(SubmitAnswer.self, from: Data(answer.body))
            else { return }
            state.withLock { state in
                if reply.result == 0 {
                    state.acknowledged.append(Acknowledged(msgid: reply.msgid, mobile: mobile))
                } else {
                    state.refused.append(reply.result)
                }
            }
        }
    }

    var acknowledged: [Acknowledged] { state.withLock { $0.acknowledged } }
    var sent: Int { state.withLock { $0.sent } }
    var refused: [Int] { state.withLock { $0.refused } }
    func stop() { state.withLock { $0.isStopped = true } }
    var areRunning: Bool { state.withLock { $0.running > 0 } }
}
