import Foundation
import Testing

extension EndToEnd {
    /// Carriers that speak dialect 001, polled and pushing.
    @Suite struct ApiV1CarrierTests {
        private func sendAll(_ world: World) async throws {
            let mobiles = Numbers.ordinary("138", 200) + ["13800130001"]
            let batch = try world.customer.sendBatch(mobiles, String(repeating: "长", count: 80))
            let single = try world.customer.sendSingle("13900139123", "验证码 6+6", ["exno": "0006"])
            let same = try world.customer.sendBatch(["13800138123", "13800138123"], "两次")
            let reports = try await world.customer.reports(2 * 201 + 1 + 2)
            let expected = (0..<201).flatMap { [batch.msgid + $0, batch.msgid + $0 + Customer.stride] }
            #expect(reports.map(\.msgid).sorted() == (expected + [single.msgid, same.msgid, same.msgid + 1]).sorted())
            let failed = reports.filter { $0.errcode != "DELIVRD" }
            #expect(failed.map(\.mobile) == ["13800130001", "13800130001"])
            #expect(Set(failed.map(\.errcode)) == ["MK:0001"])
            #expect(try world.customer.takeReports().isEmpty)
            #expect(try world.carrier.received()["13800138123"] == 2)
            #expect(try await world.appliance.ledgerIsSound())
        }

        private func sendToWhoReplies(_ world: World) async throws {
            _ = try world.customer.sendSingle("13800130008", "退订回T", ["exno": "12"])
            let replies = try await eventually("the reply") {
                let replies = try world.customer.takeReplies()
                return replies.isEmpty ? nil : replies
            }
            #expect(replies.map(\.content) == ["T"])
            #expect(replies.map(\.spno) == ["1069001212212"])
            #expect(replies.map(\.exno) == ["12"])
        }

        @Test func `messages go out, and their reports are polled`() async throws {
            try await sendAll(try await World.make(dialect: "api-v1"))
        }

        @Test func `replies are polled`() async throws {
            try await sendToWhoReplies(try await World.make(dialect: "api-v1"))
        }

        @Test func `messages go out, and their reports are pushed, one each`() async throws {
            try await sendAll(try await World.make(dialect: "api-v1", pushing: true))
        }

        @Test func `replies are pushed`() async throws {
            try await sendToWhoReplies(try await World.make(dialect: "api-v1", pushing: true))
        }

        @Test func `a submission that is refused is refused, and its neighbours go out`() async throws {
            let world = try await World.make(dialect: "api-v1")
            let mobiles = Numbers.ordinary("138", 15) + ["13800130004"]
            _ = try world.customer.sendBatch(mobiles)
            let reports = try await world.customer.reports(16)
            #expect(reports.filter { $0.errcode == "DELIVRD" }.count == 15)
            #expect(reports.filter { $0.errcode == "REJECTD" }.map(\.mobile) == ["13800130004"])
        }

        @Test func `a lost answer is made good by the report`() async throws {
            let world = try await World.make(dialect: "api-v1")
            let answer = try world.customer.sendSingle("13800130005")
            #expect(try await world.customer.reports(1).map(\.msgid) == [answer.msgid])
            #expect(try world.carrier.received()["13800130005"] == 1)
        }

        @Test func `a push that nobody can read is refused and kept`() async throws {
            let world = try await World.make(dialect: "api-v1")
            let path = try await world.appliance.report("channel", "show", "sim").string("callback_path")
            func push(_ body: String) throws -> HTTPAnswer {
                try HTTPClient(port: world.appliance.callbackPort).perform(
                    "POST", path, headers: [("Content-Type", "application/json")], body: Array(body.utf8))
            }
            #expect(try push("{\"sendId\":").status == 400)
            #expect(try push("{}").status == 400)
            let good = try push(#"{"sendId":"x","mobile":"13800138000","times":"","status":"DELIVRD"}"#)
            #expect(good.status == 200)
            #expect(good.text == #"{"code":"00","message":"成功"}"#)
            let kept = try await yizhan(
                ["inbound", "list", "--json", "--state", "unreadable"],
                environment: ["YIZHAN_ADMIN_SOCKET": world.appliance.adminSocket]
            ).json().objects("items")
            #expect(kept.count == 2)
        }
    }
}
