import Foundation

/// `yizhan simulate` on a port of its own, perhaps behind a recording proxy.
final class SimulatedCarrier: Sendable {
    static let user = "SIM001"
    static let password = "sim-secret"

    let process: ChildProcess
    let port: UInt16
    private let logPath: String
    private let handOutLogPath: String

    private init(process: ChildProcess, port: UInt16, logPath: String, handOutLogPath: String) {
        self.process = process
        self.port = port
        self.logPath = logPath
        self.handOutLogPath = handOutLogPath
    }

    /// `name`: what its files in `directory` are called; it writes both logs there.
    static func start(
        _ arguments: [String] = [], name: String = "carrier", in directory: TemporaryDirectory
    ) async throws -> SimulatedCarrier {
        let (log, handOutLog) = (directory.path("\(name).received"), directory.path("\(name).handed-out"))
        let process = try ChildProcess(
            ["simulate", "--listen", "127.0.0.1:0", "--log", log, "--hand-out-log", handOutLog] + arguments,
            name: name, in: directory)
        let lines = try await process.waitUntilReady()
        // One listener only: whatever it is called.
        guard let line = lines.first, let digits = line.split(separator: ":").last, let port = UInt16(digits) else {
            throw ChildProcess.Failure(description: "the simulator names no port: \(lines)")
        }
        return SimulatedCarrier(process: process, port: port, logPath: log, handOutLogPath: handOutLog)
    }

    private struct LogEntry: Decodable {
        var seq: Int
        var mobile: String
    }

    /// How often each number was submitted, by the carrier's own log.
    func received() throws -> [String: Int] {
        var counts: [String: Int] = [:]
        var last = 0
        while true {
            let answer = try HTTPClient(port: port).perform("GET", "/simulator/log?after=\(last)")
            let entries = try JSONDecoder().decode([LogEntry].self, from: Data(answer.body))
            for entry in entries { counts[entry.mobile, default: 0] += 1 }
            guard let end = entries.last else { return counts }
            last = end.seq
        }
    }

    /// How often each number was accepted, by the file of this carrier, which outlives it.
    func accepted() throws -> [String: Int] {
        try Self.lines(logPath).reduce(into: [:]) { counts, columns in
            if columns[3] == "accepted" { counts[columns[1], default: 0] += 1 }
        }
    }

    /// The statuses that were handed out for each segment, by its msgid, in this order.
    func handedOut() throws -> [Int: [String]] {
        try Self.lines(handOutLogPath).reduce(into: [:]) { statuses, columns in
            if columns[0] == "report", let id = Int(columns[1]) { statuses[id, default: []].append(columns[3]) }
        }
    }

    /// The whole lines of a file, cut at the commas.
    private static func lines(_ path: String) throws -> [[String]] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }
}
