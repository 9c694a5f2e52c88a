import Foundation

/// A customer's program under Tests/Clients; it checks every answer itself and fails at a difference.
final class PythonCustomer {
    /// Debian's own Python, standard library only.
    static let python = "/usr/bin/python3"

    static let clients = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Clients").standardized.path

    struct Difference: Error, CustomStringConvertible {
        let description: String
    }

    let dialect: WireDialect
    let account: String
    private let arguments: [String]
    private let directory: TemporaryDirectory
    /// What `send` printed so far, a line a message; reports are held against it.
    private let sentPath: String
    private(set) var sent: [[String: Any]] = []

    /// `options`: more of the program's, before its command. The server is that at `port`.
    init(_ dialect: WireDialect, account: String, password: String, port: UInt16, options: [String] = []) throws {
        self.dialect = dialect
        self.account = account
        directory = try TemporaryDirectory()
        sentPath = directory.path("sent")
        arguments =
            ["-B", Self.clients + "/" + dialect.script, "--base", "http://127.0.0.1:\(port)"]
            + dialect.programArguments(account: account, password: password) + options
    }

    /// Runs a command to its end; the JSON lines that it printed.
    @discardableResult
    func run(_ command: String...) async throws -> [[String: Any]] {
        try await run(command)
    }

    private func run(_ command: [String]) async throws -> [[String: Any]] {
        let process = try ChildProcess(
            arguments + command, name: "customer", in: directory, running: Self.python)
        let exitCode = try await process.waitForExit(within: .seconds(90))
        guard exitCode == 0 else {
            throw Difference(description: "\(account), \(command): exit code \(exitCode): \(process.errorOutput)")
        }
        return try JSONLines.parse(process.output)
    }

    /// Sends one text to all these numbers, or to each its own. `tail`: the customer's own digits.
    func send(_ texts: [String], to mobiles: [String], tail: String = "", options: [String] = []) async throws {
        var command = ["send"] + texts.flatMap { ["--content", $0] } + options
        if let option = dialect.extensionOption, !tail.isEmpty { command += [option, tail] }
        sent += try await run(command + mobiles)
        let lines = try sent.map {
            String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self) + "\n"
        }
        try Data(lines.joined().utf8).write(to: URL(filePath: sentPath))
    }

    /// Collects exactly `count` reports and no more, each for what this program sent and once; forgets what was sent.
    @discardableResult
    func reports(_ count: Int) async throws -> [[String: Any]] {
        let entries = try await run("reports", "--expect", String(count), "--sent", sentPath)
        sent = []
        return entries
    }

    /// Collects exactly `count` reports and no more, whoever sent for this account.
    func reportsOfAll(_ count: Int) async throws -> [[String: Any]] {
        try await run("reports", "--expect", String(count))
    }

    /// Collects exactly `count` replies and no more.
    func replies(_ count: Int) async throws -> [[String: Any]] {
        try await run("replies", "--expect", String(count))
    }
}

/// A text of JSON objects, one a line.
enum JSONLines {
    static func parse(_ text: String) throws -> [[String: Any]] {
        try text.split(separator: "\n").map { line in
            guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
                throw PythonCustomer.Difference(description: "no JSON object: \(line)")
            }
            return object
        }
    }
}
