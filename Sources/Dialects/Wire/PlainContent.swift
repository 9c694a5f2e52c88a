import Messaging

/// What dialects agree on about a content, once its bytes are decoded.
enum PlainContent {
    /// The text of `bytes`: UTF-8, else GBK.
    /// - Throws: `contentEmpty` when there is nothing but white space, `contentTooLong` above `unitsMax` UTF-16 units,
    ///   `contentUndecodable` for bytes of neither charset and for control characters other than tab, CR and LF.
    static func text(_ bytes: [UInt8], unitsMax: Int) throws(Rejection) -> String {
        // No charset has more than four bytes for a unit.
        guard bytes.count <= unitsMax * 4 else { throw .contentTooLong }
        let isBlank = bytes.allSatisfy(WireBytes.isSpace)
        guard !isBlank else { throw .contentEmpty }
        guard !bytes.contains(where: { $0 < 0x20 && !WireBytes.isSpace($0) }) else { throw .contentUndecodable }
        guard let text = TextCharset.utf8.decodeLeniently(bytes) else { throw .contentUndecodable }
        guard text.utf16.count <= unitsMax else { throw .contentTooLong }
        return text
    }
}

extension WireText {
    /// As UTF-8, else GBK, with the blanks around it; what is neither becomes U+FFFD.
    var untrimmedText: String {
        withBytes { bytes in
            guard bytes.hasHighBytes else { return bytes.string }
            return TextCharset.utf8.decodeLeniently(Array(bytes)) ?? bytes.string
        }
    }

    /// The id of an account, as customers write it in any case; what is too long for one is cut off.
    var accountID: String {
        withBytes { bytes in
            let trimmed = bytes.trimmed
            return trimmed.piece(0..<min(trimmed.count, 64)).string.uppercased()
        }
    }
}
