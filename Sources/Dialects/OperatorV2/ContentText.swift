import Messaging

/// From the bytes of a `content` to its text (`INTERFACE.md`, "What we settled", contents).
///
/// A value is percent-encoded when it is pure ASCII with a `%XX` in it: an encoder leaves nothing beyond ASCII. A
/// percent sign that begins no sequence is itself. What the encoded bytes are in, they show themselves
/// (`TextCharset.decodeByEvidence`), whatever the endpoint's name is; values written raw are in the body's charset,
/// which is UTF-8, else GBK.
struct ContentText {
    enum Stage {
        /// As a JSON or XML value: encoded once.
        case encoded
        /// As it is written in a form: encoded for the form, and perhaps by the sender before that.
        case form
        /// Taken from a form and decoded once already: perhaps encoded by the sender before that.
        case formDecoded
    }

    /// No content within the limit has more bytes decoded: a UTF-16 unit takes at most four, in GB18030.
    private static let bytesMax = OperatorV2.contentUnitsMax * 4

    private enum Charset {
        /// Of the body.
        case raw
        case byEvidence
    }

    var stage: Stage

    /// - Throws: `contentEmpty`, `contentTooLong`; `contentUndecodable` for bytes of no charset and for control
    ///   characters other than tab, CR and LF.
    func decode(_ value: WireText) throws(Rejection) -> String {
        let isUnicode = value.isUnicode
        return try value.withBytes { bytes throws(Rejection) in try decode(bytes, isUnicode: isUnicode) }
    }

    private func decode(_ bytes: WireBytes, isUnicode: Bool) throws(Rejection) -> String {
        // Encoded twice, a byte takes up to five others.
        guard bytes.count <= Self.bytesMax * 5 else { throw .contentTooLong }
        let isRaw = bytes.hasHighBytes
        switch stage {
        case .encoded:
            if isRaw || !PercentCoding.hasSequence(bytes) { return try text(Array(bytes), .raw) }
            return try decodedOnce(bytes)
        case .formDecoded:
            if !isRaw, PercentCoding.hasSequence(bytes) { return try decodedOnce(bytes) }
            return try text(Array(bytes), isUnicode ? .raw : .byEvidence)
        case .form:
            if isRaw || !PercentCoding.hasSequence(bytes) {
                return try text(PercentCoding.decodeLeniently(bytes), .raw)
            }
            let once = PercentCoding.decodeLeniently(bytes)
            return try once.withUnsafeBufferPointer { once throws(Rejection) in
                if !once.hasHighBytes, PercentCoding.hasSequence(once) { return try decodedOnce(once) }
                return try text(Array(once), .byEvidence)
            }
        }
    }

    private func decodedOnce(_ bytes: WireBytes) throws(Rejection) -> String {
        try text(PercentCoding.decodeLeniently(bytes), .byEvidence)
    }

    private func text(_ bytes: [UInt8], _ charset: Charset) throws(Rejection) -> String {
        guard bytes.count <= Self.bytesMax else { throw .contentTooLong }
        let isBlank = bytes.allSatisfy(WireBytes.isSpace)
        guard !isBlank else { throw .contentEmpty }
        guard !bytes.contains(where: { $0 < 0x20 && !WireBytes.isSpace($0) }) else { throw .contentUndecodable }
        let isASCII = bytes.withUnsafeBufferPointer { !$0.hasHighBytes }
        let text: String? =
            switch charset {
            case _ where isASCII: String(decoding: bytes, as: UTF8.self)
            case .raw: TextCharset.utf8.decodeLeniently(bytes)
            case .byEvidence: TextCharset.decodeByEvidence(bytes)
            }
        guard let text else { throw .contentUndecodable }
        guard text.utf16.count <= OperatorV2.contentUnitsMax else { throw .contentTooLong }
        return text
    }
}

extension ContentText {
    /// The text of a handset's reply: percent-encoded UTF-8, else GBK. Never fails, for no reply may be lost; cut off
    /// after 4096 bytes.
    static func reply(_ value: WireText) -> String {
        value.withBytes { bytes in
            let isEncoded = PercentCoding.hasSequence(bytes) && !bytes.hasHighBytes
            let plain = isEncoded ? PercentCoding.decodeLeniently(bytes) : Array(bytes)
            let text = TextCharset.utf8.decodeLeniently(plain) ?? String(decoding: plain, as: UTF8.self)
            return CarrierBounds.content(text)
        }
    }
}
