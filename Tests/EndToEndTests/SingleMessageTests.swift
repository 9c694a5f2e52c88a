import Foundation
import Testing

extension EndToEnd {
    @Suite struct SingleMessageTests {
        @Test func `a message becomes a collected report, charged once`() async throws {
            let world = try await World.make()
            let answer = try world.customer.sendSingle(
                "13800138123", "验证码：6666",
                ["custid": "order-1", "exno": "0006", "exdata": "data_1", "svrtype": "SMS001"])
            #expect(answer.result == 0)
            #expect(answer.msgid > 0)
            #expect(answer.custid == "order-1")
            #expect(try await world.segmentsCharged() == 1)

            let reports = try await world.customer.reports(1)
            #expect(reports.count == 1)
            let report = try #require(reports.first)
            #expect(report.msgid == answer.msgid)
            #expect(report.custid == "order-1")
            #expect(report.mobile == "13800138123")
            #expect((report.pknum, report.pktotal) == (1, 1))
            #expect((report.status, report.errcode) == (0, "DELIVRD"))
            #expect(report.exno == "0006")
            #expect(report.exdata == "data_1")
            #expect(report.spno == "106900121220006")
            #expect(report.stime.count == 19 && report.rtime.count == 19)

            #expect(try world.customer.takeReports().isEmpty)
            #expect(try await world.segmentsCharged() == 1)
            #expect(try await world.appliance.ledgerIsSound())
            #expect(try await world.appliance.state(of: answer.msgid) == "delivered")
            #expect(world.proxy.submissions()["13800138123"] == 1)
        }

        @Test func `a message of three segments has three reports, each with its own id`() async throws {
            let world = try await World.make()
            let answer = try world.customer.sendSingle("13900139123", String(repeating: "长", count: 67 * 2 + 1))
            #expect(answer.result == 0)
            let reports = try await world.customer.reports(3).sorted { $0.pknum < $1.pknum }
            #expect(reports.map(\.pknum) == [1, 2, 3])
            #expect(reports.map(\.pktotal) == [3, 3, 3])
            #expect(reports.map(\.msgid) == (0...2).map { answer.msgid + $0 * Customer.stride })
            #expect(Set(reports.map(\.errcode)) == ["DELIVRD"])
            #expect(try await world.segmentsCharged() == 3)
            #expect(try world.customer.takeReports().isEmpty)
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test func `the timeline tells a message's whole life`() async throws {
            let world = try await World.make()
            let answer = try world.customer.sendSingle("13700137123")
            _ = try await world.customer.reports(1)
            let message = try await world.appliance.report("message", "show", String(answer.msgid))
            #expect(try message.string("account") == "J10003")
            #expect(try message.string("mobile") == "13700137123")
            #expect(try message.string("content") == "测试短信")
            #expect(try message.string("channel") == "sim")
            #expect(try message.string("status") == "DELIVRD")
            #expect(try message.integer("charged_units") == World.price)
            let times = try message.objects("events").map { try $0.integer("at_ms") }
            #expect(times.count >= 4)
            #expect(times == times.sorted())
        }
    }
}
