import AdminProtocol
import Foundation
import Glibc
import Testing

/// One appliance and one carrier that are killed and started again, round after round, under load; and everything that
/// can be known of it from outside.
final class CrashHouse {
    struct Plan: Sendable {
        var rounds = 3
        var seed: UInt64 = 1
        /// Instead of a mere kill: what was not synchronised is lost.
        var cutsPower = false
        /// The carrier pushes; else it is polled.
        var isPushing = true
        /// What else the carrier does wrong.
        var faults = ["--duplicate-reports", "0.05", "--reorder", "--fail-rate", "0.02", "--lost-answer", "0.02"]
    }

    static let customers = [
        CrashCustomer(
            id: "C00001", password: "11111111",
            arguments: ["--price", "0.029", "--balance", "1000000", "--extension", "61"],
            facts: .init(id: "C00001", price: 29_000, refundsFailed: false, opening: 1_000_000_000_000, floor: 0)),
        CrashCustomer(
            id: "C00002", password: "22222222",
            arguments: ["--price", "0.031", "--balance", "500000", "--extension", "62", "--refund", "failed"],
            facts: .init(id: "C00002", price: 31_000, refundsFailed: true, opening: 500_000_000_000, floor: 0)),
        CrashCustomer(
            id: "C00003", password: "33333333",
            arguments: [
                "--payment", "postpaid", "--charge-by", "count", "--credit", "100000000", "--extension", "63",
                "--refund", "failed",
            ],
            facts: .init(id: "C00003", price: 1, refundsFailed: true, opening: 0, floor: -100_000_000)),
        // Soon has nothing left.
        CrashCustomer(
            id: "C00004", password: "44444444", arguments: ["--price", "0.01", "--balance", "20", "--extension", "64"],
            facts: .init(id: "C00004", price: 10_000, refundsFailed: false, opening: 20_000_000, floor: 0)),
    ]

    private let plan: Plan
    private let directory: TemporaryDirectory
    private let disk: FaultyDisk
    private let appliance: Appliance
    private var carrier: SimulatedCarrier
    private let carrierArguments: [String]
    private var generator: SeededGenerator
    private let numbers: CrashNumbers
    private(set) var facts = CrashFacts()
    /// Lines of the hand-out log that were there when one of both was killed, and which of both.
    private var kills: [(line: Int, ofCarrier: Bool)] = []
    private(set) var loss = FaultyDisk.Loss()

    private var submissionLog: String { directory.path("carrier.log") }
    private var handOutLog: String { directory.path("handed-out.log") }

    private init(
        _ plan: Plan, directory: TemporaryDirectory, disk: FaultyDisk, appliance: Appliance, carrier: SimulatedCarrier,
        carrierArguments: [String]
    ) {
        self.plan = plan
        self.directory = directory
        self.disk = disk
        self.appliance = appliance
        self.carrier = carrier
        self.carrierArguments = carrierArguments
        generator = SeededGenerator(seed: plan.seed)
        numbers = CrashNumbers(seed: plan.seed &+ 1)
        facts.accounts = Self.customers.map(\.facts)
    }

    static func make(_ plan: Plan) async throws -> CrashHouse {
        let directory = try TemporaryDirectory()
        let disk = try FaultyDisk(
            folder: directory.path("state"), in: directory, syncMicroseconds: plan.cutsPower ? 4_000 : 0)
        let appliance = try await Appliance.start(in: directory, environment: disk.environment)
        for customer in customers {
            try await appliance.run(
                ["account", "add", customer.id, "--api-password", customer.password] + customer.arguments)
        }
        let port = try freePort()
        try await appliance.run([
            "channel", "add", "sim", "--dialect", "operator-v2", "--url", "http://127.0.0.1:\(port)",
            "--user", SimulatedCarrier.user, "--password", SimulatedCarrier.password, "--number", "10690012122",
        ])
        var arguments = [
            "--listen", "127.0.0.1:\(port)", "--report-delay", "30ms", "--log", directory.path("carrier.log"),
            "--hand-out-log", directory.path("handed-out.log"),
        ]
        if plan.isPushing {
            let path = try await appliance.report("channel", "show", "sim").string("callback_path")
            arguments += ["--push", "http://127.0.0.1:\(appliance.callbackPort)\(path)"]
        }
        let carrier = try await startCarrier(arguments + plan.faults, in: directory)
        return CrashHouse(
            plan, directory: directory, disk: disk, appliance: appliance, carrier: carrier,
            carrierArguments: arguments + plan.faults)
    }

