import Dialects
import Foundation
import Glibc
import Messaging
import Synchronization

/// A customer of the crash rounds.
struct CrashCustomer: Sendable {
    var id: String
    var password: String
    /// What `account add` is told beside id and password.
    var arguments: [String]
    /// As the audit knows it.
    var facts: CrashFacts.Account
}

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

/// Customers that send single messages, batches and multi batches in JSON, XML and forms, as fast as answers come,
/// until they are stopped or the connection breaks.
final class CrashLoad: Sendable {
    private struct State {
        var calls: [CrashFacts.Call] = []
        var acknowledged = 0
        var running = 0
        var isStopped = false
    }

    private let state = Mutex(State())
    private let numbers: CrashNumbers
    private let customers: [CrashCustomer]
    private let port: UInt16

    init(_ customers: [CrashCustomer], threads: Int, port: UInt16, numbers: CrashNumbers, seed: UInt64) {
        self.customers = customers
        self.numbers = numbers
        self.port = port
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
    func stop() { state.withLock { $0.isStopped = true } }

    private func run(_ seeded: SeededGenerator) {
        var generator = seeded
        guard let client = try? HTTPClient(port: port) else { return }
        while !state.withLock({ $0.isStopped }) {
            guard let customer = customers.randomElement(using: &generator) else { return }
            let (call, recipients) = makeCall(&generator)
            let format = [OperatorV2.BodyFormat.json, .form, .xml].randomElement(using: &generator) ?? .json
            let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
            let login = OperatorV2.Login.digest(userID: customer.id, password: customer.password)
            let encoded = OperatorV2.encodeCall(call, login: login, at: now, format: format)
            let headers = [("Content-Type", encoded.contentType)]
            let answer = try? client.perform("POST", encoded.path, headers: headers, body: encoded.body)
            let outcome = answer.map(Self.outcome) ?? .unknown
            state.withLock { state in
                state.calls.append(CrashFacts.Call(account: customer.id, recipients: recipients, outcome: outcome))
                if case .accepted = outcome { state.acknowledged += 1 }
            }
            if answer == nil { return }
        }
    }

    private func makeCall(
        _ generator: inout SeededGenerator
    ) -> (OperatorV2.Call, [CrashFacts.Recipient]) {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0, 1:
            let (part, recipients) = makePart(1, &generator)
            return (.singleSend(part), recipients)
        case 2:
            let (part, recipients) = makePart(Int.random(in: 2...60, using: &generator), &generator)
            return (.batchSend(part), recipients)
        default:
            let parts = (0..<Int.random(in: 2...20, using: &generator)).map { _ in makePart(1, &generator) }
            return (.multiSend(parts.map(\.0)), parts.flatMap(\.1))
        }
    }

    private func makePart(
        _ count: Int, _ generator: inout SeededGenerator
    ) -> (Submission.Part, [CrashFacts.Recipient]) {
        let content =
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: String(repeating: "长短信", count: Int.random(in: 24...90, using: &generator))
            case 1: "load"
            default: "验证码\(Int.random(in: 100_000..<1_000_000, using: &generator))，请勿转发。"
            }
        let customID = Bool.random(using: &generator) ? "c\(generator.next() % 1_000_000_007)" : ""
        let mobiles = (0..<count).map { _ in numbers.next() }
        let part = Submission.Part(
            recipients: mobiles.compactMap { PhoneNumber($0).map(Recipient.number) }, content: content,
            customID: customID, accessExtension: "5")
        let segments = Segmentation.count(of: content)
        return (part, mobiles.map { CrashFacts.Recipient(mobile: $0, segments: segments, customID: customID) })
    }

    /// Reads `result` and `msgid`, which stand before all else in JSON and in tags of XML.
    static func outcome(_ answer: HTTPAnswer) -> CrashFacts.Outcome {
        guard let result = number("result", in: answer.text) else { return .unknown }
        guard result == 0 else { return .refused(result) }
        return number("msgid", in: answer.text).map(CrashFacts.Outcome.accepted) ?? .unknown
    }

    private static func number(_ name: String, in text: String) -> Int? {
        for mark in ["\"\(name)\":", "<\(name)>"] {
            guard let place = text.range(of: mark) else { continue }
            return Int(text[place.upperBound...].prefix { $0 == "-" || $0.isASCII && $0.isNumber })
        }
        return nil
    }
}

