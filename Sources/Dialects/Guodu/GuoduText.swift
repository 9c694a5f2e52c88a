import Messaging

/// The texts of a `Content`, and their numbers (`INTERFACE.md`, paragraph "A text for each number").
///
/// It is URL-encoded UTF-8, once. Text that is not encoded at all, GBK, and text that was encoded twice are understood
/// too. It may hold a content for each number: every one encoded, joined by commas, and the whole encoded again.
enum GuoduText: Equatable {
    case shared(String)
    /// One for each number, in their order.
    case each([String])

    /// - Throws: `contentEmpty`, `contentTooLong`, `contentUndecodable`; `parameterInvalid` for contents of their own
    ///   that are not as many as the numbers.
    static func read(_ value: WireText, numbers: Int) throws(Rejection) -> GuoduText {
        try value.withBytes { bytes throws(Rejection) in try read(bytes, numbers: numbers) }
    }

    private static func read(_ bytes: WireBytes, numbers: Int) throws(Rejection) -> GuoduText {
        // A unit is at most four bytes; encoded twice, each of them at most five characters.
        guard bytes.count <= numbers * (Guodu.contentUnitsMax * 20 + 3) else { throw .contentTooLong }
        // An encoder leaves nothing beyond ASCII.
        guard !bytes.hasHighBytes, PercentCoding.hasSequence(bytes) || isEncoded(bytes) else {
            return .shared(try text(Array(bytes)))
        }
        let once = PercentCoding.decodeLeniently(bytes)
        if PercentCoding.decode(bytes) == nil {
            // A percent sign that begins no sequence: it is text, and so are the sequences, unless they encode
            // characters beyond ASCII.
            return .shared(try text(once.contains { $0 >= 0x80 } ? once : Array(bytes)))
        }
        return try once.withUnsafeBufferPointer { once throws(Rejection) in try readDecoded(once, numbers: numbers) }
    }

    /// Takes what was decoded once.
    private static func readDecoded(_ once: WireBytes, numbers: Int) throws(Rejection) -> GuoduText {
        if let pieces = encodedPieces(once, numbers: numbers) {
            // Never to all of them: each recipient would get the texts of the others.
            guard pieces.count == numbers else { throw .parameterInvalid(Guodu.contentField) }
            var texts: [String] = []
            texts.reserveCapacity(pieces.count)
            for piece in pieces { texts.append(try text(PercentCoding.decodeLeniently(piece))) }
            return .each(texts)
        }
        guard PercentCoding.hasSequence(once) else { return .shared(try text(Array(once))) }
        if isEncoded(once), let twice = PercentCoding.decode(once) { return .shared(try text(twice)) }
        return .shared(try text(Array(once)))
    }

    /// The pieces between commas, at least two, if all of them are what an encoder writes and one at least shows it: by
    /// a sequence, or by the `+` that Java's encoder makes of a blank. A comma at the end does not matter.
    /// - Parameter numbers: of more pieces it is only said that they are more.
    private static func encodedPieces(_ bytes: WireBytes, numbers: Int) -> [WireBytes]? {
        guard bytes.contains(UInt8(ascii: ",")) else { return nil }
        let hasSequence = PercentCoding.hasSequence(bytes)
        guard hasSequence || bytes.contains(UInt8(ascii: "+")) else { return nil }
        var pieces: [WireBytes] = []
        var start = 0
        for at in 0...bytes.count where at == bytes.count || bytes[at] == UInt8(ascii: ",") {
            let piece = bytes.piece(start..<at)
            // Only a sequence tells JavaScript's encoder, which leaves `!`, `'`, `(`, `)` and `~`, from a text.
            guard hasSequence ? isEncoded(piece) : isOfJava(piece) else { return nil }
            if pieces.count <= numbers || at == bytes.count { pieces.append(piece) }
            start = at + 1
        }
        if pieces.count > 2 || numbers == 1, pieces.last?.isEmpty == true { pieces.removeLast() }
        // One text with a comma after it, for one number, is that text.
        return pieces.count > 1 ? pieces : nil
    }

    /// Whether it has nothing but letters, digits, `*-._`, sequences and `+`.
    private static func isOfJava(_ bytes: WireBytes) -> Bool {
        isEncoded(bytes) && !bytes.contains { "~!'()".utf8.contains($0) }
    }

    /// Whether an encoder may have written this: nothing in it that one would have replaced.
    private static func isEncoded(_ bytes: WireBytes) -> Bool {
        guard PercentCoding.decode(bytes) != nil else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            case UInt8(ascii: "%"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: "!"), UInt8(ascii: "'"), UInt8(ascii: "("),
                UInt8(ascii: ")"):
                true
            default: false
            }
        }
    }

    private static func text(_ bytes: [UInt8]) throws(Rejection) -> String {
        try PlainContent.text(bytes, unitsMax: Guodu.contentUnitsMax)
    }

    // MARK: Writing

    /// Appends `text` URL-encoded as Java's URLEncoder does it, in upper case like the document's sample.
    /// - Parameter isMarked: whether at least one sequence is written, so that it is seen to be encoded.
    static func append(_ text: String, isMarked: Bool = false, to output: inout [UInt8]) {
        let start = output.count
        URLEncoding.java.append(text, to: &output)
        guard isMarked, let first = text.utf8.first, !output[start...].contains(UInt8(ascii: "%")) else { return }
        output.replaceSubrange(start...start, with: URLEncoding.sequence(first))
    }
}
