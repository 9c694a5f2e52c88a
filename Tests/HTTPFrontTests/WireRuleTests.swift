import Dialects
import Engine
import HTTPFront
import Messaging
import NIOCore
import Testing

/// The rules of WIRE.md that all dialects share, each produced by requests in every one of them.
struct WireRuleTests {
    private func timeline(_ speaker: Speaker, _ sequence: MessageSequence) async throws -> MessageTimeline {
        try await speaker.house.engine.records.timeline(of: MessageID(sequence: sequence))
    }

    @Test(
        arguments: [
            ("+8613800138000", "13800138000"), ("008613800138000", "13800138000"), ("8613800138000", "13800138000"),
            ("0085256412345", "0085256412345"), ("13800138000", "13800138000"),
        ])
    func `a number is taken with its prefix, and kept without`(written: String, number: String) async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            for (place, tongue) in Tongue.allCases.enumerated() {
                _ = try await speaker.send(tongue, to: written)
                #expect(try await timeline(speaker, MessageSequence(Int64(place) + 1)).mobile == number, "\(tongue)")
            }
        }
    }

    @Test func `units are of UTF-16, and the signature counts`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            let seventy = "😀" + String(repeating: "字", count: 68)
            for tongue in Tongue.allCases {
                let before = try speaker.balance
                _ = try await speaker.send(tongue, seventy)
                #expect(try before - speaker.balance == 1, "\(tongue)")
                _ = try await speaker.send(tongue, seventy + "字")
                #expect(try before - speaker.balance == 3, "\(tongue)")
            }
            _ = try await speaker.house.engine.accounts.update(id: "J10003") { account, _ in account.signature = "【驿站】"
            }
            for tongue in Tongue.allCases {
                let before = try speaker.balance
                _ = try await speaker.send(tongue, seventy)
                #expect(try before - speaker.balance == 2, "\(tongue)")
            }
        }
    }

    @Test func `an invalid number among valid ones costs nothing, and is reported at the time in China`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            for (place, tongue) in Tongue.allCases.enumerated() {
                _ = try await speaker.post(speaker.sending(tongue, ["12x\(place)", "13800138000"], "hello"))
                #expect(try speaker.balance == 99 - Int64(place))
                // 003 has no way to fetch.
                let other = tongue == .guodu ? .operatorV2 : tongue
                let answer = String(decoding: try await speaker.post(speaker.fetching(other)), as: UTF8.self)
                #expect(answer.contains(#""12x\#(place)""#), "\(tongue): \(answer)")
                if other != .yixintong { #expect(answer.contains("2016-08-03 19:20:20"), "\(tongue): \(answer)") }
                // Gone once it is given out.
                let again = String(decoding: try await speaker.post(speaker.fetching(other)), as: UTF8.self)
                #expect(!again.contains("12x"), "\(tongue): \(again)")
            }
        }
    }

    @Test func `fields that nobody knows are passed over`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            for tongue in Tongue.allCases {
                var posted = speaker.sending(tongue, ["13800138000"], "hello")
                if tongue == .yixintong {
                    // Signed like all others.
                    posted = try Self.signed(
                        speaker, #"{"x":"y","userNumber":"13800138000","messageContent":"hello"}"#)
                } else if posted.contentType.hasPrefix("application/json") {
                    posted.body = Array(#"{"x":[{"mobile":7}],"#.utf8) + posted.body.dropFirst()
                } else {
                    posted.body = Array("x=y&&z&".utf8) + posted.body
                }
                let before = try speaker.balance
                _ = try await speaker.post(posted)
                #expect(try before - speaker.balance == 1, "\(tongue)")
            }
        }
    }

    /// A body of dialect 004 of one's own, rightly signed.
    private static func signed(_ speaker: Speaker, _ body: String) throws -> Speaker.Posted {
        var posted = speaker.yixintong(.fetchReports)
        posted.path = Yixintong.Operation.send.path
        posted.body = Array(body.utf8)
        func header(_ name: String) -> String { posted.headers.first { $0.0 == name }?.1 ?? "" }
        let credentials = Yixintong.Credentials(
            spCode: header("x-sp-code"), appKey: header("x-app-key"), requestID: header("x-request-id"))
        let parameters = try Yixintong.decodeRequest(.send, body: posted.body).parameters
        let place = try #require(posted.headers.firstIndex { $0.0 == "x-sign" })
        posted.headers[place].1 = Yixintong.Signature.make(
            credentials, parameters: parameters, appSecret: "app-secret")
        return posted
    }

    @Test func `in 004 a type may be missing, and a templateId empty`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            for more in ["", #""type":"1","#, #""templateId":"","#, #""templateId":"0","type":1,"#] {
                let posted = try Self.signed(
                    speaker, "{\(more)" + #""userNumber":"13800138000","messageContent":"a"}"#)
                #expect(try Speaker.code(.yixintong, try await speaker.post(posted)) == "0", "\(more)")
            }
        }
    }

    @Test func `digests are right in either case`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            for tongue in Tongue.allCases where tongue != .guodu {
                var posted = speaker.sending(tongue, ["13800138000"], "hello")
                for (place, header) in posted.headers.enumerated()
                where ["signature", "password", "x-sign"].contains(header.0) {
                    posted.headers[place].1 = header.1.uppercased()
                }
                for digest in ["26dad7f364507df18f3841cc9c4ff94d", "96e79218965eb72c92a549dd5a330112"] {
                    let body = String(decoding: posted.body, as: UTF8.self)
                    posted.body = Array(body.replacing(digest, with: digest.uppercased()).utf8)
                }
                let before = try speaker.balance
                _ = try await speaker.post(posted)
                #expect(try before - speaker.balance == 1, "\(tongue)")
            }
        }
    }

    @Test func `the password in 000's signature may be its MD5`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            var posted = speaker.sending(.token, ["13800138000"], "hello")
            let place = try #require(posted.headers.firstIndex { $0.0 == "signature" })
            posted.headers[place].1 = Enterprise.Authentication.signature(
                account: "J10003", password: "96e79218965eb72c92a549dd5a330112", timestamp: "1470223220000")
            #expect(try Speaker.code(.token, try await speaker.post(posted)) == "0")
        }
    }

    @Test func `an answer is plain, whatever else its reader could unpack`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            var posted = speaker.fetching(.operatorV2)
            posted.headers.append(("Accept-Encoding", "gzip"))
            #expect(try await speaker.post(posted) == Array(#"{"result":0,"rpts":[]}"#.utf8))
        }
    }

    @Test func `a time to send at is one in China`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            let due = Timestamp(chinaText: "2016-08-04 08:00:00")
            let bodies: [(Tongue, String)] = [
                (.plain, #"{"mobile":"13800138000","content":"a","sendTime":"2016-08-04 08:00:00"}"#),
                (.plain, #"{"mobile":"13800138000","content":"a","sendTime":"20160804080000"}"#),
                (.token, #"{"mobile":"13800138000","content":"a","sendTime":"2016-08-04 08:00:00"}"#),
                (
                    .guodu,
                    #"{"OperID":"J10003","OperPass":"111111","SendTime":"20160804080000","AppendID":"","#
                        + #""DesMobile":"13800138000","Content":"a"}"#
                ),
            ]
            for (place, (tongue, body)) in bodies.enumerated() {
                var posted = speaker.sending(tongue, ["13800138000"], "a")
                posted.body = Array(body.utf8)
                _ = try await speaker.post(posted)
                let message = try await timeline(speaker, MessageSequence(Int64(place) + 1))
                #expect(message.scheduledAt == due, "\(body)")
                #expect(message.state == .scheduled, "\(body)")
            }
        }
    }

    @Test func `each path has its methods`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            for posted in Tongue.allCases.map({ speaker.sending($0, ["13800138000"], "a") }) {
                for method in ["PUT", "DELETE", "HEAD", "OPTIONS"] {
                    let answer = try await ask(speaker.house.front, method, posted.path)
                    #expect(answer.status == 405, "\(method) \(posted.path)")
                }
                #expect(try await ask(speaker.house.front, "POST", posted.path + "x").status == 404)
            }
            for path in [Guodu.path, "/api/v1/send", "/oauth2/sms/send", "/json/sms/report", "/info/sms/report"] {
                #expect(try await ask(speaker.house.front, "GET", path).status == 405, "\(path)")
            }
        }
    }
}
