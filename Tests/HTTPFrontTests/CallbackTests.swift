import Engine
import HTTPFront
import Messaging
import NIOCore
import Testing

struct CallbackTests {
    private func push(
        _ house: FrontHouse, password: String = "26dad7f364507df18f3841cc9c4ff94d", token: String? = nil,
        channel: String = "sim", sequence: MessageSequence = 1, seqid: Int = 1004
    ) async throws -> WebClient.Answer {
        let report =
            #"{"msgid":5,"custid":"m\#(sequence)","pknum":1,"pktotal":1,"mobile":"13800138000","spno":"1","#
            + #""exno":"","stime":"2016-08-03 19:20:20","rtime":"2016-08-03 19:20:20","status":0,"#
            + #""errcode":"DELIVRD","errdesc":"","exdata":""}"#
        let body =
            "userid=J10003&pwd=\(password)&timestamp=0803192020&cmd=RPT_REQ&seqid=\(seqid)&rpts=[\(report)]"
        return try await ask(
            house.callback, "POST", "/callback/\(channel)/\(token ?? house.entry.callbackToken)",
            contentType: "application/x-www-form-urlencoded", body)
    }

    /// A message that waits for its report.
    private func submitted(_ house: FrontHouse) async throws {
        _ = try await ask(house.front, "POST", "/sms/v2/std/single_send", FrontHouse.send())
        try await house.eventually { house.engine.counters.snapshot.submittedMessages == 1 }
    }

    private func state(_ house: FrontHouse) async throws -> MessageState {
        try await house.engine.records.timeline(of: MessageID(sequence: 1)).state
    }

    @Test func `a pushed report is applied before it is acknowledged`() async throws {
        try await FrontHouse.with { house in
            try await submitted(house)
            let answer = try await push(house)
            #expect(answer.status == 200)
            #expect(answer.body.contains("1004"))
            #expect(answer.body.contains("\"result\":0"))
            #expect(try await state(house) == .delivered)
            // The carrier may push it again.
            #expect(try await push(house).body.contains("\"result\":0"))
            #expect(house.engine.counters.snapshot.deliveredMessages == 1)
        }
    }

    @Test func `a push that cannot be stored is answered 503, so that the carrier keeps it`() async throws {
        try await FrontHouse.with { house in
            try await submitted(house)
            await house.engine.stop(drain: .zero)
            for password in ["111111", "wrong"] {
                let answer = try await pushReply(house, at: "2016-08-03 19:20:20", password: password)
                #expect(answer.status == 503)
                #expect(answer.body.isEmpty)
            }
            #expect(try await push(house).status == 503)
        }
    }

    @Test func `who does not know the address learns nothing and changes nothing`() async throws {
        try await FrontHouse.with { house in
            try await submitted(house)
            #expect(try await push(house, token: "").status == 404)
            #expect(try await push(house, token: String(repeating: "0", count: 32)).status == 404)
            #expect(try await push(house, channel: "other").status == 404)
            let get = try await ask(house.callback, "GET", "/callback/sim/\(house.entry.callbackToken)")
            #expect(get.status == 405)
            #expect(try await state(house) == .submitted)
        }
    }

    @Test func `wrong credentials are refused and the body is not applied`() async throws {
        try await FrontHouse.with { house in
            try await submitted(house)
            let answer = try await push(house, password: "00000000000000000000000000000000")
            #expect(answer.status == 200)
            #expect(answer.body.contains("\"result\":-100001"))
            #expect(try await state(house) == .submitted)
        }
    }

    @Test func `a body that cannot be read is answered, and the next one is applied`() async throws {
        try await FrontHouse.with { house in
            try await submitted(house)
            let path = "/callback/sim/\(house.entry.callbackToken)"
            for body in ["", "garbage", "{\"cmd\":", "cmd=RPT_REQ&rpts=[", "cmd=NONE"] {
                let answer = try await ask(
                    house.callback, "POST", path, contentType: "application/x-www-form-urlencoded", body)
                #expect(answer.status == 200)
                #expect(!answer.body.contains("\"result\":0"))
            }
            _ = try await push(house)
            #expect(try await state(house) == .delivered)
        }
    }

