import Dialects
import Messaging
import Testing

@testable import Simulator

/// The simulated carrier's side of dialect 001.
struct ApiV1CarrierTests {
    private func ask(
        _ harness: CarrierHarness, _ call: ApiV1.Call, password: String = "sim-secret"
    ) async throws -> [UInt8] {
        let encoded = ApiV1.encodeCall(call, account: "SIM001", password: password)
        let answer = try #require(
            try await HTTPProbe.ask(
                harness.address, encoded.path, contentType: ApiV1.requestContentType, body: encoded.body))
        #expect(answer.status == 200)
        return answer.body
    }

    private func send(
        _ harness: CarrierHarness, _ numbers: [String], password: String = "sim-secret"
    ) async throws -> ApiV1.SendAnswer {
        let part = CarrierHarness.part(
            numbers, content: String(repeating: "长", count: 135), customID: "m7a1", accessExtension: "12")
        let body = try await ask(harness, .send(part), password: password)
        return try body.withUnsafeBytes { try ApiV1.SendAnswer(decoding: $0) }
    }

    @Test func `a send is taken, reported once per message, and replied to`() async throws {
        try await CarrierHarness.with { harness in
            let numbers = ["13800138123", "13900130001", "13700130008"]
            #expect(try await send(harness, numbers) == ApiV1.SendAnswer(code: "00", taskID: "m7a1", message: "成功"))
            harness.time.pass(milliseconds: 200)
            let body = try await ask(harness, .fetchReports)
            let reports = try body.withUnsafeBytes { try ApiV1.ReportsAnswer(decoding: $0) }.reports
            #expect(reports.map(\.mobile) == numbers)
            #expect(reports.map(\.status.code) == ["DELIVRD", "MK:0001", "DELIVRD"])
            #expect(reports.allSatisfy { $0.customID == "m7a1" })
            let replies = try await ask(harness, .fetchReplies)
                .withUnsafeBytes { try ApiV1.RepliesAnswer(decoding: $0) }
            #expect(replies.replies.map(\.accessExtension) == ["12"])
            let empty = #"{"code":"00","data":[],"message":"成功"}"#
            let again = try await ask(harness, .fetchReports)
            #expect(String(decoding: again, as: UTF8.self) == empty)
            let balance = try await ask(harness, .balance).withUnsafeBytes { try ApiV1.BalanceAnswer(decoding: $0) }
            #expect(balance.balance == "200000")
        }
    }

    @Test func `what is wrong is refused in the dialect's words`() async throws {
        try await CarrierHarness.with { harness in
            let wrong = try await send(harness, ["13800138123"], password: "wrong")
            #expect(wrong.code == "02")
            let refused = try await send(harness, ["13800138123", "13800130004"])
            #expect(refused.code == "10")
        }
        try await CarrierHarness.with(settings { $0.faults.failShare = 1 }) { harness in
            let refused = try await send(harness, ["13800138123"])
            #expect(refused.code == "09")
        }
    }

    @Test func `pushes hold one entry each, and are tried once`() {
        let rules = PushDialect.apiV1
        #expect(rules.limit(of: .reports) == 1 && rules.limit(of: .replies) == 1)
        #expect(rules.triesOnce && rules.grain == .message)
        let push = ApiV1.Pushes()
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(push.judge(status: 200, nothing).isAccepted)
        #expect(!push.judge(status: 500, nothing).isAccepted)
        let reply = CustomerReply(
            id: MessageID(sequence: 1), mobile: "13800138123", accessNumber: "106912", accessExtension: "12",
            receivedAt: Timestamp(milliseconds: 1_555_063_028_000), content: "T")
        let context = PushContext(userID: "", password: "", format: .form, sequence: 1, at: reply.receivedAt)
        let body = push.encode(.replies([reply]), context).body
        #expect(body == ApiV1.encodePush(reply: reply))
    }
}
