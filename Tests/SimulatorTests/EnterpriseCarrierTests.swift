import Dialects
import Messaging
import Testing

@testable import Simulator

/// The simulated carrier's side of dialect 000.
struct EnterpriseCarrierTests {
    private let client = Enterprise.Login.client(id: "client", secret: "secret")
    private let plain = Enterprise.Login.plain(enterpriseID: "1001", account: "SIM001", password: "sim-secret")

    private func ask(
        _ harness: CarrierHarness, _ call: Enterprise.Call, _ login: Enterprise.Login
    ) async throws -> HTTPProbe.Answer? {
        let encoded = Enterprise.encodeCall(call, login: login, at: harness.time.now)
        // More header lines behind the first.
        let lines = encoded.headers.map { "\r\n\($0.name): \($0.value)" }.joined()
        return try await HTTPProbe.ask(
            harness.address, encoded.path, contentType: encoded.contentType + lines, body: encoded.body)
    }

    private func login(_ harness: CarrierHarness, _ mode: Enterprise.Mode) async throws -> Enterprise.Login {
        guard mode == .token else { return plain }
        let answer = try #require(try await ask(harness, .token, client))
        let token = try answer.body.withUnsafeBytes { try Enterprise.TokenAnswer(decoding: $0) }
        #expect(token.seconds == 7200)
        return .signed(token: token.token, account: "SIM001", password: "sim-secret")
    }

    private func send(
        _ harness: CarrierHarness, _ numbers: [String], _ login: Enterprise.Login, content: String = "测试"
    ) async throws -> Enterprise.SendAnswer {
        let part = CarrierHarness.part(numbers, content: content, customID: "m7", accessExtension: "12")
        let answer = try #require(try await ask(harness, .send(part), login))
        #expect(answer.status == 200)
        return try answer.body.withUnsafeBytes { try Enterprise.SendAnswer(decoding: $0) }
    }

    private func reports(
        _ harness: CarrierHarness, _ login: Enterprise.Login, limit: Int = 1000
    ) async throws -> Enterprise.ReportsAnswer {
        let answer = try #require(try await ask(harness, .fetchReports(limit: limit), login))
        return try answer.body.withUnsafeBytes { try Enterprise.ReportsAnswer(decoding: $0) }
    }

    @Test(arguments: Enterprise.Mode.allCases)
    func `a batch is taken, reported once per message, and replied to`(mode: Enterprise.Mode) async throws {
        try await CarrierHarness.with { harness in
            let login = try await login(harness, mode)
            let long = String(repeating: "长", count: 135)
            let numbers = ["13800138123", "13900130001", "13700130008"]
            let answer = try await send(harness, numbers, login, content: long)
            #expect(answer.code == "0")
            #expect(answer.entries.map(\.mobile) == numbers)
            #expect(answer.entries.allSatisfy { $0.isAccepted && $0.customID == "m7" })
            harness.time.pass(milliseconds: 200)
            let first = try await reports(harness, login, limit: 2)
            let all = try await first.reports + reports(harness, login).reports
            #expect(first.reports.count == 2)
            #expect(all.map(\.mobile).sorted() == numbers.sorted())
            #expect(all.allSatisfy { $0.customID == "m7" })
            #expect(all.filter { !$0.status.isDelivered }.map(\.status.code) == ["MK:0001"])
            #expect(try await reports(harness, login).reports.isEmpty)
            let replies = try #require(try await ask(harness, .fetchReplies(limit: 10), login))
            let decoded = try replies.body.withUnsafeBytes { try Enterprise.RepliesAnswer(decoding: $0) }
            #expect(decoded.replies.map(\.content) == ["T"])
            #expect(decoded.replies.map(\.mobile) == ["13700130008"])
        }
    }

    @Test func `wrong credentials are refused with their codes`() async throws {
        try await CarrierHarness.with { harness in
            let logins: [(Enterprise.Login, String)] = [
                (.plain(enterpriseID: "1002", account: "SIM001", password: "sim-secret"), "2"),
                (.plain(enterpriseID: "1001", account: "SIM001", password: "guess"), "2"),
                (.plain(enterpriseID: "1001", account: "SIM002", password: "sim-secret"), "2"),
                (.plain(enterpriseID: "", account: "SIM001", password: "sim-secret"), "1"),
                (.signed(token: "guess", account: "SIM001", password: "sim-secret"), "10"),
            ]
            for (login, code) in logins {
                #expect(try await send(harness, ["13800138000"], login).code == code)
                #expect(try await reports(harness, login).error == code)
            }
            for login in [Enterprise.Login.client(id: "client", secret: "guess"), .client(id: "x", secret: "secret")] {
                let answer = try #require(try await ask(harness, .token, login))
                #expect(answer.text == #"{"status":"1","error":"invalid_client"}"#)
            }
            #expect(harness.carrier.statistics.messages == 0)
        }
    }

    @Test func `a token ends`() async throws {
        try await CarrierHarness.with { harness in
            let login = try await login(harness, .token)
            harness.time.pass(milliseconds: 7_199_999)
            #expect(try await send(harness, ["13800138000"], login).code == "0")
            harness.time.pass(milliseconds: 1)
            #expect(try await send(harness, ["13800138000"], login).code == "10")
        }
    }

    @Test func `a number that is refused refuses the call, and one without an answer gets none`() async throws {
        try await CarrierHarness.with { harness in
            let refused = try await send(harness, ["13800138000", "13800130004"], plain)
            #expect(refused.code == "4")
            #expect(refused.entries.allSatisfy { !$0.isAccepted })
            let part = CarrierHarness.part(["13800130005"])
            #expect(try await ask(harness, .send(part), plain) == nil)
            #expect(harness.carrier.statistics.messages == 1)
        }
    }
}
