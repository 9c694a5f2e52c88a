import Foundation
import Testing

extension EndToEnd {
    /// The numbers to which the simulator does something out of the ordinary.
    @Suite struct SpecialEndingTests {
        @Test func `0001 fails with the carrier's code`() async throws {
            let world = try await World.make()
            let answer = try world.customer.sendSingle("13800130001")
            let reports = try await world.customer.reports(1)
            #expect(reports.map(\.errcode) == ["MK:0001"])
            #expect(reports.first?.status != 0)
            #expect(try await world.appliance.state(of: answer.msgid) == "failed")
            #expect(try await world.segmentsCharged() == 1)
        }

        @Test func `0001 is paid back where failures are`() async throws {
            let world = try await World.make(account: ["--refund", "failed"])
            _ = try world.customer.sendSingle("13800130001")
            _ = try await world.customer.reports(1)
            #expect(try await world.segmentsCharged() == 0)
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test func `0002 waits, and 0003 is reported after ten seconds`() async throws {
            let world = try await World.make()
            let silent = try world.customer.sendSingle("13800130002")
            let late = try world.customer.sendSingle("13800130003")
            let reports = try await world.customer.reports(1)
            #expect(reports.map(\.msgid) == [late.msgid])
            #expect(try await world.appliance.counter("final_messages") == 1)
            #expect(try await world.appliance.state(of: silent.msgid) == "submitted")
        }

        @Test func `0004 is refused by the carrier: reported failed and paid back`() async throws {
            let world = try await World.make()
            let answer = try world.customer.sendSingle("13800130004")
            #expect(answer.result == 0)
            let reports = try await world.customer.reports(1)
            #expect(reports.map(\.msgid) == [answer.msgid])
            #expect(reports.first?.status != 0)
            #expect(try await world.segmentsCharged() == 0)
            #expect(try await world.appliance.ledgerIsSound())
            let timeline = try await world.appliance.report("message", "show", String(answer.msgid))
            #expect(try timeline.integer("refunded_units") == World.price)
        }

        @Test func `0005 loses the submit reply: one submission, and the report still matches`() async throws {
            let world = try await World.make()
            let answer = try world.customer.sendSingle("13800130005")
            let reports = try await world.customer.reports(1, within: .seconds(120))
            #expect(reports.map(\.msgid) == [answer.msgid])
            #expect(reports.map(\.errcode) == ["DELIVRD"])
            #expect(world.proxy.submissions()["13800130005"] == 1)
            #expect(try await world.segmentsCharged() == 1)
        }

        @Test func `0006 is reported twice by the carrier and once to the customer`() async throws {
            let world = try await World.make()
            let twice = try world.customer.sendSingle("13800130006")
            #expect(try await world.customer.reports(1).map(\.msgid) == [twice.msgid])
            // The second report comes with or before that of a message sent later.
            let next = try world.customer.sendSingle("13800138123")
            #expect(try await world.customer.reports(1).map(\.msgid) == [next.msgid])
            #expect(try world.customer.takeReports().isEmpty)
            #expect(try await world.appliance.counter("final_messages") == 2)
        }

        @Test func `0007 is reported before the submit reply, and matches`() async throws {
            let world = try await World.make()
            let answer = try world.customer.sendSingle("13800130007")
            let reports = try await world.customer.reports(1)
            #expect(reports.map(\.msgid) == [answer.msgid])
            #expect(reports.map(\.errcode) == ["DELIVRD"])
            #expect(try await world.appliance.state(of: answer.msgid) == "delivered")
        }

        @Test func `0008 answers, and the reply finds its customer`() async throws {
            let world = try await World.make()
            let answer = try world.customer.sendSingle("13800130008", "退订回T", ["exno": "0006"])
            #expect(try await world.customer.reports(1).map(\.msgid) == [answer.msgid])
            let replies = try await eventually("the reply") {
                let replies = try world.customer.takeReplies()
                return replies.isEmpty ? nil : replies
            }
            #expect(replies.count == 1)
            #expect(replies.first?.mobile == "13800130008")
            #expect(replies.first?.content == "T")
            #expect(replies.first?.exno == "0006")
            #expect(replies.first?.spno == "106900121220006")
            #expect(try world.customer.takeReplies().isEmpty)
        }
    }
}
