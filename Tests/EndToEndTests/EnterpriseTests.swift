import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Dialect 000, in both modes and both directions.
    @Suite struct EnterpriseTests {
        private static func world(
            channel: EnterpriseCustomer.Mode? = nil, account: [String] = [], carrier: [String] = [],
            environment: [String: String] = [:], in directory: TemporaryDirectory? = nil
        ) async throws -> World {
            try await World.make(
                account: EnterpriseCustomer.accountArguments + account, carrier: carrier,
                channel: channel.map { EnterpriseCustomer.channelArguments($0) } ?? [], in: directory,
                environment: environment)
        }

        @Test(arguments: EnterpriseCustomer.Mode.allCases)
        func `a batch goes through each mode, is charged once, and its reports and reply are collected`(
            mode: EnterpriseCustomer.Mode
        ) async throws {
            let world = try await Self.world(channel: mode)
            let customer = try EnterpriseCustomer(mode, port: world.appliance.frontPort)
            let long = String(repeating: "长", count: 71)
            // Delivered, failed, one that replies, and one that is no number.
            let numbers = ["13800138123", "13900130001", "13700130008", "12345"]
            let answer = try customer.send(
                numbers.joined(separator: ","), long, ["extno": "7", "smsid": "order 1"])
            #expect(try answer.string("code") == "0")
            let taskID = try answer.string("taskID")
            let messages = try answer.objects("messages").compactMap { $0 as? [String: String] }
            #expect(messages.map { $0["mobile"] } == numbers)
            #expect(messages.map { $0["returnstatus"] } == ["Success", "Success", "Success", "Faild"])
            #expect(messages.allSatisfy { $0["smsid"] == "order 1" })
            let remaining = (World.opening - 6 * World.price) / World.price
            #expect(answer["remainpoint"] as? String == (mode == .plain ? String(remaining) : nil))

            let reports = try await customer.collect("report", 4)
            #expect(reports.count == 4)
            let byNumber = Dictionary(uniqueKeysWithValues: reports.map { ($0["mobile"] ?? "", $0) })
            #expect(Set(byNumber.keys) == Set(numbers))
            #expect(reports.allSatisfy { $0["taskid"] == taskID && $0["smsid"] == "order 1" && $0["extno"] == "7" })
            #expect(numbers.map { byNumber[$0]?["status"] } == ["10", "20", "10", "20"])
            #expect(numbers.prefix(3).map { byNumber[$0]?["errorcode"] } == ["DELIVRD", "MK:0001", "DELIVRD"])
            #expect(reports.allSatisfy { $0["receivetime"]?.count == 19 })

            let reply = try #require(try await customer.collect("mo", 1).first)
            #expect((reply["mobile"], reply["content"], reply["extno"]) == ("13700130008", "T", "7"))
            #expect(try customer.take("report").isEmpty)
            #expect(try customer.take("mo").isEmpty)
            #expect(try await world.segmentsCharged() == 6)
            #expect(try await world.appliance.ledgerIsSound())
            #expect(try world.carrier.received().values.allSatisfy { $0 == 1 })
        }

        @Test func `statusNum bounds what one call takes, and nothing is lost`() async throws {
            let world = try await Self.world(channel: .plain)
            let customer = try EnterpriseCustomer(.plain, port: world.appliance.frontPort)
            let numbers = (0..<30).map { "138001391\($0 + 10)" }
            #expect(try customer.send(numbers.joined(separator: ",")).string("code") == "0")
            try await world.waitUntilAllFinal()
            var taken: [String] = []
            for _ in 0..<4 {
                let entries = try customer.take("report", 9)
                #expect(entries.count <= 9)
                taken += entries.compactMap { $0["mobile"] as? String }
            }
            #expect(taken.sorted() == numbers)
        }

        @Test func `what one dialect sent another may collect`() async throws {
            let world = try await Self.world()
            let customer = try EnterpriseCustomer(.token, port: world.appliance.frontPort)
            let answer = try customer.send("13800138123", "hello", ["smsid": "s1"])
            let report = try #require(try await world.customer.reports(1).first)
            #expect(try answer.string("taskID") == String(report.msgid))
            #expect(report.custid == "s1")
            #expect(try customer.take("report").isEmpty)
            let sent = try world.customer.sendSingle("13800138124", "hello", ["custid": "c2"])
            let other = try #require(try await customer.collect("report", 1).first)
            #expect((other["taskid"], other["smsid"]) == (String(sent.msgid), "c2"))
        }

        @Test func `a carrier that forgot our token is asked for a new one, and nothing is sent twice`() async throws {
            let world = try await Self.world(channel: .token)
            let customer = try EnterpriseCustomer(.plain, port: world.appliance.frontPort)
            #expect(try customer.send("13800138123").string("code") == "0")
            _ = try await customer.collect("report", 1)
            // It keeps its tokens in memory.
            world.carrier.process.signal(SIGTERM)
            _ = try await world.carrier.process.waitForExit()
            let again = try await SimulatedCarrier.start(
                ["--report-delay", "20ms"], name: "carrier-again", in: world.directory)
            world.proxy.forward(to: again.port)
            #expect(try customer.send("13800138124,13800138125").string("code") == "0")
            let reports = try await customer.collect("report", 2)
            #expect(Set(reports.map { $0["status"] }) == ["10"])
            #expect(try again.accepted() == ["13800138124": 1, "13800138125": 1])
            #expect(try await world.appliance.ledgerIsSound())
        }

        // MARK: Codes

        @Test(arguments: EnterpriseCustomer.Mode.allCases)
        func `requests that produce each code, none of them charged`(mode: EnterpriseCustomer.Mode) async throws {
            let world = try await Self.world()
            var customer = try EnterpriseCustomer(mode, port: world.appliance.frontPort)
            func code(_ fields: [String: Any] = [:], _ changes: [String: String?] = [:]) throws -> String {
                let good: [String: Any] = ["mobile": "13800138123", "content": "hello"]
                let answer = try customer.call("send", good.merging(fields) { $1 }, changes: changes)
                let isRefused = try answer.objects("messages").allSatisfy { $0["returnstatus"] as? String == "Faild" }
                #expect(try isRefused == (answer.string("code") != "0"))
                return try answer.string("code")
            }
            for header in mode == .token ? ["account", "signature"] : ["userid", "account", "password"] {
                #expect(try code([:], [header: nil]) == "1")
                #expect(try code([:], [header: ""]) == "1")
            }
            let proof = mode == .token ? "signature" : "password"
            #expect(try code([:], [proof: String(repeating: "0", count: 32)]) == "2")
            if mode == .plain { #expect(try code([:], ["userid": "E002"]) == "2") }
            #expect(try code(["mobile": ""]) == "4")
            #expect(try code(["mobile": "12345"]) == "4")
            #expect(try code(["extno": "1a"]) == "4")
            #expect(try code(["sendTime": "soon"]) == "4")
            let many = (0...1000).map { "138\($0 + 10_000_000)" }.joined(separator: ",")
            #expect(try code(["mobile": many]) == "6")
            #expect(try code(["content": ""]) == "7")
            #expect(try code(["content": String(repeating: "字", count: 1001)]) == "7")
            if mode == .token {
                #expect(try code([:], ["timeStamp": "yesterday"]) == "4")
                for value in [nil, "", "x", String(repeating: "0", count: 64)] {
                    #expect(try code([:], ["Authorization": value]) == "10")
                }
                #expect(try code([:], ["Authorization": "Bearer " + customer.token]) == "0")
            }
            #expect(try code() == "0")
            let charged = mode == .token ? 2 : 1
            #expect(try await world.segmentsCharged() == charged)

            for name in ["report", "mo"] {
                #expect(try customer.call(name, [:], changes: ["account": nil]).string("error") == "1")
                let body = try customer.post(
                    mode.prefix + "/sms/" + name, headers: customer.headers, body: Array("{".utf8))
                #expect(try body.string("error") == "4")
            }
            try await world.run("account", "disable", "J10003")
            #expect(try code() == "3")
            try await world.run("account", "enable", "J10003")
            // From an address that was right before, right credentials are never shut out.
            customer.password = "wrong"
            for _ in 0..<6 { #expect(["2", "9"].contains(try code())) }
            customer.password = "111111"
            #expect(try code() == "0")
            if mode == .token { return }
            try await world.addAccount("FRESH1", "222222", ["--enterprise-id", "E003"])
            (customer.account, customer.password, customer.enterpriseID) = ("FRESH1", "wrong", "E003")
            for _ in 0..<5 { _ = try code() }
            #expect(try code() == "9")
            customer.password = "222222"
            #expect(try code() == "9")
        }

        @Test func `an address that is not allowed, and a balance that is not enough`() async throws {
            let world = try await Self.world()
            try await world.addAccount("POOR01", "222222", ["--enterprise-id", "E002", "--price", "1"])
            var customer = try EnterpriseCustomer(.plain, port: world.appliance.frontPort)
            (customer.account, customer.password, customer.enterpriseID) = ("POOR01", "222222", "E002")
            #expect(try customer.send("13800138123").string("code") == "5")
            try await world.addAccount("FAR001", "333333", ["--enterprise-id", "E003", "--allow-ip", "192.0.2.0/24"])
            (customer.account, customer.password, customer.enterpriseID) = ("FAR001", "333333", "E003")
            #expect(try customer.send("13800138123").string("code") == "3")
            #expect(try customer.call("report", [:]).string("error") == "3")
        }

        @Test func `tokens: the errors of RFC 6749, and another account's token`() async throws {
            let world = try await Self.world()
            try await world.addAccount(
                "OTHER1", "222222",
                ["--balance", "1", "--client-id", "other", "--client-secret", "other-secret"])
            var customer = try EnterpriseCustomer(.token, port: world.appliance.frontPort)
            let good = try customer.requestToken()
            #expect(good.keys.sorted() == ["access_token", "expires_in", "status"])
            #expect(try good.string("status") == "0")
            #expect(try good.string("expires_in") == "7200")
            #expect(try good.string("access_token").count == 64)
            func error(_ answer: [String: Any]) throws -> String {
                #expect(try answer.string("status") == "1")
                return try answer.string("error")
            }
            #expect(try error(customer.requestToken(grantType: "password")) == "unsupported_grant_type")
            #expect(try error(customer.requestToken(grantType: "")) == "invalid_request")
            #expect(try error(customer.requestToken(secret: "wrong")) == "invalid_client")
            #expect(try error(customer.requestToken(clientID: "nobody")) == "invalid_client")
            #expect(
                try error(customer.post("/oauth2/token", headers: [:], body: Array("[".utf8))) == "invalid_request")
            customer.token = try customer.requestToken(clientID: "other", secret: "other-secret").string("access_token")
            #expect(try customer.send("13800138123").string("code") == "10")
            try await world.run("account", "disable", "J10003")
            #expect(try error(customer.requestToken()) == "unauthorized_client")
        }

        @Test func `a token lasts as long as it is set to, also over a restart`() async throws {
            let world = try await Self.world(environment: ["YIZHAN_AUTH_TOKEN_LIFETIME": "1s"])
            var customer = try EnterpriseCustomer(.token, port: world.appliance.frontPort)
            #expect(try customer.requestToken().string("expires_in") == "1")
            try await eventually("the token's end") { try customer.send("13800138123").string("code") == "10" }
            try await world.appliance.stop()
            try await world.appliance.startAgain(settings: ["YIZHAN_AUTH_TOKEN_LIFETIME": "1h"])
            customer = try EnterpriseCustomer(.token, port: world.appliance.frontPort)
            try await world.appliance.stop(with: SIGKILL)
            try await world.appliance.startAgain(settings: ["YIZHAN_AUTH_TOKEN_LIFETIME": "1h"])
            customer.port = world.appliance.frontPort
            #expect(try customer.send("13800138123").string("code") == "0")
        }

        @Test func `while the disk takes no writes it is 99, and nothing is charged`() async throws {
            let directory = try TemporaryDirectory()
            let disk = try FaultyDisk(folder: directory.path("state"), in: directory)
            let world = try await Self.world(environment: disk.environment, in: directory)
            let customer = try EnterpriseCustomer(.token, port: world.appliance.frontPort)
            try disk.refuse(ENOSPC)
            #expect(try customer.send("13800138123").string("code") == "99")
            #expect(try customer.requestToken().string("error") == "server_error")
            try disk.relent()
            try await eventually("writes again") { try customer.send("13800138123").string("code") == "0" }
            #expect(try await world.segmentsCharged() == 1)
            #expect(try await world.appliance.ledgerIsSound())
        }
    }
}
