import AdminProtocol
import Foundation
import Glibc
import Testing

/// One appliance, its carriers and the receivers of its customers, killed and started again, round after round, under
/// load; and everything that can be known of it from outside.
///
/// The load: seven customers in all five dialects, with single messages, batches, personalised ones and messages for
/// later, some of which an operator cancels; four channels, of which one has another behind it for what fails, and one
/// sends again what is uncertain; reports that customers fetch or have pushed, in three dialects.
///
/// The audit (`CrashAudit`): whatever was acknowledged is there once, with its charge, ends once, and is told of once;
/// whatever was refused is not there; nothing goes to a carrier twice but by a rule that says so; a status is one that
/// a carrier said, and the first that arrived. What may be missing is what was on the wire at a kill, and that is
/// counted in whole answers: two of reports and one of replies of a channel that is polled, one push of a carrier that
/// dies, one answer of each customer's collection.
final class CrashHouse {
    struct Plan: Sendable {
        var rounds = 3
        var seed: UInt64 = 1
        /// Instead of a mere kill: what was not synchronised is lost.
        var cutsPower = false
        /// The carriers push where their dialect can; else they are polled.
        var isPushing = true
        /// What else the carriers do wrong; of one that is polled, two drains may apply what it handed out in another
        /// order, so it says nothing twice.
        var faults = ["--reorder", "--fail-rate", "0.02", "--lost-answer", "0.02"]
        var pushFaults = ["--duplicate-reports", "0.05"]
    }

    private let plan: Plan
    private let directory: TemporaryDirectory
    private let disk: FaultyDisk
    private let appliance: Appliance
    private let carriers: [CrashCarrier]
    private let receivers: [CrashReceiver]
    private var generator: SeededGenerator
    private let numbers: CrashNumbers
    private(set) var facts = CrashFacts()
    private(set) var loss = FaultyDisk.Loss()

    private init(
        _ plan: Plan, directory: TemporaryDirectory, disk: FaultyDisk, appliance: Appliance, carriers: [CrashCarrier],
        receivers: [CrashReceiver]
    ) {
        self.plan = plan
        self.directory = directory
        self.disk = disk
        self.appliance = appliance
        self.carriers = carriers
        self.receivers = receivers
        generator = SeededGenerator(seed: plan.seed)
        numbers = CrashNumbers(seed: plan.seed &+ 1)
        facts.accounts = CrashCustomer.all.map(\.facts)
        facts.channels = carriers.map(\.facts)
    }

    static func make(_ plan: Plan) async throws -> CrashHouse {
        let directory = try TemporaryDirectory()
        let disk = try FaultyDisk(
            folder: directory.path("state"), in: directory, syncMicroseconds: plan.cutsPower ? 4_000 : 0)
        let quick = ["YIZHAN_PUSH_PAUSE_MIN": "20ms", "YIZHAN_PUSH_PAUSE_MAX": "200ms"]
        let appliance = try await Appliance.start(
            in: directory, environment: disk.environment.merging(quick) { $1 })
        var carriers: [CrashCarrier] = []
        for spec in CrashCarrier.Spec.all {
            carriers.append(try await CrashCarrier.make(spec, plan, appliance, in: directory))
        }
        var receivers: [CrashReceiver] = []
        for customer in CrashCustomer.all {
            var arguments = customer.arguments + CrashSender.arguments(customer.id)
            if let kind = customer.facts.push {
                let seed = plan.seed &+ UInt64(receivers.count) &+ 77
                let receiver = try CrashReceiver(account: customer.id, kind: kind, seed: seed)
                arguments += receiver.arguments
                receivers.append(receiver)
            }
            try await appliance.run(["account", "add", customer.id, "--api-password", customer.password] + arguments)
            var route = ["route", "add", "of-\(customer.id)", "--account", customer.id]
            // The first channel is preferred.
            for (place, channel) in customer.channels.enumerated() {
                route += ["--channel", "\(channel):\(9 - place)"]
            }
            for code in customer.facts.retryCodes.sorted() { route += ["--retry-on", code] }
            try await appliance.run(route)
        }
        return CrashHouse(
            plan, directory: directory, disk: disk, appliance: appliance, carriers: carriers, receivers: receivers)
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
            CrashCustomer.all, threads: 4, port: appliance.frontPort, adminSocket: appliance.adminSocket,
            numbers: numbers, seed: generator.next())
        let collectors = CrashCustomer.all.map { CrashCollector($0, port: appliance.frontPort) }
        let before = facts.calls.count
        if Int.random(in: 0..<5, using: &generator) == 0, let carrier = carriers.randomElement(using: &generator) {
            try await waitForAcknowledgements(Int.random(in: 5...40, using: &generator), load)
            try await carrier.killAndRevive(&facts)
        }
        try await waitForAcknowledgements(Int.random(in: 10...120, using: &generator), load)
        // Not a wait: it moves the kill to any point between two acknowledgements.
        usleep(UInt32.random(in: 0..<30_000, using: &generator))
        // Now and then the operator's stop instead, in the middle of it all: that loses nothing.
        let isOrderly = !plan.cutsPower && Int.random(in: 0..<10, using: &generator) == 0
        try await appliance.stop(with: isOrderly ? SIGTERM : SIGKILL)
        if !isOrderly {
            facts.killCount += 1
            for carrier in carriers { try carrier.noteApplianceKill(&facts) }
        }
        load.stop()
        for collector in collectors { collector.stop() }
        try await eventually("the customers' end") { !load.areRunning && !collectors.contains { $0.isRunning } }
        for receiver in receivers { try await receiver.noteEnd(isOrderly: isOrderly) }
        facts.calls += load.calls
        facts.cancels += load.cancels
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

