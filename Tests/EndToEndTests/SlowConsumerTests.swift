import Foundation
import Testing

extension EndToEnd {
    /// Customers that do not collect what is theirs.
    @Suite struct SlowConsumerTests {
        /// Sends `range` of the numbers in batches and waits until all that was accepted is final.
        private func send(_ range: Range<Int>, _ world: World, _ customer: Customer) async throws {
            for start in stride(from: range.lowerBound, to: range.upperBound, by: 1000) {
                let numbers = Numbers.ordinary("139", 1000, from: start)
                #expect(try customer.sendBatch(numbers, "hello").result == 0)
            }
            try await world.waitUntilAllFinal(within: .seconds(100))
        }

        @Test func `reports that nobody collects cost no memory and delay nobody`() async throws {
            let world = try await World.make()
            try await world.addAccount("LAZY01", "333333", ["--price", "0.001", "--balance", "1000"])
            let lazy = Customer(account: "LAZY01", password: "333333", port: world.appliance.frontPort)
            try await send(0..<10_000, world, lazy)
            let before = try await world.appliance.report("status").integer("rss_bytes")
            try await send(10_000..<60_000, world, lazy)
            let after = try await world.appliance.report("status").integer("rss_bytes")
            #expect(after - before < 24 << 20, "\(before) grew to \(after)")

            // Somebody else's message does not stand behind them.
            let other = try world.customer.sendSingle("13800138123")
            #expect(try await world.customer.reports(1, within: .seconds(10)).map(\.msgid) == [other.msgid])

            // All of it is there, once, when it is asked for at last.
            var collected: [String] = []
            while case let entries = try lazy.takeReports(), !entries.isEmpty { collected += entries.map(\.mobile) }
            #expect(collected.count == 60_000)
            #expect(Set(collected) == Set(Numbers.ordinary("139", 60_000)))
            #expect(try await world.appliance.ledgerIsSound())
        }
    }
}
