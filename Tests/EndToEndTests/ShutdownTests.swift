import Foundation
import Glibc
import Testing

extension EndToEnd {
    @Suite struct ShutdownTests {
        @Test func `SIGTERM under load answers what was accepted and exits 0`() async throws {
            let world = try await World.make()
            let load = LoadThreads(4, customer: world.customer, prefix: "139")
            try await eventually("some acknowledgements") { load.acknowledged.count >= 100 }
            #expect(try await world.appliance.stop() == 0)
            try await eventually("the load's end") { !load.areRunning }

            try await world.appliance.startAgain()
            let accepted = try await world.appliance.report("status").object("ever").integer("accepted_messages")
            // Whoever was accepted was told so: a drain cuts nobody off.
            #expect(accepted == load.acknowledged.count)
            let reports = try await world.customer.reports(accepted, within: .seconds(120))
            #expect(Set(reports.map(\.msgid)) == Set(load.acknowledged.map(\.msgid)))
            #expect(reports.count == accepted)
            #expect(try await world.segmentsCharged() == accepted)
            #expect(try await world.appliance.ledgerIsSound())
        }

        /// The carrier lives as long as this does.
        private struct SlowWorld {
            var world: World
            var carrier: SimulatedCarrier
            var id: Int
        }

        /// A world whose channel leads to a carrier that answers late, and a message under way to it.
        private func slowWorld(
            _ delay: String, drain: String, reportDelay: String = "20ms"
        ) async throws -> SlowWorld {
            let world = try await World.make()
            let slow = try await SimulatedCarrier.start(
                ["--slow", delay, "--report-delay", reportDelay], in: TemporaryDirectory())
            try await world.run("channel", "set", "sim", "--url", "http://127.0.0.1:\(slow.port)")
            try await world.appliance.stop()
            try await world.appliance.startAgain(settings: ["YIZHAN_STOP_DRAIN_TIMEOUT": drain])
            let id = try world.customer.sendSingle("13800138123").msgid
            try await eventually("the call under way") {
                try await world.appliance.report("channel", "show", "sim").integer("in_flight") == 1
            }
            return SlowWorld(world: world, carrier: slow, id: id)
        }

        private func uncertainCount(_ world: World) async throws -> Int {
            try await world.appliance.report("message", "list", "--state", "uncertain").objects("messages").count
        }

        @Test func `a stop waits for calls under way`() async throws {
            let slow = try await slowWorld("2s", drain: "20s")
            let (world, id) = (slow.world, slow.id)
            #expect(try await world.appliance.stop() == 0)
            #expect(slow.carrier.process.exitCode == nil)
            try await world.appliance.startAgain()
            #expect(try await uncertainCount(world) == 0)
            #expect(try await world.customer.reports(1).map(\.msgid) == [id])
            #expect(try await world.appliance.ledgerIsSound())
            withExtendedLifetime(slow) {}
        }

        @Test func `a stop waits no longer than it is told to, and what is under way then is uncertain`() async throws {
            let slow = try await slowWorld("30s", drain: "500ms", reportDelay: "60s")
            let (world, id) = (slow.world, slow.id)
            defer { withExtendedLifetime(slow) {} }
            world.appliance.process.signal(SIGTERM)
            #expect(try await world.appliance.process.waitForExit(within: .seconds(15)) == 0)
            try await world.appliance.startAgain()
            #expect(try await world.appliance.state(of: id) == "uncertain")
            #expect(try await uncertainCount(world) == 1)
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test func `balances, accounts and channels outlast a restart`() async throws {
            let world = try await World.make()
            _ = try world.customer.sendSingle("13800138123")
            try await world.run("account", "recharge", "J10003", "0.5", "--note", "a gift")
            let account = try await world.appliance.report("account", "show", "J10003")
            let channel = try await world.appliance.report("channel", "show", "sim")
            #expect(try account.integer("balance_units") == World.opening - World.price + 500_000)
            #expect(try await world.appliance.stop() == 0)
            try await world.appliance.startAgain()
            let accountAfter = try await world.appliance.report("account", "show", "J10003")
            let channelAfter = try await world.appliance.report("channel", "show", "sim")
            for name in ["balance_units", "price_micro"] {
                #expect(try account.integer(name) == accountAfter.integer(name))
            }
            for name in ["url", "user", "number", "dialect"] {
                #expect(try channel.string(name) == channelAfter.string(name))
            }
            #expect(try world.customer.sendSingle("13800138124").result == 0)
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test func `the simulator ends with 0 on SIGTERM`() async throws {
            let carrier = try await SimulatedCarrier.start(in: TemporaryDirectory())
            carrier.process.signal(SIGTERM)
            #expect(try await carrier.process.waitForExit() == 0)
        }
    }
}
