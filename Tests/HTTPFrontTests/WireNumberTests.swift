import Dialects
import Engine
import HTTPFront
import Messaging
import NIOCore
import Testing

/// How numbers come back, and which charset a text is in, by requests.
struct WireNumberTests {
    private static let form = "application/x-www-form-urlencoded"
    private static let identity = "userid=J10003&pwd=26dad7f364507df18f3841cc9c4ff94d&timestamp=0803192020"

    private func text(_ speaker: Speaker, _ posted: Speaker.Posted) async throws -> String {
        String(decoding: try await speaker.post(posted), as: UTF8.self)
    }

    private func count(_ house: FrontHouse) -> Int { house.engine.counters.snapshot.acceptedMessages }

    /// Reports a message as delivered, by its number in the store.
    private func deliver(_ house: FrontHouse, _ sequence: Int, _ mobile: String) async throws {
        try await house.eventually { house.engine.counters.snapshot.submittedMessages >= sequence }
        let report =
            #"{"custid":"m\#(sequence)","mobile":"\#(mobile)","status":0,"errcode":"DELIVRD","pknum":1,"pktotal":1}"#
        let body = Self.identity + "&cmd=RPT_REQ&seqid=1&rpts=[\(report)]"
        let answer = try await ask(
            house.callback, "POST", "/callback/sim/\(house.entry.callbackToken)", contentType: Self.form, body)
        #expect(answer.body.contains("\"result\":0"))
    }

    @Test(arguments: ["008613800003001", "+8613800003001", "8613800003001", "13800003001"])
    func `reports name a number as it was sent, in every dialect`(written: String) async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            for (place, tongue) in Tongue.allCases.enumerated() {
                _ = try await speaker.send(tongue, to: written)
                try await deliver(speaker.house, place + 1, "13800003001")
                // 003 has no way to fetch.
                let answer = try await text(speaker, speaker.fetching(tongue == .guodu ? .operatorV2 : tongue))
                #expect(answer.contains("\"\(written)\""), "\(tongue): \(answer)")
            }
        }
    }

    @Test func `a refused send of 000 names its number`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            for tongue in [Tongue.token, .plain] {
                for mobile in ["+8613800138000", "12x"] {
                    let empty = try await text(speaker, speaker.sending(tongue, [mobile], " "))
                    #expect(empty.contains("\"mobile\":\"\(mobile)\""), "\(empty)")
                    #expect(empty.contains("Faild"))
                }
                var posted = speaker.sending(tongue, ["13800138000", "13800138001"], "a")
                for (place, header) in posted.headers.enumerated()
                where ["signature", "password"].contains(header.0) {
                    posted.headers[place].1 = String(repeating: "0", count: 32)
                }
                let wrong = try await text(speaker, posted)
                #expect(wrong.contains(#""mobile":"13800138000""#) && !wrong.contains("13800138001"), "\(wrong)")
            }
        }
    }

    @Test func `004 names invalid numbers in failList`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            let some = try await text(speaker, speaker.sending(.yixintong, ["12x", "13800138000", "1"], "a"))
            #expect(some.contains(#""succ":true,"failList":"12x,1""#), "\(some)")
            let none = try await text(speaker, speaker.sending(.yixintong, ["13800138000"], "a"))
            #expect(none.contains(#""failList":"""#), "\(none)")
        }
    }

    @Test func `001 refuses an extNo that is no positive integer`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            for (extNo, code) in [("0", "01"), ("012", "01"), ("12", "00")] {
                var posted = speaker.sending(.apiV1, ["13800138000"], "a")
                posted.body += Array("&extNo=\(extNo)".utf8)
                #expect(try Speaker.code(.apiV1, try await speaker.post(posted)) == code, "\(extNo)")
            }
        }
    }

    // MARK: Texts

    private static func percent(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Posts to 002 and looks what was taken.
    private func content(
        _ speaker: Speaker, _ name: String, _ type: String, _ body: String
    ) async throws -> String {
        let next = try await speaker.house.engine.records.nextMessage()
        let posted = Speaker.Posted(path: "/sms/v2/std/" + name, contentType: type, body: Array(body.utf8))
        _ = try await speaker.post(posted)
        return try await speaker.house.engine.records.timeline(of: next).content
    }

    @Test func `under all six names a text shows itself which charset it is in`() async throws {
        try await Speaker.with(messages: 10_000) { (speaker: Speaker) async throws in
            for text in ["【测试】", "测试", "联通", "您的验证码是1234，5分钟内有效。", "OK 👍", "！", "a b+c%"] {
                for bytes in [Array(text.utf8), GBK.encode(text)].compactMap({ $0 }) {
                    let value = Self.percent(bytes)
                    for name in ["single_send", "send_single", "batch_send", "send_batch"] {
                        let json = "{\(FrontHouse.login),\"mobile\":\"13800138000\",\"content\":\"\(value)\"}"
                        #expect(try await content(speaker, name, "application/json", json) == text, "\(name) \(value)")
                        for written in [value, value.replacing("%", with: "%25")] {
                            let form = Self.identity + "&mobile=13800138000&content=" + written
                            #expect(try await content(speaker, name, Self.form, form) == text, "\(name) \(written)")
                        }
                    }
                    for name in ["multi_send", "send_multi"] {
                        let list = #"[{"mobile":"13800138000","content":"\#(value)"}]"#
                        let json = "{\(FrontHouse.login),\"multimt\":\(list)}"
                        #expect(try await content(speaker, name, "application/json", json) == text, "\(name) \(value)")
                    }
                }
            }
        }
    }

    @Test func `a lone percent sign is text, and a line end behind a form is nothing`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            let head = Self.identity + "&mobile=13800138000&content="
            for (written, expected) in [
                ("%b2%e2 100% off", "测 100% off"), ("100% off", "100% off"), ("hello\r\n", "hello"),
                ("%b2%e2\n", "测"), ("a%0d%0a\r\n", "a\r\n"),
            ] {
                #expect(try await content(speaker, "single_send", Self.form, head + written) == expected)
            }
            let next = try await speaker.house.engine.records.nextMessage()
            var posted = speaker.sending(.apiV1, ["13800138000"], "hello")
            posted.body += Array("\r\n".utf8)
            #expect(try Speaker.code(.apiV1, try await speaker.post(posted)) == "00")
            let taken = try await speaker.house.engine.records.timeline(of: next)
            #expect(taken.content == "hello")
        }
    }

    @Test func `texts of 003 for each number are never sent to all of them`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            func send(_ mobiles: String, _ content: String) async throws -> String {
                let body =
                    #"{"OperID":"J10003","OperPass":"111111","DesMobile":"\#(mobiles)","Content":"\#(content)"}"#
                return try await text(
                    speaker, Speaker.Posted(path: Guodu.path, contentType: Guodu.contentType, body: Array(body.utf8)))
            }
            let texts = "Your%2Bcode%2Bis%2B1%2CYour%2Bcode%2Bis%2B2"
            #expect(try await send("13800138000,13800138001", texts).contains(#""ResultCode":"01""#))
            for sequence in 1...2 {
                let timeline = try await speaker.house.engine.records.timeline(
                    of: MessageID(sequence: MessageSequence(Int64(sequence))))
                #expect(timeline.content == "Your code is \(sequence)")
            }
            #expect(try await send("13800138000,13800138001,13800138002", texts) == #"{"ResultCode":"06"}"#)
            #expect(try await send("13800138000", texts) == #"{"ResultCode":"06"}"#)
            try await speaker.house.eventually { count(speaker.house) == 2 }
        }
    }
}
