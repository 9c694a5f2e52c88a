import Dialects
import Engine
import Glibc
import Logging
import Messaging
import NIOCore
import Secrets
import Store

/// The stages of single messages, one after the other in this process, each timed over all messages by the processor
/// time of the whole process: what happens on the database's own thread counts too.
struct StageBench {
    struct Stage: Sendable {
        var name: String
        var what: String
        /// For one message.
        var microseconds: Double
        /// For one message; nil when they are not counted.
        var allocations: Double?
    }

    private let engine: Engine
    private let store: Store
    private let account: AccountEntry
    private let channel: ChannelEntry
    private var probe: StageProbe
    private var carrierID: Int64 = 1 << 40
    private let clock = Clock.system
    private let allocations = AllocationCounter()
    private let endpoint = OperatorV2.Endpoint(.singleSend)
    private let login = OperatorV2.Login.digest(userID: "SIM001", password: "sim-secret")

    private static let accountID = "J10003"
    private static let password = "111111"
    /// Reports in one answer of a carrier that is reached by OperatorV2.
    private static let reportsOfBody = OperatorV2.reportsMax

    init(directory: String) async throws {
        store = try Store(directory: directory)
        engine = Engine(
            store: store, key: try SealingKey.generate(), maker: NullCarrier(),
            configuration: EngineConfiguration(clock: .system),
            logger: Logger(label: "yizhan.bench") { StreamLogHandler.standardError(label: $0) })
        account = try await engine.billing.addAccount(
            Account(id: Self.accountID, price: Money(microYuan: 29_000)),
            secrets: AccountSecrets(apiPassword: Self.password), openingBalance: 1_000_000_000_000_000)
        channel = try await engine.addChannel(NullCarrier.channel, endpoint: NullCarrier.endpoint)
        probe = StageProbe(account: account, channel: channel.channel, limits: NullCarrier().limits)
    }

    func close() async { await engine.stop(drain: .zero) }

    static func processorNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    @discardableResult
    mutating func run(messages: Int, group: Int) async throws -> [Stage] {
        var stages: [Stage] = []
        var mark: UInt64 = 0
        var allocated: UInt64 = 0
        func begin() {
            allocated = allocations?.count ?? 0
            mark = Self.processorNanoseconds()
        }
        func end(_ name: String, _ what: String) {
            let spent = Double(Self.processorNanoseconds() - mark) / 1000
            let calls = allocations.map { Double($0.count - allocated) / Double(messages) }
            stages.append(
                Stage(name: name, what: what, microseconds: spent / Double(messages), allocations: calls))
        }
        let bodies = requestBodies(messages)
        begin()
        let requests = try bodies.map { try OperatorV2.decodeRequest(endpoint, format: .json, body: $0) }
        end("decode", "single_send in JSON → submission")
        begin()
        for request in requests { _ = try admit(request.credentials) }
        end("authenticate", "lock-out, account, MD5 digest, time stamp, address")
        let submissions = requests.compactMap { request -> Submission? in
            if case .success(.send(let submission)) = request.content { submission } else { nil }
        }
        begin()
        let billed = probe.bill(submissions, by: account, at: clock.now())
        end("bill", "segments, price, balance")
        guard billed.count == messages else { throw ApplianceFailure("\(billed.count) of \(messages) can be paid.") }
        begin()
        let committed = try await commit(billed, group: group)
        end("commit", "\(group) messages a transaction, with fsync")
        begin()
        for submission in committed {
            _ = OperatorV2.encodeAnswer(.accepted(submission.acceptance), format: .json)
        }
        end("answer", "acceptance → JSON")
        begin()
        let calls = try await dispatch(committed.flatMap(\.ready), group: group)
        end("dispatch", "plan, begin, encode, decode the answer, settle; \(group) messages a call")
        let reports = reportBodies(calls)
        begin()
        try await report(reports)
        end("report", "keep, decode, match, apply; \(Self.reportsOfBody) reports a body")
        begin()
        try await collect()
        end("collect", "outbox → JSON for the customer, \(OperatorV2.reportsMax) at a time")
        return stages
    }

    // MARK: The stages

    private func requestBodies(_ count: Int) -> [[UInt8]] {
        let plan = LoadPlan(
            host: "127.0.0.1", port: 80, accounts: [Self.accountID], password: Self.password, mode: .single,
            batchSize: 1, content: LoadPlan.usualContent, connections: 1, threads: 1, extent: .messages(count),
            pipeline: 1)
        var template = RequestTemplate(plan: plan, account: Self.accountID, tag: "stages0")
        template.setCredentials(
            StampedCredentials(
                account: Self.accountID, password: Self.password, second: StampedCredentials.currentSecond()))
        var numbers = NumberSequence(ending: nil)
        return (0..<count).map { index in
            template.setRecipients(from: &numbers, counter: index)
            return Array(template.bytes.readableBytesView.dropFirst(template.headBytes))
        }
    }

