import Foundation
import Testing

/// A carrier, an appliance, an account J10003 / 111111 with a balance, and a channel: what most tests need.
final class World {
    /// What a segment costs J10003, in micro-yuan.
    static let price = 29_000
    /// What J10003 begins with, in micro-yuan.
    static let opening = 1_000_000_000

    let directory: TemporaryDirectory
    let appliance: Appliance
    let carrier: SimulatedCarrier
    let proxy: RecordingProxy

    var customer: Customer { Customer(port: appliance.frontPort) }

    private init(directory: TemporaryDirectory, appliance: Appliance, carrier: SimulatedCarrier, proxy: RecordingProxy)
    {
        self.directory = directory
        self.appliance = appliance
        self.carrier = carrier
        self.proxy = proxy
    }

    /// `account`: more arguments of `account add`; `carrier`: of `simulate`; `channel`: of `channel add`. `dialect`:
    /// the carrier's. `pushing`: the carrier pushes to the appliance's callback listener. `settings`: the environment
    /// of the first `serve`, `YIZHAN_…`; `environment`: of every one; `serve`: more of its arguments.
    static func make(
        account: [String] = [], carrier carrierArguments: [String] = [], channel: [String] = [],
        dialect: String = "operator-v2", reportDelay: String = "20ms", pushing: Bool = false,
        settings: [String: String] = [:], in given: TemporaryDirectory? = nil, environment: [String: String] = [:],
        serve serveArguments: [String] = []
    ) async throws -> World {
        let directory = try given ?? TemporaryDirectory()
        let appliance = try await Appliance.start(
            in: directory, settings: settings, environment: environment, arguments: serveArguments)
        let proxy = try RecordingProxy()
        let delay = ["--report-delay", reportDelay] + carrierArguments
        // A carrier that pushes must know where to, which is known when the channel is; the others are there first.
        var carrier = pushing ? nil : try await SimulatedCarrier.start(delay, in: directory)
        if let carrier { proxy.forward(to: carrier.port) }
        try await appliance.run(
            [
                "account", "add", "J10003", "--api-password", "111111", "--allow-weak-password", "--price", "0.029",
                "--balance", "1000",
            ] + account)
        try await addChannel("sim", to: proxy.port, dialect: dialect, channel, appliance)
        if pushing {
            let path = try await appliance.report("channel", "show", "sim").string("callback_path")
            let target = "http://127.0.0.1:\(appliance.callbackPort)\(path)"
            carrier = try await SimulatedCarrier.start(
                delay + ["--push", target, "--push-dialect", dialect], in: directory)
        }
        let started = try #require(carrier)
        proxy.forward(to: started.port)
        return World(directory: directory, appliance: appliance, carrier: started, proxy: proxy)
    }

    private static func addChannel(
        _ name: String, to port: UInt16, dialect: String = "operator-v2", _ arguments: [String], _ appliance: Appliance
    ) async throws {
        let required = [
            "channel", "add", name, "--dialect", dialect, "--url", "http://127.0.0.1:\(port)",
            "--user", SimulatedCarrier.user, "--password", SimulatedCarrier.password, "--number", "10690012122",
        ]
        try await appliance.run(required + arguments)
    }

    /// One more carrier, and a channel to it, both of this name. `channel`: more arguments of `channel add`.
    func addCarrier(_ name: String, _ arguments: [String] = [], channel: [String]) async throws -> SimulatedCarrier {
        let carrier = try await SimulatedCarrier.start(
            ["--report-delay", "20ms"] + arguments, name: "carrier-\(name)", in: directory)
        try await Self.addChannel(name, to: carrier.port, channel, appliance)
        return carrier
    }

    func addAccount(_ id: String, _ password: String, _ arguments: [String] = []) async throws {
        let price = arguments.contains("--price") ? [] : ["--price", "0"]
        try await appliance.run(
            ["account", "add", id, "--api-password", password, "--allow-weak-password"] + price + arguments)
    }

    /// An administration command that must succeed.
    func run(_ arguments: String...) async throws { try await appliance.run(arguments) }

    /// Runs a statement on the database beside the running appliance.
    func changeDatabase(_ statement: String) async throws {
        let program =
            "import sqlite3, sys; d = sqlite3.connect(sys.argv[1], timeout=60); d.execute(sys.argv[2]); d.commit()"
        let python = try ChildProcess(
            ["-c", program, directory.path("state/yizhan.sqlite"), statement], name: "sqlite", in: directory,
            running: PythonCustomer.python)
        guard try await python.waitForExit() == 0 else {
            throw CommandResult.Failure(description: "\(statement): \(python.errorOutput)")
        }
    }

    /// What J10003 has paid so far, in segments.
    func segmentsCharged() async throws -> Int {
        (Self.opening - (try await appliance.balance(of: "J10003"))) / Self.price
    }

    /// Waits until nothing accepted is left without a final state.
    func waitUntilAllFinal(within limit: Duration = .seconds(120)) async throws {
        try await eventually("all messages final", within: limit) {
            let counters = try await appliance.report("status").object("ever")
            return try counters.integer("final_messages") >= counters.integer("accepted_messages")
        }
    }
}
