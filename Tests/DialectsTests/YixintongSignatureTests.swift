import Dialects
import Messaging
import Testing

/// `x-sign` with WIRE.md's vectors, and the window of request ids.
struct YixintongSignatureTests {
    private static let javaSign = "9220c6a25b1d74fd2a11254354d6bf0ae9b324f60e1d6c8e95d52ed180702496"
    private static let javaScriptSign = "7990fca5a2b08c9a279053b8ab7ddb626973338f7f6aae7fc832e639011d69a5"
    private static let parameters = [
        Yixintong.Parameter("userNumber", "13800138000"), Yixintong.Parameter("messageContent", "测试 a"),
        Yixintong.Parameter("templateId", "0"),
    ]

    private func credentials(_ signature: String = "") -> Yixintong.Credentials {
        Yixintong.Credentials(
            spCode: "100001", appKey: "admin", requestID: "1700000000000123456", signature: signature)
    }

    private func isRight(
        _ signature: String, _ parameters: [Yixintong.Parameter] = parameters, secret: String = "secret"
    ) -> Bool {
        Yixintong.Signature.isRight(credentials(signature), parameters: parameters, appSecret: secret)
    }

    @Test("both vectors, made and recognised, in any case and any order of the parameters")
    func vectors() {
        func made(_ encoding: Yixintong.SignatureEncoding) -> String {
            Yixintong.Signature.make(
                credentials(), parameters: Self.parameters, appSecret: "secret", encoding: encoding)
        }
        #expect(made(.java) == Self.javaSign)
        #expect(made(.javaScript) == Self.javaScriptSign)
        for signature in [Self.javaSign, Self.javaScriptSign, Self.javaSign.uppercased()] {
            #expect(isRight(signature))
            #expect(isRight(signature, Self.parameters.reversed()))
        }
    }

    @Test("a parameter without a value is signed as k=, as k=null or not at all, nulls one way and empty ones another")
    func valueless() {
        let received =
            Self.parameters + [
                Yixintong.Parameter("extNo", "", isNull: true), Yixintong.Parameter("reserve", ""),
            ]
        func form(_ name: String, _ value: String?) -> [Yixintong.Parameter] {
            value.map { [Yixintong.Parameter(name, $0)] } ?? []
        }
        func sign(_ null: String?, _ empty: String?) -> String {
            Yixintong.Signature.make(
                credentials(), parameters: Self.parameters + form("extNo", null) + form("reserve", empty),
                appSecret: "secret")
        }
        let forms: [String?] = ["", "null", nil]
        for null in forms {
            for empty in forms {
                #expect(isRight(sign(null, empty), received), "\(null ?? "absent"), \(empty ?? "absent")")
            }
            #expect(!isRight(sign(null, "0"), received))
        }
        #expect(!isRight(sign("0", ""), received))
        // What has a value is signed with it.
        #expect(!isRight(sign("", ""), Self.parameters + form("extNo", "") + form("reserve", "7")))
    }

    @Test("anything else is no signature")
    func wrong() {
        #expect(!isRight(""))
        #expect(!isRight(String(Self.javaSign.dropLast())))
        #expect(!isRight(Self.javaSign, secret: "secre"))
        #expect(!isRight(Self.javaSign, secret: ""))
        #expect(!isRight(Self.javaSign, []))
        #expect(!isRight(Self.javaSign, Self.parameters + [Yixintong.Parameter("type", "1")]))
        var other = credentials(Self.javaSign)
        other.requestID = "1700000000000123457"
        #expect(!Yixintong.Signature.isRight(other, parameters: Self.parameters, appSecret: "secret"))
    }

