import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// A disk that takes no writes for a while, and what is left of a damaged one.
    @Suite struct DiskRefusalTests {
        /// A carrier that is polled forgets what it hands out.
        @Test(arguments: [(ENOSPC, true), (EROFS, true), (EIO, true), (-EIO, true), (ENOSPC, false), (-EIO, false)])
        func `refused in the dialect's code, reads answered, said in status and log, and over by itself`(
            code: Int32, pushing: Bool
        ) async throws {
            let (world, disk) = try await Self.makeWorld(pushing: pushing)
            let before = try world.customer.sendSingle("13800138123")
            #expect(before.result == 0)
            let waiting = try await world.customer.reports(1)
            #expect(waiting.map(\.msgid) == [before.msgid])
            let load = LoadThreads(4, customer: world.customer, prefix: "138")
            try await eventually("some acknowledgements") { load.acknowledged.count >= 50 }
            try disk.refuse(code)
            try await eventually("refusals") { load.refused.count >= 20 }
            #expect(Set(load.refused) == [-100_999])
            try await Self.expectTrouble(world)
            let acknowledgedThen = load.acknowledged.count
            try disk.relent()
            try await eventually("acknowledgements again") { load.acknowledged.count >= acknowledgedThen + 50 }
            try await eventually("no problem any more") {
                // Load goes on: what is committed now ends the trouble.
                try await world.appliance.report("status")["problems"] as? [String] == []
            }
            load.stop()
            try await eventually("the load's end") { !load.areRunning }
            try await Self.expectAllThere(world, load)
            #expect(try disk.counters().faults > 0)
            let log = world.appliance.process.errorOutput
            // Once when it began and once when it ended, whatever came in between.
            #expect(log.split(separator: "\n").count { $0.contains("takes no writes; new") } == 1, "\(log)")
            #expect(log.split(separator: "\n").count { $0.contains("takes writes again") } == 1, "\(log)")
            #expect(log.split(separator: "\n").count < 20, "\(log)")
        }

        private static func makeWorld(pushing: Bool = true) async throws -> (World, FaultyDisk) {
            let directory = try TemporaryDirectory()
            let disk = try FaultyDisk(folder: directory.path("state"), in: directory)
            return (
                try await World.make(
                    pushing: pushing, in: directory,
                    environment: disk.environment.merging(["YIZHAN_STOP_DRAIN_TIMEOUT": "2s"]) { $1 }), disk
            )
        }

        /// While the disk refuses.
        private static func expectTrouble(_ world: World) async throws {
            let status = try await world.appliance.report("status")
            let problems = status["problems"] as? [String] ?? []
            #expect(problems.contains { $0.hasPrefix("The database takes no writes since ") }, "\(problems)")
            #expect(status["healthy"] as? Bool == false)
            let balance = try world.customer.call("get_balance", [:])
            #expect(try Customer.result(balance) == 0)
            // Nothing is consumed: refused, or empty because nothing waits.
            let collected = try world.customer.call("get_rpt", ["retsize": 500])
            let isEmpty = try Customer.result(collected) == 0 && world.customer.takenReports(collected).isEmpty
            #expect(try Customer.result(collected) == -100_999 || isEmpty)
            let recharge = try await world.appliance.command("account", "recharge", "J10003", "1")
            #expect(recharge.exitCode != 0)
            #expect(recharge.errorOutput.contains("database"), "\(recharge.errorOutput)")
            let shown = try await world.appliance.command("account", "show", "J10003")
            #expect(shown.exitCode == 0)
        }

        /// All that was acknowledged before and after is there, sent once and reported once; nothing that was refused.
        private static func expectAllThere(_ world: World, _ load: LoadThreads) async throws {
            let acknowledged = load.acknowledged
            let reports = try await world.customer.reports(acknowledged.count, within: .seconds(120))
            #expect(Set(reports.map(\.msgid)) == Set(acknowledged.map(\.msgid)))
            #expect(reports.count == acknowledged.count)
            #expect(reports.allSatisfy { $0.errcode == "DELIVRD" })
            #expect(try world.carrier.received().values.allSatisfy { $0 == 1 })
            // The first message is counted as well.
            #expect(try await world.segmentsCharged() == acknowledged.count + 1)
            #expect(try await world.appliance.ledgerIsSound())
            #expect(try await world.appliance.counter("accepted_messages") == acknowledged.count + 1)
        }

        @Test func `a stop while the disk is full ends, and nothing acknowledged is lost`() async throws {
            let (world, disk) = try await Self.makeWorld()
            let load = LoadThreads(4, customer: world.customer, prefix: "138")
            try await eventually("some acknowledgements") { load.acknowledged.count >= 100 }
            try disk.refuse(ENOSPC)
            try await eventually("refusals") { load.refused.count >= 10 }
            load.stop()
            try await eventually("the load's end") { !load.areRunning }
            world.appliance.process.signal(SIGTERM)
            #expect(try await world.appliance.process.waitForExit(within: .seconds(120)) == 0)
            try disk.relent()
            try await world.appliance.startAgain(settings: ["YIZHAN_REPORT_EXPIRE_AFTER": "3s"])
            try await world.waitUntilAllFinal(within: .seconds(120))
            let accepted = try await world.appliance.report("status").object("ever").integer("accepted_messages")
            #expect(accepted == load.acknowledged.count)
            #expect(try await world.segmentsCharged() == accepted)
            #expect(try world.carrier.received().values.allSatisfy { $0 == 1 })
        }

        @Test func `a full disk at the start is a sentence, and changes nothing`() async throws {
            let (world, disk) = try await Self.makeWorld()
            _ = try world.customer.sendSingle("13800138123")
            try await world.appliance.stop()
            try disk.refuse(ENOSPC)
            let before = try Self.files(world)
            let process = try world.appliance.startUnready()
            #expect(try await process.waitForExit() != 0)
            #expect(process.errorOutput.contains("The database cannot be opened"), "\(process.errorOutput)")
            #expect(process.errorOutput.contains("full") || process.errorOutput.contains("No space left"))
            #expect(try Self.unchanged(before, in: world))
            try disk.relent()
            try await world.appliance.startAgain()
            #expect(try await world.segmentsCharged() == 1)
        }

        // MARK: Damage

        /// Every file of the state folder that is there, but for SQLite's map of the log, which is made anew.
        private static func files(_ world: World) throws -> [String: Data] {
            let folder = world.directory.path("state")
            var files: [String: Data] = [:]
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) where !name.hasSuffix("-shm") {
                files[name] = FileManager.default.contents(atPath: folder + "/" + name)
            }
            return files
        }

        private static func unchanged(_ before: [String: Data], in world: World) throws -> Bool {
            let after = try files(world)
            // The lock names its latest holder.
            return before.allSatisfy { $0.key == "lock" || after[$0.key] == $0.value }
        }

        enum Damage: String, CaseIterable, Sendable {
            case header, middle, cutShort, empty, missingWithLog, logHeader
        }

        @Test(arguments: Damage.allCases)
        func `a damaged database is named, said what to do about, and left as it is`(damage: Damage) async throws {
            let world = try await World.make(pushing: true)
            _ = try world.customer.sendBatch((0..<1000).map { "138\(10_000_100 + $0)" })
            _ = try await world.customer.reports(500)
            let keepsLog = damage == .missingWithLog || damage == .logHeader
            try await world.appliance.stop(with: keepsLog ? SIGKILL : SIGTERM)
            let path = world.directory.path("state/yizhan.sqlite")
            try Self.inflict(damage, on: path)
            let before = try Self.files(world)
            let process = try world.appliance.startUnready()
            #expect(try await process.waitForExit() != 0)
            #expect(process.errorOutput.contains(path), "\(process.errorOutput)")
            #expect(process.errorOutput.contains("backup"), "\(process.errorOutput)")
            #expect(process.errorOutput.split(separator: "\n").count == 1, "\(process.errorOutput)")
            #expect(try Self.unchanged(before, in: world))
        }

        private static func inflict(_ damage: Damage, on path: String) throws {
            let garbage = Data((0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ 7) })
            switch damage {
            case .header: try overwrite(path, at: 0, with: garbage)
            case .middle:
                let size = try FileHandle(forReadingAtPath: path)?.seekToEnd() ?? 0
                // Whole pages, since there are pages that nothing refers to.
                for page in stride(from: size / 4096 / 2, to: size / 4096 / 2 + 12, by: 1) {
                    try overwrite(path, at: page * 4096, with: garbage)
                }
            case .cutShort:
                let size = try FileHandle(forReadingAtPath: path)?.seekToEnd() ?? 0
                try FileHandle(forUpdatingAtPath: path)?.truncate(atOffset: size / 2)
            case .empty: try FileHandle(forUpdatingAtPath: path)?.truncate(atOffset: 0)
            case .missingWithLog: try FileManager.default.removeItem(atPath: path)
            case .logHeader: try overwrite(path + "-wal", at: 0, with: garbage.prefix(32))
            }
        }

        private static func overwrite(_ path: String, at offset: UInt64, with bytes: Data) throws {
            guard let file = FileHandle(forUpdatingAtPath: path) else { return }
            try file.seek(toOffset: offset)
            try file.write(contentsOf: bytes)
            try file.close()
        }

        @Test(arguments: [true, false])
        func `a torn tail of the log costs nothing that was committed before it`(cutsShort: Bool) async throws {
            let world = try await World.make(pushing: true)
            let first = try world.customer.sendBatch((0..<200).map { "138\(10_000_100 + $0)" })
            _ = try await world.customer.reports(200)
            try await world.appliance.stop(with: SIGKILL)
            let log = world.directory.path("state/yizhan.sqlite-wal")
            let size = try #require(try FileHandle(forReadingAtPath: log)?.seekToEnd())
            // As a power cut leaves the frames of a commit that was under way.
            let tail = Data((0..<9000).map { UInt8(truncatingIfNeeded: $0 &* 37) })
            try Self.overwrite(log, at: size, with: cutsShort ? tail.prefix(5) : tail)
            try await world.appliance.startAgain()
            #expect(try await world.segmentsCharged() == 200)
            #expect(try await world.appliance.state(of: first.msgid) == "delivered")
            #expect(try await world.appliance.ledgerIsSound())
            #expect(try world.customer.sendSingle("13800138123").result == 0)
        }
    }
}
