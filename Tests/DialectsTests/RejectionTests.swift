import Dialects
import Messaging
import Testing

/// Each rule that a field can break, and its code.
struct RejectionTests {
    private static let valid = ["mobile": "13800138000", "content": "hello"]

    private static func form(_ changes: [String: String]) -> [UInt8] {
        let fields = valid.merging(changes) { $1 }
        return Array(fields.map { "\($0)=\($1)" }.joined(separator: "&").utf8)
    }

    private static func json(_ changes: [String: String]) -> [UInt8] {
        let fields = valid.merging(changes) { $1 }
        return Array(("{" + fields.map { "\"\($0)\":\"\($1)\"" }.joined(separator: ",") + "}").utf8)
    }

    private static func xml(_ changes: [String: String]) -> [UInt8] {
        let fields = valid.merging(changes) { $1 }
        return Array(("<r>" + fields.map { "<\($0)>\($1)</\($0)>" }.joined() + "</r>").utf8)
    }

    private static let long64 = String(repeating: "a", count: 64)

    @Test(
        "fields of a single send, in every format",
        arguments: [
            (["mobile": ""], Rejection.numberInvalid), (["mobile": " , ,"], .numberInvalid),
            (["mobile": "138xxxxxxxx"], .numberInvalid), (["mobile": "1380013800"], .numberInvalid),
            (["mobile": "138001380000"], .numberInvalid), (["mobile": "13800138000,13800138001"], .tooManyNumbers),
            (["mobile": "13800138000,x"], .tooManyNumbers), (["mobile": "23800138000"], .numberInvalid),
            (["content": ""], .contentEmpty), (["content": "%b2%e"], .contentUndecodable),
            (["content": String(repeating: "x", count: 1001)], .contentTooLong),
            (["custid": "a b"], .customIDInvalid), (["custid": "订单"], .customIDInvalid),
            (["custid": "a/b"], .customIDInvalid), (["exdata": "a.b"], .customIDInvalid),
            (["custid": long64 + "a"], .customDataTooLong), (["exdata": long64 + "a"], .customDataTooLong),
            (["svrtype": "SMS_001"], .serviceTypeInvalid), (["svrtype": "ABCDEFGHIJK"], .serviceTypeInvalid),
            (["exno": "1234567"], .extensionInvalid), (["exno": "12a"], .extensionInvalid),
        ])
    func fields(changes: [String: String], expected: Rejection) {
        #expect(rejection(.singleSend, .form, Self.form(changes)) == expected)
        #expect(rejection(.singleSend, .json, Self.json(changes)) == expected)
        #expect(rejection(.singleSend, .xml, Self.xml(changes)) == expected)
    }

    @Test(
        "fields at their limits are accepted",
        arguments: [
            ["custid": long64, "exdata": long64], ["svrtype": "ABCdef1234"], ["svrtype": " SMS001 "],
            ["exno": "123456"], ["exno": ""], ["mobile": "13800138000,"], ["mobile": ",13800138000 ,"],
            ["mobile": "008613800138000"], ["mobile": "0085256412345"], ["unknown": "x", "desc": "y"],
        ])
    func limits(changes: [String: String]) {
        #expect(rejection(.singleSend, .form, Self.form(changes)) == nil)
        #expect(rejection(.singleSend, .json, Self.json(changes)) == nil)
        #expect(rejection(.singleSend, .xml, Self.xml(changes)) == nil)
    }

    @Test("missing fields")
    func missing() {
        #expect(rejection(.singleSend, .json, Array(#"{"content":"a"}"#.utf8)) == .numberInvalid)
        #expect(rejection(.singleSend, .json, Array(#"{"mobile":"13800138000"}"#.utf8)) == .contentEmpty)
        #expect(rejection(.singleSend, .json, Array(#"{"mobile":null,"content":null}"#.utf8)) == .numberInvalid)
        #expect(rejection(.multiSend, .json, Array("{}".utf8)) == .numberInvalid)
        #expect(rejection(.multiSend, .json, Array(#"{"multimt":[]}"#.utf8)) == .numberInvalid)
        #expect(rejection(.singleSend, .form, []) == .numberInvalid)
    }

    @Test("a number without quotes is a number")
    func unquoted() {
        #expect(rejection(.singleSend, .json, Array(#"{"mobile":13800138000,"content":"a","exno":0006}"#.utf8)) == nil)
    }

    @Test("1000 numbers a batch, 100 entries a multi send")
    func counts() throws {
        let numbers = (0..<1000).map { String(13_800_000_000 + $0) }.joined(separator: ",")
        #expect(rejection(.batchSend, .form, Self.form(["mobile": numbers])) == nil)
        #expect(rejection(.batchSend, .form, Self.form(["mobile": numbers + ",x"])) == .tooManyNumbers)
        #expect(rejection(.batchSend, .form, Self.form(["mobile": numbers + ", ,"])) == nil)
        let entry = #"{"mobile":"13800138000","content":"a"}"#
        let hundred = Array(repeating: entry, count: 100).joined(separator: ",")
        #expect(rejection(.multiSend, .json, Array(#"{"multimt":[\#(hundred)]}"#.utf8)) == nil)
        #expect(rejection(.multiSend, .json, Array(#"{"multimt":[\#(hundred),\#(entry)]}"#.utf8)) == .tooManyNumbers)
        #expect(rejection(.multiSend, .form, Array("multimt=[\(hundred),{}]".utf8)) == .tooManyNumbers)
    }

