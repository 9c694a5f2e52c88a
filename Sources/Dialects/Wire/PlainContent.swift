import Messaging

/// What dialects agree on about a content, once its bytes are decoded.
enum PlainContent {
    /// As `text(_:unitsMax:)`, of a value that is not encoded further.
    static func text(_ value: WireText, unitsMax: Int) throws(Rejection) -> String {
        // What is far too long need not be copied to be refused.
        try text(value.withBytes { Array($0.prefix(unitsMax * 4 + 1)) }, unitsMax: unitsMax)
    }

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
    /// Digits that follow an access number, perhaps none.
    /// - Throws: `extensionInvalid` for anything else, and for more than `max` of them.
    func accessExtension(max: Int) throws(Rejection) -> String {
        let text = trimmedText
        guard text.utf8.count <= max, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .extensionInvalid
        }
        return text
    }

    /// The first of a list of numbers, as it is written; what is too long for one is cut off.
    var firstNumber: String {
        withBytes { bytes in
            let trimmed = bytes.trimmed
            let count = min(trimmed.count, 32)
            return trimmed.piece(0..<((0..<count).first { trimmed[$0] == UInt8(ascii: ",") } ?? count)).string
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
