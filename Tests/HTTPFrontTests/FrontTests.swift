import Engine
import HTTPFront
import Messaging
import NIOCore
import Testing

struct FrontTests {
    private static let path = "/sms/v2/std/single_send"

    private func send(_ house: FrontHouse, _ body: String = FrontHouse.send()) async throws -> String {
        let answer = try await ask(house.front, "POST", Self.path, body)
        #expect(answer.status == 200)
        return answer.body
    }

    @Test func `a submission is answered with its id, and charged`() async throws {
        try await FrontHouse.with { house in
            #expect(try await send(house) == #"{"result":0,"msgid":1,"custid":"b3d0a2"}"#)
            let balance = try await ask(house.front, "POST", "/sms/v2/std/get_balance", "{\(FrontHouse.login)}")
            #expect(balance.body.contains(#""balance":99"#))
        }
    }

    @Test func `requests on one connection are answered in order`() async throws {
        try await FrontHouse.with { house in
            let client = try await WebClient(house.front)
            for number in 1...20 {
                let answer = try await client.request("POST", Self.path, FrontHouse.send())
                #expect(answer.body.contains("\"msgid\":\(number),"))
            }
            await client.close()
        }
    }

    @Test func `what no dialect answers has an HTTP status of its own`() async throws {
        try await FrontHouse.with { house in
            for path in ["/", "/sms/v2/std/", "/sms/v2/std/single_sendx", "/callback/sim/x"] {
                let answer = try await ask(house.front, "POST", path, "{}")
                #expect(answer.status == 404, "\(path)")
            }
        }
    }

    @Test func `a method that a path does not have is answered with those that it has`() async throws {
        try await FrontHouse.with { house in
            for (path, allow) in [
                (Self.path, "GET, POST"), ("/oauth2/sms/send", "POST"), ("/api/v1/send", "POST"),
                ("/HttpQuickProcess/submitJson", "POST"), ("/api/sms/send", "POST"),
            ] {
                let answer = try await ask(house.front, "DELETE", path, "")
                #expect(answer.status == 405, "\(path)")
                #expect(answer.allow == allow, "\(path)")
            }
            let pushed = try await ask(house.callback, "GET", "/callback/sim/\(house.entry.callbackToken)")
            #expect(pushed.allow == "POST")
            #expect(try await ask(house.front, "POST", "/", "").allow == nil)
        }
    }

    @Test func `a form behind the path of a POST without a body is read`() async throws {
        try await FrontHouse.with { house in
            let login = "userid=J10003&pwd=26dad7f364507df18f3841cc9c4ff94d&timestamp=0803192020"
            let query = "\(login)&mobile=13800138000&content=%b2%e2%ca%d4&custid=q1"
            for type in ["application/x-www-form-urlencoded", "application/json", "text/plain"] {
                let answer = try await ask(house.front, "POST", "\(Self.path)?\(query)", contentType: type)
                #expect(answer.body.hasPrefix("{\"result\":0,") && answer.body.contains("q1"), "\(type)")
            }
            // What stands in a body counts alone.
            let answer = try await ask(
                house.front, "POST", "\(Self.path)?\(query)", contentType: "application/x-www-form-urlencoded",
                "userid=NOBODY&pwd=x")
            #expect(answer.body.contains("-100001"))
        }
    }

    @Test func `every refusal is in the dialect's words and costs nothing`() async throws {
        try await FrontHouse.with(messages: 1) { house in
            func result(_ body: String, contentType: String = "application/json") async throws -> String {
                let answer = try await ask(house.front, "POST", Self.path, contentType: contentType, body)
                #expect(answer.status == 200)
                return answer.body
            }
            #expect(try await result("{").contains("\"result\":-100093"))
            #expect(try await result("", contentType: "image/png").contains("\"result\":-100100"))
            let wrong = FrontHouse.send(login: FrontHouse.login.replacing("26dad", with: "00000"))
            for _ in 0..<4 { #expect(try await result(wrong).contains("\"result\":-100001")) }
            #expect(try await result(FrontHouse.send()).contains("\"result\":0"))
            #expect(try await result(FrontHouse.send()).contains("\"result\":-100003"))
            #expect(try await result(wrong).contains("\"result\":-100002"))
            // Right from where it was right before: never shut out.
            #expect(try await result(FrontHouse.send()).contains("\"result\":-100003"))
            let account = try #require(house.engine.accounts.directory.account(id: "J10003"))
            #expect(account.runtime.balance == 0)
            #expect(house.engine.counters.snapshot.acceptedMessages == 1)
        }
    }

    @Test func `more connections than the account may have are refused until one closes`() async throws {
        try await FrontHouse.with(connectionLimit: 1) { house in
            let first = try await WebClient(house.front)
            #expect(try await first.request("POST", Self.path, FrontHouse.send()).body.contains("\"result\":0"))
            #expect(try await send(house).contains("\"result\":-100056"))
            // Wrong credentials are told first.
            let wrong = FrontHouse.send(login: FrontHouse.login.replacing("26dad", with: "00000"))
            #expect(try await send(house, wrong).contains("\"result\":-100001"))
            await first.close()
            try await house.eventually { try await send(house).contains("\"result\":0") }
        }
    }

    @Test func `what was reported is collected once`() async throws {
        try await FrontHouse.with { house in
            let batch = FrontHouse.send("13800138000,12x")
            let sent = try await ask(house.front, "POST", "/sms/v2/std/batch_send", batch)
            #expect(sent.body.contains("\"result\":0"))
            let fetch = "{\(FrontHouse.login),\"retsize\":10}"
            let first = try await ask(house.front, "POST", "/sms/v2/std/get_rpt", fetch)
            #expect(first.body.contains("REJECTD"))
            #expect(first.body.contains("\"mobile\":\"12x\""))
            let second = try await ask(house.front, "POST", "/sms/v2/std/get_rpt", fetch)
            #expect(second.body == #"{"result":0,"rpts":[]}"#)
        }
    }
}
