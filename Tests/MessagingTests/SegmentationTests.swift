import Messaging
import Testing

/// WIRE.md "General": 1–70 UTF-16 units are one segment, longer texts ceil(n / 67); a surrogate pair is never split.
struct SegmentationTests {
    private static let units: [(units: Int, segments: Int)] = [
        (0, 0), (1, 1), (69, 1), (70, 1), (71, 2), (133, 2), (134, 2), (135, 3), (201, 3), (202, 4), (1000, 15),
        (1005, 15), (1006, 16),
    ]

    @Test(arguments: ["a", "测", "é"])
    func `the number of segments follows the number of units`(_ character: String) {
        for row in Self.units {
            let text = String(repeating: character, count: row.units)
            #expect(Segmentation.count(of: text) == row.segments, "\(row.units) × \(character)")
            let parts = Segmentation.segments(of: text)
            #expect(parts.count == row.segments)
            #expect(parts.joined() == text)
            #expect(parts.dropLast().allSatisfy { $0.utf16.count == (row.units > 70 ? 67 : row.units) })
        }
    }

    @Test func `an emoji counts as two units`() {
        #expect(Segmentation.count(of: String(repeating: "😀", count: 35)) == 1)
        #expect(Segmentation.count(of: String(repeating: "😀", count: 35) + "a") == 2)
        #expect(Segmentation.count(of: String(repeating: "😀", count: 36)) == 2)
    }

    @Test func `a pair across the end of a segment moves to the next one whole`() {
        let text = String(repeating: "测", count: 66) + "😀" + String(repeating: "试", count: 10)
        #expect(
            Segmentation.segments(of: text) == [
                String(repeating: "测", count: 66), "😀" + String(repeating: "试", count: 10),
            ])
        #expect(Segmentation.count(of: text) == 2)
    }

    @Test func `a pair that ends with its segment stays there`() {
        let head = String(repeating: "测", count: 65) + "😀"
        #expect(Segmentation.segments(of: head + "试试试试试") == [head, "试试试试试"])
    }

    @Test func `a pair moved on can cost one more segment, and that one is billed`() {
        // 134 units, but only 66 of them fit into the first segment.
        let text = String(repeating: "测", count: 66) + "😀" + String(repeating: "试", count: 66)
        #expect(text.utf16.count == 134)
        #expect(Segmentation.segments(of: text).map(\.utf16.count) == [66, 67, 1])
        #expect(Segmentation.count(of: text) == 3)
    }

    @Test func `the signature counts like any other text`() {
        #expect(Segmentation.count(of: "【通渝科技】" + String(repeating: "测", count: 64)) == 1)
        #expect(Segmentation.count(of: "【通渝科技】" + String(repeating: "测", count: 65)) == 2)
    }

    @Test func `line breaks and joined characters are counted by units, not by what is seen`() {
        #expect(Segmentation.count(of: String(repeating: "\r\n", count: 35)) == 1)
        #expect(Segmentation.count(of: String(repeating: "\r\n", count: 36)) == 2)
        #expect(Segmentation.count(of: String(repeating: "e\u{301}", count: 36)) == 2)
    }

    @Test func `any text is cut greedily, and joined it is the text again`() {
        var random = SeededGenerator(seed: 2)
        let alphabet: [Character] = ["a", "7", "é", "测", "，", "😀", "👩‍👩‍👧", "\u{10FFFF}", "\r\n"]
        for _ in 0..<2000 {
            let length = Int.random(in: 0...300, using: &random)
            let few = alphabet.shuffled(using: &random).prefix(Int.random(in: 1...4, using: &random))
            let text = String((0..<length).map { _ in few.randomElement(using: &random) ?? "a" })
            let parts = Segmentation.segments(of: text)
            #expect(parts.map(\.utf16.count) == Self.cut(Array(text.utf16)))
            #expect(parts.joined() == text)
            #expect(Segmentation.count(of: text) == parts.count)
        }
    }

    /// The lengths of the segments, worked out on UTF-16 units.
    private static func cut(_ units: [UInt16]) -> [Int] {
        if units.isEmpty { return [] }
        if units.count <= 70 { return [units.count] }
        var lengths: [Int] = []
        var start = 0
        while start < units.count {
            var end = min(start + 67, units.count)
            if end < units.count, UTF16.isTrailSurrogate(units[end]) { end -= 1 }
            lengths.append(end - start)
            start = end
        }
        return lengths
    }
}
