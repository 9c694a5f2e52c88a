import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Message ids at the end of an epoch's numbers.
    @Suite struct IDBorderTests {
        private static let epoch = 1 << 38

        @Test func `ids cross into the next epoch under load, and a kill there loses and repeats none`() async throws {
            let world = try await World.make(pushing: true)
            try await world.appliance.stop()
            try await Database.run(
                "UPDATE counter SET value = ? WHERE name = 'sequence'", 17_179_869_183 - 400, in: world)
            // Not in the table before the first message.
            try await Database.run(
                "INSERT OR IGNORE INTO counter (name, value) VALUES ('sequence', ?)", 17_179_869_183 - 400, in: world)
            try await world.appliance.startAgain()
            let load = LoadThreads(8, customer: world.customer, prefix: "138")
            try await eventually("an id of the next epoch", within: .seconds(120)) {
                load.acknowledged.contains { $0.msgid > Self.epoch }
            }
            #expect(try await world.appliance.stop(with: SIGKILL) == 128 + SIGKILL)
            try await eventually("the load's end") { !load.areRunning }
            let acknowledged = load.acknowledged
            #expect(load.refused.isEmpty)
            #expect(acknowledged.contains { $0.msgid < 17_179_869_184 && $0.msgid > 17_179_869_183 - 400 })
            try await world.appliance.startAgain()
            let long = try world.customer.sendBatch(
                (0..<100).map { "139\(10_000_100 + $0)" }, String(repeating: "边界", count: 60))
            let ids = acknowledged.map(\.msgid) + (long.msgid..<long.msgid + 100)
            #expect(Set(ids).count == ids.count)
            #expect(ids.allSatisfy { $0 < 17_179_869_184 || $0 >> 38 == 1 })
            try await Self.expectReports(world, acknowledged, long: long.msgid)
            let given = try await world.appliance.report("status").object("message_ids")
            #expect(try given.integer("epoch") == 1)
            #expect(try given.integer("number") >= 100)
            #expect(try given.integer("epoch_last") == (1 << 25) - 1)
            #expect(try await world.appliance.ledgerIsSound())
        }

        /// Each message that the carrier has is reported once a segment under its id; those that it does not have were
        /// under way at the kill.
        private static func expectReports(
            _ world: World, _ acknowledged: [LoadThreads.Acknowledged], long: Int
        ) async throws {
            var reports: [ReportEntry] = []
            try await eventually("all reports", within: .seconds(120)) {
                while case let entries = try world.customer.takeReports(), !entries.isEmpty { reports += entries }
                let received = try world.carrier.received()
                return reports.count >= received.count + 100
                    && received.keys.count { $0.hasPrefix("139") } == 100
            }
            #expect(Set(reports.map(\.msgid)).count == reports.count)
            let reported = Set(reports.map(\.msgid))
            for place in 0..<100 {
                #expect(reported.contains(long + place) && reported.contains(long + place + 17_179_869_184))
            }
            let received = try world.carrier.received()
            for message in acknowledged where received[message.mobile] != nil {
                #expect(reported.contains(message.msgid), "\(message)")
            }
            for message in acknowledged where received[message.mobile] == nil {
                #expect(try await world.appliance.state(of: message.msgid) == "uncertain", "\(message)")
            }
        }
    }
}

/// The database of a stopped appliance.
enum Database {
    static func run(_ sql: String, _ value: Int, in world: World) async throws {
        let program = """
            import sqlite3, sys
            with sqlite3.connect(sys.argv[1]) as database: database.execute(sys.argv[2], [int(sys.argv[3])])
            """
        let python = try ChildProcess(
            ["-c", program, world.directory.path("state/yizhan.sqlite"), sql, String(value)], name: "database",
            in: world.directory, running: PythonCustomer.python)
        #expect(try await python.waitForExit() == 0, "\(python.errorOutput)")
    }
}
