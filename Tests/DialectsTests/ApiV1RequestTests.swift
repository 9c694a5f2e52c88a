import Dialects
import Messaging
import Testing

/// What seed 001 and WIRE.md §001 ask of a request, and what breaks them.
struct ApiV1RequestTests {
    private func request(_ body: String, _ operation: ApiV1.Operation = .send) throws -> ApiV1.Request {
        try ApiV1.decodeRequest(operation, body: Array(body.utf8))
    }

    private func part(_ body: String) throws -> Submission.Part {
        guard case .send(let submission) = try request(body).content.get() else { throw Rejection.malformedForm }
        return try #require(submission.parts.first)
    }

    private static func body(_ changes: [String: String] = [:]) -> String {
        var fields = ["account": "abc1", "pwd": "x", "mobiles": "13800138000", "content": "hi"]
        fields.merge(changes) { $1 }
        return fields.map { "\($0)=\($1)" }.joined(separator: "&")
    }

    @Test(
        "a field that breaks a rule",
        arguments: [
            (["mobiles": ""], Rejection.parameterMissing("mobiles")), (["mobiles": ",,"], .parameterMissing("mobiles")),
            (["mobiles": "12345,x"], .numberInvalid), (["content": ""], .contentEmpty),
            (["content": "+%0A+"], .contentEmpty), (["content": "%01"], .contentUndecodable),
            (["content": "%FF%FF"], .contentUndecodable), (["extNo": "-1"], .extensionInvalid),
            (["extNo": "1a"], .extensionInvalid), (["extNo": "123456789012345678901"], .extensionInvalid),
            (["taskId": String(repeating: "t", count: 65)], .parameterInvalid("taskId")),
            (["taskId": "a%00b"], .parameterInvalid("taskId")),
        ])
    func broken(changes: [String: String], expected: Rejection) throws {
        #expect(try request(Self.body(changes)).content == .failure(expected))
        // Who asks is known all the same.
        #expect(try request(Self.body(changes)).credentials.account == "ABC1")
    }

    @Test("3000 numbers and 1000 characters, and one more of each")
    func bounds() throws {
        func numbers(_ count: Int) -> String {
            (0..<count).map { String(13_000_000_000 + $0) }.joined(separator: ",")
        }
        #expect(try part(Self.body(["mobiles": numbers(3000) + ","])).recipients.count == 3000)
        #expect(try request(Self.body(["mobiles": numbers(3001)])).content == .failure(.tooManyNumbers))
        let long = String(repeating: "%E5%AD%97", count: 1000)
        #expect(try part(Self.body(["content": long])).content.count == 1000)
        #expect(try request(Self.body(["content": long + "x"])).content == .failure(.contentTooLong))
        let endless = String(repeating: "x", count: 1_000_000)
        #expect(try request(Self.body(["content": endless])).content == .failure(.contentTooLong))
    }

    @Test("a form is decoded once, whatever else its text looks like; GBK is understood")
    func contents() throws {
        #expect(try part(Self.body(["content": "100%25+%26+%2541"])).content == "100% & %41")
        #expect(try part(Self.body(["content": "%b2%e2%ca%d4"])).content == "测试")
        #expect(try part(Self.body(["content": "50%"])).content == "50%")
        #expect(try part(Self.body(["content": "测试"])).content == "测试")
    }

    @Test("a number that is none beside one that is")
    func invalidNumber() throws {
        let recipients = try part(Self.body(["mobiles": "13800138000,123,%2B8613900139000"])).recipients
        #expect(recipients == [Recipient("13800138000"), .invalid("123"), Recipient("+8613900139000")])
    }

    @Test("without taskId there is no key")
    func key() throws {
        guard case .send(let submission) = try request(Self.body()).content.get() else { return }
        #expect(submission.idempotencyKey == nil)
        #expect(submission.parts.map(\.customID) == [""])
    }

    @Test("only forms are read, and a body without a field is none")
    func bodies() throws {
        #expect(throws: Rejection.malformedForm) { try request("{\"account\":1}") }
        #expect(throws: Rejection.unsupportedContentType) {
            try ApiV1.decodeRequest(.send, contentType: "application/json", body: Array("{}".utf8))
        }
        for type in [nil, "", "Application/X-WWW-Form-URLencoded; charset=UTF-8"] {
            #expect(try ApiV1.decodeRequest(.balance, contentType: type, body: []).content == .success(.balance))
        }
    }

    @Test("pwd is the MD5 of the interface password, in either case; nothing else comes in")
    func credentials() {
        let account = Account(id: "ABC1")
        let secrets = AccountSecrets(apiPassword: "123456")
        func areRight(_ id: String, _ password: String) -> Bool {
            ApiV1.Credentials(account: id, password: password).areRight(for: account, secrets: secrets)
        }
        #expect(areRight("ABC1", "e10adc3949ba59abbe56e057f20f883e"))
        #expect(areRight("ABC1", "E10ADC3949BA59ABBE56E057F20F883E"))
        #expect(!areRight("ABC1", "123456"))
        #expect(!areRight("ABC1", ""))
        #expect(!areRight("ABC2", "e10adc3949ba59abbe56e057f20f883e"))
    }

    @Test("every rejection has its code, and every code its words")
    func codes() {
        let table: [(Rejection, String)] = [
            (.parameterMissing("x"), "01"), (.parameterInvalid("x"), "01"), (.malformedForm, "01"),
            (.malformedJSON, "01"), (.malformedXML, "01"), (.unsupportedContentType, "01"), (.extensionInvalid, "01"),
            (.contentUndecodable, "01"), (.customIDInvalid, "01"), (.customDataTooLong, "01"),
            (.serviceTypeInvalid, "01"), (.scheduleInvalid, "01"), (.credentialsWrong, "02"), (.lockedOut, "02"),
            (.addressNotAllowed, "03"), (.insufficientBalance, "04"), (.tooManyNumbers, "05"), (.contentEmpty, "06"),
            (.contentTooLong, "06"), (.submissionRepeated, "07"), (.accountDisabled, "08"), (.tooFrequent, "09"),
            (.tooManyConnections, "09"), (.overloaded, "09"), (.contentRejected(rule: "x"), "10"),
            (.numberInvalid, "10"), (.storageFailed, "99"),
        ]
        for (rejection, code) in table {
            #expect(ApiV1.resultCode(for: rejection) == code)
            #expect(
                text(ApiV1.encodeFailure(rejection))
                    == #"{"code":"\#(code)","data":null,"message":"\#(ApiV1.words(for: code))"}"#)
        }
        let words = Set(table.map { ApiV1.words(for: $0.1) })
        #expect(words.count == 11)
        #expect(!words.contains(ApiV1.words(for: ApiV1.success)))
    }
}
