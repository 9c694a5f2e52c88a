import Messaging

/// A pull reader of JSON, over bytes whose charset is not yet decided.
///
/// Liberal where clients are: control characters in strings, numbers with leading zeros. Strict in structure. At most
/// `depthMax` levels, no recursion; anything wrong is `Rejection.malformedJSON`.
struct JSONReader: FieldReader {
    static let depthMax = 32

    private let bytes: WireBytes
    private var at = 0
    private var depth = 0
    /// At the beginning of an object or array, where no comma precedes the next member.
    private var isFirst = true
    /// Two-byte characters may contain a backslash as their second byte.
    private let isDoubleByte: Bool
    /// Words without quotes are values, as a sample of OperatorV2 prints one.
    private let allowsBareWords: Bool
    /// Half a surrogate pair is U+FFFD: one handset's text must not make a body unreadable that holds many.
    private let replacesHalves: Bool

    init(_ bytes: WireBytes, allowsBareWords: Bool = false, replacesHalves: Bool = false) {
        self.bytes = bytes.withoutMark
        self.isDoubleByte = bytes.isDoubleByteText
        self.allowsBareWords = allowsBareWords
        self.replacesHalves = replacesHalves
    }

    /// Of what a carrier wrote: as liberal as can be.
    init(ofCarrier bytes: WireBytes) {
        self.init(bytes, allowsBareWords: true, replacesHalves: true)
    }

    /// Whether the field's value, which comes next, is null.
    mutating func isNullNext() throws(Rejection) -> Bool {
        try peek() == UInt8(ascii: "n") && bytes.count - at >= 4 && bytes.piece(at..<at + 4).equals("null")
    }

    mutating func enterRecord() throws(Rejection) {
        guard try peek() == UInt8(ascii: "{") else { throw .malformedJSON }
        try descend()
    }

    /// Steps into an array that is the whole text.
    mutating func enterOutermostList() throws(Rejection) {
        guard try peek() == UInt8(ascii: "[") else { throw .malformedJSON }
        try descend()
    }

    mutating func nextName() throws(Rejection) -> WireBytes? {
        guard let byte = try nextMember(end: UInt8(ascii: "}")) else { return nil }
        return try name(byte)
    }

    mutating func value() throws(Rejection) -> WireText {
        switch try peek() {
        case UInt8(ascii: "\""): return try string()
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            try skipValue()
            return .empty
        default:
            let word = try word()
            return word.equals("null") ? .empty : WireText(word)
        }
    }

    mutating func enterList() throws(Rejection) -> ListStart {
        guard try peek() == UInt8(ascii: "[") else { return .text(try value()) }
        try descend()
        return .entered
    }

    mutating func nextItem() throws(Rejection) -> Bool {
        guard let byte = try nextMember(end: UInt8(ascii: "]")) else { return false }
        guard byte == UInt8(ascii: "{") else { throw .malformedJSON }
        try descend()
        return true
    }

    mutating func finish() throws(Rejection) {
        while at < bytes.count {
            guard WireBytes.isSpace(bytes[at]) else { throw .malformedJSON }
            at += 1
        }
    }

