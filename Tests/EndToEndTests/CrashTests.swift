import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// What is left after SIGKILL in the middle of load.
    @Suite struct CrashTests {
        @Test(arguments: [50, 400, 1500])
        func `every acknowledged message survives a kill, is submitted once and reported once`(
            acknowledgements: Int
        ) async throws {
            let world = try await World.make()
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
            let reports = try await world.customer.reports(acknowledged.count, within: .seconds(90))
            let rest = try await eventually("the last reports", within: .seconds(60)) { () -> [ReportEntry]? in
                let more = try world.customer.takeReports()
                let counters = try await world.appliance.report("status").object("ever")
                let isDone = try counters.integer("final_messages") >= counters.integer("accepted_messages")
                return isDone && more.isEmpty ? [] : nil
            }
            let collected = reports + rest
            let counts = Dictionary(collected.map { ($0.msgid, 1) }, uniquingKeysWith: +)
            for message in acknowledged { #expect(counts[message.msgid] == 1, "\(message)") }
            let submissions = world.proxy.submissions()
            for message in acknowledged { #expect(submissions[message.mobile] == 1, "\(message)") }
            #expect(submissions.values.allSatisfy { $0 == 1 })

            let accepted = try await world.appliance.report("status").object("ever").integer("accepted_messages")
            #expect((acknowledged.count...load.sent).contains(accepted))
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
