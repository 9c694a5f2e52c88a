import Engine
import HTTPFront
import Messaging
import NIOCore
import Testing

/// Dialect 003 at the front.
struct GuoduHandlerTests {
    private func post(
        _ house: FrontHouse, _ mobiles: String, _ content: String, appendID: String = "", password: String = "111111",
        user: String = "j10003"
    ) async throws -> String {
        let body =
            #"{"OperID":"\#(user)","OperPass":"\#(password)","SendTime":"","AppendID":"\#(appendID)","#
            + #""DesMobile":"\#(mobiles)","Content":"\#(content)"}"#
        let answer = try await ask(house.front, "POST", "/HttpQuickProcess/submitJson", body)
        #expect(answer.status == 200)
        return answer.body
    }

    @Test func `the answer tells the manner, and names the first recipient`() async throws {
        try await FrontHouse.with { house async throws in
            #expect(try await post(house, "13800138000", "%E6%B5%8B") == #"{"ResultCode":"03","MsgId":"1"}"#)
            #expect(
                try await post(house, "13800138000,13900139000,", "%E6%B5%8B") == #"{"ResultCode":"00","MsgId":"2"}"#)
            #expect(
                try await post(house, "13800138000,13900139000", "%25E6%25B5%258B%2C%25E8%25AF%2595")
                    == #"{"ResultCode":"01","MsgId":"4"}"#)
            #expect(house.engine.counters.snapshot.acceptedMessages == 5)
            let account = try #require(house.engine.accounts.directory.account(id: "J10003"))
            #expect(account.runtime.balance == 95)
            #expect(try await house.engine.records.timeline(of: MessageID(sequence: 5)).content == "试")
        }
    }

    @Test func `refusals have a code and nothing else`() async throws {
        try await FrontHouse.with(messages: 1) { house async throws in
            #expect(try await post(house, "13800138000,13900139000", "x") == #"{"ResultCode":"11"}"#)
            #expect(try await post(house, "13800138000", "x", user: "NOBODY") == #"{"ResultCode":"04"}"#)
            #expect(try await post(house, "13800138000", "x", password: "no") == #"{"ResultCode":"05"}"#)
            // The channel's number has 11 digits.
            #expect(
                try await post(house, "13800138000", "x", appendID: "1234567890") == #"{"ResultCode":"10"}"#)
            #expect(
                try await post(house, "13800138000", "x", appendID: "123456789")
                    == #"{"ResultCode":"03","MsgId":"1"}"#)
            await house.engine.stop(drain: .zero)
            // Nothing is taken any more, which is certain.
            #expect(try await post(house, "13800138000", "x") == #"{"ResultCode":"12"}"#)
        }
    }
}
