import Foundation
import Secrets
import Testing

@testable import Portal

struct QRCodeTests {
    /// Length of the text, mask, version, and the start of SHA-256 of the rows as another program (python-qrcode 8.2)
    /// makes them with error correction M.
    @Test(
        arguments: [
            (3, 0, 1, "d69b2300d3a06e0d"), (14, 1, 1, "7e424e4ae61722f5"), (26, 2, 2, "2a5f62151189b850"),
            (61, 3, 4, "3fa5c0ce647b361f"), (90, 4, 6, "6f8d60841bf252bb"), (106, 5, 6, "f21a41352a4d33dd"),
            (122, 6, 7, "3f717d2c4babe792"), (180, 7, 9, "0ba48c2ff19509ec"), (200, 0, 10, "19f067fd20fde444"),
            (250, 3, 11, "0964df963932ef44"), (330, 2, 13, "d318b4bd136719a6"),
        ])
    func `the modules are those of another program`(length: Int, mask: Int, version: Int, digest: String) throws {
        let text = "otpauth://totp/" + String(repeating: "abcdefghij0123456789", count: 20)
        let code = try #require(QRCode(String(text.prefix(length)), mask: mask))
        #expect(code.size == version * 4 + 17)
        let rows = code.modules.map { row in row.map { $0 ? "1" : "0" }.joined() }.joined(separator: "\n")
        #expect(SHA256Digest.hex(rows).hasPrefix(digest))
    }

    @Test func `the best mask is one of the eight, and what is too long has no code`() throws {
        let best = try #require(QRCode("otpauth://totp/a"))
        let all = (0..<8).compactMap { QRCode("otpauth://totp/a", mask: $0)?.modules }
        #expect(all.count == 8 && all.contains(best.modules))
        #expect(QRCode(String(repeating: "x", count: 331)) != nil)
        #expect(QRCode(String(repeating: "x", count: 332)) == nil)
    }

    @Test func `the picture has every dark module once`() throws {
        let code = try #require(QRCode("abc"))
        let svg = code.svg(label: "\"<").markup
        #expect(svg.contains("aria-label=\"&quot;&lt;\"") && svg.contains("viewBox=\"0 0 29 29\""))
        let runs = svg.components(separatedBy: "h-").dropFirst().compactMap { Int($0.prefix { $0.isNumber }) }
        #expect(runs.reduce(0, +) == code.modules.reduce(0) { $0 + $1.count { $0 } })
    }
}
