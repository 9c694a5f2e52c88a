import Foundation
import Testing

extension EndToEnd {
    /// The state folder: whose it is, and what a copy of it holds.
    @Suite struct StateFolderTests {
        @Test func `a second process on the same folder does not start, and the first one goes on`() async throws {
            let world = try await World.make()
            let first = world.appliance.process.pid
            let second = try world.appliance.startUnready()
            #expect(try await second.waitForExit() == 1)
            #expect(second.errorOutput.contains("Another yizhan (process \(first)) uses the state folder"))
            _ = try world.customer.sendSingle("13800138000")
            #expect(try await world.customer.reports(1).count == 1)
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test func `what is in the folder is its user's alone`() async throws {
            let world = try await World.make()
            let folder = world.appliance.directory.path("state")
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)
                let permissions = try #require(attributes[.posixPermissions] as? Int)
                #expect(permissions & 0o077 == 0, "\(name): \(String(permissions, radix: 8))")
            }
        }

        @Test func `without its master key a database is not opened, and no other key is made`() async throws {
            let world = try await World.make()
            _ = try world.customer.sendSingle("13800138000")
            #expect(try await world.customer.reports(1).count == 1)
            try await world.appliance.stop()
            let key = world.directory.path("state/master.key")
            let kept = world.directory.path("kept.key")
            try FileManager.default.moveItem(atPath: key, toPath: kept)
            let process = try world.appliance.startUnready()
            #expect(try await process.waitForExit() != 0)
            #expect(process.errorOutput.contains("master.key"), "\(process.errorOutput)")
            #expect(!FileManager.default.fileExists(atPath: key))
            try FileManager.default.moveItem(atPath: kept, toPath: key)
            try await world.appliance.startAgain()
            #expect(try await world.segmentsCharged() == 1)
            #expect(try world.customer.sendSingle("13800138001").result == 0)
        }

        /// README, "Operating it": the folder of a stopped service, and a copy made while it runs.
        @Test(arguments: [false, true])
        func `a restored backup has every account, message and charge`(isMadeWhileRunning: Bool) async throws {
            let world = try await World.make()
            for number in 0..<20 { _ = try world.customer.sendSingle("138001380\(number + 10)") }
            try await world.waitUntilAllFinal()
            let balance = try await world.appliance.balance(of: "J10003")
            let state = world.appliance.directory.path("state")
            let copy = world.appliance.directory.path("copy")
            try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: false)
            if isMadeWhileRunning {
                let program = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('VACUUM INTO ?', sys.argv[2:])"
                let python = try ChildProcess(
                    ["-c", program, state + "/yizhan.sqlite", copy + "/yizhan.sqlite"], name: "backup",
                    in: world.directory, running: PythonCustomer.python)
                #expect(try await python.waitForExit() == 0, "\(python.errorOutput)")
                try await world.appliance.stop()
            } else {
                try await world.appliance.stop()
                // All of it is in the one file.
                try FileManager.default.copyItem(atPath: state + "/yizhan.sqlite", toPath: copy + "/yizhan.sqlite")
            }
            try FileManager.default.copyItem(atPath: state + "/master.key", toPath: copy + "/master.key")
            try FileManager.default.removeItem(atPath: state)
            try FileManager.default.moveItem(atPath: copy, toPath: state)
            try await world.appliance.startAgain()
            #expect(try await world.appliance.balance(of: "J10003") == balance)
            #expect(balance == World.opening - 20 * World.price)
            #expect(try await world.appliance.ledgerIsSound())
            #expect(try await world.customer.reports(20).count == 20)
        }
    }
}