    @Test("invalid numbers among valid ones are kept for their failure reports")
    func invalidAmongValid() throws {
        let request = try OperatorV2.decodeRequest(
            OperatorV2.Endpoint(.batchSend), format: .form,
            body: Self.form(["mobile": "138xxxxxxxx,13800138000,,12,13800138000"]))
        guard case .success(.send(let submission)) = request.content else {
            Issue.record("refused")
            return
        }
        let valid = Recipient("13800138000")
        #expect(submission.parts[0].recipients == [.invalid("138xxxxxxxx"), valid, .invalid("12"), valid])
        let multi = #"{"multimt":[{"mobile":"1,2","content":"a"},{"mobile":"13800138000","content":"b"}]}"#
        guard case .success(.send(let submission)) = try decoded(.multiSend, .json, multi).content else {
            Issue.record("refused")
            return
        }
        #expect(submission.parts.map(\.recipients) == [[.invalid("1,2")], [valid]])
    }

    @Test("one bad entry of a multi send refuses all of it; the first speaks")
    func multiEntries() {
        func outcome(_ entry: String) -> Rejection? {
            let good = #"{"mobile":"13800138000","content":"a"}"#
            return rejection(.multiSend, .json, Array(#"{"multimt":[\#(good),\#(entry),{"mobile":""}]}"#.utf8))
        }
        #expect(outcome(#"{"mobile":"13800138000"}"#) == .contentEmpty)
        #expect(outcome(#"{"content":"a"}"#) == .numberInvalid)
        #expect(outcome(#"{"mobile":"13800138000","content":"a","exno":"x"}"#) == .extensionInvalid)
        #expect(outcome("7") == .malformedJSON)
        #expect(rejection(.multiSend, .form, Array("multimt=[{]".utf8)) == .malformedJSON)
        #expect(rejection(.multiSend, .form, Array("multimt=x".utf8)) == .malformedJSON)
    }

    @Test("who asks is known even where the content breaks a rule")
    func credentialsFirst() throws {
        let body = Seed002.identityForm + "&mobile=x&multimt=[{"
        for operation in [OperatorV2.Operation.singleSend, .batchSend, .multiSend] {
            let request = try decoded(operation, .form, body)
            #expect(request.credentials == Seed002.credentials)
            #expect(throws: Rejection.self) { try request.content.get() }
        }
        #expect(try decoded(.balance, .json, "{}").credentials == OperatorV2.Credentials())
        #expect(try decoded(.balance, .json, #"{"userid":" j10003 "}"#).credentials.userID == "J10003")
    }

    @Test(
        "retsize is a number or a text; nonsense means the most",
        arguments: [
            ("200", 200), ("1", 1), ("0", 500), ("-5", 500), ("501", 500), ("99999999999999999999", 500),
            ("\"300\"", 300), ("\" 300 \"", 300), ("\"\"", 500), ("\"x\"", 500), ("null", 500), ("{}", 500),
            ("1.5", 500), ("18446744073709551615", 500),
        ])
    func limit(value: String, expected: Int) throws {
        let request = try decoded(.fetchReports, .json, #"{"retsize":\#(value)}"#)
        #expect(request.content == .success(.fetch(limit: expected)))
        let replies = try decoded(.fetchReplies, .json, #"{"retsize":\#(value)}"#)
        #expect(replies.content == .success(.fetch(limit: min(200, expected))))
    }

    @Test("every rejection has its code")
    func codes() {
        let table: [(Rejection, Int)] = [
            (.credentialsWrong, -100_001), (.accountDisabled, -100_001), (.lockedOut, -100_002),
            (.insufficientBalance, -100_003), (.customIDInvalid, -100_004), (.contentTooLong, -100_011),
            (.numberInvalid, -100_012), (.tooManyNumbers, -100_014), (.extensionInvalid, -100_029),
            (.tooManyConnections, -100_056), (.addressNotAllowed, -100_057), (.malformedXML, -100_091),
            (.malformedJSON, -100_093), (.malformedForm, -100_093), (.unsupportedContentType, -100_100),
            (.contentEmpty, -100_106), (.contentUndecodable, -100_106), (.scheduleInvalid, -100_126),
            (.serviceTypeInvalid, -100_252), (.customDataTooLong, -100_253), (.overloaded, -100_056),
            (.tooFrequent, -100_998), (.storageFailed, -100_999), (.parameterMissing("x"), -100_999),
            (.parameterInvalid("x"), -100_999), (.contentRejected(rule: "x"), -100_998),
            (.submissionRepeated, -100_004),
        ]
        for (rejection, code) in table { #expect(OperatorV2.resultCode(for: rejection) == code) }
    }

    @Test("paths and their charsets")
    func paths() {
        for operation in OperatorV2.Operation.allCases {
            let endpoint = OperatorV2.Endpoint(operation)
            #expect(OperatorV2.Endpoint(path: endpoint.path) == endpoint)
            let later = OperatorV2.Endpoint(operation, charset: .utf8)
            #expect(OperatorV2.Endpoint(path: later.path) == later)
        }
        #expect(OperatorV2.Endpoint(path: "/sms/v2/std/send_batch")?.charset == .utf8)
        for path in ["", "/", "/sms/v2/std/", "/sms/v2/std/single_send/", "/sms/v2/std/SINGLE_SEND", "/single_send"] {
            #expect(OperatorV2.Endpoint(path: path) == nil)
        }
    }

    @Test("content types")
    func contentTypes() throws {
        for (type, format) in [
            ("application/json", OperatorV2.BodyFormat.json), ("Application/JSON; charset=GBK", .json),
            ("text/xml", .xml), ("application/xml;charset=utf-8", .xml), (" application/x-www-form-urlencoded ", .form),
        ] {
            #expect(try OperatorV2.BodyFormat(contentType: type) == format)
        }
        for type in [nil, "", "text/plain", "multipart/form-data; boundary=x", "json", ";"] {
            #expect(throws: Rejection.unsupportedContentType) { try OperatorV2.BodyFormat(contentType: type) }
        }
    }
}
