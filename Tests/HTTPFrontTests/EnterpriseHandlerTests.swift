import Engine
import HTTPFront
import Messaging
import Testing

/// Dialect 000 towards customers, at a time that stands still.
struct EnterpriseHandlerTests {
    private static let signature = "d691115354e5c532182f9f4fc977425d"
    private static let digest = "96e79218965eb72c92a549dd5a330112"
    private static let tokenBody =
        #"{"grant_type":"client_credentials","client_id":"client","client_secret":"s3cret"}"#
    private static let sendBody = #"{"mobile":"13800138000","content":"测试","smsid":"s1"}"#

    /// J10003 with what dialect 000 needs.
    private func withHouse(messages: Int64 = 100, _ body: (FrontHouse) async throws -> Void) async throws {
        try await FrontHouse.with(messages: messages) { house in
            _ = try await house.engine.accounts.update(id: "J10003") { account, secrets in
                account.enterpriseID = "1001"
                account.clientID = "client"
                secrets.clientSecret = "s3cret"
            }
            try await body(house)
        }
    }

    private func ask(_ house: FrontHouse, _ path: String, _ headers: [String: String], _ body: String) async throws
        -> String
    {
        // More header lines behind the first.
        let lines = headers.map { "\r\n\($0.key): \($0.value)" }.joined()
        let answer = try await HTTPFrontTests.ask(
            house.front, "POST", path, contentType: "application/json" + lines, body)
        #expect(answer.status == 200)
        return answer.body
    }

    private func token(_ house: FrontHouse) async throws -> String {
        let answer = try await ask(house, "/oauth2/token", [:], Self.tokenBody)
        let parts = answer.split(separator: "\"")
        #expect(answer.hasPrefix(#"{"status":"0","access_token":""#))
        #expect(answer.hasSuffix(#"","expires_in":"7200"}"#))
        return String(try #require(parts.first { $0.utf8.count == 64 }))
    }

    private static func signed(_ token: String, timestamp: String = "1470223220000", signature: String = signature)
        -> [String: String]
    {
        ["AUTHORIZATION": token, "Signature": signature, "timestamp": timestamp, "account": "J10003"]
    }

    private static let plain = ["userid": "1001", "Account": "J10003", "password": digest]

    @Test func `both modes accept, and the plain one tells what is left`() async throws {
        try await withHouse { house in
            let token = try await token(house)
            let entry = #"{"message":"提交成功","mobile":"13800138000","returnstatus":"Success","smsid":"s1"}"#
            for (path, headers, id, rest) in [
                ("/oauth2/sms/send", Self.signed(token), 1, ""),
                ("/json/sms/send", Self.plain, 2, #","remainpoint":"98""#),
                ("/oauth2/sms/send", Self.signed("Bearer " + token), 3, ""),
            ] {
                let answer = try await ask(house, path, headers, Self.sendBody)
                #expect(answer == #"{"code":"0","taskID":"\#(id)","messages":[\#(entry)]\#(rest)}"#)
            }
            #expect(house.engine.counters.snapshot.acceptedMessages == 3)
        }
    }

    @Test func `lists that are empty are lists`() async throws {
        try await withHouse { house in
            let token = try await token(house)
            for (mode, headers) in [("oauth2", Self.signed(token)), ("json", Self.plain)] {
                for (name, list) in [("report", "returnsms"), ("mo", "callbox")] {
                    for body in ["", "{}", #"{"statusNum":"7"}"#] {
                        let answer = try await ask(house, "/\(mode)/sms/\(name)", headers, body)
                        #expect(answer == #"{"error":"0","remark":"成功","\#(list)":[]}"#)
                    }
                }
            }
        }
    }

    @Test func `only these paths, and only by POST`() async throws {
        try await withHouse { house in
            for path in ["/oauth2", "/oauth2/sms", "/oauth2/sms/balance", "/json/token", "/json/sms/send/x"] {
                let answer = try await HTTPFrontTests.ask(house.front, "POST", path, "{}")
                #expect(answer.status == 404, "\(path)")
            }
            for path in ["/oauth2/token", "/json/sms/mo"] {
                #expect(try await HTTPFrontTests.ask(house.front, "GET", path).status == 405)
            }
        }
    }

    @Test func `a signature is good for five minutes either way`() async throws {
        try await withHouse { house in
            let token = try await token(house)
            func code(_ timestamp: String, _ signature: String) async throws -> String {
                let headers = Self.signed(token, timestamp: timestamp, signature: signature)
                let answer = try await ask(house, "/oauth2/sms/send", headers, Self.sendBody)
                return String(answer.split(separator: "\"")[3])
            }
            // MD5(J10003|111111|…) of five minutes, and of a millisecond more, before and after.
            let table = [
                ("1470222920000", "f2dc66ac15864e27b28931940096ba91", "0"),
                ("1470223520000", "d4717f17e1481806f853e839d274e05e", "0"),
                ("1470222919999", "afcc57bd4ffc1a766af9210957b42c59", "2"),
                ("1470223520001", "344388b2f13091e175e7458687af2025", "2"),
                ("1470223220000", "f2dc66ac15864e27b28931940096ba91", "2"),
            ]
            for (timestamp, signature, expected) in table {
                #expect(try await code(timestamp, signature) == expected, "\(timestamp)")
            }
        }
    }

    @Test func `an account that did not set a dialect up does not speak it`() async throws {
        try await FrontHouse.with { house in
            let answer = try await ask(house, "/json/sms/send", Self.plain, Self.sendBody)
            #expect(answer.hasPrefix(#"{"code":"2","#))
            for body in [Self.tokenBody, #"{"grant_type":"client_credentials","client_id":"","client_secret":""}"#] {
                #expect(
                    try await ask(house, "/oauth2/token", [:], body) == #"{"status":"1","error":"invalid_client"}"#)
            }
            _ = try await house.engine.accounts.update(id: "J10003") { account, _ in account.clientID = "client" }
            #expect(
                try await ask(house, "/oauth2/token", [:], Self.tokenBody)
                    == #"{"status":"1","error":"invalid_client"}"#)
        }
    }

    @Test func `an ended token is told so, and locks nobody out`() async throws {
        try await withHouse { house in
            let headers = Self.signed(String(repeating: "a", count: 64))
            for _ in 0..<7 {
                let answer = try await ask(house, "/oauth2/sms/report", headers, "")
                #expect(answer == #"{"error":"10","remark":"令牌缺失、过期或错误","returnsms":[]}"#)
            }
            #expect(try await ask(house, "/json/sms/send", Self.plain, Self.sendBody).hasPrefix(#"{"code":"0","#))
        }
    }

    @Test func `who does not prove to be the account learns nothing of the request`() async throws {
        try await withHouse(messages: 1) { house in
            var wrong = Self.plain
            wrong["password"] = String(Self.digest.reversed())
            let answer = try await ask(house, "/json/sms/send", wrong, #"{"mobile":"#)
            #expect(
                answer == #"{"code":"2","taskID":"","messages":[{"message":"账号或密码错误","mobile":"","#
                    + #""returnstatus":"Faild","smsid":""}]}"#)
            let two = #"{"mobile":"13800138000,13900139000","content":"a"}"#
            let poor = try await ask(house, "/json/sms/send", Self.plain, two)
            #expect(poor.hasPrefix(#"{"code":"5","taskID":"","messages":[{"message":"余额不足","mobile":"13800138000""#))
            #expect(house.engine.counters.snapshot.acceptedMessages == 0)
        }
    }
}
