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

            try await world.appliance.startAgain()
            try await eventually("the queue to empty") {
                let channel = try await world.appliance.report("channel", "show", "sim")
                return try channel.integer("queued") + channel.integer("in_flight") == 0
            }
            let received = try world.carrier.received()
            #expect(received.values.allSatisfy { $0 == 1 })

            var collected: [String: [Int]] = [:]
            func collect() throws {
                while case let entries = try world.customer.takeReports(), !entries.isEmpty {
                    for entry in entries { collected[entry.mobile, default: []].append(entry.msgid) }
                }
            }
            try await eventually("a report of every message that the carrier has", within: .seconds(60)) {
                try collect()
                return collected.count >= received.count
            }
            #expect(Set(collected.keys) == Set(received.keys))
            #expect(collected.values.allSatisfy { $0.count == 1 })
            for message in acknowledged {
                if received[message.mobile] != nil {
                    #expect(collected[message.mobile] == [message.msgid])
                } else {
                    // Killed between the record of the attempt and its first byte: nobody can know, so nobody guesses.
                    #expect(try await world.appliance.state(of: message.msgid) == "uncertain", "\(message)")
                }
            }

            let counters = try await world.appliance.report("status").object("ever")
            let accepted = try counters.integer("accepted_messages")
            #expect((acknowledged.count...load.sent).contains(accepted))
            #expect(try counters.integer("final_messages") == received.count)
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
