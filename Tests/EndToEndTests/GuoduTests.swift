import Foundation
import Testing

extension EndToEnd {
    /// Customers that speak dialect 003. Reports and replies they collect in another dialect, where none are pushed.
    @Suite struct GuoduTests {
        private func customer(_ world: World) -> GuoduCustomer { GuoduCustomer(port: world.appliance.frontPort) }

        @Test func `one, several and personalised messages each have their code`() async throws {
            let world = try await World.make()
            let customer = customer(world)
            let single = try customer.send(["13800138123"], "验证码 6+6")
            #expect(single.resultCode == "03")
            let batch = try customer.send(["13800138124", "13800138125", ""], "%会议,改期%")
            #expect(batch.resultCode == "00")
            let personal = try customer.send([("13800138126", "张三,你好"), ("13800138127", "Li Si")])
            #expect(personal.resultCode == "01")
            let ids = [single, batch, personal].compactMap { $0.msgID.flatMap { Int($0) } }
            #expect(ids.count == 3 && Set(ids).count == 3)
            let reports = try await world.customer.reports(5)
            #expect(Set(reports.map(\.errcode)) == ["DELIVRD"])
            let expected: Set<Int> = [ids[0], ids[1], ids[1] + 1, ids[2], ids[2] + 1]
            #expect(Set(reports.map(\.msgid)) == expected)
            var contents: [String] = []
            for id in expected.sorted() where id != ids[1] {
                contents.append(try await world.appliance.report("message", "show", String(id)).string("content"))
            }
            #expect(contents == ["验证码 6+6", "%会议,改期%", "张三,你好", "Li Si"])
            #expect(try await world.segmentsCharged() == 5)
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test func `the AppendID is part of the access number, and a reply to it comes back`() async throws {
            let world = try await World.make()
            #expect(try customer(world).send(["13800130008"], "退订回T", ["AppendID": "0006"]).resultCode == "03")
            let report = try #require(try await world.customer.reports(1).first)
            #expect(report.spno == "106900121220006")
            let replies = try await eventually("the reply") {
                let replies = try world.customer.takeReplies()
                return replies.isEmpty ? nil : replies
            }
            #expect(replies.map(\.exno) == ["0006"])
        }

        @Test func `what a request breaks has its code`() async throws {
            let world = try await World.make()
            let customer = customer(world)
            let mobiles = ["13800138123"]
            #expect(try customer.post(Array("{".utf8)).resultCode == "06")
            #expect(try customer.send(["12345"]).resultCode == "06")
            #expect(try customer.send(Numbers.ordinary("138", 501)).resultCode == "06")
            #expect(try customer.send(mobiles, String(repeating: "长", count: 501)).resultCode == "06")
            #expect(try customer.send(mobiles, "x", ["SendTime": "tomorrow"]).resultCode == "07")
            #expect(try customer.send(mobiles, "").resultCode == "08")
            #expect(try customer.send([]).resultCode == "09")
            #expect(try customer.send(mobiles, "x", ["AppendID": "1x"]).resultCode == "10")
            // The channel's number has 11 digits, and there may be 20.
            #expect(try customer.send(mobiles, "x", ["AppendID": "1234567890"]).resultCode == "10")
            #expect(try customer.send(mobiles, "x", ["AppendID": "123456789"]).resultCode == "03")
            try await world.run("account", "set", "J10003", "--extension", "77")
            #expect(try customer.send(mobiles, "x", ["AppendID": "12345678"]).resultCode == "10")
            #expect(try customer.send(mobiles, "x", ["AppendID": "1234567"]).resultCode == "03")
            #expect(try await world.segmentsCharged() == 2)
        }

        @Test func `who may not has its code`() async throws {
            let world = try await World.make()
            let port = world.appliance.frontPort
            let customer = customer(world)
            let mobiles = ["13800138123"]
            #expect(try GuoduCustomer(account: "NOBODY", port: port).send(mobiles).resultCode == "04")
            #expect(try GuoduCustomer(account: "", port: port).send(mobiles).resultCode == "04")
            #expect(try GuoduCustomer(password: "wrong", port: port).send(mobiles).resultCode == "05")
            #expect(try GuoduCustomer(password: "", port: port).send(mobiles).resultCode == "05")
            try await world.run("account", "set", "J10003", "--allow-ip", "192.0.2.0/24")
            #expect(try customer.send(mobiles).resultCode == "02")
            try await world.run("account", "set", "J10003", "--allow-ip", "127.0.0.0/8")
            try await world.run("account", "disable", "J10003")
            #expect(try customer.send(mobiles).resultCode == "04")
            try await world.run("account", "enable", "J10003")
            try await world.addAccount("POOR01", "444444", ["--balance", "0.05", "--price", "0.029"])
            let poor = GuoduCustomer(account: "POOR01", password: "444444", port: port)
            #expect(try poor.send(["13800138123", "13800138124"]).resultCode == "11")
            #expect(try poor.send(mobiles).resultCode == "03")
            try await world.run("account", "set", "J10003", "--connections", "1")
            let first = try HTTPClient(port: port)
            #expect(try customer.send(mobiles, on: first).resultCode == "03")
            #expect(try customer.send(mobiles).resultCode == "12")
            #expect(try await world.segmentsCharged() == 1)
        }
    }
}
