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
}