    @Test("the two encodings keep what their languages keep")
    func encodings() {
        func signs(_ value: String) -> (String, String) {
            let parameters = [Yixintong.Parameter("k", value)]
            func made(_ encoding: Yixintong.SignatureEncoding) -> String {
                Yixintong.Signature.make(
                    credentials(), parameters: parameters, appSecret: "s", encoding: encoding)
            }
            return (made(.java), made(.javaScript))
        }
        for same in ["", "aZ09*-._", "测试", "&=%+", "😀"] { #expect(signs(same).0 == signs(same).1) }
        for different in [" ", "!", "~", "'", "(", ")"] { #expect(signs(different).0 != signs(different).1) }
    }

    // MARK: Request ids

    @Test("request ids are thirteen digits and six letters or digits")
    func requestIDs() {
        #expect(Yixintong.RequestID("1700000000000123456")?.time.milliseconds == 1_700_000_000_000)
        #expect(Yixintong.RequestID("1700000000000aZ09zA") != nil)
        for text in [
            "", "170000000000012345", "17000000000001234567", "17000000000001234-6", "170000000000a123456",
            "1700000000000 23456", "170000000000012345é",
        ] {
            #expect(Yixintong.RequestID(text) == nil)
        }
    }

    @Test("a million ids in one millisecond are distinct, and read back as their time")
    func madeIDs() {
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        #expect(Yixintong.RequestID.text(at: now, number: 123_456) == "1700000000000123456")
        #expect(Yixintong.RequestID.text(at: now, number: 7_000_001) == "1700000000000000001")
        #expect(Yixintong.RequestID.text(at: Timestamp(milliseconds: 5), number: 0) == "0000000000005000000")
        #expect(Yixintong.RequestID(Yixintong.RequestID.text(at: now, number: .max))?.time == now)
    }
}

struct YixintongReplayWindowTests {
    private let now = Timestamp(milliseconds: 1_700_000_000_000)

    private func id(_ offset: Int64, _ suffix: String = "abc123") throws -> Yixintong.RequestID {
        try #require(Yixintong.RequestID(String(now.milliseconds + offset) + suffix))
    }

    @Test("an id is fresh once for each account")
    func once() throws {
        var window = Yixintong.ReplayWindow()
        #expect(window.admit(try id(0), of: 1, at: now) == .fresh)
        #expect(window.admit(try id(0), of: 1, at: now) == .repeated)
        #expect(window.admit(try id(0), of: 2, at: now) == .fresh)
        #expect(window.admit(try id(0, "abc124"), of: 1, at: now) == .fresh)
        #expect(window.admit(try id(1), of: 1, at: now) == .fresh)
        #expect(window.admit(try id(0), of: 1, at: now.adding(milliseconds: 300_000)) == .repeated)
        #expect(window.admit(try id(0), of: 1, at: now.adding(milliseconds: 300_001)) == .tooOld)
    }

    @Test("five minutes either way, to the millisecond")
    func edges() throws {
        var window = Yixintong.ReplayWindow()
        #expect(window.admit(try id(-300_000), of: 1, at: now) == .fresh)
        #expect(window.admit(try id(-300_001), of: 1, at: now) == .tooOld)
        #expect(window.admit(try id(300_000), of: 1, at: now) == .fresh)
        #expect(window.admit(try id(300_001), of: 1, at: now) == .tooOld)
    }

    @Test("an id from the future is known until it is old itself")
    func future() throws {
        var window = Yixintong.ReplayWindow()
        #expect(window.admit(try id(299_000), of: 1, at: now) == .fresh)
        for later in stride(from: Int64(0), through: 599_000, by: 10_000) {
            #expect(window.admit(try id(299_000), of: 1, at: now.adding(milliseconds: later)) == .repeated)
        }
        #expect(window.admit(try id(299_000), of: 1, at: now.adding(milliseconds: 600_000)) == .tooOld)
    }

    @Test("a clock that is set back opens nothing that was forgotten")
    func clockBack() throws {
        var window = Yixintong.ReplayWindow()
        #expect(window.admit(try id(0), of: 1, at: now) == .fresh)
        #expect(window.admit(try id(400_000), of: 1, at: now.adding(milliseconds: 400_000)) == .fresh)
        #expect(window.count == 1)
        #expect(window.admit(try id(0), of: 1, at: now) == .tooOld)
        #expect(window.admit(try id(400_000), of: 1, at: now.adding(milliseconds: 200_000)) == .repeated)
    }

    @Test("memory is bounded for each account and in all, and freed as time goes on")
    func bounds() throws {
        var window = Yixintong.ReplayWindow(accountIDsMax: 3, idsMax: 5)
        for account in AccountKey(1)...2 {
            for offset in Int64(0)..<4 {
                let verdict = window.admit(try id(offset), of: account, at: now)
                let isRoom = account == 1 ? offset < 3 : offset < 2
                #expect(verdict == (isRoom ? .fresh : .full))
            }
        }
        #expect(window.count == 5)
        #expect(window.admit(try id(0), of: 1, at: now) == .repeated)
        let later = now.adding(milliseconds: 340_000)
        #expect(window.admit(try id(340_000), of: 1, at: later) == .fresh)
        #expect(window.count == 1)
    }

    @Test("an hour of requests is forgotten but for the last minutes, and no repetition passes")
    func longRun() throws {
        var window = Yixintong.ReplayWindow()
        var random = SplitMix(state: 4)
        for second in Int64(0)..<3600 {
            let at = now.adding(milliseconds: second * 1000)
            for suffix in ["000001", "zzzzzz"] {
                #expect(window.admit(try id(second * 1000, suffix), of: 1, at: at) == .fresh)
            }
            let back = Int64.random(in: 0...min(second, 300), using: &random)
            #expect(window.admit(try id((second - back) * 1000, "zzzzzz"), of: 1, at: at) == .repeated)
        }
        #expect(window.count <= 2 * 331)
    }
}
