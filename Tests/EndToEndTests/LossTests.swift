import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// A state folder that is not all that there was, and a file that is damaged while it is open.
    @Suite struct LossTests {
        private static func remove(_ names: [String], of world: World) throws {
            for name in names {
                try? FileManager.default.removeItem(atPath: world.directory.path("state/\(name)"))
            }
        }

        private static func refusal(_ world: World) async throws -> String {
            let process = try world.appliance.startUnready()
            #expect(try await process.waitForExit() == 1)
            #expect(process.errorOutput.split(separator: "\n").count == 1, "\(process.errorOutput)")
            return process.errorOutput
        }

        @Test func `without its log it does not start, and with the operator's word no id comes twice`() async throws {
            let world = try await World.make(pushing: true)
            let before = try world.customer.sendBatch((0..<100).map { "138\(10_000_100 + $0)" })
            try await world.appliance.stop(with: SIGKILL)
            try Self.remove(["yizhan.sqlite-wal", "yizhan.sqlite-shm"], of: world)
            let words = try await Self.refusal(world)
            #expect(words.contains("its log, the -wal file with the latest commits, is missing"), "\(words)")
            #expect(words.contains("--accept-loss") && words.contains("backup"))
            #expect(try await Self.refusal(world) == words)
            let told = world.directory.path("state/accept-loss")
            try Data().write(to: URL(fileURLWithPath: told))
            try await world.appliance.startAgain()
            #expect(!FileManager.default.fileExists(atPath: told))
            #expect(world.appliance.process.errorOutput.contains("a loss was accepted"))
            try await world.addAccount("J10003", "111111")
            let after = try world.customer.sendSingle("13800138000")
            #expect(after.result == 0)
            #expect(after.msgid > before.msgid + 1_000_000 - 100)
            try await world.appliance.stop(with: SIGKILL)
            try await world.appliance.startAgain()
            #expect(try world.customer.sendSingle("13800138000").msgid == after.msgid + 1)
        }

        @Test func `an empty folder under a key that is there is no new house, but by init`() async throws {
            let world = try await World.make()
            try await world.appliance.stop()
            let state = world.directory.path("state")
            try Self.remove(["yizhan.sqlite", "yizhan.sqlite-wal", "yizhan.sqlite-shm"], of: world)
            #expect(try await Self.refusal(world).contains("is missing, but its marker"))
            try Self.remove(["yizhan.marker"], of: world)
            let words = try await Self.refusal(world)
            #expect(words.contains("yizhan init") && words.contains("not mounted"), "\(words)")
            #expect(!FileManager.default.fileExists(atPath: state + "/yizhan.sqlite"))
            let made = try await yizhan(["init", "--state", state])
            #expect(made.exitCode == 0 && made.output.contains("made "), "\(made.output)\(made.errorOutput)")
            let again = try await yizhan(["init", "--state", state])
            #expect(again.exitCode == 0 && again.output.contains("is there already"), "\(again.errorOutput)")
            try await world.appliance.startAgain()
            try await world.addAccount("J10003", "111111")
            #expect(try world.customer.sendSingle("13800138000").msgid == 1)
            let busy = try await yizhan(["init", "--state", state])
            #expect(busy.exitCode == 1 && busy.errorOutput.contains("uses the state folder"))
        }

        @Test func `a first start that was cut short before the key had its name goes on`() async throws {
            let world = try await World.make()
            try await world.appliance.stop()
            let key = world.directory.path("state/master.key")
            try FileManager.default.moveItem(atPath: key, toPath: key + ".new")
            try await world.appliance.startAgain()
            #expect(FileManager.default.fileExists(atPath: key))
            #expect(try world.customer.sendSingle("13800138000").result == 0)
        }

        @Test func `once damage is seen nothing is accepted, charged or handed out`() async throws {
            let world = try await World.make(pushing: true)
            for round in 0..<10 {
                _ = try world.customer.sendBatch((0..<1000).map { "138\(10_000_100 + round * 10_000 + $0)" })
            }
            try await world.waitUntilAllFinal()
            try await world.appliance.stop()
            try await world.appliance.startAgain()
            let balance = try await world.appliance.balance(of: "J10003")
            try Self.damage(world.directory.path("state/yizhan.sqlite"))
            try await eventually("the damage to be seen") {
                _ = try await world.appliance.command("message", "list", "--account", "J10003", "--limit", "1000")
                return try await !Self.problems(world).isEmpty
            }
            for number in 0..<5 {
                #expect(try world.customer.sendSingle("1390013800\(number)").result == -100_999)
            }
            #expect(try await Self.problems(world).contains { $0.hasPrefix("The database is damaged, seen at ") })
            #expect(try Customer.result(world.customer.call("get_rpt", ["retsize": 500])) == -100_999)
            #expect(try await world.appliance.balance(of: "J10003") == balance)
            #expect(try await world.appliance.counter("accepted_messages") == 0)
            let log = world.appliance.process.errorOutput
            #expect(log.split(separator: "\n").count { $0.contains("the database is damaged") } == 1, "\(log)")
            #expect(try await world.appliance.stop() == 0)
            #expect(try await Self.refusal(world).contains("is damaged"))
        }

        private static func problems(_ world: World) async throws -> [String] {
            let status = try await world.appliance.command("status", "--json")
            guard let json = try? JSONSerialization.jsonObject(with: Data(status.output.utf8)) as? [String: Any] else {
                return []
            }
            return json["problems"] as? [String] ?? []
        }

        /// The pages of the file's second half, which hold what was written last.
        private static func damage(_ path: String) throws {
            let file = try #require(FileHandle(forUpdatingAtPath: path))
            let pages = try file.seekToEnd() / 4096
            try file.seek(toOffset: pages / 2 * 4096)
            try file.write(contentsOf: Data(repeating: 0xA5, count: Int(pages - pages / 2) * 4096))
            try file.close()
        }
    }
}
