import Messaging

/// Writes records of named fields, and lists of such records: what JSON, XML and forms have in common here.
/// Names are the dialect's own and need no escaping.
protocol RecordWriter {
    /// Where the bytes go.
    var output: [UInt8] { get set }

    mutating func open(_ root: StaticString)
    mutating func close(_ root: StaticString)
    mutating func openList(_ name: StaticString)
    mutating func closeList(_ name: StaticString)
    mutating func openItem(_ name: StaticString)
    mutating func closeItem(_ name: StaticString)

    /// Writes a field's name and the opening of a text, or of a number.
    mutating func begin(_ name: StaticString, isText: Bool)
    /// Writes the closing of a value that `begin` opened.
    mutating func end(_ name: StaticString, isText: Bool)
    /// Writes a text's characters, escaped.
    mutating func escaped(_ text: String)
}

extension RecordWriter {
    mutating func text(_ name: StaticString, _ value: String) {
        begin(name, isText: true)
        escaped(value)
        end(name, isText: true)
    }

    mutating func number(_ name: StaticString, _ value: Int64) {
        begin(name, isText: false)
        output.append(integer: value)
        end(name, isText: false)
    }

    /// A text that is kept percent-encoded, given by its plain bytes.
    mutating func percentEncoded(_ name: StaticString, _ bytes: [UInt8]) {
        begin(name, isText: true)
        PercentCoding.append(bytes, to: &output)
        end(name, isText: true)
    }

    /// `yyyy-MM-dd HH:mm:ss` in China.
    mutating func time(_ name: StaticString, _ value: Timestamp) {
        begin(name, isText: true)
        output.append(chinaTime: value)
        end(name, isText: true)
    }

    /// Numbers between commas.
    mutating func recipients(_ name: StaticString, _ recipients: [Recipient]) {
        begin(name, isText: true)
        for (at, recipient) in recipients.enumerated() {
            if at > 0 { output.append(UInt8(ascii: ",")) }
            switch recipient {
            case .number(let number, .plain) where number.isMainland: output.append(integer: number.rawValue)
            case .number, .invalid: escaped(recipient.text)
            }
        }
        end(name, isText: true)
    }

    mutating func finished() -> [UInt8] { output }
}

extension [UInt8] {
    mutating func append(_ text: StaticString) {
        append(contentsOf: text.wireBytes)
    }

    mutating func append(integer value: Int64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { buffer in
            var rest = value.magnitude
            var start = buffer.count
            repeat {
                start -= 1
                buffer[start] = 0x30 + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            if value < 0 {
                start -= 1
                buffer[start] = UInt8(ascii: "-")
            }
            append(contentsOf: UnsafeBufferPointer(rebasing: buffer[start...]))
        }
    }

    mutating func append(chinaTime time: Timestamp) {
        let china = time.china
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 19) { buffer in
            func put(_ value: Int, at start: Int) {
                buffer[start] = 0x30 + UInt8(value / 10)
                buffer[start + 1] = 0x30 + UInt8(value % 10)
            }
            put(china.year / 100 % 100, at: 0)
            put(china.year % 100, at: 2)
            buffer[4] = UInt8(ascii: "-")
            put(china.month, at: 5)
            buffer[7] = UInt8(ascii: "-")
            put(china.day, at: 8)
            buffer[10] = UInt8(ascii: " ")
            put(china.hour, at: 11)
            buffer[13] = UInt8(ascii: ":")
            put(china.minute, at: 14)
            buffer[16] = UInt8(ascii: ":")
            put(china.second, at: 17)
            append(contentsOf: UnsafeBufferPointer(buffer))
        }
    }

    /// Appends the text's UTF-8 as it is if `isPlain` says so of all its bytes; else returns false.
    mutating func append(_ text: String, ifAll isPlain: (UInt8) -> Bool) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            for byte in bytes where !isPlain(byte) { return false }
            append(contentsOf: bytes)
            return true
        }
    }
}
