import Foundation
import Glibc

/// `yizhan serve` on a state folder of its own. It can be killed and started again on the same folder.
final class Appliance {
    let directory: TemporaryDirectory
    private(set) var process: ChildProcess
    private(set) var frontPort: UInt16 = 0
    private(set) var callbackPort: UInt16 = 0
    private var starts = 0
    /// At every start.
    private let environment: [String: String]
    private let arguments: [String]

    private init(
        directory: TemporaryDirectory, process: ChildProcess, environment: [String: String], arguments: [String]
    ) {
        self.directory = directory
        self.process = process
        self.environment = environment
        self.arguments = arguments
    }

    var adminSocket: String { directory.path("admin.sock") }

    /// `settings`: of the first start; `environment`, and `arguments` of `serve`: of every one.
    static func start(
        in directory: TemporaryDirectory, settings: [String: String] = [:], environment: [String: String] = [:],
        arguments: [String] = []
    ) async throws -> Appliance {
        let process = try launch(
            in: directory, count: 1, settings: environment.merging(settings) { $1 }, arguments: arguments)
        let appliance = Appliance(
            directory: directory, process: process, environment: environment, arguments: arguments)
        try await appliance.becomeReady()
        return appliance
    }

    private static func launch(
        in directory: TemporaryDirectory, count: Int, callbackPort: UInt16 = 0, settings: [String: String] = [:],
        arguments: [String]
    ) throws -> ChildProcess {
        try ChildProcess(
            [
                "serve", "--state", directory.path("state"), "--listen", "front=127.0.0.1:0",
                "--listen", "callback=127.0.0.1:\(callbackPort)", "--admin-socket", directory.path("admin.sock"),
            ] + arguments, name: "serve\(count)", in: directory, environment: settings)
    }

    private func becomeReady() async throws {
        starts += 1
        let lines = try await process.waitUntilReady()
        frontPort = try ChildProcess.port(of: "front", in: lines)
        callbackPort = try ChildProcess.port(of: "callback", in: lines)
    }

    /// Ends it with a signal; its exit code, or 128 + the signal.
    @discardableResult
    func stop(with signal: Int32 = SIGTERM) async throws -> Int32 {
        process.signal(signal)
        return try await process.waitForExit()
    }

    /// Starts it again on the same state. The front has a new port; the callback listener has the one that a pushing
    /// carrier knows. `settings`: more of the environment, `YIZHAN_…`.
    func startAgain(settings: [String: String] = [:]) async throws {
        process = try startUnready(settings: settings)
        try await becomeReady()
    }

    /// Launches it on the same state; for one that is not expected to become ready.
    func startUnready(settings: [String: String] = [:]) throws -> ChildProcess {
        try Self.launch(
            in: directory, count: starts + 1, callbackPort: callbackPort,
            settings: environment.merging(settings) { $1 }, arguments: arguments)
    }

    /// Runs an administration command against it.
    func command(_ arguments: String...) async throws -> CommandResult {
        try await yizhan(arguments, environment: ["YIZHAN_ADMIN_SOCKET": adminSocket])
    }

    /// A command that must succeed.
    func run(_ arguments: [String]) async throws {
        let result = try await yizhan(arguments, environment: ["YIZHAN_ADMIN_SOCKET": adminSocket])
        guard result.exitCode == 0 else {
            throw CommandResult.Failure(description: "\(arguments): \(result.exitCode) \(result.errorOutput)")
        }
    }

    /// A command with `--json`, and its output.
    func report(_ arguments: String...) async throws -> [String: Any] {
        try await yizhan(arguments + ["--json"], environment: ["YIZHAN_ADMIN_SOCKET": adminSocket]).json()
    }

    /// The balance of an account in its unit: micro-yuan or segments.
    func balance(of account: String) async throws -> Int {
        try await report("account", "show", account).integer("balance_units")
    }

    /// One of the counters since the start: "accepted_messages", "final_messages" ….
    func counter(_ name: String) async throws -> Int {
        try await report("status").object("since_start").integer(name)
    }

    /// Whether every balance equals its ledger's sum.
    func ledgerIsSound() async throws -> Bool {
        try await command("ledger", "verify").exitCode == 0
    }

    /// The state of a message: "queued", "submitted", "delivered" ….
    func state(of msgid: Int) async throws -> String {
        try await report("message", "show", String(msgid)).string("state")
    }
}

extension [String: Any] {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    private func value<Member>(_ name: String, as type: Member.Type) throws -> Member {
        guard let value = self[name] as? Member else { throw Missing(description: "no \(name) in \(self)") }
        return value
    }

    func integer(_ name: String) throws -> Int { try value(name, as: Int.self) }
    func string(_ name: String) throws -> String { try value(name, as: String.self) }
    func object(_ name: String) throws -> [String: Any] { try value(name, as: [String: Any].self) }
    func objects(_ name: String) throws -> [[String: Any]] { try value(name, as: [[String: Any]].self) }
}