    /// One that a listener can have again and again.
    private static func freePort() throws -> UInt16 { try Socket.listening().port }

    private static func startCarrier(
        _ arguments: [String], in directory: TemporaryDirectory
    ) async throws -> SimulatedCarrier {
        try await eventually("the carrier's port") { try? await SimulatedCarrier.start(arguments, in: directory) }
    }

    // MARK: Rounds

    /// - Returns: the differences.
    func run() async throws -> CrashAudit {
        for round in 1...plan.rounds {
            try await self.round()
            let (calls, reports) = (facts.calls.count, facts.reports.count)
            print("round \(round): \(calls) calls, \(reports) reports so far, ledger sound: \(facts.ledgerIsSound)")
        }
        try await finish()
        return CrashAudit(facts)
    }

    private func round() async throws {
        let load = CrashLoad(
            Self.customers, threads: 4, port: appliance.frontPort, numbers: numbers, seed: generator.next())
        let collectors = Self.customers.map { CrashCollector($0, port: appliance.frontPort) }
        let before = facts.calls.count
        if Int.random(in: 0..<5, using: &generator) == 0 {
            try await waitForAcknowledgements(Int.random(in: 5...40, using: &generator), load)
            try await killCarrier()
        }
        try await waitForAcknowledgements(Int.random(in: 10...120, using: &generator), load)
        // Not a wait: it moves the kill to any point between two acknowledgements.
        usleep(UInt32.random(in: 0..<30_000, using: &generator))
        // Now and then the operator's stop instead, in the middle of it all.
        let isOrderly = !plan.cutsPower && Int.random(in: 0..<10, using: &generator) == 0
        try await appliance.stop(with: isOrderly ? SIGTERM : SIGKILL)
        kills.append((try lines(handOutLog).count, false))
        load.stop()
        for collector in collectors { collector.stop() }
        try await eventually("the customers' end") { !load.areRunning && !collectors.contains { $0.isRunning } }
        facts.calls += load.calls
        for collector in collectors { collector.add(to: &facts) }
        if plan.cutsPower {
            let loss = try disk.cutPower(using: &generator)
            self.loss.writes += loss.writes
            self.loss.sectors += loss.sectors
            self.loss.bytesOfLength += loss.bytesOfLength
        }
        try await appliance.startAgain()
        try await checkAcknowledged(since: before)
    }

    private func waitForAcknowledgements(_ count: Int, _ load: CrashLoad) async throws {
        let already = load.acknowledged
        try await eventually("\(count) acknowledgements") { load.acknowledged >= already + count }
    }

    private func killCarrier() async throws {
        carrier.process.signal(SIGKILL)
        _ = try await carrier.process.waitForExit()
        kills.append((try lines(handOutLog).count, true))
        carrier = try await Self.startCarrier(carrierArguments, in: directory)
    }

    /// Right after the restart: what was acknowledged in this round is there, and the ledger is sound.
    private func checkAcknowledged(since first: Int) async throws {
        let admin = try admin()
        for call in facts.calls[first...] {
            guard case .accepted(let id) = call.outcome else { continue }
            let last = id + call.recipients.count - 1
            for (msgid, recipient) in [(id, call.recipients.first), (last, call.recipients.last)] {
                let found = try? admin.message(id: Int64(msgid))
                #expect(found?.mobile == recipient?.mobile, "\(msgid) of \(call.account) was acknowledged")
            }
        }
        if try await !appliance.ledgerIsSound() { facts.ledgerIsSound = false }
    }

    // MARK: The end

