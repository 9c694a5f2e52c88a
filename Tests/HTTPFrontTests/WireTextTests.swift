import Dialects
import Engine
import HTTPFront
import Messaging
import NIOCore
import Testing

/// What WIRE.md says of the ways in which texts and lists are written, by requests: dialects 002, 003 and 000.
struct WireTextTests {
    private static let text = "测试短信"
    private static let gbk: [UInt8] = [0xB2, 0xE2, 0xCA, 0xD4, 0xB6, 0xCC, 0xD0, 0xC5]
    private static let form = "application/x-www-form-urlencoded"
    private static let identity = "userid=J10003&pwd=26dad7f364507df18f3841cc9c4ff94d&timestamp=0803192020"

    private static func percent(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func twice(_ bytes: some Sequence<UInt8>) -> String { percent(bytes).replacing("%", with: "%25") }

    /// Posts and looks what was taken.
    private func content(
        _ speaker: Speaker, _ path: String, _ contentType: String, _ body: [UInt8]
    ) async throws -> String {
        let next = MessageSequence(Int64(speaker.house.engine.counters.snapshot.acceptedMessages) + 1)
        _ = try await speaker.post(Speaker.Posted(path: path, contentType: contentType, body: body))
        return try await speaker.house.engine.records.timeline(of: MessageID(sequence: next)).content
    }

    @Test func `a content of 002, in each way in which its customers write it`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            func json(_ value: [UInt8]) -> [UInt8] {
                Array("{\(FrontHouse.login),\"mobile\":\"13800138000\",\"content\":\"".utf8) + value + Array("\"}".utf8)
            }
            func xml(_ value: [UInt8]) -> [UInt8] {
                Array(
                    ("<?xml version=1.0 encoding=utf-8?><mtreq><userid>J10003</userid>"
                        + "<pwd>26dad7f364507df18f3841cc9c4ff94d </pwd><timestamp>0803192020</timestamp>"
                        + "<mobile>13800138000</mobile><content>").utf8) + value + Array("</content></mtreq>".utf8)
            }
            func form(_ value: [UInt8]) -> [UInt8] {
                Array((Self.identity + "&mobile=13800138000&content=").utf8) + value
            }
            let (utf8, gbk) = (Array(Self.text.utf8), Self.gbk)
            for name in ["single_send", "send_single"] {
                let path = "/sms/v2/std/" + name
                for value in [Array(Self.percent(gbk).utf8), Array(Self.percent(utf8).utf8), utf8, gbk] {
                    #expect(try await content(speaker, path, "application/json", json(value)) == Self.text)
                    #expect(try await content(speaker, path, "text/xml", xml(value)) == Self.text)
                    #expect(try await content(speaker, path, Self.form, form(value)) == Self.text)
                }
                for value in [Self.twice(gbk), Self.twice(utf8)] {
                    #expect(try await content(speaker, path, Self.form, form(Array(value.utf8))) == Self.text)
                }
                #expect(try await content(speaker, path, "application/json", json(Array("1 + 1".utf8))) == "1 + 1")
            }
            // What would fit GBK as well is in UTF-8 under both names: its text shows it.
            let both = json(Array(Self.percent(Array("测试".utf8)).utf8))
            #expect(try await content(speaker, "/sms/v2/std/send_single", "application/json", both) == "测试")
            #expect(try await content(speaker, "/sms/v2/std/single_send", "application/json", both) == "测试")
        }
    }

    @Test func `multimt is a list, a text that holds one, or bytes of GBK in a form`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            let encoded = Self.percent(Self.gbk)
            let list = #"[{"mobile":"13800138000","content":"\#(encoded)"}]"#
            let quoted = list.replacing("\"", with: "\\\"")
            let raw = Array(#"[{"mobile":"13800138000","content":""#.utf8) + Self.gbk + Array("\"}]".utf8)
            let head = Array((Self.identity + "&multimt=").utf8)
            let bodies: [(String, [UInt8])] = [
                ("application/json", Array("{\(FrontHouse.login),\"multimt\":\(list)}".utf8)),
                ("application/json", Array("{\(FrontHouse.login),\"multimt\":\"\(quoted)\"}".utf8)),
                (Self.form, head + Array(list.utf8)), (Self.form, head + Array(Self.percent(list.utf8).utf8)),
                (Self.form, head + raw), (Self.form, head + Array(Self.percent(raw).utf8)),
            ]
            for (type, body) in bodies {
                #expect(try await content(speaker, "/sms/v2/std/multi_send", type, body) == Self.text)
            }
        }
    }

    @Test func `a fetch of 002 gives at most 500 reports and 200 replies, however its size is written`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            let mobiles = ["13800138000"] + (0..<600).map { "bad\($0)" }
            _ = try await speaker.post(speaker.sending(.operatorV2, mobiles, "hello"))
            var sizes: [Int] = []
            for size in ["9999", "\"50\"", "0"] {
                let body = Array("{\(FrontHouse.login),\"retsize\":\(size)}".utf8)
                let answer = try await speaker.post(
                    Speaker.Posted(path: "/sms/v2/std/get_rpt", contentType: "application/json", body: body))
                sizes.append(try answer.withUnsafeBytes { try OperatorV2.ReportsAnswer(decoding: $0) }.reports.count)
            }
            #expect(sizes == [500, 50, 50])

            let house = speaker.house
            for push in 0..<3 {
                let replies = (0..<100).map { place in
                    #"{"msgid":\#(push * 100 + place + 1),"mobile":"13800138000","spno":"10690012122","exno":"","#
                        + #""rtime":"2016-08-03 19:20:20","content":"\#(push * 100 + place)"}"#
                }
                let body = Self.identity + "&cmd=MO_REQ&seqid=\(push)&mos=[\(replies.joined(separator: ","))]"
                let answer = try await ask(
                    house.callback, "POST", "/callback/sim/\(house.entry.callbackToken)", contentType: Self.form, body)
                #expect(answer.body.contains("\"result\":0"))
            }
            var contents: [[String]] = []
            for size in ["999", "60", "\"\""] {
                let body = Array("{\(FrontHouse.login),\"retsize\":\(size)}".utf8)
                let answer = try await speaker.post(
                    Speaker.Posted(path: "/sms/v2/std/get_mo", contentType: "application/json", body: body))
                contents.append(
                    try answer.withUnsafeBytes { try OperatorV2.RepliesAnswer(decoding: $0) }.replies.map(\.content))
            }
            #expect(contents.map(\.count) == [200, 60, 40])
            #expect(contents.flatMap { $0 } == (0..<300).map(String.init))
        }
    }

    @Test func `a fetch of 000 gives as many as statusNum says, a text or a number`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            let mobiles = ["13800138000"] + (0..<999).map { "bad\($0)" }
            for _ in 0..<2 { _ = try await speaker.post(speaker.sending(.plain, mobiles, "hello")) }
            var sizes: [Int] = []
            for body in [#"{"statusNum":"20"}"#, #"{"statusNum":30}"#, #"{"statusNum":"5000"}"#, "{}"] {
                var posted = speaker.fetching(.plain)
                posted.body = Array(body.utf8)
                let answer = try await speaker.post(posted)
                sizes.append(try answer.withUnsafeBytes { try Enterprise.ReportsAnswer(decoding: $0) }.reports.count)
            }
            #expect(sizes == [20, 30, 1000, 948])
        }
    }

    @Test func `a content of 003, encoded once, twice, in GBK, or not at all`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            for value in [
                Self.percent(Self.text.utf8), Self.twice(Self.text.utf8), Self.percent(Self.gbk), Self.text,
                "\\u6d4b\\u8bd5\\u77ed\\u4fe1",
            ] {
                let body =
                    #"{"OperID":"J10003","OperPass":"111111","SendTime":"","AppendID":"","#
                    + #""DesMobile":"13800138000,","Content":"\#(value)"}"#
                #expect(
                    try await content(speaker, Guodu.path, "application/json", Array(body.utf8)) == Self.text,
                    "\(value)")
            }
        }
    }

    @Test func `an extension is text in a report of 001, and a number in a reply`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            let part = Submission.Part(
                recipients: [.number(PhoneNumber(rawValue: 13_800_138_000)), .invalid("12x")], content: "hello",
                customID: "t", accessExtension: "12")
            _ = try await speaker.post(speaker.apiV1(.send(part)))
            let reports = String(decoding: try await speaker.post(speaker.apiV1(.fetchReports)), as: UTF8.self)
            #expect(reports.contains(#""mobile":"12x","extNo":"12"}"#))
            let house = speaker.house
            let push =
                Self.identity + "&cmd=MO_REQ&seqid=1&mos=[{\"msgid\":1,\"mobile\":\"13800138000\","
                + "\"spno\":\"1069001212212\",\"exno\":\"\",\"rtime\":\"2016-08-03 19:20:20\",\"content\":\"T\"}]"
            _ = try await ask(
                house.callback, "POST", "/callback/sim/\(house.entry.callbackToken)", contentType: Self.form, push)
            let replies = String(decoding: try await speaker.post(speaker.apiV1(.fetchReplies)), as: UTF8.self)
            #expect(
                replies
                    == #"{"code":"00","data":[{"mobile":"13800138000","content":"T","times":"2016-08-03 19:20:20","#
                    + #""extNo":12}],"message":"成功"}"#)
        }
    }

    @Test func `a reply's content is percent-encoded UTF-8 in 002, and plain text in the others`() async throws {
        let written: [Tongue: String] = [
            .token: #""content":"测试短信""#, .plain: #""content":"测试短信""#, .apiV1: #""content":"测试短信""#,
            .operatorV2: #""content":"%e6%b5%8b%e8%af%95%e7%9f%ad%e4%bf%a1""#, .yixintong: #""content":"测试短信""#,
        ]
        for tongue in Tongue.fetching {
            try await Speaker.with { (speaker: Speaker) async throws in
                let house = speaker.house
                let push =
                    Self.identity + "&cmd=MO_REQ&seqid=1&mos=[{\"msgid\":1,\"mobile\":\"13800138000\","
                    + "\"spno\":\"10690012122\",\"exno\":\"\",\"rtime\":\"2016-08-03 19:20:20\","
                    + "\"content\":\"\(Self.percent(Self.gbk))\"}]"
                _ = try await ask(
                    house.callback, "POST", "/callback/sim/\(house.entry.callbackToken)", contentType: Self.form, push)
                let answer = try await speaker.post(speaker.fetching(tongue, replies: true))
                let text = String(decoding: answer, as: UTF8.self)
                #expect(text.contains(written[tongue] ?? "?"), "\(tongue): \(text)")
                #expect(text.contains("2016-08-03 19:20:20"), "\(tongue): \(text)")
            }
        }
    }
}
