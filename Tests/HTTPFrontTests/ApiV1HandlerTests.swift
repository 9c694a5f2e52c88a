import Engine
import HTTPFront
import Messaging
import NIOCore
import Testing

/// Dialect 001 at the front.
struct ApiV1HandlerTests {
    /// MD5 of 111111.
    private static let login = "account=j10003&pwd=96E79218965EB72C92A549DD5A330112"

    private func post(_ house: FrontHouse, _ operation: String, _ fields: String = "") async throws -> String {
        let answer = try await ask(
            house.front, "POST", "/api/v1/\(operation)", contentType: "application/x-www-form-urlencoded",
            Self.login + fields)
        #expect(answer.status == 200)
        return answer.body
    }

    @Test func `a send is answered with its taskId, charged, and accepted once`() async throws {
        try await FrontHouse.with { house async throws in
            let fields = "&mobiles=13800138000,13900139000&content=%E6%B5%8B&taskId=t-1"
            #expect(try await post(house, "send", fields) == #"{"code":"00","data":{"taskId":"t-1"},"message":"成功"}"#)
            #expect(
                try await post(house, "send", fields) == #"{"code":"07","data":null,"message":"taskId重复"}"#)
            #expect(
                try await post(house, "queryBalance")
                    == #"{"code":"00","data":{"balance":98,"payment":0,"paymentName":"预付"},"message":"成功"}"#)
            #expect(house.engine.counters.snapshot.acceptedMessages == 2)
        }
    }

    @Test func `an invalid number's report is collected once, and replies have a list of their own`() async throws {
        try await FrontHouse.with { house async throws in
            #expect(try await post(house, "send", "&mobiles=13800138000,12x&content=hi&taskId=t").contains("00"))
            let first = try await post(house, "report")
            #expect(first.hasPrefix(#"{"code":"00","data":[{"sendId":"t","status":"REJECTD","#))
            #expect(first.contains(#""mobile":"12x","extNo":""}]"#))
            #expect(try await post(house, "report") == #"{"code":"00","data":[],"message":"成功"}"#)
            #expect(try await post(house, "mo") == #"{"code":"00","data":[],"message":"成功"}"#)
        }
    }

    @Test func `five wrong credentials lock out, and what cannot be stored is said so`() async throws {
        try await FrontHouse.with { house async throws in
            for _ in 0..<6 {
                let answer = try await ask(
                    house.front, "POST", "/api/v1/mo", contentType: "application/x-www-form-urlencoded",
                    "account=J10003&pwd=wrong")
                #expect(answer.body.hasPrefix(#"{"code":"02","#))
            }
            #expect(try await post(house, "mo").hasPrefix(#"{"code":"02","#))
            house.engine.authenticator.logins.unlock(
                try #require(house.engine.accounts.directory.account(id: "J10003")))
            await house.engine.stop(drain: .zero)
            #expect(try await post(house, "report") == #"{"code":"99","data":null,"message":"系统错误"}"#)
        }
    }

    @Test func `a form behind the path of a POST without a body is read`() async throws {
        try await FrontHouse.with { house async throws in
            let query = "\(Self.login)&mobiles=13800138000&content=%E6%B5%8B&taskId=q-1"
            let answer = try await ask(house.front, "POST", "/api/v1/send?\(query)", contentType: "application/json")
            #expect(answer.body == #"{"code":"00","data":{"taskId":"q-1"},"message":"成功"}"#)
            // What stands in a body counts alone.
            let other = try await ask(
                house.front, "POST", "/api/v1/queryBalance?\(Self.login)",
                contentType: "application/x-www-form-urlencoded", "account=NOBODY&pwd=x")
            #expect(other.body.hasPrefix(#"{"code":"02","#))
        }
    }

    @Test func `another content type is refused in the dialect's words`() async throws {
        try await FrontHouse.with { house async throws in
            let answer = try await ask(house.front, "POST", "/api/v1/send", contentType: "application/json", "{}")
            #expect(answer.status == 200)
            #expect(answer.body == #"{"code":"01","data":null,"message":"参数错误"}"#)
        }
    }
}
