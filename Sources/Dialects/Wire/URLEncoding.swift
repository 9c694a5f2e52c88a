/// How the libraries of other languages percent-encode a text: its UTF-8, in upper-case digits.
public enum URLEncoding: Hashable, Sendable, CaseIterable {
    /// Java's URLEncoder: a space is `+`, and `*-._` stay.
    case java
    /// JavaScript's encodeURIComponent: a space is `%20`, and `-_.!~*'()` stay.
    case javaScript

    func encode(_ text: String) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count * 2)
        append(text, to: &output)
        return output
    }

    func append(_ text: String, to output: inout [UInt8]) {
        for byte in text.utf8 {
            if keeps(byte) {
                output.append(byte)
            } else if byte == 0x20, self == .java {
                output.append(UInt8(ascii: "+"))
            } else {
                output.append(contentsOf: Self.sequence(byte))
            }
        }
    }

    /// `%XX`.
    static func sequence(_ byte: UInt8) -> [UInt8] { [UInt8(ascii: "%"), digit(byte >> 4), digit(byte & 0xF)] }

    private func keeps(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        case UInt8(ascii: "!"), UInt8(ascii: "~"), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"):
            self == .javaScript
        default: false
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }
}
