import Messaging
import Store
import Testing

@testable import Engine

struct PricingTests {
    private func entry(
        unit: ChargeUnit = .money, signature: String = "", price: Int64 = 29_000
    ) -> AccountEntry {
        let account = Account(
            id: "A1", price: Money(microYuan: price), chargeUnit: unit, signature: signature)
        return AccountEntry(
            key: 4, account: account, secrets: AccountSecrets(apiPassword: "p"), runtime: AccountRuntime(balance: 0))
    }

    private func price(_ contents: [String], _ mobiles: [String] = ["13800138000"], by entry: AccountEntry) throws
        -> [AcceptedPartView]
    {
        let parts = contents.map { Submission.Part(recipients: mobiles.map { Recipient($0) }, content: $0) }
        return try SubmissionPricing.price(Submission(parts: parts), by: entry, at: TestClock.noon).parts.map {
            AcceptedPartView(content: $0.content, segments: $0.segments, cost: $0.cost)
        }
    }

    private struct AcceptedPartView: Equatable {
        var content: String
        var segments: Int
        var cost: Int64
    }

    @Test(arguments: [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (1000, 15)])
    func `a content costs by its segments and its valid numbers`(units: Int, segments: Int) throws {
        let content = String(repeating: "字", count: units)
        let parts = try price([content], ["13800138000", "bad", "13900139000"], by: entry())
        #expect(parts == [AcceptedPartView(content: content, segments: segments, cost: Int64(segments) * 2 * 29_000)])
    }

    @Test func `an account charged by count pays segments`() throws {
        let parts = try price([String(repeating: "字", count: 71), "x"], by: entry(unit: .count))
        #expect(parts.map(\.cost) == [2, 1])
    }

    @Test func `the signature counts, and is put only where there is none`() throws {
        let entry = entry(signature: "【驿站】")
        let content = String(repeating: "字", count: 67)
        #expect(try price([content], by: entry).map(\.segments) == [2])
        #expect(try price(["你好"], by: entry).map(\.content) == ["【驿站】你好"])
        #expect(try price(["【别的】你好"], by: entry).map(\.content) == ["【别的】你好"])
        #expect(try price(["你好【别的】"], by: entry).map(\.content) == ["你好【别的】"])
    }

    @Test func `an empty content and one of too many segments are refused`() {
        #expect(throws: Rejection.contentEmpty) { try price([""], by: entry()) }
        #expect(throws: Rejection.contentEmpty) { try price(["x", ""], by: entry()) }
        let most = String(repeating: "字", count: 67 * MessageID.segmentsMax)
        #expect(throws: Never.self) { try price([most], by: entry()) }
        #expect(throws: Rejection.contentTooLong) { try price([most + "字"], by: entry()) }
    }

    @Test func `a signature alone is no content`() {
        #expect(throws: Rejection.contentEmpty) { try price([""], by: entry(signature: "【驿站】")) }
    }
}

struct CarrierCallTests {
    private func call(_ count: Int, isUniform: Bool) -> CarrierCall {
        let messages = (0..<Int64(count)).map {
            OutgoingMessage(
                sequence: 100 + $0, mobile: PhoneNumber(rawValue: 13_800_138_000 + $0), content: "c",
                accessExtension: "", segments: 1, acceptedAt: TestClock.noon)
        }
        return CarrierCall(attempt: 9, isUniform: isUniform, messages: messages)
    }

    @Test func `messages that share a field name the call, others name themselves`() {
        #expect(call(3, isUniform: true).tag(2).text == "m100a9")
        #expect(call(3, isUniform: false).tag(2).text == "m102")
        #expect(call(1, isUniform: true).tag(0).text == "m100")
    }
}
