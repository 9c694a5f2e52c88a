import Dialects
import Messaging
import Testing

/// WIRE.md §002, "Content decoding": which charset, and how often percent signs are undone.
struct ContentTextTests {
    private static let text = "测试短信"
    private static let utf8 = Array(text.utf8)
    private static let gbk: [UInt8] = [0xB2, 0xE2, 0xCA, 0xD4, 0xB6, 0xCC, 0xD0, 0xC5]

    private static func percent(_ bytes: [UInt8]) -> [UInt8] {
        bytes.flatMap { byte -> [UInt8] in
            let digits = String(byte, radix: 16)
            return Array(("%" + (digits.count == 1 ? "0" : "") + digits).utf8)
        }
    }

    private func content(
        _ format: OperatorV2.BodyFormat, _ value: [UInt8], charset: TextCharset = .gbk
    ) -> Result<String, Rejection> {
        let (head, tail): (String, String) =
            switch format {
            case .json: (#"{"mobile":"13800138000","content":""#, "\"}")
            case .xml: ("<a><mobile>13800138000</mobile><content>", "</content></a>")
            case .form: ("mobile=13800138000&content=", "")
            }
        let body = Array(head.utf8) + value + Array(tail.utf8)
        return Result { () throws(Rejection) -> String in
            let endpoint = OperatorV2.Endpoint(.singleSend, charset: charset)
            let request = try OperatorV2.decodeRequest(endpoint, format: format, body: body)
            guard case .send(let submission) = try request.content.get() else { return "" }
            return submission.parts[0].content
        }
    }

    @Test("encoded or raw, in GBK or UTF-8, the text comes out", arguments: OperatorV2.BodyFormat.allCases)
    func matrix(format: OperatorV2.BodyFormat) {
        #expect(content(format, Self.percent(Self.gbk)) == .success(Self.text))
        #expect(content(format, Self.gbk) == .success(Self.text))
        #expect(content(format, Self.utf8) == .success(Self.text))
        #expect(content(format, Self.percent(Self.utf8), charset: .utf8) == .success(Self.text))
        #expect(content(format, Self.percent(Self.gbk), charset: .utf8) == .success(Self.text))
        #expect(content(format, Self.utf8, charset: .utf8) == .success(Self.text))
        #expect(content(format, Self.gbk, charset: .utf8) == .success(Self.text))
        #expect(content(format, Self.percent(Array("测试".utf8))) == .success("测试"))
        #expect(content(format, Self.percent(Self.utf8)) == .success(Self.text))
        #expect(content(format, Self.percent(Array("验证码".utf8))) == .success("验证码"))
    }

    @Test("a form may be encoded twice; JSON and XML are not")
    func twice() {
        let twice = Self.percent(Self.gbk).flatMap { $0 == UInt8(ascii: "%") ? Array("%25".utf8) : [$0] }
        #expect(content(.form, twice) == .success(Self.text))
        #expect(content(.json, twice) == .success("%b2%e2%ca%d4%b6%cc%d0%c5"))
        #expect(content(.xml, twice) == .success("%b2%e2%ca%d4%b6%cc%d0%c5"))
    }

    @Test("a plus sign is a space where something is encoded, and itself where nothing is")
    func plus() {
        #expect(content(.json, Array("a+b%2bc".utf8)) == .success("a b+c"))
        #expect(content(.json, Array("a+b".utf8)) == .success("a+b"))
        #expect(content(.form, Array("a+b".utf8)) == .success("a b"))
        #expect(content(.form, Array("100%25+off".utf8)) == .success("100% off"))
    }

    @Test("percent signs in text that is raw beyond doubt are percent signs")
    func rawPercent() {
        #expect(content(.json, Array("打折50%".utf8)) == .success("打折50%"))
        #expect(content(.form, Array("打折50%".utf8)) == .success("打折50%"))
        #expect(content(.xml, Array("打折50%20".utf8)) == .success("打折50%20"))
    }

    @Test("where no percent sign begins a sequence, each is itself", arguments: ["%b", "%", "%zz", "100% off", "5%"])
    func lonePercent(value: String) {
        for format in OperatorV2.BodyFormat.allCases {
            for charset in [TextCharset.gbk, .utf8] {
                #expect(content(format, Array(value.utf8), charset: charset) == .success(value))
            }
        }
        // Encoded for the form alone, and once more before that.
        let once = value.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%25")
        #expect(content(.form, Array(once.utf8)) == .success(value))
        #expect(content(.json, Array("1+1=2%".utf8)) == .success("1+1=2%"))
        #expect(content(.form, Array("1%+off".utf8)) == .success("1% off"))
    }

    @Test(
        "a percent sign that begins no sequence is itself among others that do",
        arguments: [
            ("%b2%e2 100% off", "测 100% off"), ("%b2%e2%", "测%"), ("%41%zz", "A%zz"), ("%b2%e2%c", "测%c"),
            ("%e6%b5%8b+100%+off", "测 100% off"),
        ])
    func loneAmongSequences(value: String, expected: String) {
        for format in OperatorV2.BodyFormat.allCases {
            for charset in [TextCharset.gbk, .utf8] {
                #expect(content(format, Array(value.utf8), charset: charset) == .success(expected))
            }
        }
    }

    @Test("a sequence that is cut short leaves bytes of no charset", arguments: ["%b2%e", "abc%b2%", "%b2100% off"])
    func cutShort(value: String) {
        for format in OperatorV2.BodyFormat.allCases {
            #expect(content(format, Array(value.utf8)) == .failure(.contentUndecodable))
        }
        let twice = value.replacing("%", with: "%25")
        #expect(content(.form, Array(twice.utf8)) == .failure(.contentUndecodable))
    }

    @Test("line ends behind a form's last value are not part of it", arguments: ["\r\n", "\n", "\r\n\r\n"])
    func lineEnd(end: String) {
        for value in ["hello", "%b2%e2", "a%0D%0A"] {
            let expected = content(.form, Array(value.utf8))
            #expect(content(.form, Array((value + end).utf8)) == expected)
        }
        #expect(content(.form, Array("a%0D%0A\r\n".utf8)) == .success("a\r\n"))
    }

    @Test(
        "bytes of neither charset, and control characters, are undecodable", arguments: OperatorV2.BodyFormat.allCases)
    func undecodable(format: OperatorV2.BodyFormat) {
        #expect(content(format, Array("%ff%ff".utf8)) == .failure(.contentUndecodable))
        #expect(content(format, [0x61, 0xFF, 0xFF, 0x20]) == .failure(.contentUndecodable))
        for byte in UInt8(0)..<0x20 {
            let isAllowed = byte == 0x09 || byte == 0x0A || byte == 0x0D
            let expected: Result<String, Rejection> =
                isAllowed ? .success("a\(UnicodeScalar(byte))b") : .failure(.contentUndecodable)
            #expect(content(format, Array("a".utf8) + Self.percent([byte]) + Array("b".utf8)) == expected)
        }
        #expect(content(format, [0x61, 0x00, 0x62]) == .failure(.contentUndecodable))
    }

    @Test("nothing but white space is nothing", arguments: ["", "%20", "+%20", "%0d%0a"])
    func empty(value: String) {
        for format in OperatorV2.BodyFormat.allCases {
            #expect(content(format, Array(value.utf8)) == .failure(.contentEmpty))
        }
    }

    @Test("1000 UTF-16 units are the most", arguments: OperatorV2.BodyFormat.allCases)
    func length(format: OperatorV2.BodyFormat) {
        let longest = String(repeating: "字", count: 1000)
        #expect(content(format, Array(longest.utf8)) == .success(longest))
        #expect(content(format, Array((longest + "a").utf8)) == .failure(.contentTooLong))
        let smiles = String(repeating: "😀", count: 500)
        #expect(content(format, Self.percent(Array(smiles.utf8)), charset: .utf8) == .success(smiles))
        let tooMany = Array((smiles + "a").utf8)
        #expect(content(format, Self.percent(tooMany), charset: .utf8) == .failure(.contentTooLong))
        #expect(content(format, [UInt8](repeating: 0x61, count: 1_000_000)) == .failure(.contentTooLong))
    }

    @Test("escapes of JSON are UTF-8, whatever the endpoint's charset")
    func escapes() {
        let escaped = Array(#"\u6d4b\u8bd5\u77ed\u4fe1 \ud83d\ude00 \"\\\/\n"#.utf8)
        #expect(content(.json, escaped) == .success("测试短信 😀 \"\\/\n"))
        let list = #"%5B%7B"mobile":"13800138000","content":"\u6d4b\u8bd5"%7D%5D"#
        let request = try? decoded(.multiSend, .form, "multimt=" + list)
        guard case .success(.send(let submission))? = request?.content else {
            Issue.record("refused")
            return
        }
        #expect(submission.parts[0].content == "测试")
    }

    @Test("a whole body in GBK is read, with a backslash as the second byte of a character")
    func backslashInGBK() throws {
        // 誠 is D5 5C, 乗 is 81 5C.
        let bytes: [UInt8] = [0xD5, 0x5C, 0x81, 0x5C]
        #expect(content(.json, bytes) == .success("誠乗"))
        #expect(content(.json, bytes + Array(#"\n"#.utf8) + bytes) == .success("誠乗\n誠乗"))
        let list = Array(#"[{"mobile":"13800138000","content":""#.utf8) + bytes + Array("\"}]".utf8)
        for multi in [list, Self.percent(list)] {
            let body = Array("multimt=".utf8) + multi
            let request = try OperatorV2.decodeRequest(OperatorV2.Endpoint(.multiSend), format: .form, body: body)
            guard case .success(.send(let submission)) = request.content else {
                Issue.record("refused")
                continue
            }
            #expect(submission.parts[0].content == "誠乗")
        }
    }

    @Test("multimt as an array, as a JSON text, in a form raw, encoded, and encoded twice")
    func multi() throws {
        let percent = String(decoding: Self.percent(Self.gbk), as: UTF8.self)
        let list = #"[{"mobile":"13800138000","content":"\#(percent)"}]"#
        let quoted = #"[{\"mobile\":\"13800138000\",\"content\":\"\#(percent)\"}]"#
        let encoded = String(decoding: Self.percent(Array(list.utf8)), as: UTF8.self)
        let rawInside = Array(#"[{"mobile":"13800138000","content":""#.utf8) + Self.gbk + Array("\"}]".utf8)
        let bodies: [(OperatorV2.BodyFormat, [UInt8])] = [
            (.json, Array(#"{"multimt":\#(list)}"#.utf8)),
            (.json, Array(#"{"multimt":"\#(quoted)"}"#.utf8)),
            (
                .xml,
                Array(
                    "<r><multimt><mt><mobile>13800138000</mobile><content>\(percent)</content></mt></multimt></r>".utf8)
            ),
            (.form, Array("multimt=\(list)".utf8)),
            (.form, Array("multimt=\(encoded)".utf8)),
            (.form, Array("multimt=".utf8) + rawInside),
            (.form, Array("multimt=".utf8) + Self.percent(rawInside)),
        ]
        for (format, body) in bodies {
            let request = try OperatorV2.decodeRequest(OperatorV2.Endpoint(.multiSend), format: format, body: body)
            let expected = Submission(parts: [
                Submission.Part(recipients: [Recipient("13800138000")], content: Self.text)
            ])
            #expect(request.content == .success(.send(expected)), "\(format) \(String(decoding: body, as: UTF8.self))")
        }
    }
}
