import Foundation
import Testing

extension EndToEnd {
    /// Customers that speak dialect 001.
    @Suite struct ApiV1Tests {
        private func customer(_ world: World) -> ApiV1Customer { ApiV1Customer(port: world.appliance.frontPort) }

        @Test func `a send is answered with its taskId, and its report is collected once`() async throws {
            let world = try await World.make()
            let customer = customer(world)
            let answer = try customer.send(["13800138123"], "验证码 6+6", [("taskId", "order-1"), ("extNo", "12")])
            #expect(answer.code == "00")
            #expect(answer.taskID == "order-1")
            let reports = try await customer.reports(1)
            let report = try #require(reports.first)
            #expect(reports.count == 1)
            #expect(Set(report.keys) == ["sendId", "status", "times", "mobile", "extNo"])
            #expect(try report.string("sendId") == "order-1")
            #expect(try report.string("status") == "DELIVER")
            #expect(try report.string("mobile") == "13800138123")
            #expect(try report.string("extNo") == "12")
            #expect(try report.string("times").count == 19)
            #expect(try customer.call("report").entries.isEmpty)
            #expect(try world.customer.takeReports().isEmpty)
            #expect(try await world.segmentsCharged() == 1)
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test func `without a taskId one is made, and reports carry it`() async throws {
            let world = try await World.make()
            let customer = customer(world)
            let first = try #require(try customer.send(["13800138123"]).taskID)
            let second = try #require(try customer.send(["13800138124"]).taskID)
            #expect(!first.isEmpty && !second.isEmpty && first != second)
            let reports = try await customer.reports(2)
            #expect(Set(try reports.map { try $0.string("sendId") }) == [first, second])
        }

        @Test func `a message of several segments has one report, of the whole`() async throws {
            let world = try await World.make()
            let customer = customer(world)
            let mobiles = Numbers.ordinary("138", 5) + ["13800130001"]
            let answer = try customer.send(mobiles, String(repeating: "长", count: 135), [("taskId", "t")])
            #expect(answer.code == "00")
            try await world.waitUntilAllFinal()
            let reports = try await customer.reports(6)
            #expect(reports.count == 6)
            #expect(Set(try reports.map { try $0.string("mobile") }) == Set(mobiles))
            let failed = try reports.filter { try $0.string("status") != "DELIVER" }
            #expect(try failed.map { try $0.string("status") } == ["MK:0001"])
            #expect(try customer.call("report").entries.isEmpty)
            // The failed one may be given back, as the account's rule says; none is charged twice.
            #expect(try await world.segmentsCharged() <= 18)
        }

        @Test func `an invalid number among valid ones is reported, and not charged`() async throws {
            let world = try await World.make()
            let customer = customer(world)
            #expect(try customer.send(["13800138123", "12345"]).code == "00")
            let reports = try await customer.reports(2)
            let bad = try #require(try reports.first { try $0.string("mobile") == "12345" })
            #expect(try bad.string("status") != "DELIVER")
            #expect(try await world.segmentsCharged() == 1)
        }

        @Test func `replies are collected once, with their extension as a number`() async throws {
            let world = try await World.make()
            let customer = customer(world)
            #expect(try customer.send(["13800130008"], "退订回T", [("extNo", "12")]).code == "00")
            let replies = try await customer.replies()
            let reply = try #require(replies.first)
            #expect(replies.count == 1)
            #expect(Set(reply.keys) == ["mobile", "content", "times", "extNo"])
            #expect(try reply.string("mobile") == "13800130008")
            #expect(try reply.string("content") == "T")
            #expect(try reply.integer("extNo") == 12)
            #expect(try customer.call("mo").entries.isEmpty)
        }

        @Test func `a poll gives at most two thousand`() async throws {
            let world = try await World.make()
            let customer = customer(world)
            #expect(try customer.send(Numbers.ordinary("138", 3000)).code == "00")
            try await world.waitUntilAllFinal()
            #expect(try customer.call("report").entries.count == 2000)
            #expect(try customer.call("report").entries.count == 1000)
            #expect(try await world.segmentsCharged() == 3000)
        }

        @Test func `the balance is in yuan or in segments`() async throws {
            let world = try await World.make()
            let customer = customer(world)
            #expect(try customer.send(["13800138123"]).code == "00")
            let money = try customer.call("queryBalance").object
            #expect(money["balance"] as? Double == 999.971)
            #expect(try money.integer("payment") == 0)
            #expect(try money.string("paymentName") == "预付")
            try await world.addAccount(
                "COUNT1", "222222", ["--charge-by", "count", "--balance", "200000", "--payment", "postpaid"])
            let counted = ApiV1Customer(account: "count1", password: "222222", port: customer.port)
            let segments = try counted.call("queryBalance").object
            #expect(try segments.integer("balance") == 200_000)
            #expect(try segments.integer("payment") == 1)
            #expect(try segments.string("paymentName") == "后付")
        }

        @Test func `a taskId counts once, for good`() async throws {
            let world = try await World.make()
            let customer = customer(world)
            #expect(try customer.send(["13800138123"], "一", [("taskId", "once")]).code == "00")
            #expect(try customer.send(["13800138123"], "一", [("taskId", "once")]).code == "07")
            _ = try await customer.reports(1)
            try await world.appliance.stop()
            try await world.appliance.startAgain()
            let again = self.customer(world)
            #expect(try again.send(["13800138124"], "二", [("taskId", "once")]).code == "07")
            // Another account's taskIds are its own.
            try await world.addAccount("OTHER1", "999999", ["--balance", "1", "--price", "0.029"])
            let other = ApiV1Customer(account: "OTHER1", password: "999999", port: again.port)
            #expect(try other.send(["13800138125"], "三", [("taskId", "once")]).code == "00")
            _ = try await other.reports(1)
            #expect(try await world.segmentsCharged() == 1)
            #expect(try world.carrier.received() == ["13800138123": 1, "13800138125": 1])
            #expect(try await world.appliance.ledgerIsSound())
        }
    }
}
