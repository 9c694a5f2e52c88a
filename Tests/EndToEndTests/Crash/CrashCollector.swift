import Foundation
import Glibc
import Synchronization

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
