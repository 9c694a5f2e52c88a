import Dialects
import Messaging
import Testing

@testable import Simulator

/// The simulated carrier's side of dialect 003.
struct GuoduCarrierTests {
    private func send(
        _ harness: CarrierHarness, _ call: Guodu.Call, password: String = "sim-secret"
    ) async throws -> Guodu.SendAnswer {
        let body = Guodu.encodeCall(call, operatorID: "SIM001", password: password)
        let answer = try #require(
            try await HTTPProbe.ask(harness.address, Guodu.path, contentType: Guodu.contentType, body: body))
        #expect(answer.status == 200)
        return try answer.body.withUnsafeBytes { try Guodu.SendAnswer(decoding: $0) }
    }

    @Test func `each manner has its code, and reports name the whole request`() async throws {
        try await CarrierHarness.with { harness in
            let single = try await send(harness, .shared(CarrierHarness.part(["13800138123"])))
            #expect(single.code == "03")
            let parts = ["13900139123": "甲", "13900130001": "乙"].sorted { $0.key < $1.key }
                .map { CarrierHarness.part([$0.key], content: $0.value) }
            let personal = try await send(harness, .personalised(parts))
            #expect(personal.code == "01")
            let batch = try await send(harness, .shared(CarrierHarness.part(["13700137123", "13700130008"])))
            #expect(batch.code == "00")
            harness.time.pass(milliseconds: 200)
            let push = Guodu.Pushes()
            let context = PushContext(userID: "", password: "", format: .form, sequence: 1, at: harness.time.now)
            let reports = harness.carrier.takeReportsToPush(limit: 250, grain: PushDialect.guodu.grain)
            let body = push.encode(.reports(reports), context).body
            let read = try body.withUnsafeBytes { try Guodu.decodePush($0) }.reports
            let keys = [single, personal, personal, batch, batch].map { Optional($0.messageID) }
            #expect(read.map(\.carrierKey) == keys)
            #expect(read.map(\.status.code) == ["DELIVRD", "MK:0001", "DELIVRD", "DELIVRD", "DELIVRD"])
            let replies = harness.carrier.takeRepliesToPush(limit: 250)
            let heard = try push.encode(.replies(replies), context).body
                .withUnsafeBytes { try Guodu.decodePush($0) }.replies
            #expect(heard.map(\.mobile) == ["13700130008"])
            #expect(heard.map(\.accessNumber) == ["10690012122"])
        }
    }

    @Test func `what is wrong is refused in the dialect's words`() async throws {
        try await CarrierHarness.with { harness in
            let part = CarrierHarness.part(["13800138123"])
            let wrong = try await send(harness, .shared(part), password: "wrong")
            #expect(wrong == Guodu.SendAnswer(code: "05", messageID: ""))
            let refused = try await send(harness, .shared(CarrierHarness.part(["13800130004"])))
            #expect(refused.code == "06")
        }
        // A refusal that is meant for all must be certain: -1 is not.
        try await CarrierHarness.with(settings { $0.faults.failShare = 1 }) { harness in
            let refused = try await send(harness, .shared(CarrierHarness.part(["13800138123"])))
            #expect(refused.code == "11")
        }
    }

    @Test func `pushes hold at most 250 entries, and are repeated`() {
        let rules = PushDialect.guodu
        #expect(rules.limit(of: .reports) == 250 && rules.limit(of: .replies) == 250)
        #expect(!rules.triesOnce && rules.grain == .message)
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(Guodu.Pushes().judge(status: 200, nothing).isAccepted)
        #expect(!Guodu.Pushes().judge(status: 503, nothing).isAccepted)
    }
}
