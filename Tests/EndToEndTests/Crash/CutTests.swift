import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// That a power cut of the harness cuts: acknowledged messages outlast it because they were synchronised, and for
    /// no other reason.
    @Suite struct CutTests {
        /// - Returns: whether the appliance starts again and has every message that it acknowledged.
        private func outlastsCut(lying: Bool, seed: UInt64) async throws -> Bool {
            let directory = try TemporaryDirectory()
            let disk = try FaultyDisk(folder: directory.path("state"), in: directory)
            // The file itself is made in honesty.
            let first = try await Appliance.start(in: directory, environment: disk.environment)
            try await first.run([
                "account", "add", "J10003", "--api-password", "111111", "--allow-weak-password", "--price", "0.029",
                "--balance", "1000",
            ])
            try await first.stop()
            disk.lies = lying
            let appliance = try await Appliance.start(in: directory, environment: disk.environment)
            let load = LoadThreads(
                2, customer: Customer(port: appliance.frontPort), prefix: "138")
            try await eventually("acknowledgements") { load.acknowledged.count >= 100 }
            try await appliance.stop(with: SIGKILL)
            try await eventually("the load's end") { !load.areRunning }
            var generator = SeededGenerator(seed: seed)
            let loss = try disk.cutPower(using: &generator)
            if lying { #expect(loss.sectors > 0) }
            disk.lies = false
            do {
                try await appliance.startAgain()
            } catch is ChildProcess.Failure {
                return false
            }
            let accepted = try await appliance.report("status").object("ever").integer("accepted_messages")
            return accepted >= load.acknowledged.count
        }

        @Test func `what an honest disk has synchronised outlasts a cut`() async throws {
            #expect(try await outlastsCut(lying: false, seed: UInt64.random(in: 1...999_999)))
        }

        @Test func `on a disk that lies about it messages are lost, and that is seen`() async throws {
            #expect(try await !outlastsCut(lying: true, seed: UInt64.random(in: 1...999_999)))
        }
    }
}
