/// The characters that the grammar of HTTP names.
enum ASCII {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let asterisk: UInt8 = 0x2A
    static let comma: UInt8 = 0x2C
    static let quote: UInt8 = 0x22
    static let slash: UInt8 = 0x2F
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let equals: UInt8 = 0x3D
    static let questionMark: UInt8 = 0x3F
    static let openingBracket: UInt8 = 0x5B
    static let backslash: UInt8 = 0x5C
    static let closingBracket: UInt8 = 0x5D

    /// Right for letters; other bytes may change, but to none that a letter becomes.
    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }

    /// Whether two texts are the same but for the case of their letters.
    static func isSame(_ first: some Collection<UInt8>, _ second: some Collection<UInt8>) -> Bool {
        first.count == second.count && zip(first, second).allSatisfy { lowercased($0) == lowercased($1) }
    }

    /// A `token` character of RFC 9110 §5.6.2.
    static func isToken(_ byte: UInt8) -> Bool {
        byte < 64 ? tokenLow & (1 << UInt64(byte)) != 0 : byte < 128 && tokenHigh & (1 << UInt64(byte - 64)) != 0
    }

    /// A byte of a field value: visible, blank or above ASCII.
    static func isFieldValue(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == tab }

    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    /// One bit for each of `!#$%&'*+-.` and the digits.
    private static let tokenLow: UInt64 = 0x03FF_6CFA_0000_0000
    /// One bit, counted from `@`, for each letter and each of ``^_`|~``.
    private static let tokenHigh: UInt64 = 0x57FF_FFFF_C7FF_FFFE
}
