import Dialects
import Messaging
import Testing

/// What a customer of dialect 000 asks, its rules and its credentials.
struct EnterpriseRequestTests {
    @Test("a send in either mode", arguments: Enterprise.Mode.allCases)
    func send(mode: Enterprise.Mode) {
        let request = Seed000.request(.send, mode, Array(Seed000.sendBody.utf8))
        #expect(request.credentials == (mode == .token ? Seed000.signed : Seed000.plain))
        let expected = Submission(parts: [Seed000.part], scheduledAt: Seed000.sendTime)
        #expect(request.content == .success(.send(expected)))
        #expect(request.credentials.accountID == "J10003")
    }

    @Test("a token is bare or behind Bearer, and headers are trimmed")
    func bearer() {
        var headers = Seed000.signedHeaders
        for prefix in ["Bearer ", "bearer  ", " BEARER "] {
            headers["authorization"] = prefix + Seed000.token + " "
            #expect(Seed000.request(.send, .token, [], headers: headers).credentials == Seed000.signed)
        }
    }

    @Test(
        "a token request is JSON or a form",
        arguments: [
            Seed000.tokenBody, "grant_type=client_credentials&client_id=client&client_secret=s3cret",
            "client_secret=s3%63ret&x&client_id=client&grant_type=client_credentials",
        ])
    func token(body: String) {
        let request = Seed000.request(.token, .token, Array(body.utf8), headers: [:])
        #expect(request.credentials == .client(id: "client", secret: "s3cret"))
        #expect(request.content == .success(.token))
    }

