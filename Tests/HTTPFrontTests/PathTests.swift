import Engine
import HTTPCore
import HTTPFront
import Messaging
import NIOCore
import Testing

/// Paths in the spellings in which clients write them.
struct PathTests {
    @Test(arguments: [
        "/SMS/V2/STD/SINGLE_SEND", "/sms/v2/std/single_send/", "//sms//v2/std///single_send//",
        "/Sms/v2/std/Single_Send/",
    ]) func `a known path is met in whatever spelling`(path: String) async throws {
        try await FrontHouse.with { house in
            let answer = try await ask(house.front, "POST", path, FrontHouse.send())
            #expect(answer.status == 200)
            #expect(answer.body == #"{"result":0,"msgid":1,"custid":"b3d0a2"}"#)
        }
    }

    @Test func `every interface meets its paths so`() async throws {
        try await FrontHouse.with { house in
            for path in [
                "/API/V1/SEND/", "/api/v1//querybalance", "/httpquickprocess/submitjson/",
                "/HTTPQUICKPROCESS//SubmitJson",
                "/OAuth2/Token", "/json/SMS/send/", "/Api/Sms/Send", "/info//sms/reply/Query/",
                "/sms/v2/std/SEND_batch",
            ] {
                let answer = try await ask(house.front, "DELETE", path)
                #expect(answer.status == 405, "\(path)")
            }
            for path in [
                "/", "//", "/sms/v2/std", "/sms/v2/std/", "/sms/v2/std/single_send/x", "/sms/v2std/single_send",
                "/sms/v2/std/single%5Fsend", "/json/sms/token",
            ] {
                #expect(try await ask(house.front, "DELETE", path).status == 404, "\(path)")
            }
            // No target of HTTP at all.
            #expect(try await ask(house.front, "DELETE", "sms/v2/std/single_send").status == 400)
        }
    }

    @Test func `a carrier's push is met so too`() async throws {
        try await FrontHouse.with { house in
            let token = house.entry.callbackToken
            for path in [
                "/callback/sim/\(token)", "/CALLBACK/SIM/\(token.uppercased())", "//callback//sim/\(token)/",
                "/Callback/Sim/\(token)//",
            ] {
                let answer = try await ask(
                    house.callback, "POST", path, contentType: "application/x-www-form-urlencoded", "cmd=NONE")
                #expect(answer.status == 200, "\(path)")
            }
            for path in [
                "/callback/sim/\(token)/x", "/callback/\(token)", "/call/sim/\(token)", "/callback/simx/\(token)",
            ] {
                let answer = try await ask(house.callback, "POST", path, "cmd=NONE")
                #expect(answer.status == 404, "\(path)")
            }
        }
    }

    @Test func `the body of a request to an unknown path is not waited for`() async throws {
        try await FrontHouse.with { house in
            for (address, path) in [
                (house.front, "/sms/v2/std/singlesend"), (house.front, "/callback/sim/x"),
                (house.callback, "/callback"),
                (house.callback, "/sms/v2/std/single_send"),
            ] {
                let client = try await WebClient(address)
                let head = "POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n"
                #expect(try await client.answer(to: Array(head.utf8)).status == 404, "\(path)")
                await client.close()
            }
            // Those of others are.
            for (address, path) in [
                (house.front, "/SMS/v2/std/single_send"),
                (house.callback, "/callback/sim/\(house.entry.callbackToken)"),
            ] {
                let client = try await WebClient(address)
                let head = "POST \(path) HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 20\r\n\r\n"
                #expect(try await client.answer(to: Array(head.utf8)).status == 100, "\(path)")
                await client.close()
            }
        }
    }

    // MARK: Behind a proxy

    private static let loopback = NetworkBlock(address: [127, 0, 0, 0], prefixBits: 8).map { [$0] } ?? []

    @Test func `an account's addresses are those that a trusted proxy names`() async throws {
        let allowed = [try #require(IPNetwork("203.0.113.0/24"))]
        try await FrontHouse.with(trustedProxies: Self.loopback, allowedNetworks: allowed) { house in
            let client = try await WebClient(house.front)
            for (forwarded, result) in [
                ("203.0.113.7", 0), ("198.51.100.9", -100057), ("203.0.113.8", 0),
                ("203.0.113.7, 198.51.100.9", -100057),
            ] {
                let answer = try await client.request(
                    "POST", "/sms/v2/std/single_send", headers: [("X-Forwarded-For", forwarded)], FrontHouse.send())
                #expect(answer.body.contains("\"result\":\(result),"), "\(forwarded)")
            }
            await client.close()
        }
        // From anybody else the field says nothing.
        try await FrontHouse.with(allowedNetworks: allowed) { house in
            let answer = try await ask(
                house.front, "POST", "/sms/v2/std/single_send", headers: [("X-Forwarded-For", "203.0.113.7")],
                FrontHouse.send())
            #expect(answer.body.contains("-100057"))
        }
    }

    @Test func `a proxy's idle connections count for no account`() async throws {
        try await FrontHouse.with(connectionLimit: 1, trustedProxies: Self.loopback) { house in
            var kept: [WebClient] = []
            for _ in 0..<3 {
                let client = try await WebClient(house.front)
                let answer = try await client.request(
                    "POST", "/sms/v2/std/single_send", headers: [("X-Forwarded-For", "203.0.113.7")], FrontHouse.send())
                #expect(answer.body.contains("\"result\":0,"))
                kept.append(client)
            }
            for client in kept { await client.close() }
        }
    }
}