    /// Right after the restart: what was acknowledged in this round is there, and the ledger is sound.
    private func checkAcknowledged(since first: Int) async throws {
        let admin = try admin()
        for call in facts.calls[first...] {
            guard case .accepted(let id) = call.outcome else { continue }
            guard let id else {
                for recipient in [call.recipients.first, call.recipients.last] {
                    var list = AdminMessageList()
                    list.number = recipient?.mobile ?? ""
                    let found = try? admin.messages(list, limit: 2).0
                    #expect(found?.map(\.account) == [call.account], "\(list.number) was acknowledged")
                }
                continue
            }
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
        let due = ContinuousClock.now + .seconds(CrashLoad.delayMax + 1)
        try await eventually("what is scheduled to be due") { ContinuousClock.now > due }
        try await settle()
        // What nobody can know of expires.
        try await appliance.stop()
        try await appliance.startAgain(settings: ["YIZHAN_REPORT_EXPIRE_AFTER": "1s"])
        try await eventually("all messages to be final", within: .seconds(120)) {
            let ever = try await appliance.report("status").object("ever")
            facts.acceptedCount = try ever.integer("accepted_messages")
            return try ever.integer("final_messages") >= facts.acceptedCount
        }
        try await eventually("nothing to be pushed", within: .seconds(120)) { try await hasPushed() }
        try await collectAll()
        try lookUp()
        for receiver in receivers { facts.pushes += try receiver.pushes }
        for carrier in carriers { try carrier.read(into: &facts) }
        for index in facts.accounts.indices {
            facts.accounts[index].balance = try await appliance.balance(of: facts.accounts[index].id)
        }
        if try await !appliance.ledgerIsSound() { facts.ledgerIsSound = false }
        try await appliance.stop()
    }

    /// Until queues are empty, the carriers have nothing left to say, and what they said has come through.
    private func settle() async throws {
        var last = (-1, -1, -1)
        var quiet = 0
        _ = try await eventually("rest", within: .seconds(120), every: .milliseconds(200)) {
            try await collectAll()
            var isAtRest = try await hasPushed()
            var handedOut = 0
            for carrier in carriers {
                let channel = try await appliance.report("channel", "show", carrier.name)
                let stats = try carrier.statistics()
                isAtRest =
                    try isAtRest && channel.integer("queued") + channel.integer("in_flight") == 0
                    && ["messages_waiting", "reports_ready", "replies_ready"].allSatisfy { try stats.integer($0) == 0 }
                handedOut += try carrier.handedOutLines()
            }
            let uncertain = try await appliance.report("status").integer("uncertain_calls")
            let now = (handedOut, facts.reports.count, uncertain)
            // Longer than a pusher's first pauses.
            quiet = isAtRest && now == last ? quiet + 1 : 0
            last = now
            return quiet >= 8 ? true : nil
        }
    }

    private func hasPushed() async throws -> Bool {
        for receiver in receivers {
            let lanes = try await appliance.report("push", "list", receiver.account).objects("lanes")
            if try lanes.contains(where: { try $0.integer("waiting") > 0 || $0.string("state") == "sending" }) {
                return false
            }
        }
        return true
    }

    private func collectAll() async throws {
        for account in CrashCustomer.all {
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
                collected: message.events.count { $0.kind == "collected" || $0.kind == "pushed" })
        }
    }

    /// Whether the disk saw what a database does.
    func expectDiskWasUsed() throws {
        let counters = try disk.counters()
        #expect(counters.writes > 100 && counters.syncs > 20, "the faulty disk sees nothing: \(counters)")
    }
}