    @Test(
        "a token request that is none",
        arguments: [
            (#"{"client_id":"a","client_secret":"b"}"#, "invalid_request"),
            (#"{"grant_type":"password","client_id":"a","client_secret":"b"}"#, "unsupported_grant_type"),
            ("", "invalid_request"), ("{", "invalid_request"), ("hello", "invalid_request"),
        ])
    func noToken(body: String, error: String) throws {
        let request = Seed000.request(.token, .token, Array(body.utf8), headers: [:])
        guard case .failure(let rejection) = request.content else { throw Rejection.parameterInvalid(body) }
        #expect(Enterprise.tokenError(for: rejection) == error)
    }

    @Test(
        "how many are fetched",
        arguments: [
            ("", 1000), (" \r\n", 1000), ("{}", 1000), (#"{"statusNum":"200"}"#, 200), (#"{"statusNum":7}"#, 7),
            (#"{"statusNum":"1000"}"#, 1000), (#"{"statusNum":"1001"}"#, 1000), (#"{"statusNum":0}"#, 1000),
            (#"{"statusNum":"-5"}"#, 1000), (#"{"statusNum":"many"}"#, 1000), (#"{"statusNum":null}"#, 1000),
        ])
    func limits(body: String, limit: Int) {
        for operation in [Enterprise.Operation.fetchReports, .fetchReplies] {
            #expect(Seed000.request(operation, .plain, Array(body.utf8)).content == .success(.fetch(limit: limit)))
        }
    }

    private static let numbers1001 = (0...1000).map { "138\($0 + 10_000_000)" }.joined(separator: ",")

    @Test(
        "rules that a field breaks, and their codes",
        arguments: [
            (#"{"content":"a"}"#, Rejection.numberInvalid, 4), (#"{"mobile":"","content":"a"}"#, .numberInvalid, 4),
            (#"{"mobile":"12345,abc","content":"a"}"#, .numberInvalid, 4),
            (#"{"mobile":"\#(numbers1001)","content":"a"}"#, .tooManyNumbers, 6),
            (#"{"mobile":"13800138000"}"#, .contentEmpty, 7),
            (#"{"mobile":"13800138000","content":" \n"}"#, .contentEmpty, 7),
            (#"{"mobile":"13800138000","content":"\u0001"}"#, .contentUndecodable, 4),
            (
                #"{"mobile":"13800138000","content":"\#(String(repeating: "字", count: 1001))"}"#, .contentTooLong, 7
            ),
            (
                #"{"mobile":"13800138000","content":"\#(String(repeating: "😀", count: 5000))"}"#, .contentTooLong, 7
            ),
            (#"{"mobile":"13800138000","content":"a","sendTime":"tomorrow"}"#, .scheduleInvalid, 4),
            (#"{"mobile":"13800138000","content":"a","sendTime":"2016-02-30 00:00:00"}"#, .scheduleInvalid, 4),
            (#"{"mobile":"13800138000","content":"a","extno":"12a"}"#, .extensionInvalid, 4),
            (#"{"mobile":"13800138000","content":"a","extno":"123456789012345678901"}"#, .extensionInvalid, 4),
            (
                #"{"mobile":"13800138000","content":"a","smsid":"\#(String(repeating: "x", count: 65))"}"#,
                .customIDInvalid, 4
            ),
            (#"{"mobile":"13800138000","content":"a","smsid":"a\tb"}"#, .customIDInvalid, 4),
            (#"{"mobile":"13800138000","content":"a""#, .malformedJSON, 4), ("", .malformedJSON, 4),
            ("mobile=13800138000&content=a", .malformedJSON, 4), ("[]", .malformedJSON, 4),
        ])
    func rules(body: String, expected: Rejection, code: Int) {
        #expect(Seed000.rejection(body) == expected)
        #expect(Enterprise.resultCode(for: expected).rawValue == code)
    }

    @Test("what is at a limit passes; unknown and odd fields do not matter")
    func atLimits() throws {
        let full = String(repeating: "字", count: 1000)
        let numbers = (0..<1000).map { "138\($0 + 10_000_000)" }.joined(separator: ",")
        let id = String(repeating: "x", count: 64)
        let body =
            #"{"x":[{}],"mobile":"\#(numbers)","content":"\#(full)","smsid":"\#(id)","extno":12345678901234567890,"#
            + #""sendTime":"20160804080000"}"#
        let request = Seed000.request(.send, .plain, Array(body.utf8))
        guard case .send(let submission) = try request.content.get() else { throw Rejection.malformedJSON }
        #expect(submission.recipientCount == 1000)
        #expect(submission.parts[0].content == full)
        #expect(submission.parts[0].accessExtension == "12345678901234567890")
        #expect(submission.scheduledAt == Seed000.sendTime)
        #expect(Seed000.rejection(#"{"mobile":13800138000,"content":"100% %41","sendTime":""}"#) == nil)
    }

    @Test("a body in GBK is understood; a percent sign is only that")
    func charset() throws {
        let text = "【驿站】测试 100% %41"
        let gbk = try #require(GBK.encode(#"{"mobile":"13800138000","content":"\#(text)"}"#))
        let request = Seed000.request(.send, .plain, gbk)
        guard case .send(let submission) = try request.content.get() else { throw Rejection.malformedJSON }
        #expect(submission.parts[0].content == text)
    }

    // MARK: Credentials

    private func isSigned(_ signature: String, at now: Timestamp = Seed000.now, account: String = "J10003") -> Bool {
        Enterprise.Authentication.hasSignature(
            signature, account: account, timestamp: "1470223220000", password: "111111", at: now)
    }

    @Test("a signature over the password, or over its MD5 in either case")
    func signature() {
        for signature in [
            Seed000.signature, Seed000.signature.uppercased(), "b3f539316f7a8207d601fb16bda241c8",
            "c61d5cc94afdf0cb6476b8270bd2278a",
        ] {
            #expect(isSigned(signature))
            #expect(!isSigned(signature, account: "J10004"))
            #expect(!isSigned(String(signature.dropLast())))
        }
        #expect(!isSigned(""))
        #expect(!isSigned("111111"))
    }

    @Test("a timestamp may be five minutes off, and no more")
    func tolerance() {
        for minutes: Int64 in [5, -5] {
            #expect(isSigned(Seed000.signature, at: Seed000.now.adding(milliseconds: minutes * 60_000)))
            let beyond = minutes * 60_000 + minutes.signum()
            #expect(!isSigned(Seed000.signature, at: Seed000.now.adding(milliseconds: beyond)))
        }
        for text in ["", "1470223220", "14702232200000", "147022322000x", "-470223220000"] {
            #expect(Enterprise.Authentication.moment(text) == nil)
        }
    }

    @Test("the password's MD5, and itself only where it may be shown")
    func password() {
        func isRight(_ given: String, allowsPlain: Bool = false, of password: String = "111111") -> Bool {
            Enterprise.Authentication.isPassword(given, password: password, allowsPlain: allowsPlain)
        }
        #expect(isRight(Seed000.digest))
        #expect(isRight(Seed000.digest.uppercased()))
        #expect(!isRight("111111"))
        #expect(isRight("111111", allowsPlain: true))
        #expect(!isRight("111112", allowsPlain: true))
        #expect(!isRight("", allowsPlain: true, of: ""))
        #expect(!isRight("d41d8cd98f00b204e9800998ecf8427e", of: ""))
    }

    @Test(
        "what is missing has its code",
        arguments: [
            (Enterprise.Mode.token, "authorization", 10), (.token, "account", 1), (.token, "signature", 1),
            (.token, "timestamp", 4), (.plain, "userid", 1), (.plain, "account", 1), (.plain, "password", 1),
        ])
    func missing(mode: Enterprise.Mode, header: String, code: Int) throws {
        try Seed000.request(.send, mode, []).credentials.check()
        for value in [nil, "", " "] {
            var headers = Seed000.headers(mode)
            headers[header] = value
            let credentials = Seed000.request(.send, mode, [], headers: headers).credentials
            #expect { try credentials.check() } throws: { error in
                (error as? Rejection).map { Enterprise.resultCode(for: $0).rawValue } == code
            }
        }
    }

    @Test("an account of a megabyte is cut")
    func longAccount() {
        let account = String(repeating: "j", count: 1_000_000)
        let credentials = Enterprise.Credentials.plain(enterpriseID: "1", account: account, password: "x")
        #expect(credentials.accountID == String(repeating: "J", count: 64))
    }

    @Test("each rejection has its code, and each code its rejection")
    func codes() {
        let table: [(Rejection, Enterprise.ResultCode)] = [
            (.parameterMissing("account"), .credentialsMissing), (.credentialsWrong, .credentialsWrong),
            (.accountDisabled, .notAllowed), (.addressNotAllowed, .notAllowed), (.malformedJSON, .parameterWrong),
            (.parameterInvalid("x"), .parameterWrong), (.insufficientBalance, .balanceInsufficient),
            (.tooManyNumbers, .tooManyNumbers), (.contentEmpty, .contentLength), (.contentTooLong, .contentLength),
            (.contentRejected(rule: "word"), .rejected), (.tooFrequent, .tooFrequent), (.lockedOut, .tooFrequent),
            (.overloaded, .tooFrequent), (.tooManyConnections, .tooFrequent),
            (Enterprise.tokenRejection, .tokenWrong), (.storageFailed, .internalError),
        ]
        for (rejection, code) in table { #expect(Enterprise.resultCode(for: rejection) == code) }
        #expect(Set(table.map(\.1)).union([.success]) == Set(Enterprise.ResultCode.allCases))
        #expect(
            Enterprise.ResultCode.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99])
        let named = Enterprise.encodeFailure(.contentRejected(rule: "word x"), of: .fetchReports)
        #expect(text(named).contains("word x"))
    }
}
