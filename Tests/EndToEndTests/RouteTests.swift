import Foundation
import Testing

extension EndToEnd {
    /// Two carriers, and what decides between them.
    @Suite struct RouteTests {
        /// A world whose channel is `sim`, and a second carrier behind the channel `other`.
        private static func make(account: [String] = []) async throws -> (World, other: SimulatedCarrier) {
            let world = try await World.make(account: account)
            let other = try await SimulatedCarrier.start(["--report-delay", "20ms"], in: try TemporaryDirectory())
            try await world.run(
                "channel", "add", "other", "--dialect", "operator-v2", "--url", "http://127.0.0.1:\(other.port)",
                "--user", SimulatedCarrier.user, "--password", SimulatedCarrier.password, "--number", "10690055555",
                "--priority", "-1")
            return (world, other)
        }

        private func explained(_ world: World, _ account: String, _ mobile: String) async throws -> String {
            try await world.appliance.report("route", "explain", account, mobile).string("channel")
        }

        @Test func `account, prefix and portability choose the route, and explain says the same`() async throws {
            let (world, other) = try await Self.make()
            try await world.addAccount("VIP", "222222", ["--price", "0.029", "--balance", "10"])
            try await world.run("route", "add", "vip", "--channel", "other", "--account", "VIP")
            try await world.run("route", "add", "prefix", "--channel", "other", "--prefix", "1391,1392")
            try await world.run("route", "add", "unicom", "--channel", "other", "--carrier", "unicom")
            try await world.run("route", "ported", "add", "13800138005", "unicom")
            let plain = world.customer
            let vip = Customer(account: "VIP", password: "222222", port: plain.port)
            let cases: [(Customer, mobile: String, channel: String)] = [
                (plain, "13800138100", "sim"), (vip, "13800138101", "other"), (plain, "13910000102", "other"),
                (plain, "13010000103", "other"), (plain, "13800138005", "other"), (plain, "13930000104", "sim"),
            ]
            for (customer, mobile, channel) in cases {
                #expect(try await explained(world, customer.account, mobile) == channel)
                let answer = try customer.sendSingle(mobile)
                #expect(try await customer.reports(1).map(\.errcode) == ["DELIVRD"])
                let message = try await world.appliance.report("message", "show", String(answer.msgid))
                #expect(try message.string("channel") == channel)
                #expect(try (channel == "sim" ? world.carrier : other).received()[mobile] == 1)
                #expect(try (channel == "sim" ? other : world.carrier).received()[mobile] == nil)
            }
            let text = try await world.appliance.command("route", "explain", "J10003", "13800138005")
            #expect(text.output.contains("unicom, by portability"))
            #expect(text.output.contains("unicom, for network unicom"))
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test func `a message that fails on both carriers is tried twice and reported once`() async throws {
            let (world, other) = try await Self.make(account: ["--refund", "failed"])
            try await world.run(
                "route", "add", "retry", "--channel", "sim", "--channel", "other", "--retry-on", "MK:0001")
            let answer = try world.customer.sendSingle("13800130001")
            #expect(try await world.customer.reports(1).map(\.errcode) == ["MK:0001"])
            #expect(try world.carrier.received()["13800130001"] == 1)
            #expect(try other.received()["13800130001"] == 1)
            let message = try await world.appliance.report("message", "show", String(answer.msgid))
            #expect(try message.string("channel") == "other")
            let kinds = try message.objects("events").map { try $0.string("kind") }
            #expect(kinds.count { $0 == "retry" } == 1)
            #expect(kinds.count { $0 == "report" } == 1)
            // Long after both carriers said all they have to say.
            let next = try world.customer.sendSingle("13800138123")
            #expect(try await world.customer.reports(1).map(\.msgid) == [next.msgid])
            #expect(try world.customer.takeReports().isEmpty)
            #expect(try await world.segmentsCharged() == 1)
            for channel in ["sim", "other"] {
                let shown = try await world.appliance.report("channel", "show", channel)
                #expect(try shown.integer("awaiting_reports") == 0)
                #expect(try shown.object("today").integer("failed") == 1)
            }
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test func `routes outlive a kill, and what is wrong with one is said`() async throws {
            let (world, _) = try await Self.make()
            try await world.run("route", "add", "all", "--channel", "other", "--channel", "sim:-5")
            try await world.run("route", "ported", "add", "13800138005", "telecom")
            try await world.appliance.stop(with: SIGKILL)
            try await world.appliance.startAgain()
            try await eventually("the channels") {
                try await self.explained(world, "J10003", "13800138000") == "other"
            }
            let ported = try await world.appliance.report("route", "explain", "J10003", "13800138005")
            #expect(try ported.string("network") == "telecom")
            for (arguments, word) in [
                (["add", "all", "--channel", "sim"], "already"), (["add", "x", "--channel", "pigeon"], "pigeon"),
                (["add", "x", "--channel", "sim", "--account", "NOBODY"], "NOBODY"),
                (["add", "x", "--channel", "sim", "--retry-on", "MK:0001"], "second channel"),
                (["show", "x"], "no route x"), (["explain", "NOBODY", "13800138000"], "NOBODY"),
                (["explain", "J10003", "12"], "'12'"), (["ported", "remove", "13800138000"], "13800138000"),
            ] {
                let result = try await yizhan(
                    ["route"] + arguments, environment: ["YIZHAN_ADMIN_SOCKET": world.appliance.adminSocket])
                #expect(result.exitCode == 1)
                #expect(result.errorOutput.contains(word), "\(result.errorOutput)")
            }
        }
    }
}
