import Foundation
import Testing

extension EndToEnd {
    /// Every code of dialect 001 that can occur, each from a request; nothing refused is charged or sent.
    @Suite struct ApiV1CodeTests {
        @Test func `what a request breaks has its code`() async throws {
            let world = try await World.make()
            let customer = ApiV1Customer(port: world.appliance.frontPort)
            let mobiles = ["13800138123"]
            #expect(try customer.call("send", [("content", "x")]).code == "01")
            #expect(try customer.send(mobiles, "x", [("extNo", "a1")]).code == "01")
            #expect(try customer.send(mobiles, "x", [("taskId", String(repeating: "t", count: 65))]).code == "01")
            #expect(try customer.post("send", Array("{}".utf8)).code == "01")
            #expect(try customer.send(Numbers.ordinary("138", 3001)).code == "05")
            #expect(try customer.send(mobiles, "").code == "06")
            #expect(try customer.send(mobiles, String(repeating: "长", count: 1001)).code == "06")
            #expect(try customer.send(["12345", "abc"]).code == "10")
            #expect(try customer.send(mobiles, "x", [("taskId", "t")]).code == "00")
            #expect(try customer.send(mobiles, "x", [("taskId", "t")]).code == "07")
            #expect(try await world.segmentsCharged() == 1)
        }

        @Test func `who may not has its code`() async throws {
            let world = try await World.make()
            let port = world.appliance.frontPort
            let customer = ApiV1Customer(port: port)
            let mobiles = ["13800138123"]
            #expect(try ApiV1Customer(password: "wrong", port: port).send(mobiles).code == "02")
            #expect(try ApiV1Customer(account: "NOBODY", port: port).call("queryBalance").code == "02")
            #expect(try customer.post("report", Array("account=J10003".utf8)).code == "02")
            try await world.run("account", "set", "J10003", "--allow-ip", "192.0.2.0/24")
            for operation in ["send", "report", "mo", "queryBalance"] {
                #expect(try customer.call(operation, [("mobiles", mobiles[0]), ("content", "x")]).code == "03")
            }
            try await world.run("account", "set", "J10003", "--allow-ip", "127.0.0.0/8")
            try await world.run("account", "disable", "J10003")
            #expect(try customer.send(mobiles).code == "08")
            try await world.run("account", "enable", "J10003")
            try await world.addAccount("POOR01", "444444", ["--balance", "0.05", "--price", "0.029"])
            let poor = ApiV1Customer(account: "POOR01", password: "444444", port: port)
            #expect(try poor.send(["13800138123", "13800138124"]).code == "04")
            #expect(try poor.send(mobiles).code == "00")
            try await world.run("account", "set", "J10003", "--connections", "1")
            let first = try HTTPClient(port: port)
            #expect(try customer.send(mobiles, on: first).code == "00")
            #expect(try customer.send(mobiles).code == "09")
            #expect(try await world.segmentsCharged() == 1)
        }

        @Test func `other methods and paths are none of its`() async throws {
            let world = try await World.make()
            func status(_ method: String, _ path: String) throws -> Int {
                try HTTPClient(port: world.appliance.frontPort).perform(method, path, body: []).status
            }
            #expect(try status("GET", "/api/v1/send?account=J10003") == 405)
            #expect(try status("POST", "/api/v1/sends") == 404)
            #expect(try status("POST", "/api/v1/") == 404)
        }
    }
}