    private func admit(_ credentials: OperatorV2.Credentials) throws(Rejection) -> AccountEntry {
        try engine.authenticator.admit(
            id: credentials.userID, address: [127, 0, 0, 1],
            find: { $0.account(login: credentials.userID, in: .operatorV2) },
            verify: { entry, now in
                do throws(Rejection) {
                    try OperatorV2.Authentication.verify(
                        credentials, account: entry.account, secrets: entry.secrets, at: now)
                    return nil
                } catch {
                    return error
                }
            })
    }

    private func commit(_ submissions: [AcceptedSubmission], group: Int) async throws -> [CommittedSubmission] {
        var committed: [CommittedSubmission] = []
        for start in stride(from: 0, to: submissions.count, by: group) {
            let share = Array(submissions[start..<min(start + group, submissions.count)])
            let results = try await withCheckedThrowingContinuation { done in
                store.accept(share) { done.resume(with: $0) }
            }
            committed += try results.map { try $0.get() }
        }
        return committed
    }

    private struct AnsweredCall {
        var call: CarrierCall
        var firstID: Int64
    }

    private mutating func dispatch(_ parts: [CommittedPart], group: Int) async throws -> [AnsweredCall] {
        var answered: [AnsweredCall] = []
        for start in stride(from: 0, to: parts.count, by: group) {
            let share = Array(parts[start..<min(start + group, parts.count)])
            var calls = probe.calls(for: share, at: clock.now())
            let attempts = calls.map {
                NewAttempt(channel: channel.key, messages: SequenceRuns($0.messages.map(\.sequence)))
            }
            let begun = try await store.begin(attempts, at: clock.now())
            var settlements: [Settlement] = []
            for index in calls.indices {
                calls[index].attempt = begun[index].id
                let firstID = try exchange(calls[index])
                answered.append(AnsweredCall(call: calls[index], firstID: firstID))
                let outcome = probe.ended(calls[index], .accepted(.consecutive(from: firstID)), at: clock.now())
                settlements.append(Settlement(attempt: begun[index].id, outcome: outcome))
            }
            _ = try await store.settle(settlements, at: clock.now())
        }
        return answered
    }

    /// Both codecs of a call, without the wire between; the carrier's half is its answer alone.
    private mutating func exchange(_ call: CarrierCall) throws -> Int64 {
        let parts = call.messages.indices.map { index in
            Submission.Part(
                recipients: [.number(call.messages[index].mobile)], content: call.messages[index].content,
                customID: call.tag(index).text)
        }
        let wanted: OperatorV2.Call = parts.count == 1 ? .singleSend(parts[0]) : .multiSend(parts)
        _ = OperatorV2.encodeCall(wanted, login: login, at: clock.now())
        let acceptance = Acceptance(firstID: MessageID(rawValue: carrierID), customID: parts[0].customID)
        carrierID += Int64(parts.count)
        let body = OperatorV2.encodeAnswer(.accepted(acceptance), format: .json)
        return try body.withUnsafeBytes { raw in Result { try OperatorV2.SendAnswer(decoding: raw) } }.get().firstID
    }

    private func reportBodies(_ calls: [AnsweredCall]) -> [[UInt8]] {
        let now = clock.now()
        let reports = calls.flatMap { answered in
            answered.call.messages.indices.map { index in
                CustomerReport(
                    id: MessageID(rawValue: answered.firstID + Int64(index)), customID: answered.call.tag(index).text,
                    segmentNumber: 1, segmentTotal: 1, mobile: answered.call.messages[index].mobile.text,
                    accessNumber: channel.channel.accessNumber, accessExtension: "", submittedAt: now,
                    reportedAt: now, status: .delivered, customData: "")
            }
        }
        return stride(from: 0, to: reports.count, by: Self.reportsOfBody).map { start in
            let share = Array(reports[start..<min(start + Self.reportsOfBody, reports.count)])
            return OperatorV2.encodeAnswer(.reports(share), format: .json)
        }
    }

    private func report(_ bodies: [[UInt8]]) async throws {
        for body in bodies {
            let kept = try await store.keep(body, of: .polledReports, from: channel.key, at: clock.now())
            let answer = try body.withUnsafeBytes { raw in
                Result { try OperatorV2.ReportsAnswer(decoding: raw) }
            }.get()
            let outcome = try await store.apply(
                reports: answer.reports, replies: [], of: kept, from: channel.key, at: clock.now())
            guard outcome.parked == 0 else { throw ApplianceFailure("\(outcome.parked) reports match nothing.") }
        }
    }

    private func collect() async throws {
        while true {
            let reports = try await store.collectReports(
                for: account.key, limit: OperatorV2.reportsMax, at: clock.now())
            if reports.isEmpty { return }
            _ = OperatorV2.encodeAnswer(.reports(reports), format: .json)
        }
    }
}
