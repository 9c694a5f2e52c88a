import Dialects
import Messaging
import Testing

/// Requests of dialect 004, and each rule that one can break.
struct YixintongRequestTests {
    private static let valid = [
        ("type", "1"), ("userNumber", "13800138000,13000130000"), ("templateId", "0"),
        ("messageContent", "测试 a"), ("serialNumber", "20210804145501000001"),
    ]

    /// In the place of a value: the parameter is left out.
    private static let none = "(none)"

    private static func body(_ changes: [String: String] = [:]) -> [UInt8] {
        let more = changes.filter { name, _ in !valid.contains { $0.0 == name } }
        let all = valid.map { ($0.0, changes[$0.0] ?? $0.1) } + more.map { ($0.key, $0.value) }
        let fields = all.filter { $0.1 != none }.map { "\"\($0.0)\":\"\($0.1)\"" }
        return Array("{\(fields.joined(separator: ","))}".utf8)
    }

    private func outcome(
        _ body: [UInt8], _ operation: Yixintong.Operation = .send
    ) -> Result<Yixintong.Content, Rejection> {
        do throws(Rejection) {
            return try Yixintong.decodeRequest(operation, body: body).content
        } catch {
            return .failure(error)
        }
    }

    private func rejection(_ changes: [String: String]) -> Rejection? {
        if case .failure(let rejection) = outcome(Self.body(changes)) { rejection } else { nil }
    }

    @Test("a send")
    func send() throws {
        let expected = Yixintong.Send(
            part: Submission.Part(
                recipients: [Recipient("13800138000"), Recipient("13000130000")], content: "测试 a",
                customID: "20210804145501000001"))
        #expect(outcome(Self.body()) == .success(.send(expected)))
        #expect(outcome(Self.body(["type": Self.none, "templateId": Self.none])) == .success(.send(expected)))
        let spaced = " \n" + text(Self.body()) + "\n"
        #expect(outcome(Array(spaced.utf8)) == .success(.send(expected)))
    }

    @Test("a template and an extension")
    func template() throws {
        let content = try outcome(Self.body(["templateId": "12", "extendAccessNum": "66"])).get()
        guard case .send(let send) = content else {
            Issue.record("not a send")
            return
        }
        #expect(send.templateID == "12")
        #expect(send.part.accessExtension == "66")
    }