    mutating func skipValue() throws(Rejection) {
        let floor = depth
        // One bit a level: whether it is an object.
        var objects: UInt64 = 0
        var byte = try peek()
        while true {
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                try descend()
                let bit: UInt64 = 1 << UInt64(depth)
                objects = byte == UInt8(ascii: "{") ? objects | bit : objects & ~bit
            } else if byte == UInt8(ascii: "\"") {
                _ = try rawString()
            } else {
                _ = try word()
            }
            // Leave whatever ends here, then stand at the next value.
            while true {
                if depth == floor { return }
                let isObject = objects & 1 << UInt64(depth) != 0
                guard let member = try nextMember(end: UInt8(ascii: isObject ? "}" : "]")) else { continue }
                byte = member
                if isObject {
                    _ = try name(member)
                    byte = try peek()
                }
                break
            }
        }
    }

    /// The first byte of what comes next, white space skipped.
    private mutating func peek() throws(Rejection) -> UInt8 {
        while at < bytes.count {
            let byte = bytes[at]
            guard WireBytes.isSpace(byte) else { return byte }
            at += 1
        }
        throw .malformedJSON
    }

    private mutating func descend() throws(Rejection) {
        guard depth < Self.depthMax else { throw .malformedJSON }
        at += 1
        depth += 1
        isFirst = true
    }

    /// The first byte of the next member, its comma consumed; nil when `end` was there and is consumed.
    private mutating func nextMember(end: UInt8) throws(Rejection) -> UInt8? {
        let byte = try peek()
        if byte == end {
            at += 1
            depth -= 1
            isFirst = false
            return nil
        }
        if isFirst {
            isFirst = false
            return byte
        }
        guard byte == UInt8(ascii: ",") else { throw .malformedJSON }
        at += 1
        return try peek()
    }

    private mutating func name(_ byte: UInt8) throws(Rejection) -> WireBytes {
        guard byte == UInt8(ascii: "\"") else { throw .malformedJSON }
        let (name, _) = try rawString()
        guard try peek() == UInt8(ascii: ":") else { throw .malformedJSON }
        at += 1
        return name
    }

    private mutating func string() throws(Rejection) -> WireText {
        let (raw, isEscaped) = try rawString()
        guard isEscaped else { return WireText(raw) }
        guard let text = JSONEscapes.unescape(raw, isDoubleByte, replacesHalves) else { throw .malformedJSON }
        return text
    }

    /// The bytes between the quotes.
    private mutating func rawString() throws(Rejection) -> (bytes: WireBytes, isEscaped: Bool) {
        let start = at + 1
        var end = start
        var isEscaped = false
        if !isDoubleByte { end = plainEnd(from: start) }
        while end < bytes.count {
            let byte = bytes[end]
            if byte == UInt8(ascii: "\"") {
                at = end + 1
                return (bytes.piece(start..<end), isEscaped)
            }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                end += 2
            } else {
                end += isDoubleByte ? JSONEscapes.width(bytes, end) : 1
            }
        }
        throw .malformedJSON
    }

    /// Up to where there is certainly no quote and no backslash, looked at in steps of eight bytes.
    private func plainEnd(from start: Int) -> Int {
        let raw = UnsafeRawBufferPointer(bytes)
        var end = start
        while end + 8 <= raw.count {
            let word = raw.loadUnaligned(fromByteOffset: end, as: UInt64.self)
            if Self.mayHold(UInt8(ascii: "\""), word) || Self.mayHold(UInt8(ascii: "\\"), word) { break }
            end += 8
        }
        return end
    }

    /// Whether one of the eight bytes is `byte`. A subtraction borrows from the top bit of a byte that is zero, which
    /// the byte is after the exclusive or; false alarms need such a byte beside them.
    private static func mayHold(_ byte: UInt8, _ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let rest = word ^ (ones &* UInt64(byte))
        return (rest &- ones) & ~rest & 0x8080_8080_8080_8080 != 0
    }

    /// A number, true, false or null; with `allowsBareWords` any run of letters, digits and `_-+.`.
    private mutating func word() throws(Rejection) -> WireBytes {
        let start = at
        var hasLetters = false
        while at < bytes.count {
            let byte = bytes[at]
            switch byte {
            case 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
                break
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                if at == start { hasLetters = true }
            case 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"):
                hasLetters = true
            default:
                return try checked(bytes.piece(start..<at), hasLetters)
            }
            at += 1
        }
        return try checked(bytes.piece(start..<at), hasLetters)
    }

    private func checked(_ word: WireBytes, _ hasLetters: Bool) throws(Rejection) -> WireBytes {
        guard let first = word.first else { throw .malformedJSON }
        if allowsBareWords { return word }
        if hasLetters {
            guard word.equals("null") || word.equals("true") || word.equals("false") else { throw .malformedJSON }
            return word
        }
        guard (0x30...0x39).contains(first) || first == UInt8(ascii: "-") && word.count > 1 else {
            throw .malformedJSON
        }
        return word
    }
}
