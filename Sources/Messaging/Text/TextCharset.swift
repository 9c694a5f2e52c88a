/// How bytes are read whose charset is not certain.
public enum TextCharset: Sendable {
    /// The charset that is tried first.
    case gbk, utf8

    /// Whether `bytes` can be taken for UTF-8 although GBK would be the rule: they are valid, and hold a CJK
    /// character, a full-width mark or another sign, or an emoji. What remains of valid UTF-8 (Latin letters with
    /// accents, say) may as well be two-byte characters of GBK, and mostly is.
    public static func isUTF8ForCertain(_ bytes: [UInt8]) -> Bool {
        certainUTF8(bytes) != nil
    }

    private static func certainUTF8(_ bytes: [UInt8]) -> String? {
        guard mayBeUTF8(bytes), let text = String(validating: bytes, as: UTF8.self),
            text.unicodeScalars.contains(where: { isTelling($0.value) })
        else { return nil }
        return text
    }

    /// False for nearly all texts in GBK, by their first character beyond ASCII: the library's validation costs more
    /// than the decoding of a short text.
    private static func mayBeUTF8(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.firstIndex(where: { $0 >= 0x80 }) else { return true }
        return (0xC2...0xF4).contains(bytes[first]) && first + 1 < bytes.count
            && (0x80...0xBF).contains(bytes[first + 1])
    }

    /// Bytes that were percent-encoded: UTF-8 where that is certain, else GBK, else UTF-8 after all.
    /// - Returns: nil for bytes of neither charset.
    public static func decodeByEvidence(_ bytes: [UInt8]) -> String? {
        certainUTF8(bytes) ?? TextCharset.gbk.decodeLeniently(bytes)
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
