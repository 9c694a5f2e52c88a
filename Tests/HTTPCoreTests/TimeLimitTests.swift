import NIOCore
import Testing

@testable import HTTPCore

/// Time-outs, by a clock that the test sets.
@Suite struct TimeLimitTests {
    private let soon = NIODeadline.now() + .milliseconds(500)

    @Test func `the first byte must come soon, the next request need not`() throws {
        let silent = try EmbeddedConnection()
        silent.handler.checkTime(soon)
        #expect(silent.isOpen)
        silent.handler.checkTime(soon + .seconds(6))
        #expect(!silent.isOpen)
        #expect(silent.heard() == "")
        let used = try EmbeddedConnection()
        used.say("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        used.handler.checkTime(soon + .seconds(50))
        #expect(used.isOpen)
        used.handler.checkTime(soon + .seconds(90))
        #expect(!used.isOpen)
    }

    @Test func `empty lines are no first byte`() throws {
        let connection = try EmbeddedConnection()
        connection.say("\r\n\r\n\n")
        connection.handler.checkTime(soon + .seconds(6))
        #expect(!connection.isOpen)
    }

    @Test(arguments: ["Content-Length: 100000", "Transfer-Encoding: chunked"])
    func `a body that comes too slowly is refused before its time is up`(framing: String) throws {
        let connection = try EmbeddedConnection()
        connection.say("POST / HTTP/1.1\r\nHost: h\r\n\(framing)\r\n\r\n")
        connection.handler.checkTime(soon + .seconds(9))
        #expect(connection.heard() == "")
        // 3 KiB pay for 3 s behind the first ten.
        let text = String(repeating: "x", count: 3072)
        connection.say(framing.hasPrefix("T") ? "c00\r\n\(text)" : text)
        connection.handler.checkTime(soon + .seconds(12))
        #expect(connection.heard() == "")
        connection.handler.checkTime(soon + .seconds(15))
        #expect(connection.heard().hasPrefix("HTTP/1.1 408 "))
    }

    @Test func `a body that comes fast has its whole time`() throws {
        let connection = try EmbeddedConnection()
        connection.say(
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + String(repeating: "x", count: 50_000))
        connection.handler.checkTime(soon + .seconds(28))
        #expect(connection.heard() == "")
        connection.handler.checkTime(soon + .seconds(31))
        #expect(connection.heard().hasPrefix("HTTP/1.1 408 "))
    }
}
