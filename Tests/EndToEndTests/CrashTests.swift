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
            try await eventually("\(acknowledgements) acknowledgements", within: .seconds(60)) {
                load.acknowledged.count >= acknowledgements
            }
            #expect(try await world.appliance.stop(with: SIGKILL) == 128 + SIGKILL)
            try await eventually("the load's end") { !load.areRunning }
            let acknowledged = load.acknowledged
            #expect(load.refused.isEmpty)
            #expect(Set(acknowledged.map(\.msgid)).count == acknowledged.count)

            // A call that was begun and of which nobody knows whether it left is not made again: its messages wait for
            // a report, and expire.
            try await world.appliance.startAgain(settings: ["YIZHAN_REPORT_EXPIRE_AFTER": "10s"])
            try await world.waitUntilAllFinal(within: .seconds(60))
            var collected: [Int: Int] = [:]
            var expired = Set<String>()
            while case let entries = try world.customer.takeReports(), !entries.isEmpty {
                for entry in entries {
                    collected[entry.msgid, default: 0] += 1
                    if entry.errcode == "EXPIRED" { expired.insert(entry.mobile) }
                }
            }
            #expect(acknowledged.allSatisfy { collected[$0.msgid] == 1 })
            #expect(collected.values.allSatisfy { $0 == 1 })
            // Only what was under way at that moment: eight connections of the channel, a call each.
            #expect(expired.count < acknowledged.count)

            let submissions = world.proxy.submissions()
            for message in acknowledged where !expired.contains(message.mobile) {
                #expect(submissions[message.mobile] == 1, "\(message)")
            }
            #expect(submissions.values.allSatisfy { $0 == 1 })
            let accepted = try await world.appliance.report("status").object("ever").integer("accepted_messages")
            #expect((acknowledged.count...load.sent).contains(accepted))
            #expect(collected.count == accepted)
            #expect(try await world.segmentsCharged() == accepted)
            #expect(try await world.appliance.ledgerIsSound())
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
