/// How bytes are read whose charset is not certain.
public enum TextCharset: Sendable {
    /// The charset that is tried first.
    case gbk, utf8

    /// Whether `bytes` can be taken for UTF-8 although GBK would be the rule: they are valid, and hold a CJK
    /// character, a full-width mark or another sign, or an emoji. What remains of valid UTF-8 (Latin letters with
    /// accents, say) may as well be two-byte characters of GBK, and mostly is.
    public static func isUTF8ForCertain(_ bytes: [UInt8]) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        return text.unicodeScalars.contains { isTelling($0.value) }
    }

    /// Bytes that were percent-encoded: UTF-8 where that is certain, else GBK, else UTF-8 after all.
    /// - Returns: nil for bytes of neither charset.
    public static func decodeByEvidence(_ bytes: [UInt8]) -> String? {
        isUTF8ForCertain(bytes) ? String(decoding: bytes, as: UTF8.self) : TextCharset.gbk.decodeLeniently(bytes)
    }

    private static func isTelling(_ value: UInt32) -> Bool {
        switch value {
        // Signs, dashes, dots and quotation marks, which Chinese texts share with others. In GBK their first two bytes,
        // E2 80 to E2 9F, are characters that texts do not use.
        case 0x2000...0x27FF: true
        // Radicals, marks, kana and the like, ideographs; Hangul; ideographs for compatibility; marks of vertical text
        // and of full width.
        case 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFFEF: true
        // Emoji. Likewise: F0 9F.
        case 0x1F000...0x1FFFF: true
        default: false
        }
    }

    /// The text in this charset if `bytes` is valid in it, else in the other one, else nil.
    public func decodeLeniently(_ bytes: [UInt8]) -> String? {
        switch self {
        case .gbk: GBK.decode(bytes) ?? String(validating: bytes, as: UTF8.self)
        case .utf8: String(validating: bytes, as: UTF8.self) ?? GBK.decode(bytes)
        }
    }
}
