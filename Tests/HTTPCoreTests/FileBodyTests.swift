import Glibc
import NIOCore
import Synchronization
import Testing

@testable import HTTPCore

@Suite struct FileBodyTests {
    /// A file of `count` bytes in the temporary folder, for as long as `body` runs.
    private func withFile(_ count: Int, _ body: (String) async throws -> Void) async throws {
        var path = Array("/tmp/yizhan-file-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        let name = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(name) }
        let bytes = (0..<count).map { UInt8(0x61 + $0 % 26) }
        var at = 0
        while at < count { at += bytes[at...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } }
        close(descriptor)
        try await body(name)
    }

    @Test func `a file arrives whole and the connection goes on`() async throws {
        try await withFile(3_000_000) { path in
            try await withServer { _, address, _ in
                let client = try await RawClient(address)
                try await client.send(
                    "GET /file?\(path) HTTP/1.1\r\nHost: h\r\n\r\nGET /end HTTP/1.1\r\nHost: h\r\n\r\n")
                let heard = try await client.hear { $0.hasSuffix("GET /end [] ") }
                #expect(heard.contains("Content-Length: 3000000\r\n\r\nabcdef"))
                let start = try #require(heard.firstRange(of: "\r\n\r\n")).upperBound
                let content = heard[start...].utf8.prefix(3_000_000)
                #expect(content.enumerated().allSatisfy { $0.element == UInt8(0x61 + $0.offset % 26) })
                await client.close()
            }
        }
    }

    @Test func `a file that became shorter ends the connection`() async throws {
        try await withFile(1000) { path in
            let file = try FileBody(path: path)
            truncate(path, 10)
            #expect(file.length == 1000)
            try await withServer { service, address, _ in
                let client = try await RawClient(address)
                try await client.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try await poll { service.heldCount == 1 })
                let reply = try #require(service.tally.withLock { $0.held.first })
                reply.eventLoop.execute { reply.send(HTTPResponse(contentType: "text/plain", file: file)) }
                let heard = try await client.hearToEnd()
                #expect(heard.hasSuffix("abcdefghij"))
                await client.close()
            }
        }
    }

    @Test func `only regular files are sent, and no links`() async throws {
        try await withFile(10) { path in
            let link = path + ".link"
            symlink(path, link)
            defer { unlink(link) }
            #expect(throws: FileBody.OpenFailure(code: ELOOP)) { try FileBody(path: link) }
            #expect(throws: FileBody.OpenFailure.self) { try FileBody(path: "/tmp") }
            #expect(throws: FileBody.OpenFailure(code: ENOENT)) { try FileBody(path: path + ".none") }
        }
    }
}
