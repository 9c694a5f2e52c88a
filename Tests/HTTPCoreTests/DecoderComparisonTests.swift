import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import HTTPCore

/// The same bytes through our machine and through SwiftNIO's decoder. Where they disagree ours is the stricter: each
/// request that it takes, NIO takes, too, with the same method, target and body. The one exception is white space.
@Suite struct DecoderComparisonTests {
    struct Taken: Equatable, CustomStringConvertible {
        var method: String
        var path: String
        var query: String
        var body: ByteBuffer

        var description: String { "\(method) \(path) [\(query)] \(String(buffer: body))" }
    }

    private static func ours(_ bytes: [UInt8]) -> (taken: [Taken], refused: Bool) {
        var run = MachineRun()
        run.say(bytes)
        let taken = run.requests.map {
            Taken(method: $0.method.rawValue, path: $0.path, query: $0.query, body: $0.body)
        }
        return (taken, run.trace.contains("closeOutput"))
    }

    private static func nio(_ bytes: [UInt8]) throws -> (taken: [Taken], refused: Bool) {
        let channel = EmbeddedChannel()
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
        var refused = false
        do { try channel.writeInbound(ByteBuffer(bytes: bytes)) } catch { refused = true }
        var taken: [Taken] = []
        var current: Taken?
        while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head):
                let target = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
                current = Taken(
                    method: head.method.rawValue, path: String(target[0]),
                    query: target.count > 1 ? String(target[1]) : "", body: ByteBuffer())
            case .body(let body): current?.body.writeImmutableBuffer(body)
            case .end:
                if let current { taken.append(current) }
                current = nil
            }
        }
        return (taken, refused)
    }

    /// The bytes with white space in the only form in which NIO's decoder takes it: no tab, and none before the end of
    /// a line or before a chunk's extension. RFC 9110 §5.6.3 and RFC 9112 §7.1.1 demand that a recipient accepts these.
    private static func withPlainBlanks(_ bytes: [UInt8]) -> [UInt8] {
        var plain: [UInt8] = []
        for byte in bytes {
            if byte == ASCII.carriageReturn || byte == ASCII.semicolon {
                while plain.last == ASCII.space { plain.removeLast() }
            }
            plain.append(byte == ASCII.tab ? ASCII.space : byte)
        }
        return plain
    }

    private static let samples = [
        "GET /a?b=c HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n",
        "POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
        "POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\ndef\r\n0A\r\n0123456789\r\n0\r\nT: t\r\n\r\n",
        "GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 1\r\n\r\nxGET /3 HTTP/1.1\r\n\r\n",
    ]

    @Test(arguments: samples) func `both take what is well-formed`(sample: String) throws {
        let bytes = Array(sample.utf8)
        let ours = Self.ours(bytes)
        #expect(try Self.nio(bytes).taken == ours.taken)
        #expect(!ours.taken.isEmpty && !ours.refused)
    }

    /// The kinds of disagreement that mutations find.
    @Test(arguments: [
        // One space, no more, separates the parts of a request line.
        "GET  / HTTP/1.1\r\n\r\n", "GET /  HTTP/1.1\r\n\r\n",
        // A second Host: two readers may choose another one each.
        "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
        // Transfer-Encoding that is more, or less, than `chunked`.
        "GET / HTTP/1.1\r\nTransfer-Encoding:\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding:,chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        // An expectation that the server does not meet.
        "GET / HTTP/1.1\r\nExpect: x\r\n\r\n",
    ]) func `what NIO's decoder takes and our machine refuses`(text: String) throws {
        let ours = Self.ours(Array(text.utf8))
        #expect(ours.taken.isEmpty && ours.refused)
        #expect(try Self.nio(Array(text.utf8)).taken.count == 1)
    }

    @Test(arguments: [
        "POST / HTTP/1.1\r\nContent-Length: 1\t\r\n\r\nx",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1 ;a\r\nx\r\n0\r\n\r\n",
    ]) func `white space that our machine has to take and NIO's decoder refuses`(text: String) throws {
        #expect(Self.ours(Array(text.utf8)).taken.map { String(buffer: $0.body) } == ["x"])
        #expect(try Self.nio(Array(text.utf8)).taken.isEmpty)
        #expect(try Self.nio(Self.withPlainBlanks(Array(text.utf8))).taken.map { String(buffer: $0.body) } == ["x"])
    }

    /// YIZHAN_HTTP_CASES sets the number of cases here, too.
    @Test(arguments: [1, 2])
    func `what our machine takes NIO's decoder takes as the same requests`(seed: UInt64) throws {
        var random = SeededGenerator(seed: 100 + seed)
        var agreed = 0
        var stricter = 0
        for round in 0..<SeededGenerator.cases(20_000) / 2 {
            let bytes = random.mutatedRequest(of: Self.samples)
            let ours = Self.ours(bytes)
            let nio = try Self.nio(bytes)
            if ours.taken == nio.taken { agreed += 1 } else { stricter += 1 }
            let plain = Self.withPlainBlanks(bytes)
            if !nio.taken.starts(with: ours.taken), try !Self.nio(plain).taken.starts(with: Self.ours(plain).taken) {
                Issue.record(
                    """
                    seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self).debugDescription)
                    ours \(ours), NIO's \(nio)
                    """)
            }
        }
        #expect(agreed > 100 && stricter > 10)
    }
}
