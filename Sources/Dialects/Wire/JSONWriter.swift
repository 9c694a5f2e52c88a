/// Writes compact JSON.
struct JSONWriter: RecordWriter {
    var output: [UInt8] = []
    /// A member was written in the object or array that is open.
    private var needsComma = false

    init(capacity: Int) {
        output.reserveCapacity(capacity)
    }

    mutating func open(_ root: StaticString) { openBrace() }
    mutating func close(_ root: StaticString) { closeBrace() }

    mutating func openList(_ name: StaticString) {
        key(name)
        openBracket()
    }

    mutating func closeList(_ name: StaticString) { closeBracket() }

    /// An array that has no name, being the whole text.
    mutating func openBracket() {
        output.append(UInt8(ascii: "["))
        needsComma = false
    }

    mutating func closeBracket() {
        output.append(UInt8(ascii: "]"))
        needsComma = true
    }

    mutating func openItem(_ name: StaticString) {
        comma()
        openBrace()
    }

    mutating func closeItem(_ name: StaticString) { closeBrace() }

    mutating func begin(_ name: StaticString, isText: Bool) {
        key(name)
        if isText { output.append(UInt8(ascii: "\"")) }
    }

    mutating func end(_ name: StaticString, isText: Bool) {
        if isText { output.append(UInt8(ascii: "\"")) }
        needsComma = true
    }

    mutating func escaped(_ text: String) {
        let isWhole = output.append(text) { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        if isWhole { return }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case 0x0A: output.append("\\n")
            case 0x0D: output.append("\\r")
            case 0x09: output.append("\\t")
            case 0x00...0x1F:
                output.append("\\u00")
                output.append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
                output.append(byte & 0xF < 10 ? 0x30 + byte & 0xF : 0x57 + byte & 0xF)
            default: output.append(byte)
            }
        }
    }

    private mutating func comma() {
        if needsComma { output.append(UInt8(ascii: ",")) }
    }

    private mutating func key(_ name: StaticString) {
        comma()
        output.append(UInt8(ascii: "\""))
        output.append(name)
        output.append("\":")
    }

    private mutating func openBrace() {
        output.append(UInt8(ascii: "{"))
        needsComma = false
    }

    private mutating func closeBrace() {
        output.append(UInt8(ascii: "}"))
        needsComma = true
    }
}
