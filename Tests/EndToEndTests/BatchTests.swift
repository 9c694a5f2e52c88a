import Foundation
import Testing

extension EndToEnd {
    @Suite struct BatchTests {
        @Test func `a thousand numbers take consecutive ids and a report each`() async throws {
            let world = try await World.make()
            let mobiles = (0..<1000).map { "138\(10_000_100 + $0)" }
            let answer = try world.customer.sendBatch(mobiles)
            #expect(answer.result == 0)
            let reports = try await world.customer.reports(1000, within: .seconds(120))
            #expect(reports.count == 1000)
            let byNumber = Dictionary(reports.map { ($0.mobile, $0) }) { first, _ in first }
            #expect(byNumber.count == 1000)
            // The endings of this range reach the simulator's special ones nowhere.
            for (place, mobile) in mobiles.enumerated() {
                #expect(byNumber[mobile]?.msgid == answer.msgid + place)
                #expect(byNumber[mobile]?.errcode == "DELIVRD")
            }
            #expect(try await world.segmentsCharged() == 1000)
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test func `multi_send gives each number its own text and custid`() async throws {
            let world = try await World.make()
            let entries = (0..<100).map { place in
                [
                    "mobile": "139\(10_000_100 + place)", "content": Customer.encoded("第\(place)条"),
                    "custid": "c-\(place)", "exdata": "x\(place)",
                ]
            }
            let answer = try world.customer.submit("multi_send", ["multimt": entries])
            #expect(answer.result == 0)
            #expect(answer.custid == "c-0")
            let reports = try await world.customer.reports(100)
            #expect(reports.count == 100)
            for report in reports {
                let place = report.msgid - answer.msgid
                #expect(report.mobile == "139\(10_000_100 + place)")
                #expect(report.custid == "c-\(place)")
                #expect(report.exdata == "x\(place)")
            }
            #expect(try await world.segmentsCharged() == 100)
        }

        @Test func `invalid numbers of a batch are reported failed, not charged, not submitted`() async throws {
            let world = try await World.make()
            let mobiles = ["13800138123", "12", "138abc38000", "13900139123", "23800138000"]
            let answer = try world.customer.sendBatch(mobiles)
            #expect(answer.result == 0)
            let reports = try await world.customer.reports(5).sorted { $0.msgid < $1.msgid }
            #expect(reports.map(\.msgid) == (0..<5).map { answer.msgid + $0 })
            #expect(reports.map(\.mobile) == mobiles)
            #expect(reports.map { $0.status == 0 } == [true, false, false, true, false])
            #expect(try await world.segmentsCharged() == 2)
            #expect(world.proxy.submissions() == ["13800138123": 1, "13900139123": 1])
            #expect(try world.customer.takeReports().isEmpty)
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test func `a number that stands twice in a batch has two messages`() async throws {
            let world = try await World.make()
            let answer = try world.customer.sendBatch(["13800138123", "13900139123", "13800138123"])
            #expect(answer.result == 0)
            let reports = try await world.customer.reports(3).sorted { $0.msgid < $1.msgid }
            #expect(reports.map(\.mobile) == ["13800138123", "13900139123", "13800138123"])
            #expect(reports.map(\.msgid) == (0..<3).map { answer.msgid + $0 })
            #expect(try await world.segmentsCharged() == 3)
        }

        @Test func `a batch that the balance does not cover is refused whole`() async throws {
            let world = try await World.make()
            try await world.addAccount("POOR01", "222222", ["--price", "0.029", "--balance", "0.058"])
            let poor = Customer(account: "POOR01", password: "222222", port: world.appliance.frontPort)
            #expect(try poor.sendBatch(["13800138123", "13800138124", "13800138125"]).result == -100003)
            #expect(try await world.appliance.balance(of: "POOR01") == 58_000)
            #expect(try poor.sendBatch(["13800138123", "13800138124"]).result == 0)
            #expect(try poor.sendSingle("13800138125").result == -100003)
            #expect(try await world.appliance.balance(of: "POOR01") == 0)
            #expect(try await world.appliance.ledgerIsSound())
        }
    }
}
