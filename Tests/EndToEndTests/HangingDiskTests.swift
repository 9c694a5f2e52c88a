import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// A disk that does not come back for a while, and a port that is taken.
    @Suite struct HangingDiskTests {
        @Test func `a disk that hangs is said once, feeds the watchdog, and takes nothing from who collects`()
            async throws
        {
            let directory = try TemporaryDirectory()
            let disk = try FaultyDisk(folder: directory.path("state"), in: directory)
            let manager = try ServiceManagerStub(in: directory)
            let world = try await World.make(
                in: directory,
                environment: disk.environment.merging(manager.environment(watchdog: .seconds(10))) { $1 })
            let before = try world.customer.sendSingle("13800138123")
            try await world.waitUntilAllFinal()
            try await eventually("a feeding") { manager.feedings() > 0 }
            try disk.hang()
            let start = ContinuousClock.now
            // Nobody is kept: refused in the dialect's words within its limit, and nothing collected.
            let collected = try world.customer.call("get_rpt", ["retsize": 500])
            #expect(try Customer.result(collected) == -100_056)
            #expect(ContinuousClock.now - start < .seconds(60))
            try await eventually("status") {
                let status = try await world.appliance.report("status")
                let problems = status["problems"] as? [String] ?? []
                return try problems.contains { $0.hasPrefix("A commit has taken ") }
                    && status.integer("commit_taking_ms") >= 5000
            }
            // Past what the watchdog believes without looking, and more than two of its times.
            try await eventually("25 s of it") { ContinuousClock.now - start > .seconds(25) }
            let fed = manager.feedings()
            try await eventually("feedings while it hangs") { manager.feedings() >= fed + 3 }
            try disk.relent()
            let reports = try await world.customer.reports(1)
            #expect(reports.map(\.msgid) == [before.msgid])
            let after = try world.customer.sendSingle("13800138124")
            #expect(after.result == 0)
            try await eventually("no problem any more") {
                try await world.appliance.report("status")["problems"] as? [String] == []
            }
            // Said by the next look, which comes once a second.
            try await eventually("the end of it in the log") {
                world.appliance.process.errorOutput.contains("the disk answers again")
            }
            let log = world.appliance.process.errorOutput
            #expect(log.split(separator: "\n").count { $0.contains("a commit has taken") } == 1, "\(log)")
            #expect(log.split(separator: "\n").count { $0.contains("the disk answers again") } == 1, "\(log)")
            #expect(!log.contains("does not answer; the watchdog"), "\(log)")
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test func `no carrier is asked by a service that cannot listen`() async throws {
            let world = try await World.make()
            #expect(try await world.appliance.stop() == 0)
            // Who only counts whoever comes stands where the carrier was.
            let (listener, port) = try Socket.listening()
            let (front, taken) = try Socket.listening()
            try await world.appliance.startAgain()
            try await world.run("channel", "set", "sim", "--url", "http://127.0.0.1:\(port)")
            #expect(listener.accepted() != nil)
            #expect(try await world.appliance.stop() == 0)
            while listener.acceptedNow() != nil {}
            let second = try ChildProcess(
                [
                    "serve", "--state", world.directory.path("state"), "--listen", "front=127.0.0.1:\(taken)",
                    "--listen", "callback=127.0.0.1:0", "--admin-socket", world.directory.path("admin.sock"),
                ], name: "taken", in: world.directory)
            #expect(try await second.waitForExit() == 1)
            #expect(second.errorOutput.contains("listener"), "\(second.errorOutput)")
            #expect(listener.acceptedNow() == nil)
            _ = front
        }
    }
}
