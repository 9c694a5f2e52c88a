import Engine
import HTTPFront
import Messaging
import NIOCore
import Testing

/// Who may push to us, and how much.
struct CallbackAccessTests {
    private func push(
        _ house: FrontHouse, token: String, password: String = "111111", sequence: Int = 900
    ) async throws -> Int {
        let report = #"{"custid":"m\#(sequence)","pknum":1,"pktotal":1,"mobile":"13800138000","errcode":"DELIVRD"}"#
        let body = "userid=J10003&pwd=\(password)&cmd=RPT_REQ&seqid=1&rpts=[\(report)]"
        return try await ask(
            house.callback, "POST", "/callback/sim/\(token)", contentType: "application/x-www-form-urlencoded", body
        ).status
    }

    private func change(_ house: FrontHouse, _ change: CallbackChange) async throws -> CallbackAccess {
        try await house.engine.updateChannel(name: "sim", callback: change) { _, _ in }.callback
    }

    @Test func `a new token is taken beside the old one, and a third ends the first`() async throws {
        try await FrontHouse.with { house in
            let first = house.entry.callbackToken
            let second = try await change(house, CallbackChange(makesNewToken: true)).token
            #expect(try await push(house, token: first) == 200)
            #expect(try await push(house, token: second) == 200)
            let third = try await change(house, CallbackChange(makesNewToken: true)).token
            #expect(try await push(house, token: first) == 404)
            #expect(try await push(house, token: second) == 200)
            #expect(try await push(house, token: third) == 200)
            #expect(try await push(house, token: String(third.dropLast())) == 404)
        }
    }

    @Test(arguments: [("10.0.0.0/8", 404), ("127.0.0.1", 200)])
    func `from another address the right token opens nothing`(network: String, status: Int) async throws {
        try await FrontHouse.with { house in
            let networks = [try #require(IPNetwork(network))]
            let token = try await change(house, CallbackChange(networks: networks)).token
            #expect(token == house.entry.callbackToken)
            #expect(try await push(house, token: token) == status)
            let kept = try await house.engine.unmatched.counts()
            #expect(kept.waiting == (status == 200 ? 1 : 0) && kept.unreadable == 0)
            _ = try await change(house, CallbackChange(networks: []))
            #expect(try await push(house, token: token) == 200)
        }
    }

    @Test func `at the bound a push is refused with 503 and comes again`() async throws {
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await FrontHouse.with(configure: { $0.intake = IntakeRule(parkedMax: 2) }) { house in
            let token = house.entry.callbackToken
            #expect(try await push(house, token: token, sequence: 901) == 200)
            #expect(try await push(house, token: token, sequence: 901) == 200)
            #expect(try await push(house, token: token, sequence: 902) == 200)
            #expect(try await push(house, token: token, sequence: 903) == 503)
            let counts = try await house.engine.unmatched.counts()
            #expect(counts.waiting == 2 && counts.pendingBodies == 0)
            #expect(try await house.engine.unmatched.discardSome(ParkedFilter()) == 2)
            #expect(try await push(house, token: token, sequence: 903) == 200)
        }
    }

    @Test func `who knows the address only cannot keep out who knows the password`() async throws {
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        try await FrontHouse.with(configure: { $0.intake = IntakeRule(unreadableMax: 4) }) { house in
            let token = house.entry.callbackToken
            for guess in 0..<10 {
                let status = try await push(house, token: token, password: "guess\(guess)")
                #expect(status == 200)
            }
            // Two as a rule; what comes while the store counts may be missing from the count, and one more be kept.
            let kept = try await house.engine.unmatched.counts().unreadable
            #expect(kept >= 2 && kept < 4)
            #expect(try await push(house, token: token) == 200)
        }
    }
}
