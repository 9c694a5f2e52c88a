import CarrierLinks
import Engine
import Messaging
import Testing

struct FetchTests {
    private static let report = #"""
        {"msgid":1000,"custid":"m100","pknum":1,"pktotal":2,"mobile":"13800138000","spno":"1000457890006",\#
        "exno":"0006","stime":"2016-08-04 17:38:55","rtime":"2016-08-04 17:38:59","status":1,"errcode":"MK:0001",\#
        "errdesc":"no","exdata":""}
        """#
    private static let reply = #"""
        {"msgid":5,"mobile":"13800138000","spno":"1000457890006","exno":"0006","rtime":"2016-08-04 17:38:59",\#
        "content":"%e9%80%80%e8%ae%a2"}
        """#

    private func fetch(
        _ kind: InboundKind, answering body: String, status: String = "200 OK"
    ) async throws -> [UInt8]? {
        var fetched: [UInt8]?
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        let heard = try await withCarrier({ _ in .say(ScriptedServer.ok(body, status: status)) }) { link in
            fetched = try await link.fetch(kind)
        }
        #expect(heard.first?.hasPrefix("POST /sms/v2/std/get_\(kind == .polledReports ? "rpt" : "mo") ") == true)
        #expect(heard.first?.contains("retsize") == true)
        return fetched
    }

    @Test func `an empty list is nothing`() async throws {
        #expect(try await fetch(.polledReports, answering: #"{"result":0,"rpts":[]}"#) == nil)
        #expect(try await fetch(.polledReplies, answering: #"{"result":0,"mos":[]}"#) == nil)
        #expect(try await fetch(.polledReports, answering: #"{"result":0,"rpts":""}"#) == nil)
    }

    @Test func `what was fetched comes raw, byte for byte`() async throws {
        let body = #"{"result":0,"rpts":[\#(Self.report)],"unknown":1}"#
        #expect(try await fetch(.polledReports, answering: body) == Array(body.utf8))
    }

    @Test(arguments: ["garbage", "{\"result\":0,\"rpts\":[{", ""])
    func `what cannot be read is not thrown away`(body: String) async throws {
        #expect(try await fetch(.polledReports, answering: body) == Array(body.utf8))
        try await withLink("http://127.0.0.1:1") { link in
            #expect(throws: CarrierFailure.self) { try link.decode(.polledReports, Array(body.utf8)) }
            #expect(throws: CarrierFailure.self) { try link.decode(.pushed, Array(body.utf8)) }
        }
    }

    @Test func `a refusal is a failure with its code`() async throws {
        let failure = await #expect(throws: CarrierFailure.self) {
            try await fetch(.polledReports, answering: #"{"result":-100001,"rpts":""}"#)
        }
        #expect(failure?.reason.contains("-100001") == true)
    }

    @Test(arguments: [
        #"{"result":-100001,"rpts":"","desc":"\#(words)"}"#, #"{"desc":"\#(words)","rpts":[],"result":"-100001"}"#,
        #"{"result":-100001,"rpts":"[]","desc":"\#(words)"}"#,
        "<rptrsp><desc>\(words)</desc><result>-100001</result><rpts></rpts></rptrsp>",
    ])
    func `a refusal is a failure, however many words are made of it`(body: String) async throws {
        await #expect(throws: CarrierFailure("refused with code -100001")) {
            try await fetch(.polledReports, answering: body)
        }
        await #expect(throws: CarrierFailure("refused with code -100001")) {
            try await fetch(.polledReplies, answering: body.replacing("rpts", with: "mos"))
        }
    }

    private static let words = String(repeating: "密码错误", count: 100)

    @Test func `records are kept, whatever the code beside them, and so is what may hold some`() async throws {
        for body in [
            #"{"result":-100001,"rpts":[\#(Self.report)]}"#, #"{"rpts":[\#(Self.report)],"result":-100001}"#,
            #"{"result":0,"reports":[\#(Self.report)]}"#, #"{"result":0,"rpts":[\#(Self.report)"#,
        ] { #expect(try await fetch(.polledReports, answering: body) == Array(body.utf8)) }
    }

    @Test(arguments: ["404 Not Found", "500 Internal Server Error"])
    func `an HTTP error is a failure with its status`(status: String) async throws {
        let failure = await #expect(throws: CarrierFailure.self) {
            try await fetch(.polledReports, answering: "", status: status)
        }
        #expect(failure?.reason.contains(status.prefix(3)) == true)
    }

    @Test func `nobody listens: a failure`() async throws {
        let server = try await ScriptedServer { _ in .nothing }
        await server.stop()
        await #expect(throws: CarrierFailure.self) {
            try await withLink(server.url) { link in try await link.fetch(.polledReports) }
        }
    }

    @Test func `reports and replies are read from polls and pushes`() async throws {
        try await withLink("http://127.0.0.1:1") { link in
            let polled = try link.decode(.polledReports, Array(#"{"result":0,"rpts":[\#(Self.report)]}"#.utf8))
            #expect(polled.reports.map(\.customID) == ["m100"])
            #expect(polled.reports.map(\.status.code) == ["MK:0001"])
            #expect(polled.reports.map(\.segmentNumber) == [1])
            #expect(polled.reports.map(\.segmentTotal) == [2])
            let replies = try link.decode(.polledReplies, Array(#"{"result":0,"mos":[\#(Self.reply)]}"#.utf8))
            #expect(replies.replies.map(\.content) == ["退订"])
            #expect(replies.replies.map(\.accessNumber) == ["1000457890006"])
            let login = "userid=J10003&pwd=26dad7f364507df18f3841cc9c4ff94d&timestamp=0803192020"
            let form = "\(login)&cmd=RPT_REQ&seqid=1&rpts=[\(Self.report)]"
            #expect(try link.decode(.pushed, Array(form.utf8)).reports == polled.reports)
            let json = #"{"userid":"J10003","cmd":"MO_REQ","seqid":2,"mos":[\#(Self.reply)]}"#
            #expect(try link.decode(.pushed, Array(json.utf8)).replies == replies.replies)
            #expect(try link.decode(.pushed, Array(("\u{FEFF}" + json).utf8)).replies == replies.replies)
            #expect(try link.decode(.pushed, Array(("\u{FEFF}" + form).utf8)).reports == polled.reports)
            let xml =
                "<?xml version=\"1.0\"?><r><userid>J10003</userid><cmd>MO_REQ</cmd><seqid>2</seqid><mos><mo>"
                + "<msgid>5</msgid><mobile>13800138000</mobile><spno>1000457890006</spno>"
                + "<rtime>2016-08-04 17:38:59</rtime><content>%e9%80%80%e8%ae%a2</content></mo></mos></r>"
            #expect(try link.decode(.pushed, Array(xml.utf8)).replies == replies.replies)
        }
    }
}