    @Test("numbers in the place of texts are taken")
    func numbers() {
        let body = Array(
            #"{"type":1,"userNumber":13800138000,"templateId":0,"messageContent":5,"serialNumber":123}"#.utf8)
        let expected = Yixintong.Send(
            part: Submission.Part(recipients: [Recipient("13800138000")], content: "5", customID: "123"))
        #expect(outcome(body) == .success(.send(expected)))
    }

    @Test(
        "rules that a parameter breaks",
        arguments: [
            (["type": "2"], Rejection.parameterInvalid("type")),
            (["type": "x", "userNumber": ""], .parameterInvalid("type")),
            (["userNumber": none], .parameterMissing("userNumber")),
            (["userNumber": " "], .parameterMissing("userNumber")),
            (["messageContent": none], .parameterMissing("messageContent")),
            (["messageContent": ""], .parameterMissing("messageContent")),
            (["userNumber": "138xxxxxxxx"], .numberInvalid), (["userNumber": ",,"], .numberInvalid),
            (["messageContent": "a\\u0000b"], .contentUndecodable), (["serialNumber": "2021-08"], .customIDInvalid),
            (["serialNumber": "123456789012345678901234567890123"], .customIDInvalid),
            (["extendAccessNum": "1a"], .extensionInvalid),
        ] as [([String: String], Rejection)])
    func rules(changes: [String: String], expected: Rejection) {
        #expect(rejection(changes) == expected)
    }

    @Test("limits: 1000 numbers, 1000 units, 32 digits")
    func limits() {
        let thousand = (0..<1000).map { String(13_800_000_000 + $0) }.joined(separator: ",")
        #expect(rejection(["userNumber": thousand]) == nil)
        #expect(rejection(["userNumber": thousand + ","]) == nil)
        #expect(rejection(["userNumber": thousand + ",1"]) == .tooManyNumbers)
        let long = String(repeating: "字", count: 1000)
        #expect(rejection(["messageContent": long]) == nil)
        #expect(rejection(["messageContent": long + "字"]) == .contentTooLong)
        #expect(rejection(["serialNumber": String(repeating: "1", count: 32)]) == nil)
        #expect(rejection(["serialNumber": ""]) == nil)
    }

    @Test("twenty digits are a strict serialNumber, nothing else is")
    func strictSerial() {
        #expect(Yixintong.isStrictSerial("20210804145501000001"))
        for serial in ["", "2021080414550100000", "202108041455010000012", "2021080414550100000a"] {
            #expect(!Yixintong.isStrictSerial(serial))
        }
    }

    @Test("invalid numbers among valid ones are kept for their failure reports")
    func invalidAmongValid() throws {
        guard case .send(let send) = try outcome(Self.body(["userNumber": "x1,13800138000"])).get() else { return }
        #expect(send.part.recipients == [.invalid("x1"), Recipient("13800138000")])
    }

    @Test("a confirmation names the last id, as text or number")
    func confirm() {
        func confirmed(_ body: String) -> Result<Yixintong.Content, Rejection> {
            outcome(Array(body.utf8), .confirmReplies)
        }
        let expected = Yixintong.Content.confirmReplies(through: MessageID(rawValue: 12_345_677))
        #expect(confirmed(#"{"maxId":"12345677"}"#) == .success(expected))
        #expect(confirmed(#"{"maxId":12345677}"#) == .success(expected))
        #expect(confirmed("{}") == .failure(.parameterMissing("maxId")))
        #expect(confirmed("") == .failure(.parameterMissing("maxId")))
        #expect(confirmed(#"{"maxId":"x"}"#) == .failure(.parameterInvalid("maxId")))
        #expect(confirmed(#"{"maxId":"-1"}"#) == .failure(.parameterInvalid("maxId")))
    }

    @Test("fetches need no body")
    func fetches() {
        for body in ["", " ", "{}", #"{"x":1}"#] {
            #expect(outcome(Array(body.utf8), .fetchReports) == .success(.fetchReports))
            #expect(outcome(Array(body.utf8), .fetchReplies) == .success(.fetchReplies))
        }
    }

    @Test(
        "bodies that are no object are malformed", arguments: ["[]", "null", "7", "{", "{}x", "type=1", "{\"a\":tru}"])
    func malformed(body: String) {
        for operation in Yixintong.Operation.allCases {
            #expect(outcome(Array(body.utf8), operation) == .failure(.malformedJSON))
        }
    }

    @Test("too many parameters, or too deep ones, are malformed")
    func bounds() {
        let many = (0..<65).map { "\"k\($0)\":1" }.joined(separator: ",")
        #expect(outcome(Array("{\(many)}".utf8)) == .failure(.malformedJSON))
        let deep = "{\"a\":" + String(repeating: "[", count: 10_000)
        #expect(outcome(Array(deep.utf8)) == .failure(.malformedJSON))
    }

    @Test("the parameters are known, the last of a name, even where a rule is broken")
    func parameters() throws {
        let body = #"{"type":"9","b":" x ","type":"8","c":null,"d":{"e":1},"f":true}"#
        let request = try Yixintong.decodeRequest(.send, body: Array(body.utf8))
        #expect(
            request.parameters == [
                Yixintong.Parameter("type", "8"), Yixintong.Parameter("b", " x "),
                Yixintong.Parameter("c", "", isNull: true), Yixintong.Parameter("d", ""),
                Yixintong.Parameter("f", "true"),
            ])
        #expect(request.content == .failure(.parameterInvalid("type")))
    }
}
