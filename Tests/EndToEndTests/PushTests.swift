import Foundation
import Testing

extension EndToEnd {
    /// A carrier that pushes reports and replies instead of being asked.
    @Suite struct PushTests {
        @Test func `pushed reports reach the customer`() async throws {
            let world = try await World.make(pushing: true)
            let mobiles = (0..<200).map { "138\(10_000_100 + $0)" }
            let answer = try world.customer.sendBatch(mobiles, String(repeating: "推", count: 80))
            let reports = try await world.customer.reports(400)
            let expected = (0..<200).flatMap { [answer.msgid + $0, answer.msgid + $0 + Customer.stride] }
            #expect(reports.map(\.msgid).sorted() == expected.sorted())
            #expect(Set(reports.map(\.errcode)) == ["DELIVRD"])
            #expect(try world.customer.takeReports().isEmpty)
        }

        @Test func `pushed replies reach the customer`() async throws {
            let world = try await World.make(pushing: true)
            _ = try world.customer.sendSingle("13800130008", "退订回T", ["exno": "12"])
            let replies = try await eventually("the reply") {
                let replies = try world.customer.takeReplies()
                return replies.isEmpty ? nil : replies
            }
            #expect(replies.map(\.content) == ["T"])
            #expect(replies.map(\.exno) == ["12"])
        }

        @Test func `a report pushed twice is one report`() async throws {
            let world = try await World.make(pushing: true)
            let answer = try world.customer.sendSingle("13800130006")
            #expect(try await world.customer.reports(1).map(\.msgid) == [answer.msgid])
            let next = try world.customer.sendSingle("13800138123")
            #expect(try await world.customer.reports(1).map(\.msgid) == [next.msgid])
        }
    }
}
