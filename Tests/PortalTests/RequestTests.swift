import NIOCore
import Testing

@testable import Portal

@Suite struct RequestTests {
    @Test(
        arguments: [
            ("a=1&b=2", ["a=1", "b=2"]), ("a=%E7%9F%AD+x&a=", ["a=短 x", "a="]), ("%=%&a=%zz", ["%=%", "a=%zz"]),
            ("&&=&a", ["=", "a="]), ("", []), ("a=%ff", ["a=\u{FFFD}"]),
        ])
    func `fields are read as browsers write them`(encoded: String, expected: [String]) {
        #expect(FormFields(encoded: encoded.utf8).fields.map { "\($0.name)=\($0.value)" } == expected)
    }

    @Test func `what a query encodes is read back`() {
        let fields = [("短信", "a&b=c d+%"), ("x", "\n\"<>'")]
        let read = FormFields(encoded: FormFields.query(fields).utf8).fields
        #expect(read.map(\.name) == fields.map(\.0) && read.map(\.value) == fields.map(\.1))
    }

    private static let boundary = "----WebKitFormBoundaryx"

    private func form(_ parts: [(String, [UInt8])]) -> ByteBuffer {
        var body = ByteBuffer()
        for (head, content) in parts {
            body.writeString("--\(Self.boundary)\r\nContent-Disposition: form-data; \(head)\r\n\r\n")
            body.writeBytes(content)
            body.writeString("\r\n")
        }
        body.writeString("--\(Self.boundary)--\r\n")
        return body
    }

    private let type = "multipart/form-data; boundary=\(RequestTests.boundary)"

    @Test func `a form with a file has its fields, and the file byte for byte`() throws {
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0) } + Array("\r\n--\(Self.boundary.dropLast())".utf8)
        let body = form([
            ("name=\"a\"", Array("短信".utf8)), ("name=\"empty\"", []),
            ("name=\"file\"; filename=\"账单 1.xlsx\"\r\nContent-Type: x/y", bytes),
        ])
        let read = try #require(MultipartForm(contentType: type, body: body))
        #expect(read.fields["a"] == "短信")
        #expect(read.fields.has("empty") && read.fields["empty"].isEmpty)
        #expect(read.files.count == 1)
        #expect(read.files[0].field == "file" && read.files[0].name == "账单 1.xlsx")
        #expect(Array(read.files[0].bytes.readableBytesView) == bytes)
    }

    @Test func `a file that was not chosen is none`() throws {
        let read = try #require(MultipartForm(contentType: type, body: form([("name=\"file\"; filename=\"\"", [])])))
        #expect(read.files.isEmpty)
    }

    @Test func `a form that is cut at any place is refused`() {
        let body = form([("name=\"a\"", Array("1".utf8)), ("name=\"f\"; filename=\"x\"", Array("22".utf8))])
        let whole = body.readableBytes
        for length in 0..<whole - 2 {
            let cut = body.getSlice(at: 0, length: length) ?? ByteBuffer()
            let read = MultipartForm(contentType: type, body: cut)
            // The closing delimiter and what follows it may be cut at its line end.
            #expect(read == nil, "cut at \(length) of \(whole)")
        }
        #expect(MultipartForm(contentType: type, body: body) != nil)
    }

    @Test func `seeded mutations of a form give a form or nil, within its bytes`() {
        let body = form([("name=\"a\"", Array("1".utf8)), ("name=\"f\"; filename=\"x\"", Array("22".utf8))])
        var state: UInt64 = 42
        func random(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % below
        }
        for _ in 0..<5000 {
            var bytes = Array(body.readableBytesView)
            for _ in 0...random(4) {
                switch random(3) {
                case 0: bytes[random(bytes.count)] = UInt8(random(256))
                case 1: bytes.remove(at: random(bytes.count))
                default: bytes.insert(UInt8(random(256)), at: random(bytes.count))
                }
            }
            guard let read = MultipartForm(contentType: type, body: ByteBuffer(bytes: bytes)) else { continue }
            #expect(read.files.allSatisfy { $0.bytes.readableBytes <= bytes.count })
        }
    }

    @Test(
        arguments: [
            ("same-origin", nil, "h", true), ("cross-site", "http://h", "h", false), ("none", "http://h", "h", false),
            ("same-site", "http://h", "h", false), (nil, "http://h:8080", "h:8080", true),
            (nil, "https://H", "h", true),
            (nil, "http://evil", "h", false), (nil, "null", "h", false), (nil, nil, "h", false),
            (nil, "http://h", nil, false), (nil, "ftp://h", "h", false), (nil, "http://", "", false),
            (nil, "http://h.evil", "h", false),
        ] as [(String?, String?, String?, Bool)])
    func `only our own pages change something`(site: String?, origin: String?, host: String?, expected: Bool) {
        #expect(CrossSite.isSameOrigin(fetchSite: site, origin: origin, host: host) == expected)
    }

    @Test(
        arguments: [
            ("sms.example.com", ["sms.example.com"], true), ("SMS.example.com:8080", ["sms.example.com"], true),
            ("evil", ["sms.example.com"], false), (nil, ["sms.example.com"], false), ("any", [], true), (nil, [], true),
            ("[::1]:8080", ["[::1]"], true), ("[::1]", ["[::1]"], true),
        ] as [(String?, [String], Bool)])
    func `the pages answer under their own names only`(host: String?, allowed: [String], expected: Bool) {
        #expect(CrossSite.isAllowed(host: host, among: allowed) == expected)
    }

    @Test(
        arguments: [
            ("records?id=5&a=%20b", "records?id=5&a=%20b"), ("/portal/send", "send"), ("//evil", ""),
            ("https://evil", ""), ("/evil", ""), ("a//b", ""), ("../x", ""), ("a\r\nSet-Cookie: x", ""), ("", ""),
            ("javascript:alert(1)", ""), ("/portal//evil", ""),
        ])
    func `a redirect leads to our own pages only`(path: String, expected: String) {
        #expect(SafePath.relative(path) == expected)
    }
}
