import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// What is left after SIGKILL in the middle of load.
    @Suite struct CrashTests {
        /// The carrier pushes, and pushes again what was not acknowledged: nothing that it says can be lost.
        @Test(arguments: [50, 1500])
        func `every acknowledged message survives a kill, is submitted once and reported once`(
            acknowledgements: Int
        ) async throws {
            try await killUnderLoad(try await World.make(pushing: true), acknowledgements)
        }

        /// Reports come by polls, the first of them after the kill: what a carrier hands to a process that dies before
        /// it is stored, no one can have again in this dialect.
        @Test(arguments: [400])
        func `and so with a carrier that is polled`(acknowledgements: Int) async throws {
            try await killUnderLoad(try await World.make(reportDelay: "4s"), acknowledgements)
        }

        private func killUnderLoad(_ world: World, _ acknowledgements: Int) async throws {
            let load = LoadThreads(8, customer: world.customer, prefix: "138")
            try await eventually("\(acknowledgements) acknowledgements", within: .seconds(120)) {
                load.acknowledged.count >= acknowledgements
            }
            #expect(try await world.appliance.stop(with: SIGKILL) == 128 + SIGKILL)
            try await eventually("the load's end") { !load.areRunning }
            let acknowledged = load.acknowledged
            #expect(load.refused.isEmpty)
            #expect(Set(acknowledged.map(\.msgid)).count == acknowledged.count)

            try await world.appliance.startAgain()
            let uncertain = try await expectReceivedAreReported(world, acknowledged)
            // Only what was under way at that moment.
            #expect(uncertain.count < acknowledged.count)
            try await expectToExpire(world, uncertain)

            let counters = try await world.appliance.report("status").object("ever")
            let accepted = try counters.integer("accepted_messages")
            #expect((acknowledged.count...load.sent).contains(accepted))
            #expect(try counters.integer("final_messages") == accepted)
            #expect(try await world.segmentsCharged() == accepted)
            #expect(try await world.appliance.ledgerIsSound())
        }

        /// What the carrier has, it has once, and is reported once, as delivered. Returns the acknowledged messages
        /// that it does not have: killed between the record of the attempt and its first byte. Nobody can know that, so
        /// nobody sends them again.
        private func expectReceivedAreReported(
            _ world: World, _ acknowledged: [LoadThreads.Acknowledged]
        ) async throws -> [LoadThreads.Acknowledged] {
            try await eventually("the queue to empty") {
                let channel = try await world.appliance.report("channel", "show", "sim")
                return try channel.integer("queued") + channel.integer("in_flight") == 0
            }
            let received = try world.carrier.received()
            #expect(received.values.allSatisfy { $0 == 1 })
            var reports: [ReportEntry] = []
            try await eventually("a report of every message that the carrier has", within: .seconds(120)) {
                while case let entries = try world.customer.takeReports(), !entries.isEmpty { reports += entries }
                return reports.count >= received.count
            }
            #expect(reports.count == received.count)
            #expect(Set(reports.map(\.mobile)) == Set(received.keys))
            #expect(reports.allSatisfy { $0.errcode == "DELIVRD" })
            let ids = Set(reports.map(\.msgid))
            #expect(acknowledged.allSatisfy { ids.contains($0.msgid) == (received[$0.mobile] != nil) })
            let uncertain = acknowledged.filter { received[$0.mobile] == nil }
            for message in uncertain {
                #expect(try await world.appliance.state(of: message.msgid) == "uncertain", "\(message)")
            }
            return uncertain
        }

        /// They wait for a report, and expire; then nothing is left without a final state, and nothing is reported
        /// twice.
        private func expectToExpire(_ world: World, _ uncertain: [LoadThreads.Acknowledged]) async throws {
            let received = try world.carrier.received()
            try await world.appliance.stop()
            try await world.appliance.startAgain(settings: ["YIZHAN_REPORT_EXPIRE_AFTER": "1s"])
            try await world.waitUntilAllFinal(within: .seconds(120))
            var reports: [ReportEntry] = []
            while case let entries = try world.customer.takeReports(), !entries.isEmpty { reports += entries }
            // Some may have been accepted without the customer having read so.
            #expect(Set(uncertain.map(\.msgid)).isSubset(of: reports.map(\.msgid)))
            #expect(Set(reports.map(\.msgid)).count == reports.count)
            #expect(reports.allSatisfy { $0.errcode == "EXPIRED" })
            #expect(try world.carrier.received() == received)
        }

        @Test func `ids go on where they were, and are not used again`() async throws {
            let world = try await World.make()
            var ids: [Int] = []
            for start in 0..<3 {
                if start > 0 {
                    try await world.appliance.stop(with: SIGKILL)
                    try await world.appliance.startAgain()
                }
                for _ in 0..<3 { ids.append(try world.customer.sendSingle("13800138123").msgid) }
            }
            #expect(ids == ids.sorted())
            #expect(Set(ids).count == ids.count)
            #expect(try await world.segmentsCharged() == ids.count)
        }
    }
}