/// One customer that collects reports and replies as long as the connection holds.
final class CrashCollector: Sendable {
    private struct State {
        var reports: [CrashFacts.Report] = []
        var replies: [CrashFacts.Reply] = []
        var lost: [CrashFacts.LostCollection] = []
        var isRunning = true
        var isStopped = false
    }

    private let state = Mutex(State())
    private let customer: CrashCustomer
    private let port: UInt16

    static let reportsMax = 100
    static let repliesMax = 10
    private static let pause: UInt32 = 20_000

    init(_ customer: CrashCustomer, port: UInt16) {
        self.customer = customer
        self.port = port
        Thread.detachNewThread { [self] in
            if let client = try? HTTPClient(port: port) { while collect(client) {} }
            state.withLock { $0.isRunning = false }
        }
    }

    var isRunning: Bool { state.withLock { $0.isRunning } }
    func stop() { state.withLock { $0.isStopped = true } }

    func add(to facts: inout CrashFacts) {
        state.withLock { state in
            facts.reports += state.reports
            facts.replies += state.replies
            facts.lostCollections += state.lost
        }
    }

    /// - Returns: whether to go on.
    private func collect(_ client: HTTPClient) -> Bool {
        var found = 0
        for isOfReports in [true, false] {
            guard !state.withLock({ $0.isStopped }) else { return false }
            do {
                let limit = isOfReports ? Self.reportsMax : Self.repliesMax
                found += try collect(isOfReports, limit, client)
            } catch {
                return false
            }
        }
        // A customer's pause between two empty polls.
        if found == 0 { usleep(Self.pause) }
        return true
    }

    private struct Reports: Decodable { var rpts: [ReportEntry] }
    private struct Replies: Decodable { var mos: [ReplyEntry] }

    private func collect(_ isOfReports: Bool, _ limit: Int, _ client: HTTPClient) throws -> Int {
        let credentials = Customer(account: customer.id, password: customer.password, port: port).credentials
        let body = try Customer.json(credentials.merging(["retsize": limit]) { $1 })
        let lost = CrashFacts.LostCollection(account: customer.id, isOfReports: isOfReports, limit: limit)
        let answer: HTTPAnswer
        do {
            answer = try client.perform(
                "POST", "/sms/v2/std/\(isOfReports ? "get_rpt" : "get_mo")",
                headers: [("Content-Type", "application/json")], body: body)
        } catch {
            // What it held counts as collected from before it left: at most once.
            state.withLock { $0.lost.append(lost) }
            throw error
        }
        // While the disk refuses, a collection is refused and takes nothing.
        if try Customer.result(answer) != 0 { return 0 }
        let data = Data(answer.body)
        if isOfReports {
            let entries = try JSONDecoder().decode(Reports.self, from: data).rpts
            state.withLock { $0.reports += entries.map { CrashFacts.Report($0, account: customer.id) } }
            return entries.count
        }
        let entries = try JSONDecoder().decode(Replies.self, from: data).mos
        state.withLock { state in
            state.replies += entries.map { CrashFacts.Reply(account: customer.id, mobile: $0.mobile) }
        }
        return entries.count
    }
}

extension CrashFacts.Report {
    init(_ entry: ReportEntry, account: String) {
        self.init(
            account: account, msgid: entry.msgid, mobile: entry.mobile, customID: entry.custid,
            segment: entry.pknum, segments: entry.pktotal, status: entry.errcode)
    }
}
