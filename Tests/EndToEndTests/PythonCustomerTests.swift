import Foundation
import Testing

extension EndToEnd {
    /// The customers' programs in Tests/Clients, which were written from the documents alone, against the real service.
    @Suite struct PythonCustomerTests {
        private static let short = "【驿站】你好，测试 a+b%，第 1 号~"
        /// Three segments.
        private static let long = String(repeating: "长短信", count: 50)

        private static func world(_ dialect: WireDialect, _ account: [String] = []) async throws -> World {
            try await World.make(account: ["--extension", "55"] + dialect.accountArguments + account)
        }

        private func customer(
            _ dialect: WireDialect, _ world: World, _ options: [String] = []
        ) throws -> PythonCustomer {
            try PythonCustomer(
                dialect, account: "J10003", password: "111111", port: world.appliance.frontPort, options: options)
        }

        /// A short text, a long one with a failure among its recipients, and one that is replied to.
        private func sendAll(_ customer: PythonCustomer) async throws {
            try await customer.send([Self.short], to: ["13800138000"], tail: "12")
            try await customer.send([Self.long], to: ["13900139000", "18600186000", "13800130001"])
            try await customer.send(["回T退订"], to: ["13700130008"], tail: "7")
        }

        /// What arrived at the carrier, what was charged and what the appliance read, for `sendAll`.
        private func checkHouse(_ world: World) async throws {
            try await world.waitUntilAllFinal()
            let mobiles = ["13800138000", "13900139000", "18600186000", "13800130001", "13700130008"]
            let received = try world.carrier.received()
            #expect(Set(received.keys) == Set(mobiles))
            #expect(try await world.segmentsCharged() == 1 + 9 + 1)
            let listed = try await world.appliance.report("message", "list", "--account", "J10003")
            let contents = try listed.objects("messages").reduce(into: [String: String]()) {
                $0[try $1.string("mobile")] = try $1.string("content")
            }
            #expect(contents["13800138000"] == Self.short)
            // A list shows the beginning of a text.
            #expect(Self.long.hasPrefix(try #require(contents["18600186000"])))
            #expect(contents["13700130008"] == "回T退订")
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test(arguments: WireDialect.polled)
        func `a customer sends, collects its reports and replies`(_ dialect: WireDialect) async throws {
            let world = try await Self.world(dialect)
            let customer = try customer(dialect, world)
            try await sendAll(customer)
            let reports = try await customer.reports(dialect.reportsSegments ? 11 : 5)
            let failures = reports.filter { ChainCustomer.isFailure($0) }
            #expect(failures.count == (dialect.reportsSegments ? 3 : 1))
            let replies = try await customer.replies(1)
            #expect(try replies.first?.string("content") == "T")
            try await checkHouse(world)
        }

        @Test(arguments: WireDialect.served)
        func `what is wrong is refused with the document's code, charged by nobody`(
            _ dialect: WireDialect
        ) async throws {
            let world = try await Self.world(dialect)
            let lines = try await customer(dialect, world).run("refusals")
            // Some programs send one good message among the bad ones, to repeat it.
            let accepted = lines.count { $0["mobile"] != nil || $0["userNumber"] != nil }
            #expect(accepted <= 1)
            try await world.waitUntilAllFinal()
            #expect(try await world.segmentsCharged() == accepted)
            #expect(try world.carrier.received().values.reduce(0, +) == accepted)
            #expect(try await world.appliance.ledgerIsSound())
        }

        @Test(arguments: [
            ["--format", "json", "--names", "newer"], ["--format", "xml"], ["--format", "xml", "--names", "newer"],
            ["--format", "form"], ["--format", "form", "--names", "newer"], ["--auth", "plain"],
            ["--auth", "apikey", "--api-key", "abade5589e2798f82f006bbc36d269ce"],
        ])
        func `002 in all its formats, names and credentials`(_ options: [String]) async throws {
            let world = try await Self.world(
                .operatorV2, ["--allow-plain-password", "--api-key", "abade5589e2798f82f006bbc36d269ce"])
            let customer = try customer(.operatorV2, world, options)
            try await sendAll(customer)
            let texts = ["一", Self.long, "三 3%"]
            let mobiles = ["15900159000", "15900159001", "15900159002"]
            let extras = ["--custid", "c_1-\(options.count)", "--exdata", "e-1", "--svrtype", "SMS001"]
            try await customer.send(texts, to: mobiles, options: extras)
            try await customer.send(texts, to: mobiles, options: extras + ["--multimt", "string"])
            try await customer.reports(11 + 5 + 5)
            #expect(try await customer.replies(1).first?.string("exno") == "7")
            let balance = try await customer.run("balance")
            #expect(try balance.first?.string("money") == "999.391000")
            try await world.waitUntilAllFinal()
            #expect(try world.carrier.received()["15900159001"] == 2)
            #expect(try await world.appliance.ledgerIsSound())
        }
    }
}
