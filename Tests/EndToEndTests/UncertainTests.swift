import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Messages of which nobody knows whether the carrier has them, and what is done about them.
    @Suite struct UncertainTests {
        /// A carrier that processes and does not answer, and reports too late for any test.
        private static func silentWorld(account: [String] = []) async throws -> World {
            try await World.make(account: account, reportDelay: "600s")
        }

        private func uncertain(_ world: World) async throws -> [Int] {
            try await world.appliance.report("message", "list", "--state", "uncertain").objects("messages")
                .map { try $0.integer("msgid") }
        }

        private func sendUncertain(_ world: World, _ mobile: String = "13800130005") async throws -> Int {
            let id = try world.customer.sendSingle(mobile).msgid
            try await eventually("message \(id) uncertain", within: .seconds(120)) {
                try await world.appliance.state(of: id) == "uncertain"
            }
            return id
        }

        @Test func `a lost answer is listed, and settled each way`() async throws {
            let world = try await Self.silentWorld(account: ["--refund", "failed"])
            var ids: [Int] = []
            for mobile in ["13800130005", "13800140005", "13800150005"] {
                ids.append(try await sendUncertain(world, mobile))
            }
            let list = try await world.appliance.report("message", "list", "--state", "uncertain", "--channel", "sim")
            let messages = try list.objects("messages")
            #expect(try messages.map { try $0.integer("msgid") } == ids)
            #expect(try messages[0].string("mobile") == "13800130005")
            #expect(try messages[0].string("account") == "J10003")
            #expect(try messages[0].string("channel") == "sim")
            #expect(try messages[0].integer("since_ms") > 0)
            #expect(try !messages[0].string("reason").isEmpty)
            let text = try await world.appliance.command(
                "message", "list", "--state", "uncertain", "--account", "J10003")
            #expect(text.output.contains("13800140005"))
            let page = try await world.appliance.command("message", "list", "--state", "uncertain", "--limit", "2")
            #expect(page.output.split(separator: "\n").count == 3)
            #expect(try await world.appliance.report("status").integer("uncertain_calls") == 3)

            try await world.run("message", "settle", "\(ids[0])", "--as", "delivered")
            try await world.run("message", "settle", "\(ids[1])", "--as", "failed", "--reason", "asked the carrier")
            let reports = try await world.customer.reports(2)
            #expect(reports.map(\.msgid) == Array(ids[..<2]))
            #expect(reports.map(\.errcode) == ["DELIVRD", "UNDELIV"])
            #expect(try await world.segmentsCharged() == 2)
            let timeline = try await world.appliance.command("message", "show", "\(ids[1])")
            #expect(timeline.output.contains("settled by hand"))
            #expect(timeline.output.contains("asked the carrier"))

            // Sent again, and lost again.
            try await world.run("message", "settle", "--channel", "sim", "--all", "--as", "resend")
            try await eventually("the second submission") { world.proxy.submissions()["13800150005"] == 2 }
            try await eventually("uncertain again", within: .seconds(120)) { try await uncertain(world) == [ids[2]] }
            let twice = try await world.appliance.command(
                "message", "settle", "\(ids[0])", "\(ids[2])", "--as", "failed", "--json")
            #expect(twice.exitCode == 1)
            #expect(twice.output.contains("\"settled\":1"))
            #expect(twice.output.contains("it is delivered, not uncertain"))
            #expect(try await uncertain(world).isEmpty)
            #expect(try await world.segmentsCharged() == 1)
            #expect(try await world.appliance.ledgerIsSound())
            #expect(world.proxy.submissions()["13800130005"] == 1)
        }

        @Test func `what was under way at a kill is uncertain, and can be sent again`() async throws {
            let world = try await World.make()
            // Somebody who takes connections and never says a word.
            let (mute, port) = try Socket.listening()
            try await world.appliance.stop()
            world.proxy.forward(to: port)
            try await world.appliance.startAgain()
            let id = try world.customer.sendSingle("13800130002").msgid
            try await eventually("the call under way") {
                try await world.appliance.report("channel", "show", "sim").integer("in_flight") == 1
            }
            #expect(try await uncertain(world).isEmpty)
            try await world.appliance.stop(with: SIGKILL)
            mute.shutdownBoth()
            world.proxy.forward(to: world.carrier.port)
            try await world.appliance.startAgain()
            #expect(try await uncertain(world) == [id])
            try await world.run("message", "settle", "\(id)", "--as", "resend")
            try await eventually("the carrier to have it") { try world.carrier.received()["13800130002"] == 1 }
            try await eventually("its acceptance") { try await world.appliance.state(of: id) == "submitted" }
            #expect(try await uncertain(world).isEmpty)
        }

        @Test func `a channel that resends sends once more, one that holds does not`() async throws {
            let world = try await Self.silentWorld()
            try await world.run("channel", "set", "sim", "--uncertain", "resend", "--uncertain-after", "1s")
            let channel = try await world.appliance.report("channel", "show", "sim")
            #expect(try channel.string("uncertain") == "resend")
            #expect(try channel.integer("uncertain_after_seconds") == 1)
            let resent = try await sendUncertain(world)
            try await eventually("the second submission", within: .seconds(120)) {
                world.proxy.submissions()["13800130005"] == 2
            }
            try await world.run("channel", "set", "sim", "--uncertain", "hold")
            let held = try await sendUncertain(world, "13800140005")
            try await eventually("both", within: .seconds(120)) { try await uncertain(world) == [resent, held] }
            #expect(world.proxy.submissions()["13800140005"] == 1)
            #expect(world.proxy.submissions()["13800130005"] == 2)
            let timeline = try await world.appliance.command("message", "show", "\(resent)")
            #expect(timeline.output.contains("queued again by the channel's rule"))
        }
    }
}
