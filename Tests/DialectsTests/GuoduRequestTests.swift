import Dialects
import Messaging
import Testing

/// What seed 003 and WIRE.md §003 ask of a request, and what breaks them.
struct GuoduRequestTests {
    private static func body(_ changes: [String: String] = [:]) -> [UInt8] {
        var fields = [
            "OperID": "abc1", "OperPass": "pw", "SendTime": "", "AppendID": "", "DesMobile": "13800138000",
            "Content": "%E6%B5%8B%E8%AF%95",
        ]
        fields.merge(changes) { $1 }
        return Array("{\(fields.map { "\"\($0)\":\"\($1)\"" }.joined(separator: ","))}".utf8)
    }

    private func content(_ changes: [String: String]) throws -> Guodu.Content {
        try Guodu.decodeRequest(body: Self.body(changes)).content.get()
    }

    private func texts(_ content: String, numbers: String = "13800138000") throws -> [String] {
        try self.content(["Content": content, "DesMobile": numbers]).submission.parts.map(\.content)
    }

    @Test(
        "a field that breaks a rule",
        arguments: [
            (["DesMobile": ""], Rejection.parameterMissing("DesMobile")),
            (["DesMobile": " , "], .parameterMissing("DesMobile")), (["DesMobile": "123"], .numberInvalid),
            (["Content": ""], .contentEmpty), (["Content": "%20+%0A"], .contentEmpty),
            (["Content": "%01"], .contentUndecodable), (["Content": "%FF%FF"], .contentUndecodable),
            (["SendTime": "tomorrow"], .scheduleInvalid), (["SendTime": "20261301000000"], .scheduleInvalid),
            (["AppendID": "12a"], .extensionInvalid), (["AppendID": "123456789012345678901"], .extensionInvalid),
            (["Content": "%E6%B5%8B,%E8%AF%95".replacing("%", with: "%25") + ",", "DesMobile": "13800138000,x"], nil),
        ] as [([String: String], Rejection?)])
    func broken(changes: [String: String], expected: Rejection?) throws {
        let request = try Guodu.decodeRequest(body: Self.body(changes))
        #expect(request.credentials == Guodu.Credentials(operatorID: "ABC1", password: "pw"))
        if let expected {
            #expect(request.content == .failure(expected))
        } else {
            #expect(try request.content.get().variant == .personalised)
        }
    }

    @Test("500 numbers and 500 characters, and one more of each")
    func bounds() throws {
        func numbers(_ count: Int) -> String {
            (0..<count).map { String(13_000_000_000 + $0) }.joined(separator: ",")
        }
        #expect(try content(["DesMobile": numbers(500) + ","]).submission.recipientCount == 500)
        #expect(
            try Guodu.decodeRequest(body: Self.body(["DesMobile": numbers(501)])).content == .failure(.tooManyNumbers))
        let long = String(repeating: "%E5%AD%97", count: 500)
        #expect(try texts(long) == [String(repeating: "字", count: 500)])
        #expect(try Guodu.decodeRequest(body: Self.body(["Content": long + "x"])).content == .failure(.contentTooLong))
        let endless = String(repeating: "x", count: 1_000_000)
        #expect(try Guodu.decodeRequest(body: Self.body(["Content": endless])).content == .failure(.contentTooLong))
    }

    @Test(
        "one content, however it is written",
        arguments: [
            ("%E6%B5%8B%E8%AF%95+1%2B1", "测试 1+1"), ("测试 1+1", "测试 1+1"), ("测试 100%", "测试 100%"),
            ("%B2%E2%CA%D4", "测试"), ("%25E6%25B5%258B%252C%25E8%25AF%2595", "测,试"), ("hello", "hello"),
            ("hello+world%21", "hello world!"), ("save 50% now, 1+1", "save 50% now, 1+1"), ("1,2,3", "1,2,3"),
            ("50%25+off", "50% off"), ("\\u6d4b\\u8bd5+", "测试+"),
        ])
    func contents(written: String, expected: String) throws {
        #expect(try texts(written) == [expected])
        let batch = try content(["Content": written, "DesMobile": "13800138000,13900139000,"])
        #expect(batch.variant == .batch)
        #expect(batch.submission.parts.map(\.content) == [expected])
        #expect(batch.submission.recipientCount == 2)
    }

    @Test("a whole body in GBK")
    func bodyInGBK() throws {
        let head = Array(#"{"OperID":"A","OperPass":"b","DesMobile":"13800138000","Content":""#.utf8)
        let request = try Guodu.decodeRequest(body: head + [0xB2, 0xE2, 0xCA, 0xD4] + Array("\"}".utf8))
        #expect(try request.content.get().submission.parts.map(\.content) == ["测试"])
    }

    @Test("a content for each number")
    func personalised() throws {
        let inner = "%E6%B5%8B+1,%E8%AF%95%2C2"
        let outer = inner.replacing("%", with: "%25").replacing(",", with: "%2C").replacing("+", with: "%2B")
        let two = try content(["Content": outer, "DesMobile": "13800138000,13900139000", "AppendID": "06"])
        #expect(two.variant == .personalised)
        #expect(two.submission.parts.map(\.content) == ["测 1", "试,2"])
        #expect(
            two.submission.parts.map(\.recipients) == [[Recipient("13800138000")], [Recipient("13900139000")]])
        #expect(two.submission.parts.map(\.accessExtension) == ["06", "06"])
        // One that is plain ASCII, beside one that is not.
        let mixed = try texts("%25E6%25B5%258B%2Cabc", numbers: "13800138000,13900139000")
        #expect(mixed == ["测", "abc"])
        // As many contents as numbers, or nothing is sent: nobody may get another's.
        for numbers in ["13800138000", "13800138000,13900139000,13700137000", "13800138000,x,13900139000"] {
            #expect(throws: Rejection.parameterInvalid("Content"), "\(numbers)") { try texts(outer, numbers: numbers) }
        }
        #expect(throws: Rejection.contentEmpty) {
            try texts("%25E6%25B5%258B%2C", numbers: "13800138000,13900139000")
        }
    }

    @Test("SendTime is a time in China")
    func schedule() throws {
        let content = try content(["SendTime": "20221212120000"])
        #expect(content.submission.scheduledAt == GuoduSeedTests.time)
        #expect(try self.content([:]).submission.scheduledAt == nil)
    }

    @Test("OperPass is the password itself")
    func credentials() {
        let account = Account(id: "ABC1")
        let secrets = AccountSecrets(apiPassword: "123456")
        func areRight(_ id: String, _ password: String) -> Bool {
            Guodu.Credentials(operatorID: id, password: password).areRight(for: account, secrets: secrets)
        }
        #expect(areRight("ABC1", "123456"))
        #expect(!areRight("ABC1", "1234567"))
        #expect(!areRight("ABC1", ""))
        #expect(!areRight("ABC", "123456"))
    }

    @Test("every rejection has its code")
    func codes() {
        let table: [(Rejection, String)] = [
            (.addressNotAllowed, "02"), (.accountDisabled, "04"), (.credentialsWrong, "05"), (.lockedOut, "05"),
            (.malformedJSON, "06"), (.malformedXML, "06"), (.malformedForm, "06"), (.unsupportedContentType, "06"),
            (.parameterMissing("x"), "06"), (.parameterInvalid("x"), "06"), (.numberInvalid, "06"),
            (.tooManyNumbers, "06"), (.contentTooLong, "06"), (.contentUndecodable, "06"),
            (.contentRejected(rule: "x"), "06"), (.customIDInvalid, "06"), (.customDataTooLong, "06"),
            (.serviceTypeInvalid, "06"), (.submissionRepeated, "06"), (.scheduleInvalid, "07"), (.contentEmpty, "08"),
            (.parameterMissing("DesMobile"), "09"), (.extensionInvalid, "10"), (.insufficientBalance, "11"),
            (.tooManyConnections, "12"), (.tooFrequent, "06"), (.overloaded, "12"), (.storageFailed, "-1"),
        ]
        for (rejection, code) in table { #expect(Guodu.resultCode(for: rejection) == code) }
    }
}
