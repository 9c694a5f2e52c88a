import Messaging
import Testing

@testable import Dialects

/// Rules of single dialects that their interfaces' pages settle.
struct SettledRuleTests {
    // MARK: 001

    @Test(arguments: [("", ""), ("7", "7"), ("1234567890", "1234567890"), ("10", "10")])
    func `001 takes an extNo that is a positive integer`(written: String, expected: String) throws {
        let body = Array("account=A&pwd=b&mobiles=13800138000&content=x&extNo=\(written)".utf8)
        guard case .send(let submission) = try ApiV1.decodeRequest(.send, body: body).content.get() else { return }
        #expect(submission.parts.map(\.accessExtension) == [expected])
    }

    @Test(arguments: ["0", "00", "0006", "-1", "+1", "1.5", "a", "123456789012345678901"])
    func `001 refuses an extNo that is none`(written: String) throws {
        let body = Array(
            "account=A&pwd=b&mobiles=13800138000&content=x&extNo=\(written.replacing("+", with: "%2B"))".utf8)
        #expect(try ApiV1.decodeRequest(.send, body: body).content == .failure(.extensionInvalid))
        #expect(ApiV1.resultCode(for: .extensionInvalid) == "01")
    }

    // MARK: 002

    @Test func `002 pushes a reply under the id of the message that it answers, and hands it out under its own`() {
        var reply = CustomerReply(
            id: MessageID(rawValue: 77), mobile: "13800138000", accessNumber: "1069", accessExtension: "",
            receivedAt: Seed002.now, content: "T")
        func pushed() -> String {
            String(
                decoding: OperatorV2.encodePush(
                    .replies([reply]), sequence: 1, login: Seed002.login, at: Seed002.now, format: .json),
                as: UTF8.self)
        }
        #expect(pushed().contains(#""mos":[{"msgid":77,"#))
        reply.answered = MessageID(rawValue: 17_179_869_190)
        #expect(pushed().contains(#""mos":[{"msgid":17179869190,"#))
        let polled = String(decoding: OperatorV2.encodeAnswer(.replies([reply]), format: .json), as: UTF8.self)
        #expect(polled.contains(#""mos":[{"msgid":77,"#))
    }

    @Test func `JSON that is pushed says its charset`() {
        #expect(OperatorV2.PushFormat.json.contentType == "application/json;charset=UTF-8")
        #expect(OperatorV2.BodyFormat.json.contentType == "application/json")
    }

    @Test func `a text whose GBK would be taken for UTF-8 goes to a carrier in UTF-8`() throws {
        // In GBK these are the bytes of 你好 in UTF-8.
        let part = Submission.Part(recipients: [Recipient("13800138000")], content: "浣犲ソ")
        let call = OperatorV2.encodeCall(.singleSend(part), login: Seed002.login, at: Seed002.now)
        #expect(call.path == "/sms/v2/std/send_single")
        let request = try OperatorV2.decodeRequest(
            try #require(OperatorV2.Endpoint(path: call.path)), format: .json, body: call.body)
        #expect(request.content == .success(.send(Submission(parts: [part]))))
    }

    // MARK: 003

    private func guodu(_ content: String, numbers: Int) throws -> Guodu.Content {
        let mobiles = (0..<numbers).map { String(13_800_138_000 + $0) }.joined(separator: ",")
        let body = #"{"OperID":"A","OperPass":"b","DesMobile":"\#(mobiles)","Content":"\#(content)"}"#
        return try Guodu.decodeRequest(body: Array(body.utf8)).content.get()
    }

    /// As Java's URLEncoder has it.
    private func encoded(_ text: String) -> String {
        String(decoding: URLEncoding.java.encode(text), as: UTF8.self)
    }

    @Test func `003 takes a text for each number, as Java's URLEncoder writes them`() throws {
        #expect(
            encoded(encoded("Your code is 1") + "," + encoded("Your code is 2"))
                == "Your%2Bcode%2Bis%2B1%2CYour%2Bcode%2Bis%2B2")
        let lists = [
            ["Your code is 1", "Your code is 2"], ["测试 1", "测,试+2", "x"], ["1", "a b"], ["100%", "50"],
            ["您的验证码是1234，请勿泄露。", "您的验证码是5678，请勿泄露。", "*-._", "hello"],
        ]
        for texts in lists {
            let content = encoded(texts.map { encoded($0) }.joined(separator: ","))
            let read = try guodu(content, numbers: texts.count)
            #expect(read.variant == .personalised)
            #expect(read.submission.parts.map(\.content) == texts)
            #expect(read.submission.parts.map(\.recipients.count) == texts.map { _ in 1 })
            for other in [1, texts.count - 1, texts.count + 1] where other != texts.count && other > 0 {
                #expect(throws: Rejection.parameterInvalid("Content")) { try guodu(content, numbers: other) }
            }
        }
        #expect(Guodu.resultCode(for: .parameterInvalid("Content")) == "06")
    }

