import Messaging
import Testing

@testable import Dialects

/// The parts that all dialects share, where no request shows them.
struct WireTests {
    private func bytes<Result>(_ text: String, _ body: (WireBytes) throws -> Result) rethrows -> Result {
        try Array(text.utf8).withUnsafeBufferPointer(body)
    }

    @Test("JSON texts are escaped")
    func jsonEscapes() {
        var writer = JSONWriter(capacity: 0)
        writer.open("")
        writer.text("a", "\"\\/\n\r\t\u{1}\u{1F}测😀")
        writer.number("b", .min)
        writer.number("c", 0)
        writer.close("")
        #expect(
            text(writer.finished())
                == #"{"a":"\"\\/\n\r\t\u0001\u001f测😀","b":-9223372036854775808,"c":0}"#)
    }

    @Test("XML texts are escaped, and what XML cannot hold is replaced")
    func xmlEscapes() {
        var writer = XMLWriter(capacity: 0)
        writer.text("a", "<&>\"'\r\n\u{1}测")
        #expect(text(writer.finished()).hasSuffix("<a>&lt;&amp;&gt;&quot;'&#13;\n\u{FFFD}测</a>"))
    }

    @Test("percent-encoding keeps what is unreserved, and decodes in either case")
    func percent() {
        #expect(text(PercentCoding.encode(Array("aZ09-._~ +*/%测".utf8))) == "aZ09-._~%20%2b%2a%2f%25%e6%b5%8b")
        #expect(bytes("%E6%b5%8B+x") { PercentCoding.decode($0) } == Array("测 x".utf8))
        #expect(bytes("%4") { PercentCoding.decode($0) } == nil)
        #expect(bytes("%4%41%") { PercentCoding.decodeLeniently($0) } == Array("%4A%".utf8))
        #expect(bytes("50%2") { PercentCoding.hasSequence($0) } == false)
        #expect(bytes("50%20") { PercentCoding.hasSequence($0) } == true)
    }

    @Test(
        "times are read in each form that carriers write, and nothing else is a time",
        arguments: [
            ("2016-08-04 17:38:59", true), (" 2016-08-04 17:38:59 ", true), ("20160804173859", true),
            ("2016/08/04 17:38:59", true), ("2016-08-04T17:38:59", true), ("2016-13-04 17:38:59", false),
            ("2016-08-0x 17:38:59", false), ("", false), ("now", false), ("2016-08-04", false),
        ])
    func times(value: String, isTime: Bool) {
        var reader = ChinaTimeReader()
        let expected = isTime ? Samples.reportedAt : nil
        for _ in 0..<2 { #expect(bytes(value) { reader.read(WireText($0)) } == expected) }
        #expect(bytes("2016-08-04 17:38:58") { reader.read(WireText($0)) } != Samples.reportedAt)
    }

    @Test(
        "integers, with the upper half wrapping",
        arguments: [
            ("0", 0), ("-1", -1), (" 42 ", 42), ("9223372036854775807", Int64.max), ("9223372036854775808", .min),
            ("18446744073709551615", -1), ("18446744073709551616", nil), ("-9223372036854775808", nil), ("", nil),
            ("-", nil), ("1.0", nil), ("+1", nil), ("1e3", nil),
        ] as [(String, Int64?)])
    func integers(value: String, expected: Int64?) {
        #expect(bytes(value) { WireText($0).integer } == expected)
    }

    @Test("the first field of a form is known behind a byte-order mark, too")
    func formMark() throws {
        let body = Array("\u{FEFF}userid=j10003&pwd=x".utf8)
        let request = try OperatorV2.decodeRequest(OperatorV2.Endpoint(.balance), format: .form, body: body)
        #expect(request.credentials.userID == "J10003")
        let other = try ApiV1.decodeRequest(.balance, body: Array("\u{FEFF}account=j10003&pwd=x".utf8))
        #expect(other.credentials.account == "J10003")
    }

    @Test("the head of an answer to a fetch is read up to its first record, whatever comes behind")
    func fetchHead() throws {
        func head(_ body: String) throws(Rejection) -> FetchHead {
            try Array(body.utf8).withUnsafeBytes { raw in
                Result { () throws(Rejection) in try OperatorV2.fetchHead(raw) }
            }.get()
        }
        func expect(_ body: String, _ code: String, _ hasRecords: Bool) throws {
            let head = try head(body)
            #expect(head.code == code && head.hasRecords == hasRecords, "\(body)")
        }
        try expect(#"{"result":-7,"rpts":"","desc":"x"}"#, "-7", false)
        try expect(#"{"result":0,"rpts":[{"a":1 garbage"#, "0", true)
        try expect(#"{"mos":[{}],"result":0}"#, "", true)
        try expect(#"{"mos":"[{}]","result":0}"#, "", true)
        try expect(#"{"mos":"[]","result":0}"#, "0", false)
        try expect("<r><mos> </mos><result> 5 </result></r>", "5", false)
        try expect("<r><rpts><rpt><a>", "", true)
        #expect(throws: Rejection.malformedJSON) { try head(#"{"rpts":[]}"#) }
        #expect(throws: Rejection.malformedJSON) { try head(#"{"result":1,"#) }
        #expect(throws: Rejection.malformedXML) { try head("<r><result>1</result>") }
    }

    @Test("32 levels of JSON are read, and no more")
    func depth() throws {
        func read(_ levels: Int) throws {
            let body = "{\"a\":" + String(repeating: "[", count: levels) + String(repeating: "]", count: levels) + "}"
            try bytes(body) { bytes in
                var reader = JSONReader(bytes)
                try reader.enterRecord()
                while try reader.nextName() != nil { try reader.skipValue() }
                try reader.finish()
            }
        }
        try read(JSONReader.depthMax - 1)
        #expect(throws: Rejection.malformedJSON) { try read(JSONReader.depthMax) }
    }
}
