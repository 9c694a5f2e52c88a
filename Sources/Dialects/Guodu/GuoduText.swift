import Messaging

/// What a `Content` says to whom (WIRE.md §003).
///
/// It is URL-encoded UTF-8, once. Text that is not encoded at all, GBK, and text that was encoded twice are understood
/// too. With several numbers it may hold a content for each: every one encoded, joined by commas, and the whole encoded
/// again.
enum GuoduText: Equatable {
    case shared(String)
    /// One for each number, in their order.
    case each([String])

    /// - Throws: `contentEmpty`, `contentTooLong`, `contentUndecodable`.
    static func read(_ value: WireText, numbers: Int) throws(Rejection) -> GuoduText {
        let result = value.withBytes { bytes in
            Result { () throws(Rejection) -> GuoduText in try read(bytes, numbers: numbers) }
        }
        return try result.get()
    }

    private static func read(_ bytes: WireBytes, numbers: Int) throws(Rejection) -> GuoduText {
        // A unit is at most four bytes; encoded twice, each of them at most five characters.
        guard bytes.count <= numbers * (Guodu.contentUnitsMax * 20 + 3) else { throw .contentTooLong }
        // Whoever encodes leaves nothing beyond ASCII, nor a percent sign that begins no sequence.
        guard !bytes.hasHighBytes, let once = PercentCoding.decode(bytes) else {
            return .shared(try text(Array(bytes)))
        }
        guard PercentCoding.hasSequence(bytes) || isEncoded(bytes) else { return .shared(try text(Array(bytes))) }
        let result = once.withUnsafeBufferPointer { once in
            Result { () throws(Rejection) -> GuoduText in try readDecoded(once, numbers: numbers) }
        }
        return try result.get()
    }

    /// Takes what was decoded once.
    private static func readDecoded(_ once: WireBytes, numbers: Int) throws(Rejection) -> GuoduText {
        guard PercentCoding.hasSequence(once) else { return .shared(try text(Array(once))) }
        if numbers > 1, let pieces = pieces(once, count: numbers) {
            var texts: [String] = []
            texts.reserveCapacity(pieces.count)
            for piece in pieces { texts.append(try text(PercentCoding.decodeLeniently(piece))) }
            return .each(texts)
        }
        if isEncoded(once), let twice = PercentCoding.decode(once) { return .shared(try text(twice)) }
        return .shared(try text(Array(once)))
    }

    /// The pieces between commas, if they are as many and each may be an encoded text. A comma at the end does not
    /// matter.
    private static func pieces(_ bytes: WireBytes, count: Int) -> [WireBytes]? {
        var pieces: [WireBytes] = []
        var start = 0
        for at in 0...bytes.count where at == bytes.count || bytes[at] == UInt8(ascii: ",") {
            guard pieces.count <= count else { return nil }
            let piece = bytes.piece(start..<at)
            guard isEncoded(piece) else { return nil }
            pieces.append(piece)
            start = at + 1
        }
        if pieces.count == count + 1, pieces[count].isEmpty { pieces.removeLast() }
        return pieces.count == count ? pieces : nil
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
    /// - Parameter isMarked: at least one sequence stands in it, so that it is seen to be encoded.
    static func append(_ text: String, isMarked: Bool = false, to output: inout [UInt8]) {
        let start = output.count
        URLEncoding.java.append(text, to: &output)
        guard isMarked, let first = text.utf8.first, !output[start...].contains(UInt8(ascii: "%")) else { return }
        output.replaceSubrange(start...start, with: URLEncoding.sequence(first))
    }
}
