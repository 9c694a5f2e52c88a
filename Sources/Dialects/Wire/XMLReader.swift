import Messaging

/// A pull reader of the flat XML that this family writes: elements, text, CDATA, comments, the five predefined
/// entities and numeric references.
///
/// The prolog may lack its quotes, as some documents print it; attributes are skipped. A DOCTYPE, and so any entity of
/// one's own, is refused. At most `depthMax` levels, no recursion; anything wrong is `Rejection.malformedXML`.
struct XMLReader: FieldReader {
    static let depthMax = 32

    private let bytes: WireBytes
    private var at = 0
    /// The names of the elements that are open.
    private var open: [WireBytes] = []
    /// The innermost open element was written `<name/>`.
    private var isSelfClosed = false

    /// A numeric reference that names no character is U+FFFD: one handset's text must not make a body unreadable that
    /// holds many.
    private let replacesHalves: Bool

    init(_ bytes: WireBytes) {
        self.bytes = bytes.withoutMark
        replacesHalves = false
    }

    /// Of what a carrier wrote.
    init(ofCarrier bytes: WireBytes) {
        self.bytes = bytes.withoutMark
        replacesHalves = true
    }

    mutating func enterRecord() throws(Rejection) {
        guard case .start = try markup(skippingText: false) else { throw .malformedXML }
    }

    mutating func nextName() throws(Rejection) -> WireBytes? {
        switch try markup(skippingText: true) {
        case .start(let name): return name
        case .end: return nil
        case .text, .cdata: throw .malformedXML
        }
    }

    mutating func enterList() throws(Rejection) -> ListStart { .entered }

    mutating func nextItem() throws(Rejection) -> Bool { try nextName() != nil }

    mutating func skipValue() throws(Rejection) {
        let floor = open.count - 1
        while open.count > floor { _ = try markup(skippingText: true) }
    }

    mutating func value() throws(Rejection) -> WireText {
        var only = WireText.empty
        var joined: [UInt8]?
        while true {
            let piece: WireText
            switch try markup(skippingText: false) {
            case .end: return joined.map { WireText(owned: $0) } ?? only
            case .start: throw .malformedXML
            case .cdata(let raw): piece = WireText(raw)
            case .text(let raw): piece = try XMLEntities.resolve(raw, replacesHalves: replacesHalves)
            }
            if joined == nil, only.isEmpty {
                only = piece
            } else {
                var all = joined ?? only.withBytes { Array($0) }
                piece.withBytes { all.append(contentsOf: $0) }
                joined = all
            }
        }
    }

    mutating func finish() throws(Rejection) {
        while at < bytes.count {
            if WireBytes.isSpace(bytes[at]) {
                at += 1
            } else if !(try skipAside()) {
                throw .malformedXML
            }
        }
    }

    private enum Markup {
        case start(WireBytes)
        case end
        case text(WireBytes)
        case cdata(WireBytes)
    }

    /// The next thing that matters. Text outside of the root may only be white space.
    private mutating func markup(skippingText: Bool) throws(Rejection) -> Markup {
        if isSelfClosed {
            isSelfClosed = false
            open.removeLast()
            return .end
        }
        while at < bytes.count {
            if bytes[at] != UInt8(ascii: "<") {
                let text = text()
                if open.isEmpty {
                    guard text.trimmed.isEmpty else { throw .malformedXML }
                } else if !skippingText {
                    return .text(text)
                }
            } else if starts(with: "<![CDATA[") {
                guard !open.isEmpty else { throw .malformedXML }
                let data = try through("]]>", skipping: 9)
                if !skippingText { return .cdata(data) }
            } else if try skipAside() {
                continue
            } else if starts(with: "</") {
                try endTag()
                return .end
            } else {
                return .start(try startTag())
            }
        }
        throw .malformedXML
    }

    /// Up to the next `<`.
    private mutating func text() -> WireBytes {
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "<") { at += 1 }
        return bytes.piece(start..<at)
    }

    /// Skips a comment or a processing instruction (the prolog looks like one); false when there is none.
    private mutating func skipAside() throws(Rejection) -> Bool {
        if starts(with: "<!--") {
            _ = try through("-->", skipping: 4)
            return true
        }
        if starts(with: "<?") {
            _ = try through("?>", skipping: 2)
            return true
        }
        return false
    }

    private func starts(with text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        return at + length <= bytes.count && bytes.piece(at..<at + length).equals(text)
    }

    /// The bytes between here, `skipping` bytes on, and `end`; both are consumed.
    private mutating func through(_ end: StaticString, skipping: Int) throws(Rejection) -> WireBytes {
        at += skipping
        let start = at
        while at < bytes.count {
            if starts(with: end) {
                let piece = bytes.piece(start..<at)
                at += end.utf8CodeUnitCount
                return piece
            }
            at += 1
        }
        throw .malformedXML
    }

    private mutating func startTag() throws(Rejection) -> WireBytes {
        guard open.count < Self.depthMax else { throw .malformedXML }
        at += 1
        let name = name()
        // This is where `<!DOCTYPE` ends up: an exclamation mark begins no name.
        guard let first = name.first, Self.beginsName(first) else { throw .malformedXML }
        var quote: UInt8?
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: "<") {
                throw .malformedXML
            } else if byte == UInt8(ascii: ">") {
                isSelfClosed = bytes[at - 2] == UInt8(ascii: "/")
                open.append(name)
                return name
            }
        }
        throw .malformedXML
    }

    private mutating func endTag() throws(Rejection) {
        at += 2
        let name = name()
        while at < bytes.count, WireBytes.isSpace(bytes[at]) { at += 1 }
        guard at < bytes.count, bytes[at] == UInt8(ascii: ">"), let opened = open.popLast(),
            opened.elementsEqual(name)
        else { throw .malformedXML }
        at += 1
    }

    private mutating func name() -> WireBytes {
        let start = at
        while at < bytes.count, !WireBytes.isSpace(bytes[at]), bytes[at] != UInt8(ascii: ">"),
            bytes[at] != UInt8(ascii: "/"), bytes[at] != UInt8(ascii: "<")
        { at += 1 }
        return bytes.piece(start..<at)
    }

    private static func beginsName(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
    }
}
