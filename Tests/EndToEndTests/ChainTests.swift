import Foundation
import Testing

extension EndToEnd {
    /// Two appliances in a chain: a channel of the first is an account of the second, whose channel is the simulator;
    /// the customer and both channels speak the same dialect.
    @Suite struct ChainTests {
        /// Three segments.
        private static let long = String(repeating: "链中长短信", count: 30)
        private static let number = "10690012122"
        private static let account = "LINK01"
        private static let password = "222222"

        /// The two, from the customer's side; each in a folder of its own.
        private struct Chain {
            let near: Appliance
            let far: Appliance
            let carrier: SimulatedCarrier
            /// In front of the carrier.
            let proxy: RecordingProxy
            let customer: ChainCustomer
        }

        private static func callback(of channel: String, on appliance: Appliance) async throws -> String {
            let path = try await appliance.report("channel", "show", channel).string("callback_path")
            return "http://127.0.0.1:\(appliance.callbackPort)\(path)"
        }

        private static func makeChain(_ dialect: WireDialect) async throws -> Chain {
            let near = try await Appliance.start(in: try TemporaryDirectory())
            let far = try await Appliance.start(in: try TemporaryDirectory())
            let access = CarrierAccess.account(account, password: password, port: far.frontPort)
            // What the handset sees begins with the far account's whole number.
            try await near.run(
                ["channel", "add", "far", "--number", number + "66"] + dialect.channelArguments(access))
            let pushing =
                dialect.isPushed ? dialect.pushArguments(to: try await callback(of: "far", on: near)) : []
            try await far.run(
                [
                    "account", "add", account, "--api-password", password, "--allow-weak-password", "--price", "0.02",
                    "--balance", "1000",
                    "--extension", "66",
                ] + dialect.accountArguments + pushing)
            let (carrier, proxy) = try await makeCarrier(dialect, far)
            let customer = try await ChainCustomer.make(dialect, account: "J10003", extension: "55", on: near)
            return Chain(near: near, far: far, carrier: carrier, proxy: proxy, customer: customer)
        }

        /// The simulator, and the far appliance's channel to it. A carrier that pushes must know where to.
        private static func makeCarrier(
            _ dialect: WireDialect, _ far: Appliance
        ) async throws -> (SimulatedCarrier, RecordingProxy) {
            let arguments = ["--report-delay", "20ms"]
            let proxy = try RecordingProxy()
            let access = CarrierAccess.simulator(port: proxy.port)
            try await far.run(
                ["channel", "add", "carrier", "--number", number] + dialect.channelArguments(access))
            let pushing =
                dialect.isPushed
                ? ["--push", try await callback(of: "carrier", on: far), "--push-dialect", dialect.rawValue] : []
            let carrier = try await SimulatedCarrier.start(arguments + pushing, in: try TemporaryDirectory())
            proxy.forward(to: carrier.port)
            return (carrier, proxy)
        }

        @Test(arguments: WireDialect.served)
        func `messages, reports and replies travel a chain of two, and every count agrees`(
            _ dialect: WireDialect
        ) async throws {
            let chain = try await Self.makeChain(dialect)
            try await chain.customer.send("一条短信", to: ["13800138000"], tail: "12")
            try await chain.customer.send(Self.long, to: ["13900139000", "18600186000", "13800130001"])
            try await chain.customer.send("回复T", to: ["13700130008"], tail: "7")
            let outcome = try await chain.customer.outcome(messages: 5, segments: 1 + 9 + 1, replies: 1)
            #expect(outcome.delivered.sorted() == ["13700130008", "13800138000", "13900139000", "18600186000"])
            #expect(outcome.failed == ["13800130001"])
            #expect(outcome.replied == ["13700130008"])
            for (appliance, account, price) in [(chain.near, "J10003", 29_000), (chain.far, Self.account, 20_000)] {
                let counters = try await appliance.report("status").object("since_start")
                #expect(try counters.integer("accepted_messages") == 5)
                #expect(try counters.integer("accepted_segments") == 11)
                #expect(try counters.integer("delivered_messages") == 4)
                #expect(try counters.integer("failed_messages") == 1)
                #expect(try counters.integer("replies_stored") == 1)
                #expect(try await appliance.balance(of: account) == 1_000_000_000 - 11 * price)
                #expect(try await appliance.ledgerIsSound())
            }
            let received = try chain.carrier.received()
            #expect(received.count == 5)
            #expect(received.values.allSatisfy { $0 == 1 })
        }
    }
}
