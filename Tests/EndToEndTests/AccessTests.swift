import Foundation
import Testing

extension EndToEnd {
    /// Who may send.
    @Suite struct AccessTests {
        private static let mobile = "13800138123"

        private func send(_ port: UInt16, _ fields: [String: Any]) throws -> Int {
            let all = fields.merging(["mobile": Self.mobile, "content": "hello"]) { $1 }
            return try Customer.result(Customer(port: port).post("single_send", try Customer.json(all)))
        }

        @Test func `an api key stands for account and password`() async throws {
            let key = "abade5589e2798f82f006bbc36d269ce"
            let world = try await World.make(account: ["--api-key", key])
            let port = world.appliance.frontPort
            #expect(try send(port, ["apikey": key]) == 0)
            #expect(try send(port, ["apikey": key, "timestamp": "1479703077000"]) == 0)
            #expect(try send(port, ["apikey": "abade5589e2798f82f006bbc36d269cf"]) == -100001)
            #expect(try await world.segmentsCharged() == 2)
        }

        @Test func `the plain password counts only where it is allowed`() async throws {
            let world = try await World.make()
            let port = world.appliance.frontPort
            let fields = ["userid": "J10003", "pwd": "111111"]
            #expect(try send(port, fields) == -100001)
            try await world.run("account", "set", "J10003", "--allow-plain-password")
            #expect(try send(port, fields) == 0)
        }

        @Test func `another account's password does not open this one`() async throws {
            let world = try await World.make()
            try await world.addAccount("OTHER1", "999999", ["--balance", "1"])
            let other = Customer(account: "J10003", password: "999999", port: world.appliance.frontPort)
            #expect(try other.sendSingle(Self.mobile).result == -100001)
        }

        @Test func `old, far and garbled time stamps are refused`() async throws {
            let world = try await World.make()
            let stamps = ["0101000000", "0631120000", "1332250000", "abcdefghij", "", "080319202"]
            // Right for their own time stamps: they lock nobody out, however many there are.
            let customer = world.customer
            for stamp in stamps {
                let fields = ["userid": customer.account, "pwd": customer.digest(stamp), "timestamp": stamp]
                #expect(try send(customer.port, fields) == -100001, "\(stamp)")
            }
            #expect(try await world.appliance.counter("accepted_messages") == 0)
            #expect(try customer.sendSingle(Self.mobile).result == 0)
        }

        @Test func `five wrong credentials lock the account out`() async throws {
            let world = try await World.make()
            try await world.addAccount("OTHER1", "999999", ["--balance", "1"])
            let wrong = Customer(account: "J10003", password: "wrong", port: world.appliance.frontPort)
            for _ in 1...4 { #expect(try wrong.sendSingle(Self.mobile).result == -100001) }
            // The fifth may be told either way.
            _ = try wrong.sendSingle(Self.mobile)
            #expect(try wrong.sendSingle(Self.mobile).result == -100002)
            #expect(try world.customer.sendSingle(Self.mobile).result == -100002)
            let other = Customer(account: "OTHER1", password: "999999", port: world.appliance.frontPort)
            #expect(try other.sendSingle(Self.mobile).result == 0)
        }

        @Test func `who was right before is let in through a storm of guesses`() async throws {
            let world = try await World.make()
            #expect(try world.customer.sendSingle(Self.mobile).result == 0)
            func storm(_ port: UInt16) throws {
                let client = try HTTPClient(port: port)
                for number in 0..<200 {
                    let body = "account=\(number.isMultiple(of: 2) ? "J10003" : "N\(number)")&pwd=\(number)"
                    _ = try client.perform(
                        "POST", "/api/v1/mo", headers: [("Content-Type", "application/x-www-form-urlencoded")],
                        body: Array(body.utf8))
                }
            }
            try storm(world.appliance.frontPort)
            #expect(try world.customer.sendSingle(Self.mobile).result == 0)
            let counters = try await world.appliance.report("status").object("since_start")
            #expect(try counters.integer("slowed_logins") > 50)
            #expect(try counters.integer("failed_logins") < 150)
            // One that was not right from here before waits.
            try await world.addAccount("OTHER1", "999999", ["--balance", "1"])
            let other = Customer(account: "OTHER1", password: "999999", port: world.appliance.frontPort)
            #expect(try other.sendSingle(Self.mobile).result == -100002)
            try await world.run("account", "unlock", "J10003")
            let refused = try await world.appliance.report("message", "list", "--refused", "--account", "J10003")
            #expect(try !refused.objects("refusals").isEmpty)
        }

        @Test func `a made password opens the door, in a name of its own`() async throws {
            let world = try await World.make()
            let added = try await world.appliance.report(
                "account", "add", "shop.main", "--price", "0", "--login", "operator-v2=SHOP7")
            let password = try added.string("api_password")
            let customer = Customer(account: "SHOP7", password: password, port: world.appliance.frontPort)
            #expect(try customer.sendSingle(Self.mobile).result == 0)
            let weak = try await yizhan(
                ["account", "add", "weak", "--price", "0", "--api-password", "111111"],
                environment: ["YIZHAN_ADMIN_SOCKET": world.appliance.adminSocket])
            #expect(weak.exitCode == 1 && weak.errorOutput.contains("--allow-weak-password"))
        }

        @Test func `only listed addresses may send`() async throws {
            let world = try await World.make(account: ["--allow-ip", "192.0.2.0/24"])
            #expect(try world.customer.sendSingle(Self.mobile).result == -100057)
            try await world.run("account", "set", "J10003", "--allow-ip", "127.0.0.0/8")
            #expect(try world.customer.sendSingle(Self.mobile).result == 0)
        }

        @Test func `a disabled account is refused until it is enabled`() async throws {
            let world = try await World.make()
            try await world.run("account", "disable", "J10003")
            #expect(try world.customer.sendSingle(Self.mobile).result == -100001)
            try await world.run("account", "enable", "J10003")
            #expect(try world.customer.sendSingle(Self.mobile).result == 0)
        }

        @Test func `the connections of one account are limited`() async throws {
            let world = try await World.make()
            try await world.run("account", "set", "J10003", "--connections", "3")
            var open: [HTTPClient] = []
            func send(on client: HTTPClient) throws -> Int {
                let fields = world.customer.credentials.merging(["mobile": Self.mobile, "content": "x"]) { $1 }
                let headers = [("Content-Type", "application/json")]
                return try Customer.result(
                    client.perform("POST", "/sms/v2/std/single_send", headers: headers, body: try Customer.json(fields))
                )
            }
            for _ in 1...3 {
                let client = try HTTPClient(port: world.appliance.frontPort)
                #expect(try send(on: client) == 0)
                open.append(client)
            }
            let fourth = try HTTPClient(port: world.appliance.frontPort)
            #expect(try send(on: fourth) == -100056)
            #expect(try send(on: open[0]) == 0)
            open.removeLast()
            try await eventually("a place to come free") {
                try send(on: try HTTPClient(port: world.appliance.frontPort)) == 0
            }
        }
    }
}
