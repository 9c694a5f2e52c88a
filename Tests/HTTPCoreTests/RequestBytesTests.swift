import NIOCore
import Testing

@testable import HTTPCore

/// Requests as bytes: what is answered depends on them alone, not on the pieces in which they come.
@Suite struct RequestBytesTests {
    private static func answers(_ parts: [[UInt8]]) throws -> String {
        let connection = try EmbeddedConnection()
        for part in parts { connection.say(part) }
        return connection.heard().replacing("HTTP/1.1 100 Continue\r\n\r\n", with: "")
    }

    private static let stream =
        "POST /a?b HTTP/1.1\r\nHost: h\r\nExpect:\r\nContent-Length: 3\r\n\r\nabc"
        + "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\ndef\r\n0\r\nT: t\r\n\r\n"
        + "GET /e HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

    @Test func `a stream of requests is answered the same wherever it is cut`() throws {
        let bytes = Array(Self.stream.utf8)
        let whole = try Self.answers([bytes])
        #expect(whole.count(of: "HTTP/1.1 200 OK") == 3)
        for cut in 0...bytes.count {
            #expect(try Self.answers([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "\(cut)")
        }
    }

    @Test func `mutated requests are answered or refused the same wherever they are cut`() throws {
        var random = SeededGenerator(seed: 4)
        var refused = 0
        for round in 0..<150 {
            let bytes = random.mutated(Self.stream)
            let whole = try Self.answers([bytes])
            if whole.contains("HTTP/1.1 400 ") { refused += 1 }
            for cut in stride(from: round % 5, through: bytes.count, by: 5) {
                let parts = [Array(bytes[..<cut]), Array(bytes[cut...])]
                #expect(try Self.answers(parts) == whole, "round \(round), cut at \(cut): \(bytes)")
            }
            #expect(try Self.answers(bytes.map { [$0] }) == whole, "round \(round), byte by byte: \(bytes)")
        }
        #expect(refused > 20)
    }

    @Test(arguments: [
        "GET / HTTP/1.1\nHost: h\n\n", "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nHost: h\n", "GET / HTTP/1.1\r\n\n",
        "GET / HTTP/1.1\r\nHost: h\r\nA: b\nContent-Length: 3\r\n\r\nabc",
    ]) func `a line that ends without CR is refused as soon as it is there`(text: String) throws {
        let connection = try EmbeddedConnection()
        connection.say(text)
        #expect(connection.heard().hasPrefix("HTTP/1.1 400 "))
        #expect(connection.service.received == 0)
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nhOST: a\r\n\r\n",
    ]) func `a second Host is refused`(text: String) throws {
        let connection = try EmbeddedConnection()
        connection.say(text)
        #expect(connection.heard().hasPrefix("HTTP/1.1 400 "))
    }

    @Test(arguments: ["Expect:", "Expect: ", "expect:\t"])
    func `an empty Expect is no expectation`(line: String) throws {
        let connection = try EmbeddedConnection()
        connection.say("POST / HTTP/1.1\r\nHost: h\r\n\(line)\r\nContent-Length: 2\r\n\r\n")
        #expect(connection.heard() == "")
        connection.say("ok")
        #expect(connection.heard().hasSuffix("POST / [] ok"))
    }

    @Test func `an unknown path is refused before its body is read`() throws {
        for framing in [
            "Content-Length: 2000000", "Transfer-Encoding: chunked", "Expect: 100-continue\r\nContent-Length: 9",
        ] {
            let connection = try EmbeddedConnection()
            connection.say("POST /unknown HTTP/1.1\r\nHost: h\r\n\(framing)\r\n\r\n")
            #expect(connection.heard().hasPrefix("HTTP/1.1 404 "), "\(framing)")
            #expect(connection.service.received == 0)
        }
    }
}
