import AdminProtocol
import Dialects
import Foundation
import Glibc
import Messaging
import Synchronization

/// Numbers that are never used twice; a part of them have one of the carrier's special endings.
final class CrashNumbers: Sendable {
    private struct State {
        var generator: SeededGenerator
        var ordinary = 0
        var special: [Int: Int] = [:]
    }

    private let state: Mutex<State>
    private static let prefixes = [138, 139, 150, 186, 133, 189]
    /// Failed, silent, refused, unanswered, twice, early, replying.
    private static let endings = [1, 2, 4, 5, 6, 7, 8, 8]

    init(seed: UInt64) { state = Mutex(State(generator: SeededGenerator(seed: seed))) }

    func next() -> String {
        state.withLock { state in
            if Int.random(in: 0..<12, using: &state.generator) == 0,
                let ending = Self.endings.randomElement(using: &state.generator)
            {
                let count = state.special[ending, default: 0]
                state.special[ending] = count + 1
                let prefix = Self.prefixes[count / 10_000 % Self.prefixes.count]
                return "\(prefix)" + Self.digits(count % 10_000) + Self.digits(ending)
            }
            let count = state.ordinary
            state.ordinary += 1
            let (high, low) = (count / 9_000, count % 9_000)
            return "\(Self.prefixes[high / 10_000])" + Self.digits(high % 10_000) + Self.digits(1_000 + low)
        }
    }

    private static func digits(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: 4 - text.count) + text
    }
}

/// Customers that send single messages, batches and personalised ones in all five dialects, some of them for later, and
/// an operator who cancels some of those; as fast as answers come, until they are stopped or the connection breaks.
final class CrashLoad: Sendable {
    private struct State {
        var calls: [CrashFacts.Call] = []
        var cancels: [CrashFacts.Cancel] = []
        var acknowledged = 0
        var running = 0
        var isStopped = false
    }

    private let state = Mutex(State())
    private let numbers: CrashNumbers
    private let customers: [CrashCustomer]
    private let port: UInt16
    private let adminSocket: String

    /// When the latest of what is scheduled falls due, from its submission, in seconds.
    static let delayMax = 8

    init(
        _ customers: [CrashCustomer], threads: Int, port: UInt16, adminSocket: String, numbers: CrashNumbers,
        seed: UInt64
    ) {
        self.customers = customers
        self.numbers = numbers
        self.port = port
        self.adminSocket = adminSocket
        state.withLock { $0.running = threads }
        for thread in 0..<threads {
            Thread.detachNewThread { [self] in
                run(SeededGenerator(seed: seed &+ UInt64(thread) &* 7919))
                state.withLock { $0.running -= 1 }
            }
        }
    }

    var acknowledged: Int { state.withLock { $0.acknowledged } }
    var areRunning: Bool { state.withLock { $0.running > 0 } }
    var calls: [CrashFacts.Call] { state.withLock { $0.calls } }
    var cancels: [CrashFacts.Cancel] { state.withLock { $0.cancels } }
    func stop() { state.withLock { $0.isStopped = true } }

    private func run(_ seeded: SeededGenerator) {
        var generator = seeded
        guard let client = try? HTTPClient(port: port),
            let operation = try? AdminClient(path: adminSocket, software: "load")
        else { return }
        while !state.withLock({ $0.isStopped }) {
            guard let customer = customers.randomElement(using: &generator),
                let tongue = CrashSender.Tongue.allCases.randomElement(using: &generator),
                let format = [OperatorV2.BodyFormat.json, .form, .xml].randomElement(using: &generator)
            else { return }
            let (parts, recipients) = makeParts(in: tongue, by: customer, &generator)
            // Seconds are what the dialect tells, so less than two of them may be over already.
            let isForLater = tongue == .enterprise && Int.random(in: 0..<2, using: &generator) == 0
            let due = isForLater ? Self.moment(in: Int.random(in: 2...Self.delayMax, using: &generator)) : nil
            let sender = CrashSender(customer: customer, client: client)
            let (outcome, isConnected) = sender.send(parts, in: tongue, at: due, format: format)
            state.withLock { state in
                state.calls.append(CrashFacts.Call(account: customer.id, recipients: recipients, outcome: outcome))
                if case .accepted = outcome { state.acknowledged += 1 }
            }
            guard isConnected else { return }
            if isForLater, case .accepted(let msgid?) = outcome, Bool.random(using: &generator) {
                cancel(msgid, operation)
            }
        }
    }

    private static func moment(in seconds: Int) -> Timestamp {
        Timestamp(milliseconds: (Int64(Date().timeIntervalSince1970) + Int64(seconds)) * 1000)
    }

    private func cancel(_ msgid: Int, _ client: AdminClient) {
        var request = AdminMessageCancel()
        request.msgids = [Int64(msgid)]
        var isDone: Bool?
        if case .cancelled(let answer)? = try? client.call(.messageCancel(request)) { isDone = answer.cancelled == 1 }
        let cancel = CrashFacts.Cancel(msgid: msgid, isDone: isDone)
        state.withLock { $0.cancels.append(cancel) }
    }

    private func makeParts(
        in tongue: CrashSender.Tongue, by customer: CrashCustomer, _ generator: inout SeededGenerator
    ) -> (parts: [Submission.Part], recipients: [CrashFacts.Recipient]) {
        let isPersonalised = tongue == .operatorV2 || tongue == .guodu
        switch Int.random(in: 0..<4, using: &generator) {
        case 0, 1:
            let (part, recipients) = makePart(1, in: tongue, by: customer, &generator)
            return ([part], recipients)
        case 3 where isPersonalised:
            let made = (0..<Int.random(in: 2...20, using: &generator)).map { _ in
                makePart(1, in: tongue, by: customer, &generator)
            }
            return (made.map(\.0), made.flatMap(\.1))
        default:
            let count = Int.random(in: 2...60, using: &generator)
            let (part, recipients) = makePart(count, in: tongue, by: customer, &generator)
            return ([part], recipients)
        }
    }

    private func makePart(
        _ count: Int, in tongue: CrashSender.Tongue, by customer: CrashCustomer, _ generator: inout SeededGenerator
    ) -> (Submission.Part, [CrashFacts.Recipient]) {
        let content =
            switch Int.random(in: 0..<5, using: &generator) {
            // Of a message that is tried again it must be plain which report ended it.
            case 0 where customer.facts.retryCodes.isEmpty:
                String(repeating: "长短信", count: Int.random(in: 24...90, using: &generator))
            case 1: "load"
            default: "验证码\(Int.random(in: 100_000..<1_000_000, using: &generator))，请勿转发。"
            }
        let customID = CrashSender.customID(in: tongue, &generator)
        let mobiles = (0..<count).map { _ in numbers.next() }
        let part = Submission.Part(
            recipients: mobiles.compactMap { PhoneNumber($0).map { .number($0) } }, content: content,
            customID: customID, accessExtension: tongue == .enterprise ? "" : "5")
        let segments = Segmentation.count(of: content)
        return (part, mobiles.map { CrashFacts.Recipient(mobile: $0, segments: segments, customID: customID) })
    }
}
