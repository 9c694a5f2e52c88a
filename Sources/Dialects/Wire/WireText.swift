import Messaging

/// A value as it is written in a body, its charset not yet decided: a piece of the body where nothing had to be
/// unescaped, else bytes of its own.
struct WireText {
    private enum Storage {
        case piece(WireBytes)
        case owned([UInt8])
    }

    private let storage: Storage
    /// Whether characters beyond ASCII were written as escapes: then the bytes are UTF-8, whatever the body is.
    let isUnicode: Bool

    static var empty: WireText { WireText(WireBytes(start: nil, count: 0)) }

    init(_ piece: WireBytes) {
        storage = .piece(piece)
        isUnicode = false
    }

    init(owned: [UInt8], isUnicode: Bool = false) {
        storage = .owned(owned)
        self.isUnicode = isUnicode
    }

    func withBytes<Result, Failure>(_ body: (WireBytes) throws(Failure) -> Result) throws(Failure) -> Result {
        switch storage {
        case .piece(let piece): try body(piece)
        case .owned(let bytes): try bytes.withUnsafeBufferPointer(body)
        }
    }

    var isEmpty: Bool { withBytes { $0.isEmpty } }

    /// As UTF-8, else GBK, trimmed; what is neither becomes U+FFFD.
    var trimmedText: String { withBytes { $0.trimmed.text } }

    /// As `trimmedText`, with the blanks around it.
    var untrimmedText: String { withBytes { $0.text } }

    /// A decimal integer, trimmed. Values from 2⁶³ to 2⁶⁴ − 1 wrap to negative; nil for anything else.
    var integer: Int64? { withBytes { Self.integer($0.trimmed) } }

    private static func integer(_ bytes: WireBytes) -> Int64? {
        let isNegative = bytes.first == UInt8(ascii: "-")
        let digits = isNegative ? bytes.piece(1..<bytes.count) : bytes
        guard (1...20).contains(digits.count) else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            let (product, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, over2) = product.addingReportingOverflow(UInt64(digit - 0x30))
            if over || over2 { return nil }
            value = sum
        }
        if isNegative { return value <= UInt64(Int64.max) ? -Int64(value) : nil }
        return Int64(bitPattern: value)
    }
}
