import Messaging

/// How much is kept of what a carrier writes. No carrier's real fields come near; what does not end is cut off, so that
/// no answer grows without bounds.
enum CarrierBounds {
    static let contentBytesMax = 4096
    static let numberBytesMax = 32
    static let codeBytesMax = 64
    static let wordsBytesMax = 256
    /// Reports and replies of one body; real ones have 2000 at most.
    static let recordsMax = 20_000

    /// The content of a handset's reply, cut off after 4096 bytes. NUL, which some readers take for the end, is
    /// U+FFFD.
    static func content(_ text: String) -> String {
        let kept = text.cut(toBytes: contentBytesMax)
        return kept.utf8.contains(0) ? kept.replacing("\0", with: "\u{FFFD}") : kept
    }

    /// - Throws: `parameterInvalid` where there is no room for one more.
    static func check(_ count: Int) throws(Rejection) {
        guard count < recordsMax else { throw .parameterInvalid("more than \(recordsMax) entries") }
    }
}

extension WireText {
    /// Of a carrier: a telephone or access number, trimmed, cut off after 32 bytes.
    var numberText: String { text(bytesMax: CarrierBounds.numberBytesMax) }

    /// Of a carrier: a code, an id or a custom field, trimmed, cut off after 64 bytes.
    var codeText: String { text(bytesMax: CarrierBounds.codeBytesMax) }

    /// Of a carrier: what a person may read, trimmed, cut off after 256 bytes.
    var wordsText: String { text(bytesMax: CarrierBounds.wordsBytesMax) }

    private func text(bytesMax: Int) -> String {
        withBytes { bytes in
            let trimmed = bytes.trimmed
            if trimmed.count <= bytesMax, !trimmed.hasHighBytes { return trimmed.string }
            // In either charset a character has at most four bytes; what follows them need not be decoded.
            return trimmed.piece(0..<min(trimmed.count, bytesMax * 4)).text.cut(toBytes: bytesMax)
        }
    }
}

extension String {
    /// The longest beginning of whole characters (scalars) that has no more bytes.
    func cut(toBytes max: Int) -> String {
        guard utf8.count > max else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: max)
        while end > startIndex, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(unicodeScalars[..<end])
    }
}
