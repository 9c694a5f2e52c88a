import Foundation
import Glibc
import Synchronization

/// A process of the program under test; its output goes to files. Killed when forgotten.
final class ChildProcess: Sendable {
    /// The program beside the test bundle; `YIZHAN_BINARY` names another.
    static let program: String = {
        if let named = ProcessInfo.processInfo.environment["YIZHAN_BINARY"] { return named }
        let own = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        return own.deletingLastPathComponent().appendingPathComponent("yizhan").path
    }()

    private static let descriptorsMax: Int32 = 1024

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let pid: pid_t
    private let outputPath: String
    private let errorPath: String
    private let exitStatus = Mutex<Int32?>(nil)

    /// `name`: what the output files in `directory` are called. `program`: another than the one under test.
    /// `inheriting`: descriptors that it gets as 3, 4 ….
    init(
        _ arguments: [String], name: String, in directory: TemporaryDirectory, environment: [String: String] = [:],
        running program: String = ChildProcess.program, inheriting descriptors: [Int32] = []
    ) throws {
        outputPath = directory.path("\(name).out")
        errorPath = directory.path("\(name).err")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outputPath, flags, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errorPath, flags, 0o600)
        // Sockets of tests that run beside this one; closing what is not open is no error here.
        let first = Self.descriptorsMax - Int32(descriptors.count)
        for (place, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, first + Int32(place))
        }
        for descriptor in 3..<first { posix_spawn_file_actions_addclose(&actions, descriptor) }
        for place in 0..<Int32(descriptors.count) {
            posix_spawn_file_actions_adddup2(&actions, first + place, 3 + place)
            posix_spawn_file_actions_addclose(&actions, first + place)
        }
        var variables = ProcessInfo.processInfo.environment
        for name in variables.keys where name.hasPrefix("YIZHAN_") || name == "NOTIFY_SOCKET" { variables[name] = nil }
        variables.merge(environment) { $1 }
        var argv: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, program, &actions, nil, &argv, &envp)
        guard code == 0 else {
            throw Failure(description: "cannot start \(program): \(String(cString: strerror(code)))")
        }
        pid = child
    }

    deinit {
        guard exitCode == nil else { return }
        kill(pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    var output: String { Self.text(outputPath) }
    var errorOutput: String { Self.text(errorPath) }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    /// The exit code, 128 + the signal that ended it, or nil while it runs.
    var exitCode: Int32? {
        exitStatus.withLock { known in
            if let known { return known }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
            known = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
            return known
        }
    }

    func signal(_ number: Int32) { kill(pid, number) }

    func waitForExit(within limit: Duration = .seconds(120)) async throws -> Int32 {
        try await eventually("the end of process \(pid)", within: limit) { exitCode }
    }

    /// The complete lines printed before and with `ready`.
    func waitUntilReady() async throws -> [String] {
        try await eventually("the line 'ready'") {
            let lines = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
            if let end = lines.firstIndex(of: "ready") { return Array(lines[...end]) }
            if let exitCode {
                throw Failure(description: "ended with \(exitCode) before it was ready:\n\(output)\(errorOutput)")
            }
            return nil
        }
    }

    /// The port in the line `NAME ADDRESS:PORT`.
    static func port(of name: String, in lines: [String]) throws -> UInt16 {
        for line in lines {
            let words = line.split(separator: " ")
            guard words.count == 2, words[0] == name, let digits = words[1].split(separator: ":").last,
                let port = UInt16(digits)
            else { continue }
            return port
        }
        throw Failure(description: "no listener '\(name)' in \(lines)")
    }
}
