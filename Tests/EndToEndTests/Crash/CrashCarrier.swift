import Foundation
import Glibc

/// One carrier of the crash rounds, the channel that leads to it, and what both logs of it say.
final class CrashCarrier {
    struct Spec {
        var name: String
        /// More arguments of `channel add`.
        var channel: [String] = []
        /// More of what it does wrong.
        var faults: [String] = []
        /// Polled in dialect 001, whose reports speak of whole messages; else in dialect 002.
        var isApiV1 = false

        static let all = [
            Spec(name: "plain"), Spec(name: "failing", faults: ["--report-fail-rate", "0.1"]),
            Spec(name: "again", channel: ["--uncertain", "resend", "--uncertain-after", "1s"]),
            Spec(name: "polled", isApiV1: true),
        ]

        var dialect: String { isApiV1 ? "api-v1" : "operator-v2" }
    }

    let facts: CrashFacts.Channel
    private let directory: TemporaryDirectory
    private let arguments: [String]
    private var process: SimulatedCarrier
    /// Lines of both logs that were there at a kill, and whether it was this carrier's own.
    private var kills: [(submitted: Int, handedOut: Int, isOwn: Bool)] = []

    var name: String { facts.name }
    private var submissionLog: String { directory.path("\(name).submitted") }
    private var handOutLog: String { directory.path("\(name).handed") }

    private init(
        _ facts: CrashFacts.Channel, _ process: SimulatedCarrier, _ arguments: [String],
        in directory: TemporaryDirectory
    ) {
        self.facts = facts
        self.process = process
        self.arguments = arguments
        self.directory = directory
    }

    /// The carrier, and the channel to it.
    static func make(
        _ spec: Spec, _ plan: CrashHouse.Plan, _ appliance: Appliance, in directory: TemporaryDirectory
    ) async throws -> CrashCarrier {
        // One that a listener can have again and again.
        let port = try Socket.listening().port
        try await appliance.run(
            [
                "channel", "add", spec.name, "--dialect", spec.dialect, "--url", "http://127.0.0.1:\(port)",
                "--user", SimulatedCarrier.user, "--password", SimulatedCarrier.password, "--number", "10690012122",
            ] + spec.channel)
        var arguments = [
            "--listen", "127.0.0.1:\(port)", "--report-delay", "30ms", "--log",
            directory.path("\(spec.name).submitted"), "--hand-out-log", directory.path("\(spec.name).handed"),
        ]
        let isPushing = plan.isPushing && !spec.isApiV1
        if isPushing {
            let path = try await appliance.report("channel", "show", spec.name).string("callback_path")
            arguments += ["--push", "http://127.0.0.1:\(appliance.callbackPort)\(path)"] + plan.pushFaults
        }
        arguments += plan.faults + spec.faults
        let facts = CrashFacts.Channel(
            name: spec.name, isPolled: !isPushing, reportsSegments: !spec.isApiV1,
            resends: spec.channel.contains("resend"))
        let process = try await start(arguments, spec.name, in: directory)
        return CrashCarrier(facts, process, arguments, in: directory)
    }

    private static func start(
        _ arguments: [String], _ name: String, in directory: TemporaryDirectory
    ) async throws -> SimulatedCarrier {
        try await eventually("the carrier's port") {
            try? await SimulatedCarrier.start(arguments, name: name, in: directory)
        }
    }

    func killAndRevive(_ facts: inout CrashFacts) async throws {
        process.process.signal(SIGKILL)
        _ = try await process.process.waitForExit()
        try noteKill(isOwn: true, &facts)
        process = try await Self.start(arguments, name, in: directory)
    }

    func noteApplianceKill(_ facts: inout CrashFacts) throws { try noteKill(isOwn: false, &facts) }

    private func noteKill(isOwn: Bool, _ facts: inout CrashFacts) throws {
        kills.append((try Self.lines(submissionLog).count, try Self.lines(handOutLog).count, isOwn))
    }

    func statistics() throws -> [String: Any] {
        let answer = try HTTPClient(port: process.port).perform("GET", "/simulator/stats")
        return try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any] ?? [:]
    }

    func handedOutLines() throws -> Int { try Self.lines(handOutLog).count }

    private static func lines(_ path: String) throws -> [Substring] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
    }

    // MARK: At the end

    func read(into facts: inout CrashFacts) throws {
        for (place, line) in try Self.lines(submissionLog).enumerated() {
            guard var submitted = CrashFacts.Submitted(line: line) else { continue }
            submitted.channel = name
            submitted.kills = kills.count { $0.submitted <= place }
            facts.submissions.append(submitted)
        }
        var handOuts = try Self.lines(handOutLog).compactMap { CrashFacts.HandOut(line: $0) }
        var answer = facts.handOuts.last?.answer ?? 0
        for index in handOuts.indices {
            if handOuts[index].beginsAnswer { answer += 1 }
            handOuts[index].channel = name
            handOuts[index].answer = answer
        }
        var begin = 0
        for kill in kills {
            let end = min(kill.handedOut, handOuts.count)
            mark(&handOuts, begin..<end, isOwn: kill.isOwn, &facts)
            begin = end
        }
        facts.handOuts += handOuts
    }

    /// What was on the wire at the kill that ends this range of lines. A carrier that pushes has one push of reports
    /// and one of replies under way, which only its own death takes back. One that is polled is asked for replies by
    /// one poller, and for reports by two: of both the last answer before the kill may not have arrived, and which
    /// answer was the other one's last nobody can see.
    private func mark(
        _ handOuts: inout [CrashFacts.HandOut], _ range: Range<Int>, isOwn: Bool, _ facts: inout CrashFacts
    ) {
        guard isOwn || self.facts.isPolled else { return }
        let lines = handOuts[range]
        let lastReports = lines.last { $0.isReport }?.answer
        let lastReplies = lines.last { !$0.isReport }?.answer
        if self.facts.isPolled { facts.windows.append(CrashFacts.Window(channel: name, answersMax: 2)) }
        for index in range {
            let line = handOuts[index]
            if !line.isReport {
                handOuts[index].mayBeLost = line.answer == lastReplies
            } else if self.facts.isPolled {
                handOuts[index].window = facts.windows.count - 1
            } else {
                handOuts[index].mayBeLost = line.answer == lastReports
            }
        }
    }
}
