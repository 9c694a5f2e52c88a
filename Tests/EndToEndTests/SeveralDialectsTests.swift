import Foundation
import Testing

extension EndToEnd {
    /// One account that speaks every dialect.
    @Suite struct SeveralDialectsTests {
        @Test func `what is sent in one dialect is collected in another, and once`() async throws {
            let account = WireDialect.served.flatMap(\.accountArguments)
            let world = try await World.make(account: account)
            let port = world.appliance.frontPort
            let customers = try WireDialect.served.map {
                try PythonCustomer($0, account: "J10003", password: "111111", port: port)
            }
            let collectors = customers.filter { !$0.dialect.isPushed }
            for (place, sender) in customers.enumerated() {
                let mobiles = ["1380013\(place)100", "1380013\(place)101"]
                try await sender.send(["一条"], to: mobiles)
                try await sender.send(["回复"], to: ["1390\(place)130008"])
                let collector = collectors[(place + 1) % collectors.count]
                let reports = try await collector.reportsOfAll(3)
                let found = try reports.map { try $0["mobile"] as? String ?? $0.string("userNumber") }
                #expect(found.sorted() == (mobiles + ["1390\(place)130008"]).sorted())
                let replies = try await collector.replies(1)
                #expect(try replies.map { try $0.string("content") } == ["T"])
            }
            for collector in collectors {
                #expect(try await collector.reportsOfAll(0).isEmpty)
                #expect(try await collector.replies(0).isEmpty)
            }
            #expect(try await world.segmentsCharged() == 3 * customers.count)
            #expect(try await world.appliance.ledgerIsSound())
        }
    }
}
