import NIOCore
import NIOHTTP1
import Testing

@testable import HTTPCore

@Suite struct ChunkedBodyTests {
    /// What became of a body, wherever its bytes were cut.
    private enum Outcome: Equatable {
        case complete(String, left: String)
        case incomplete
        case refused(Int)
    }

    private static func outcome(_ parts: [[UInt8]], bytesMax: Int = 1000) -> Outcome {
        var body = ChunkedBody(bytesMax: bytesMax)
        var input = ByteBuffer()
        do throws(HTTPFailure) {
            for (place, part) in parts.enumerated() {
                input.writeBytes(part)
                if try body.read(&input) {
                    let rest = parts[(place + 1)...].joined()
                    return .complete(
                        String(buffer: body.joined), left: String(buffer: input) + String(decoding: rest, as: UTF8.self)
                    )
                }
            }
            return .incomplete
        } catch {
            return .refused(Int(error.status.code))
        }
    }

    @Test(arguments: [
        ("3\r\nabc\r\n0\r\n\r\nrest", "abc", "rest"), ("0\r\n\r\n", "", ""),
        ("00A;x=y\r\n0123456789\r\n1 \t;q=\"a;b\"\r\nz\r\n0;last\r\nA: b\r\nC:\r\n\r\nGET /", "0123456789z", "GET /"),
        ("a\r\n\r\n\r\n\r\n\r\n\r\n\r\n000\r\n\r\n", "\r\n\r\n\r\n\r\n\r\n", ""),
    ]) func `a body is the same wherever it is cut`(text: String, joined: String, left: String) {
        let bytes = Array(text.utf8)
        #expect(Self.outcome([bytes]) == .complete(joined, left: left))
        for cut in 0...bytes.count {
            #expect(
                Self.outcome([Array(bytes[..<cut]), Array(bytes[cut...])]) == .complete(joined, left: left), "\(cut)")
        }
        #expect(Self.outcome(bytes.map { [$0] }) == .complete(joined, left: left))
    }

    @Test(arguments: [
        // Junk behind the size.
        "3x\r\nabc\r\n", "3 x\r\nabc\r\n", "3;\r\nabc\r\n", "3;;a\r\nabc\r\n", "3;a=\r\nabc\r\n",
        "3;a=\"b\r\nabc\r\n", "3;a \r\nabc\r\n", "3,\r\nabc\r\n", "0x3\r\nabc\r\n", "+3\r\nabc\r\n", " 3\r\nabc\r\n",
        ";\r\n", "\r\n", "３\r\nabc\r\n",
        // A carriage return that ends no line.
        "3\r;x\r\nabc\r\n", "3;a\rb\r\nabc\r\n", "3;\r\r\nabc\r\n", "0\r\nA: b\rC: d\r\n\r\n",
        // Line feeds alone.
        "3\nabc\r\n", "3\r\nabc\n0\r\n", "0\n\r\n", "0\r\n\n", "0\r\nA: b\n\r\n",
        // Control characters, and trailers that are no fields.
        "3;\u{1}\r\nabc\r\n", "3;\u{7F}\r\nabc\r\n", "3;\0\r\nabc\r\n", "0\r\nno colon\r\n\r\n", "0\r\n: b\r\n\r\n",
        "0\r\nA: \u{1}\r\n\r\n", "0\r\n folded\r\n\r\n", "2\r\nabc\r\n", "123456789\r\n",
    ]) func `what is no chunk is refused wherever it is cut`(text: String) {
        let bytes = Array(text.utf8)
        #expect(Self.outcome([bytes]) == .refused(400))
        for cut in 0...bytes.count {
            #expect(Self.outcome([Array(bytes[..<cut]), Array(bytes[cut...])]) == .refused(400), "\(cut)")
        }
    }

    @Test func `the limit counts the bytes of all chunks`() {
        let bytes = Array("3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n".utf8)
        #expect(Self.outcome([bytes], bytesMax: 6) == .complete("abcabc", left: ""))
        #expect(Self.outcome([bytes], bytesMax: 5) == .refused(413))
        #expect(Self.outcome([Array("ffffffff\r\n".utf8)]) == .refused(413))
    }

    @Test func `mutated bodies have one outcome wherever they are cut`() {
        var random = SeededGenerator(seed: 18)
        let good = "4;a=\"b\"\r\nwxyz\r\n1f\r\n0123456789012345678901234567890\r\n0\r\nA: b\r\nB:\r\n\r\nGET / HTTP/1.1"
        var seen: Set<String> = []
        for round in 0..<500 {
            let bytes = random.mutated(good)
            let whole = Self.outcome([bytes])
            switch whole {
            case .complete: seen.insert("complete")
            case .incomplete: seen.insert("incomplete")
            case .refused(let status): seen.insert("\(status)")
            }
            for cut in 0...bytes.count {
                let parts = [Array(bytes[..<cut]), Array(bytes[cut...])]
                #expect(Self.outcome(parts) == whole, "round \(round), cut at \(cut): \(bytes)")
            }
            #expect(Self.outcome(bytes.map { [$0] }) == whole, "round \(round), byte by byte: \(bytes)")
        }
        #expect(seen.isSuperset(of: ["complete", "400"]))
    }
}