    private func finish() async throws {
        try await settle()
        // What nobody can know of expires.
        try await appliance.stop()
        try await appliance.startAgain(settings: ["YIZHAN_REPORT_EXPIRE_AFTER": "1s"])
        try await eventually("all messages to be final", within: .seconds(120)) {
            let ever = try await appliance.report("status").object("ever")
            facts.acceptedCount = try ever.integer("accepted_messages")
            return try ever.integer("final_messages") >= facts.acceptedCount
        }
        try await collectAll()
        try lookUp()
        try readCarrier()
        for index in facts.accounts.indices {
            facts.accounts[index].balance = try await appliance.balance(of: facts.accounts[index].id)
        }
        if try await !appliance.ledgerIsSound() { facts.ledgerIsSound = false }
        try await appliance.stop()
    }

    /// Until queues are empty, the carrier has nothing left to say, and what it said has come through.
    private func settle() async throws {
        var last = (-1, -1)
        var quiet = 0
        _ = try await eventually("rest", within: .seconds(120), every: .milliseconds(200)) {
            try await collectAll()
            let channel = try await appliance.report("channel", "show", "sim")
            let stats = try carrierStatistics()
            let now = (try lines(handOutLog).count, facts.reports.count)
            let isAtRest =
                try channel.integer("queued") + channel.integer("in_flight") == 0
                && ["messages_waiting", "reports_ready", "replies_ready"].allSatisfy { try stats.integer($0) == 0 }
            // Longer than a pusher's first pauses.
            quiet = isAtRest && now == last ? quiet + 1 : 0
            last = now
            return quiet >= 8 ? true : nil
        }
    }

    private func carrierStatistics() throws -> [String: Any] {
        let answer = try HTTPClient(port: carrier.port).perform("GET", "/simulator/stats")
        return try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any] ?? [:]
    }

    private func collectAll() async throws {
        for account in Self.customers {
            let customer = Customer(account: account.id, password: account.password, port: appliance.frontPort)
            while case let entries = try customer.takeReports(), !entries.isEmpty {
                facts.reports += entries.map { CrashFacts.Report($0, account: account.id) }
            }
            while case let entries = try customer.takeReplies(), !entries.isEmpty {
                facts.replies += entries.map { CrashFacts.Reply(account: account.id, mobile: $0.mobile) }
            }
        }
    }

    private func admin() throws -> AdminClient { try AdminClient(path: appliance.adminSocket, software: "audit") }

    private func lookUp() throws {
        let admin = try admin()
        for sequence in CrashAudit.untold(facts) {
            let message = try admin.message(id: Int64(sequence))
            var statuses: [Int: String] = [:]
            for event in message.events where event.kind == "report" {
                // `segment 2 of 3: DELIVRD`, or the status alone.
                let words = event.text.split(separator: " ").map(String.init)
                statuses[words.count == 5 ? Int(words[1]) ?? 0 : 1] = words.last
            }
            facts.lookups[sequence] = CrashFacts.Lookup(
                account: message.account, mobile: message.mobile, statuses: statuses, isFinal: message.finalAtMs > 0,
                collected: message.events.count { $0.kind == "collected" })
        }
    }

    private func lines(_ path: String) throws -> [Substring] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
    }

    private func readCarrier() throws {
        facts.submissions = try lines(submissionLog).compactMap { CrashFacts.Submitted(line: $0) }
        facts.handOuts = try lines(handOutLog).compactMap { CrashFacts.HandOut(line: $0) }
        for kill in kills where kill.ofCarrier || !plan.isPushing { markWindow(before: kill.line) }
    }

    /// What was on its way at a kill. A carrier that pushes has one push of reports and one of replies under way, which
    /// only its own death takes back; of a carrier that is polled two fetches of reports and one of replies may be.
    private func markWindow(before line: Int) {
        var reports = plan.isPushing ? 500 : 1000
        var replies = 200
        for index in facts.handOuts.indices.prefix(line).reversed() where reports > 0 || replies > 0 {
            if facts.handOuts[index].isReport {
                guard reports > 0 else { continue }
                reports -= 1
            } else {
                guard replies > 0 else { continue }
                replies -= 1
            }
            facts.handOuts[index].mayBeLost = true
        }
    }

    /// Whether the disk saw what a database does.
    func expectDiskWasUsed() throws {
        let counters = try disk.counters()
        #expect(counters.writes > 100 && counters.syncs > 20, "the faulty disk sees nothing: \(counters)")
    }
}
