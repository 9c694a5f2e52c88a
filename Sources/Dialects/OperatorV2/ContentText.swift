import Messaging

/// From the bytes of a `content` to its text (WIRE.md §002, "Content decoding").
///
/// A value is percent-encoded when it is pure ASCII with a `%XX` in it: whoever encodes leaves nothing beyond ASCII.
/// Where there is none, a percent sign is itself. Encoded bytes are in the endpoint's charset, else in the other one;
/// values written raw are in the body's, which is UTF-8, else GBK.
struct ContentText {
    enum Stage {
        /// As a JSON or XML value: encoded once.
        case encoded
        /// As it stands in a form: encoded for the form, and perhaps by the sender before that.
        case form
        /// Taken from a form and decoded once already: perhaps encoded by the sender before that.
        case formDecoded
    }

    /// No content within the limit has more bytes decoded: a UTF-16 unit takes at most four, in GB18030.
    private static let bytesMax = OperatorV2.contentUnitsMax * 4

    var stage: Stage
    /// That the endpoint documents.
    var charset: TextCharset

    /// - Throws: `contentEmpty`, `contentTooLong`; `contentUndecodable` for bytes of no charset, percent signs that
    ///   begin no sequence among others that do, and control characters other than tab, CR and LF.
    func decode(_ value: WireText) throws(Rejection) -> String {
        let isUnicode = value.isUnicode
        let result = value.withBytes { bytes in
            Result { () throws(Rejection) -> String in try decode(bytes, isUnicode: isUnicode) }
        }
        return try result.get()
    }

    private func decode(_ bytes: WireBytes, isUnicode: Bool) throws(Rejection) -> String {
        // Encoded twice, a byte takes up to five others.
        guard bytes.count <= Self.bytesMax * 5 else { throw .contentTooLong }
        let isRaw = bytes.hasHighBytes
        switch stage {
        case .encoded:
            if isRaw || !PercentCoding.hasSequence(bytes) { return try text(Array(bytes), .utf8) }
            return try decodedOnce(bytes)
        case .formDecoded:
            if !isRaw, PercentCoding.hasSequence(bytes) { return try decodedOnce(bytes) }
            return try text(Array(bytes), isUnicode ? .utf8 : charset)
        case .form:
            if isRaw || !PercentCoding.hasSequence(bytes) {
                return try text(PercentCoding.decodeLeniently(bytes), .utf8)
            }
            guard let once = PercentCoding.decode(bytes) else { throw .contentUndecodable }
            let result = once.withUnsafeBufferPointer { once in
                Result { () throws(Rejection) -> String in
                    if !once.hasHighBytes, PercentCoding.hasSequence(once) { return try decodedOnce(once) }
                    return try text(Array(once), charset)
                }
            }
            return try result.get()
        }
    }

    private func decodedOnce(_ bytes: WireBytes) throws(Rejection) -> String {
        guard let decoded = PercentCoding.decode(bytes) else { throw .contentUndecodable }
        return try text(decoded, charset)
    }

    private func text(_ bytes: [UInt8], _ charset: TextCharset) throws(Rejection) -> String {
        guard bytes.count <= Self.bytesMax else { throw .contentTooLong }
        let isBlank = bytes.allSatisfy(WireBytes.isSpace)
        guard !isBlank else { throw .contentEmpty }
        guard !bytes.contains(where: { $0 < 0x20 && !WireBytes.isSpace($0) }) else { throw .contentUndecodable }
        let isASCII = bytes.withUnsafeBufferPointer { !$0.hasHighBytes }
        let text = isASCII ? String(decoding: bytes, as: UTF8.self) : charset.decodeLeniently(bytes)
        guard let text else { throw .contentUndecodable }
        guard text.utf16.count <= OperatorV2.contentUnitsMax else { throw .contentTooLong }
        return text
    }
}

extension ContentText {
    /// The text of a handset's reply: percent-encoded UTF-8, else GBK. Never fails, for no reply may be lost.
    static func reply(_ value: WireText) -> String {
        value.withBytes { bytes in
            let isEncoded = PercentCoding.hasSequence(bytes) && !bytes.hasHighBytes
            let plain = isEncoded ? PercentCoding.decodeLeniently(bytes) : Array(bytes)
            return TextCharset.utf8.decodeLeniently(plain) ?? String(decoding: plain, as: UTF8.self)
        }
    }
}