    @Test(arguments: [
        ("application/xml", "<?xml version=1.0 encoding=utf-8?>\n<r>"), ("text/plain", "<r>"),
        ("application/json", "\u{FEFF}<r>"),
    ])
    func `a push is read as what it is, whatever it is said to be: XML`(type: String, head: String) async throws {
        let body =
            "\(head)<userid>J10003</userid><pwd>111111</pwd><cmd>RPT_REQ</cmd><seqid>7</seqid><rpts><rpt>"
            + "<custid>m1</custid><pknum>1</pknum><pktotal>1</pktotal><mobile>13800138000</mobile>"
            + "<status>0</status><errcode>DELIVRD</errcode></rpt></rpts></r>"
        try await expectDelivery(by: body, type)
    }

    @Test(arguments: [
        ("text/plain", ""), ("application/x-www-form-urlencoded", ""), ("application/xml", "\u{FEFF}"),
        ("application/json", "\u{FEFF}\r\n"),
    ])
    func `a push is read as what it is, whatever it is said to be: JSON`(type: String, head: String) async throws {
        let body =
            head + #"{"userid":"J10003","pwd":"111111","cmd":"RPT_REQ","seqid":7,"rpts":[{"custid":"m1","pknum":1,"#
            + #""pktotal":1,"mobile":"13800138000","status":0,"errcode":"DELIVRD"}]}"#
        try await expectDelivery(by: body, type)
    }

    @Test(arguments: [("text/plain", ""), ("application/json", ""), ("application/xml", "\u{FEFF}")])
    func `a push is read as what it is, whatever it is said to be: a form`(type: String, head: String) async throws {
        let body =
            head + "userid=J10003&pwd=111111&cmd=RPT_REQ&seqid=7&rpts="
            + #"[{"custid":"m1","pknum":1,"pktotal":1,"mobile":"13800138000","status":0,"errcode":"DELIVRD"}]"#
        try await expectDelivery(by: body, type)
    }

    private func expectDelivery(by body: String, _ type: String) async throws {
        try await FrontHouse.with { house in
            try await submitted(house)
            let path = "/callback/sim/\(house.entry.callbackToken)"
            let answer = try await ask(house.callback, "POST", path, contentType: type, body)
            #expect(answer.body.contains("\"result\":0"))
            #expect(try await state(house) == .delivered)
        }
    }

    @Test func `a channel without a password takes no push that shows none`() async throws {
        try await FrontHouse.with { house in
            let open = try await house.engine.addChannel(
                Channel(name: "open", accessNumber: "10690012123"),
                endpoint: ChannelEndpoint(dialect: "operator-v2", url: "", user: "J10003", password: ""))
            for login in ["userid=J10003", "userid=J10003&pwd=", ""] {
                let answer = try await ask(
                    house.callback, "POST", "/callback/open/\(open.callbackToken)",
                    contentType: "application/x-www-form-urlencoded", login + "&cmd=MO_REQ&seqid=1&mos=[]")
                #expect(answer.body.contains("\"result\":-100001"), "\(login)")
            }
        }
    }

    private func pushReply(_ house: FrontHouse, at time: String, password: String = "111111") async throws
        -> WebClient.Answer
    {
        let reply =
            #"{"msgid":9,"mobile":"13800138000","spno":"10690012122","exno":"","rtime":"\#(time)","content":"T"}"#
        return try await ask(
            house.callback, "POST", "/callback/sim/\(house.entry.callbackToken)",
            contentType: "application/x-www-form-urlencoded",
            "userid=J10003&pwd=\(password)&cmd=MO_REQ&seqid=1&mos=[\(reply)]")
    }

    @Test func `a reply that is pushed again because our answer was lost is one reply`() async throws {
        try await FrontHouse.with { house in
            for time in ["2016-08-03 19:20:20", "2016-08-03 19:20:20", "2016-08-03 19:20:21"] {
                #expect(try await pushReply(house, at: time).body.contains("\"result\":0"))
            }
            let account = try #require(house.engine.accounts.directory.account(id: "J10003"))
            #expect(try await house.engine.outbox.collectReplies(for: account, limit: 9).count == 2)
        }
    }

    @Test func `a refused push is kept for the operator and never applied by itself`() async throws {
        try await FrontHouse.with { house in
            #expect(try await pushReply(house, at: "2016-08-03 19:20:20", password: "wrong").status == 200)
            let items = try await house.engine.unmatched.list(ParkedFilter(), after: nil, limit: 9)
            #expect(items.map(\.state) == [.unreadable])
            guard case .body(let body)? = items.first?.content else {
                Issue.record("\(items)")
                return
            }
            #expect(body.failure == "wrong credentials")
            let account = try #require(house.engine.accounts.directory.account(id: "J10003"))
            #expect(try await house.engine.outbox.collectReplies(for: account, limit: 9).isEmpty)
        }
    }
}
