/// Bytes whose charset is a matter of faith.
public enum TextCharset: Sendable {
    case gbk, utf8

    /// The text in this charset if `bytes` is valid in it, else in the other one, else nil (WIRE.md §002).
    public func decodeLeniently(_ bytes: [UInt8]) -> String? {
        switch self {
        case .gbk: GBK.decode(bytes) ?? String(validating: bytes, as: UTF8.self)
        case .utf8: String(validating: bytes, as: UTF8.self) ?? GBK.decode(bytes)
        }
    }
}
