import Dialects
import Messaging
import Testing

/// Whatever comes, it is understood or refused; nothing crashes, hangs or recurses.
struct HostileInputTests {
    static let goldens: [(OperatorV2.Operation, OperatorV2.BodyFormat, String)] = [
        (.singleSend, .form, Seed002.singleForm), (.singleSend, .json, Seed002.singleJSON),
        (.singleSend, .xml, Seed002.singleXML), (.batchSend, .form, Seed002.batchForm),
        (.batchSend, .json, Seed002.batchJSON), (.batchSend, .xml, Seed002.batchXML),
        (.multiSend, .form, Seed002.multiForm), (.multiSend, .json, Seed002.multiJSON),
        (.multiSend, .xml, Seed002.multiXML), (.fetchReplies, .form, Seed002.fetchForm(200)),
        (.fetchReplies, .json, Seed002.fetchJSON(200)), (.fetchReports, .xml, Seed002.fetchXML("rptreq", 300)),
        (.balance, .json, Seed002.identityJSON), (.balance, .xml, Seed002.balanceXML),
    ]

    @Test("10,000 levels of nesting are malformed", arguments: ["[", "{\"a\":", "{\"multimt\":[", "[{\"a\":["])
    func deepJSON(opening: String) {
        let deep = String(repeating: opening, count: 10_000)
        for body in [deep, "{\"x\":" + deep, "{\"userid\":" + deep, "{\"multimt\":[{\"content\":" + deep] {
            #expect(rejection(.multiSend, .json, Array(body.utf8)) == .malformedJSON)
        }
        let closed = "{\"x\":" + String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000) + "}"
        #expect(rejection(.balance, .json, Array(closed.utf8)) == .malformedJSON)
        #expect(rejection(.multiSend, .form, Array(("multimt=" + deep).utf8)) == .malformedJSON)
    }

    @Test("10,000 elements in one another are malformed")
    func deepXML() {
        let deep = String(repeating: "<a>", count: 10_000) + String(repeating: "</a>", count: 10_000)
        for body in [
            deep, "<r><x>\(deep)</x></r>", "<r><userid>\(deep)</userid></r>", "<r><multimt>\(deep)</multimt></r>",
        ] {
            #expect(rejection(.multiSend, .xml, Array(body.utf8)) == .malformedXML)
        }
    }

    @Test(
        "XML with a DTD, entities of its own or broken structure is malformed",
        arguments: [
            "<!DOCTYPE r><r></r>", "<!DOCTYPE r [<!ENTITY a \"x\">]><r><userid>&a;</userid></r>",
            "<?xml version=\"1.0\"?><!DOCTYPE r SYSTEM \"file:///etc/passwd\"><r/>",
            "<r><!DOCTYPE r></r>", "<r><!ENTITY a \"b\"></r>", "<r><userid>&lol9;</userid></r>",
            "<r><userid>&#0000000000000065;</userid></r>", "<r><userid>&#xD800;</userid></r>",
            "<r><userid>&</userid></r>",
            "<r><a></b></r>", "<r>", "</r>", "<r></r><s></s>", "<r></r>x", "x<r></r>", "", "<", "<r", "<>", "< r></r>",
            "<r><userid><b>x</b></userid></r>", "<r><!-- </r>", "<r><![CDATA[ </r>", "<?xml", "<r a=\"></r>",
            "<![CDATA[x]]>", "{\"a\":1}",
        ])
    func hostileXML(body: String) {
        #expect(rejection(.balance, .xml, Array(body.utf8)) == .malformedXML)
    }

    @Test(
        "XML as other clients write it is read",
        arguments: [
            #"<?xml version="1.0" encoding="GBK" ?><mtreq xmlns="x" a='>'><userid b="<">J1</userid></mtreq>"#,
            "\u{FEFF}<r><!-- <userid>X</userid> --><userid><![CDATA[J1]]></userid></r>",
            "<r> text <x/><userid>J&#49;</userid><y><userid>J2</userid></y></r><!-- end -->\n",
            "<r><userid>J2</userid><userid>J&#x31;</userid></r >", "<r><userid\n>J<!-- - -->1</userid ></r>",
        ])
    func liberalXML(body: String) throws {
        // An attribute's value may not hold `<`, but who minds.
        #expect(try decoded(.balance, .xml, body).credentials.userID == "J1")
    }

    @Test(
        "text that is not JSON is malformed",
        arguments: [
            "", " ", "null", "[]", "7", "\"x\"", "{", "{}}", "{} x", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}",
            "{\"a\":1 \"b\":2}", "{\"a\":tru}", "{\"a\":-}", "{\"a\":.5}", "{\"a\":abc}", "{\"a\":\"x}", "{'a':1}",
            "{\"userid\":\"\\x\"}", "{\"userid\":\"\\u12\"}", "{\"userid\":\"\\ud800\"}", "{\"userid\":\"\\udc00\"}",
            "{\"userid\":\"\\ud800\\u0041\"}", "{\"a\":[1,]}", "{\"a\":[1 2]}", "{\"a\":{\"b\":[}]}", "{a:1}",
            "<r></r>", "userid=J10003",
        ])
    func hostileJSON(body: String) {
        #expect(rejection(.balance, .json, Array(body.utf8)) == .malformedJSON)
    }

    @Test("the last of two fields of a name counts; unknown ones are skipped, however shaped")
    func duplicates() throws {
        let body = #"{"userid":"A","x":[{"userid":"B","y":[[],{},"}",-1.5e+3,null,true]}],"userid":"J1"}"#
        #expect(try decoded(.balance, .json, body).credentials.userID == "J1")
        #expect(try decoded(.balance, .form, "userid=A&&x&=&userid=J1&").credentials.userID == "J1")
    }

    @Test("text that is no form is malformed", arguments: ["{\"a\":1}", "hello", "&&a&b", "<r></r>"])
    func hostileForm(body: String) {
        #expect(rejection(.balance, .form, Array(body.utf8)) == .malformedForm)
    }

    /// A form has no end of its own: what is left of one is a request for less.
    @Test("samples cut short at any byte are refused, or whole but for white space")
    func truncations() throws {
        for (operation, format, golden) in Self.goldens {
            let bytes = Array(golden.utf8)
            let whole = try decoded(operation, format, golden)
            for length in 0..<bytes.count {
                let cut = Array(bytes[..<length])
                let outcome = rejection(operation, format, cut)
                switch format {
                case .json: #expect(outcome == .malformedJSON)
                case .xml: #expect(outcome == .malformedXML)
                case .form: try Self.expectLess(operation, cut, than: whole)
                }
            }
        }
    }

    private static func expectLess(
        _ operation: OperatorV2.Operation, _ cut: [UInt8], than whole: OperatorV2.Request
    ) throws {
        let request: OperatorV2.Request
        do throws(Rejection) {
            request = try OperatorV2.decodeRequest(OperatorV2.Endpoint(operation), format: .form, body: cut)
        } catch {
            #expect(error == .malformedForm)
            return
        }
        #expect(whole.credentials.userID.hasPrefix(request.credentials.userID))
        #expect(whole.credentials.password.hasPrefix(request.credentials.password))
        switch (request.content, whole.content) {
        case (.failure, _): break
        case (.success(.send(let some)), .success(.send(let all))):
            let (left, right) = (some.parts.flatMap(\.recipients), all.parts.flatMap(\.recipients))
            #expect(left.count <= right.count)
            for (one, other) in zip(left, right) { #expect(other.text.hasPrefix(one.text)) }
        case (.success(.fetch(let limit)), .success(.fetch(let all))): #expect((1...max(all, 500)).contains(limit))
        case (let some, let all): #expect(some == all)
        }
    }

    @Test("a credential of a megabyte is cut, not carried around")
    func longUser() throws {
        let user = String(repeating: "j", count: 1_000_000)
        #expect(try decoded(.balance, .form, "userid=\(user)").credentials.userID.utf8.count == 64)
    }

    @Test("samples changed at random are read or refused, by each reader, for what they are")
    func mutations() {
        var random = SplitMix(state: 2024)
        var (requests, pushes, answers) = (Reading(), Reading(judgesFields: true), Reading())
        let extras: [[UInt8]] = [
            Array("\"".utf8), Array("\\".utf8), Array("{".utf8), Array("]".utf8), Array("<".utf8), Array("</".utf8),
            Array("<![CDATA[".utf8), Array("&#".utf8), Array("%".utf8), Array("\\u".utf8), [0], [0xFF], [0x81], [0xE4],
        ]
        for round in 0..<6000 {
            let (operation, format, golden) = Self.goldens[round % Self.goldens.count]
            var bytes = Array(golden.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(contentsOf: extras.randomElement(using: &random) ?? [], at: at)
                case 2: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...9, using: &random)))
                default: bytes.append(contentsOf: bytes[at...])
                }
                if bytes.isEmpty { bytes = [0x20] }
            }
            for other in OperatorV2.BodyFormat.allCases {
                let endpoint = OperatorV2.Endpoint(operation, charset: other == format ? .utf8 : .gbk)
                let request = requests.read(bytes) { raw throws(Rejection) in
                    try OperatorV2.decodeRequest(endpoint, format: other, body: raw)
                }
                if let request { Self.expectWithinBounds(request, bytes) }
                pushes.read(bytes) { raw throws(Rejection) in try OperatorV2.decodePush(format: other, body: raw) }
            }
            answers.reports(bytes, \.reports) { raw throws(Rejection) in try OperatorV2.ReportsAnswer(decoding: raw) }
            answers.read(bytes) { raw throws(Rejection) in try OperatorV2.PushAnswer(decoding: raw) }
        }
        requests.expectBoth(atLeast: 1000)
        #expect(pushes.refused > 1000)
        #expect(answers.refused > 1000)
    }

    private static func expectWithinBounds(_ request: OperatorV2.Request, _ bytes: [UInt8]) {
        #expect(request.credentials.userID.utf8.count <= 64)
        guard case .success(.send(let submission)) = request.content else { return }
        #expect((1...OperatorV2.multiNumbersMax).contains(submission.parts.count))
        #expect((1...OperatorV2.batchNumbersMax).contains(submission.recipientCount))
        for part in submission.parts {
            #expect(!part.recipients.isEmpty && !part.content.isEmpty)
            #expect(part.content.utf8.count <= 3 * bytes.count)
            #expect(part.customID.utf8.count <= OperatorV2.customIDBytesMax)
            #expect(part.accessExtension.utf8.allSatisfy { (0x30...0x39).contains($0) })
        }
    }

    @Test("a carrier's lists changed at random are read or refused, by each reader, for what they are")
    func listMutations() {
        var random = SplitMix(state: 7)
        var (lists, pushes, others) = (Reading(), Reading(judgesFields: true), Reading())
        let heads = ["{\"result\":0,\"rpts\":", "{\"result\":0,\"mos\":", "cmd=RPT_REQ&rpts=", "cmd=MO_REQ&mos="]
        for round in 0..<3000 {
            let list = round % 2 == 0 ? SeedCarrierListTests.reports : SeedCarrierListTests.replies
            var bytes = Array((heads[round % 4] + list + (round % 4 < 2 ? "}" : "")).utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                if Bool.random(using: &random) {
                    bytes[at] = UInt8.random(in: 0...255, using: &random)
                } else {
                    bytes.removeSubrange(at...)
                    bytes.append(0x22)
                }
            }
            lists.reports(bytes, \.reports) { raw throws(Rejection) in try OperatorV2.ReportsAnswer(decoding: raw) }
            lists.replies(bytes, \.replies) { raw throws(Rejection) in try OperatorV2.RepliesAnswer(decoding: raw) }
            pushes.read(bytes) { raw throws(Rejection) in try OperatorV2.decodePush(format: .form, body: raw) }
            others.read(bytes) { raw throws(Rejection) in try OperatorV2.BalanceAnswer(decoding: raw) }
            others.read(bytes) { raw throws(Rejection) in try OperatorV2.SendAnswer(decoding: raw) }
        }
        lists.expectBoth(atLeast: 300)
        #expect(pushes.refused > 500)
        #expect(others.refused > 500)
    }
}

/// Reproducible random numbers.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