    @Test(
        arguments: [
            "满100+20,送券", "1,2,3", "Hello,world", "a b,c+d", "save 50% now, 1+1", "你好,1+1", "100%,50%", "a,b",
            "(1+1),(2)", "1%,",
        ])
    func `an ordinary text with commas in it stays one text, for one number and for several`(text: String) throws {
        for numbers in 1...3 {
            let read = try guodu(encoded(text), numbers: numbers)
            #expect(read.variant == (numbers == 1 ? .single : .batch))
            #expect(read.submission.parts.map(\.content) == [text])
        }
    }

    @Test func `003: what may be both is taken for a text for each`() throws {
        let content = encoded("a+b,c+d")
        #expect(try guodu(content, numbers: 2).submission.parts.map(\.content) == ["a b", "c d"])
        #expect(throws: Rejection.parameterInvalid("Content")) { try guodu(content, numbers: 1) }
        #expect(throws: Rejection.parameterInvalid("Content")) { try guodu(content, numbers: 3) }
    }

    @Test func `003: a percent sign among sequences is text`() throws {
        #expect(try guodu("%B2%E2 100% off", numbers: 1).submission.parts.map(\.content) == ["测 100% off"])
        #expect(try guodu("save 50%20 100%", numbers: 1).submission.parts.map(\.content) == ["save 50%20 100%"])
    }

    // MARK: 004

    @Test func `004: a parameter without a value is signed in any of three ways`() throws {
        let body = #"{"userNumber":"13800138000","templateId":null,"messageContent":"a","serialNumber":"","type":null}"#
        let parameters = try Yixintong.decodeRequest(.send, body: Array(body.utf8)).parameters
        let fixed = ["messageContent=a", "userNumber=13800138000"]
        func isRight(_ pairs: [String]) -> Bool {
            var credentials = Yixintong.Credentials(spCode: "1", appKey: "A", requestID: "1700000000000123456")
            let signed = pairs.map { pair in
                let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return Yixintong.Parameter(String(sides[0]), String(sides[1]))
            }
            credentials.signature = Yixintong.Signature.make(credentials, parameters: signed, appSecret: "s")
            return Yixintong.Signature.isRight(credentials, parameters: parameters, appSecret: "s")
        }
        let nulls = [["templateId=", "type="], ["templateId=null", "type=null"], []]
        for null in nulls {
            for empty in [["serialNumber="], ["serialNumber=null"], []] { #expect(isRight(fixed + null + empty)) }
        }
        #expect(!isRight(["messageContent=", "userNumber=13800138000"]))
        #expect(!isRight(["userNumber=13800138000"]))
        #expect(!isRight(fixed + ["templateId=0"]))
        #expect(!isRight(fixed + ["templateId=null", "type="]))
    }

    @Test func `004 names invalid numbers`() {
        let acceptance = Acceptance(firstID: MessageID(rawValue: 208), customID: "1")
        let body = Yixintong.encodeAnswer(.accepted(acceptance, invalid: ["12x", "1\"3"]))
        #expect(
            String(decoding: body, as: UTF8.self)
                == #"{"data":{"taskId":"208","succ":true,"failList":"12x,1\"3"},"#
                + #""code":0,"msg":"OK","ok":true,"succ":true}"#
        )
    }

    // MARK: 000

    @Test func `000 names the numbers of a send that is refused`() throws {
        func named(_ body: String, isKnown: Bool = true) -> Enterprise.Named {
            Array(body.utf8).withUnsafeBytes { raw in
                Enterprise.decodeRequest(Enterprise.Endpoint(.send, mode: .plain), body: raw) { _ in nil }
            }.named(isKnown: isKnown)
        }
        let two = Enterprise.Named(recipients: [Recipient("+8613800138000"), .invalid("12x")], customID: "s1")
        #expect(named(#"{"mobile":"+8613800138000,12x","content":"","smsid":"s1"}"#) == two)
        #expect(named(#"{"mobile":"+8613800138000,12x","content":"a","smsid":"s1"}"#) == two)
        #expect(
            named(#"{"mobile":"+8613800138000,12x","content":"a","smsid":"s1"}"#, isKnown: false).recipients.count == 1)
        #expect(named(#"{"mobile":"12x","content":"a"}"#).recipients == [.invalid("12x")])
        let many = (0..<1200).map { String(13_000_000_000 + $0) }.joined(separator: ",")
        #expect(named(#"{"mobile":"\#(many)","content":"a"}"#).recipients.count == 1000)
        #expect(named(#"{"mobile":"\#(many)","content":"a"}"#, isKnown: false).recipients.count == 1)
        #expect(named("nonsense") == Enterprise.Named())
        let refused = Enterprise.encodeFailure(.contentEmpty, of: .send, named: two)
        let text = String(decoding: refused, as: UTF8.self)
        #expect(text.contains(#""mobile":"+8613800138000","returnstatus":"Faild","smsid":"s1""#))
        #expect(text.contains(#""mobile":"12x""#))
    }
}
