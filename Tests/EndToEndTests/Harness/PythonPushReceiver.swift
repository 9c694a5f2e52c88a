import Foundation

/// Tests/Clients/push_receiver.py: a customer's server, which checks what is pushed to it and writes it down.
final class PythonPushReceiver {
    private let directory: TemporaryDirectory
    private let process: ChildProcess
    private let port: UInt16
    private let path: String

    private init(directory: TemporaryDirectory, process: ChildProcess, port: UInt16, path: String) {
        (self.directory, self.process, self.port, self.path) = (directory, process, port, path)
    }

    /// `options`: `--fail-first N`, `--slow SECONDS`, `--account` and `--password` of 002 ….
    static func start(_ dialect: String, _ options: [String] = []) async throws -> PythonPushReceiver {
        let directory = try TemporaryDirectory()
        let path = directory.path("pushes")
        let script = PythonCustomer.clients + "/push_receiver.py"
        let process = try ChildProcess(
            ["-B", script, "--dialect", dialect, "--to", path] + options, name: "receiver", in: directory,
            running: PythonCustomer.python)
        let port = try ChildProcess.port(of: "push", in: try await process.waitUntilReady())
        return PythonPushReceiver(directory: directory, process: process, port: port, path: path)
    }

    var url: String { "http://127.0.0.1:\(port)/pushed" }

    /// What was pushed so far, a line a push; throws at the first that differs from the dialect's document.
    func pushes() throws -> [[String: Any]] {
        // The last line may be half written.
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let pushes = try JSONLines.parse(String(text[..<(text.lastIndex(of: "\n") ?? text.startIndex)]))
        for push in pushes {
            if let difference = push["difference"] {
                throw PythonCustomer.Difference(description: "\(difference): \(push)")
            }
        }
        return pushes
    }

    /// The entries of a kind, "report" or "reply", that were accepted.
    func accepted(_ kind: String) throws -> [[String: Any]] {
        try pushes().filter { try $0.string("kind") == kind && $0.integer("answered") == 200 }
            .flatMap { try $0.objects("entries") }
    }

    /// Waits until `count` of a kind were accepted.
    func accepted(_ kind: String, count: Int) async throws -> [[String: Any]] {
        do {
            return try await eventually("\(count) entries of kind \(kind) pushed") {
                let entries = try accepted(kind)
                return entries.count >= count ? entries : nil
            }
        } catch is TimedOut {
            throw TimedOut(description: "\(count) pushed of kind \(kind): only \(try accepted(kind).count) came")
        }
    }
}
