import Foundation
import Testing

extension EndToEnd {
    /// What a carrier says that belongs to nobody.
    @Suite struct InboundTests {
        private func push(_ world: World, _ command: String, _ list: String) async throws -> HTTPAnswer {
            let path = try await world.appliance.report("channel", "show", "sim").string("callback_path")
            let body =
                "userid=\(SimulatedCarrier.user)&pwd=\(SimulatedCarrier.password)&cmd=\(command)&seqid=7&\(list)"
            return try HTTPClient(port: world.appliance.callbackPort).perform(
                "POST", path, headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: Array(body.utf8))
        }

        private func report(_ custid: String, _ mobile: String) -> String {
            #"rpts=[{"msgid":5,"custid":"\#(custid)","pknum":1,"pktotal":1,"mobile":"\#(mobile)","spno":"1","#
                + #""exno":"","stime":"2016-08-03 19:20:20","rtime":"2016-08-03 19:20:20","status":0,"#
                + #""errcode":"DELIVRD","errdesc":"","exdata":""}]"#
        }

        private func items(_ world: World, _ arguments: String...) async throws -> [[String: Any]] {
            let result = try await yizhan(
                ["inbound", "list", "--json"] + arguments,
                environment: ["YIZHAN_ADMIN_SOCKET": world.appliance.adminSocket])
            return try result.json().objects("items")
        }

        @Test func `an unknown report is parked, expires, and finds its message when it is replayed`() async throws {
            let world = try await World.make()
            try await world.appliance.stop()
            try await world.appliance.startAgain(settings: ["YIZHAN_INBOUND_PARK_FOR": "3s"])
            let answer = try await push(world, "RPT_REQ", report("m1", "13800130002"))
            #expect(answer.text.contains("\"result\":0"))
            let waiting = try #require(try await items(world).first)
            #expect(try waiting.string("id") == "R1")
            #expect(try waiting.string("custid") == "m1")
            #expect(try waiting.string("channel") == "sim")
            try await eventually("its expiry") {
                try await items(world, "--state", "expired").map { try $0.string("id") } == ["R1"]
            }
            #expect(try await world.appliance.report("status").integer("inbound_expired") == 1)
            let inVain = try await world.appliance.command("inbound", "replay", "R1")
            #expect(inVain.exitCode == 1)
            #expect(inVain.errorOutput.contains("R1: it matches no message"))
            // The message comes only now; its carrier never reports it.
            let id = try world.customer.sendSingle("13800130002").msgid
            try await eventually("the carrier to have it") { try world.carrier.received()["13800130002"] == 1 }
            let replay = try await world.appliance.report("inbound", "replay", "--all", "--kind", "report")
            #expect(try replay.integer("settled") == 1)
            #expect(try await world.customer.reports(1).map(\.msgid) == [id])
            #expect(try await items(world).isEmpty)
            let shown = try await world.appliance.command("inbound", "show", "R1")
            #expect(shown.exitCode == 1)
        }

        @Test func `a reply without an owner is given to one`() async throws {
            let world = try await World.make()
            let list =
                #"mos=[{"msgid":9,"mobile":"13800138000","spno":"555","exno":"","#
                + #""rtime":"2016-08-03 19:20:20","content":"T"}]"#
            for _ in 0..<2 { #expect(try await push(world, "MO_REQ", list).text.contains("\"result\":0")) }
            // Pushed again, it is known.
            #expect(try await items(world).map { try $0.string("id") } == ["M1"])
            let shown = try await world.appliance.command("inbound", "show", "M1")
            #expect(shown.output.contains("13800138000"))
            try await world.run("inbound", "replay", "M1", "--to", "J10003")
            #expect(try world.customer.takeReplies().map(\.content) == ["T"])
            #expect(try await items(world).isEmpty)
        }

        @Test func `a body that cannot be read is kept byte by byte`() async throws {
            let world = try await World.make()
            let answer = try await push(world, "RPT_REQ", "rpts=[{nonsense")
            #expect(!answer.text.contains("\"result\":0"))
            let item = try #require(try await items(world, "--state", "unreadable").first)
            let id = try item.string("id")
            #expect(id.hasPrefix("B"))
            #expect(try !item.string("failure").isEmpty)
            let raw = try await world.appliance.command("inbound", "show", id, "--raw")
            #expect(raw.output.hasSuffix("cmd=RPT_REQ&seqid=7&rpts=[{nonsense"))
            #expect(raw.output.utf8.count == (try item.integer("body_bytes")))
            #expect(try await world.appliance.report("inbound", "show", id).string("body") == raw.output)
            let replay = try await world.appliance.command("inbound", "replay", id)
            #expect(replay.exitCode == 1)
            #expect(replay.errorOutput.contains("\(id): it cannot be read"))
        }
    }
}
