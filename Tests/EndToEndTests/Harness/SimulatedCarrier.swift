import Foundation

/// `yizhan simulate` on a port of its own, perhaps behind a recording proxy.
final class SimulatedCarrier: Sendable {
    static let user = "SIM001"
    static let password = "sim-secret"

    let process: ChildProcess
    let port: UInt16

    private init(process: ChildProcess, port: UInt16) {
        self.process = process
        self.port = port
    }

    static func start(_ arguments: [String] = [], in directory: TemporaryDirectory) async throws -> SimulatedCarrier {
        let process = try ChildProcess(
            ["simulate", "--listen", "127.0.0.1:0"] + arguments, name: "carrier", in: directory)
        let lines = try await process.waitUntilReady()
        // One listener only: whatever it is called.
        guard let line = lines.first, let digits = line.split(separator: ":").last, let port = UInt16(digits) else {
            throw ChildProcess.Failure(description: "the simulator names no port: \(lines)")
        }
        return SimulatedCarrier(process: process, port: port)
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
}
