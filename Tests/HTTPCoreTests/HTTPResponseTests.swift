import HTTPCore
import NIOCore
import NIOHTTP1
import Testing

@Suite struct HTTPResponseTests {
    private func bytes(_ response: HTTPResponse, isHeadOnly: Bool = false) -> String {
        var output = ByteBuffer()
        _ = response.encode(into: &output, isHeadOnly: isHeadOnly, connection: nil)
        return String(buffer: output)
    }

    @Test func `header fields are written in their order, before those of the server`() throws {
        var response = HTTPResponse(contentType: "text/html", bytes: Array("<p>".utf8))
        try response.addHeader("Set-Cookie", "a=1; HttpOnly")
        try response.addHeader("Set-Cookie", "b=2")
        try response.addHeader("Content-Security-Policy", "default-src 'self'")
        try response.addHeader("ETag", "\"äöü\"")
        #expect(
            bytes(response) == """
                HTTP/1.1 200 OK\r
                Content-Type: text/html\r
                Set-Cookie: a=1; HttpOnly\r
                Set-Cookie: b=2\r
                Content-Security-Policy: default-src 'self'\r
                ETag: "äöü"\r
                Content-Length: 3\r
                \r
                <p>
                """)
    }

    @Test func `a redirection and an unchanged page have their fields and no body`() throws {
        var moved = HTTPResponse(status: .seeOther)
        try moved.addHeader("Location", "/login")
        #expect(bytes(moved) == "HTTP/1.1 303 See Other\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n")
        var same = HTTPResponse(status: .notModified)
        try same.addHeader("ETag", "\"1\"")
        #expect(bytes(same) == "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n")
    }

    @Test(
        arguments: [
            ("", "x", .invalidName), ("A B", "x", .invalidName), ("A:", "x", .invalidName), ("Ä", "x", .invalidName),
            ("A\r\nB", "x", .invalidName), ("A", "x\r\nB: y", .invalidValue), ("A", "x\n", .invalidValue),
            ("A", "\0", .invalidValue), ("A", "\u{7F}", .invalidValue), ("A", "\t", .invalidValue),
            ("Content-Length", "1", .reserved), ("DATE", "x", .reserved), ("connection", "close", .reserved),
            ("Transfer-Encoding", "chunked", .reserved), ("content-type", "a/b", .reserved),
        ] as [(String, String, HTTPResponse.HeaderFieldError)])
    func `a field that could split the answer, or is the server's, is not taken`(
        name: String, value: String, reason: HTTPResponse.HeaderFieldError
    ) {
        var response = HTTPResponse(status: .ok)
        #expect(throws: reason) { try response.addHeader(name, value) }
        #expect(bytes(response) == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    }

    @Test func `a method that a path does not have is answered with those that it has`() {
        #expect(
            bytes(.methodNotAllowed(allow: "GET, POST"))
                == "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, POST\r\nContent-Length: 0\r\n\r\n")
    }
}
