import Foundation
import Testing

extension EndToEnd {
    /// Carriers that speak dialect 003: they push.
    @Suite struct GuoduCarrierTests {
        private func world(_ arguments: [String] = []) async throws -> World {
            try await World.make(carrier: arguments, dialect: "guodu", pushing: true)
        }

        @Test func `one content to many, and what becomes of each`() async throws {
            let world = try await world()
            let mobiles = Numbers.ordinary("138", 600) + ["13800130001"]
            let batch = try world.customer.sendBatch(mobiles, String(repeating: "长", count: 80))
            let reports = try await world.customer.reports(2 * 601)
            let expected = (0..<601).flatMap { [batch.msgid + $0, batch.msgid + $0 + Customer.stride] }
            #expect(reports.map(\.msgid).sorted() == expected.sorted())
            let failed = reports.filter { $0.errcode != "DELIVRD" }
            #expect(failed.map(\.mobile) == ["13800130001", "13800130001"])
            #expect(Set(failed.map(\.errcode)) == ["MK:0001"])
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test func `a content for each, under one extension a call, no number twice in it`() async throws {
            let world = try await world()
            let entries = (0..<60).map { place in
                [
                    "mobile": place % 3 == 0 ? "13800138123" : String(13_900_139_100 + place),
                    "content": Customer.encoded(place % 2 == 0 ? "第\(place)条，100%" : "No \(place)"),
                    "exno": ["", "12", "0006"][place % 3],
                ]
            }
            let answer = try world.customer.submit("multi_send", ["multimt": entries])
            #expect(answer.result == 0)
            let reports = try await world.customer.reports(60)
            #expect(reports.map(\.msgid).sorted() == (0..<60).map { answer.msgid + $0 })
            #expect(Set(reports.map(\.errcode)) == ["DELIVRD"])
            #expect(try world.carrier.received()["13800138123"] == 20)
            #expect(try world.carrier.received().values.reduce(0, +) == 60)
        }

        @Test func `a reply finds its account by the access number`() async throws {
            let world = try await world()
            _ = try world.customer.sendSingle("13800130008", "退订回T", ["exno": "12"])
            let replies = try await eventually("the reply") {
                let replies = try world.customer.takeReplies()
                return replies.isEmpty ? nil : replies
            }
            #expect(replies.map(\.content) == ["T"])
            #expect(replies.map(\.spno) == ["1069001212212"])
        }

        @Test func `a report that comes before the answer finds its message`() async throws {
            let world = try await world()
            let answer = try world.customer.sendSingle("13800130007")
            #expect(try await world.customer.reports(1).map(\.msgid) == [answer.msgid])
        }

        @Test func `a report that is pushed twice is one report`() async throws {
            let world = try await world()
            let answer = try world.customer.sendSingle("13800130006")
            #expect(try await world.customer.reports(1).map(\.msgid) == [answer.msgid])
            let next = try world.customer.sendSingle("13800138123")
            #expect(try await world.customer.reports(1).map(\.msgid) == [next.msgid])
        }

        @Test func `a submission that is refused is refused, and its neighbours go out`() async throws {
            let world = try await world()
            _ = try world.customer.sendBatch(Numbers.ordinary("138", 15) + ["13800130004"])
            let reports = try await world.customer.reports(16)
            #expect(reports.filter { $0.errcode == "DELIVRD" }.count == 15)
            #expect(reports.filter { $0.errcode == "REJECTD" }.map(\.mobile) == ["13800130004"])
        }
    }
}
