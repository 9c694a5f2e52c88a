/// The fields of a query or a form, in their order. A name may come several times.
struct FormFields: Sendable {
    private(set) var fields: [(name: String, value: String)] = []

    /// More fields are not read: a page has fewer.
    static let countMax = 10_000

    init() {}

    /// Reads `name=value&…` (application/x-www-form-urlencoded, UTF-8). Bytes that are not UTF-8 are replaced.
    init(encoded bytes: some Collection<UInt8>) {
        for field in bytes.split(separator: UInt8(ascii: "&")) {
            guard fields.count < Self.countMax else { return }
            let parts = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            append(Self.decoded(parts[0]), parts.count > 1 ? Self.decoded(parts[1]) : "")
        }
    }

    mutating func append(_ name: String, _ value: String) { fields.append((name, value)) }

    /// The first value of that name, without blanks around it; empty when there is none.
    subscript(name: String) -> String { Self.trimmed(raw(name)) }

    /// The first value of that name as it was typed; empty when there is none.
    func raw(_ name: String) -> String { fields.first { $0.name == name }?.value ?? "" }

    /// All values of that name.
    func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// Whether a field of that name came, a ticked box for example.
    func has(_ name: String) -> Bool { fields.contains { $0.name == name } }

    /// The number that a field holds; nil when it is none, or out of bounds.
    func integer(_ name: String, in bounds: ClosedRange<Int64> = 0...Int64.max) -> Int64? {
        guard let number = Int64(self[name]), bounds.contains(number) else { return nil }
        return number
    }

    private static func trimmed(_ text: String) -> String {
        let isBlank = { (character: Character) in character.isWhitespace }
        var rest = text[...].drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return String(rest)
    }

    private static func decoded(_ bytes: some Collection<UInt8>) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): decoded.append(0x20)
            case UInt8(ascii: "%"):
                let digits = rest.prefix(2)
                if digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) {
                    decoded.append(value)
                    rest = rest.dropFirst(2)
                } else {
                    decoded.append(byte)
                }
            default: decoded.append(byte)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    /// As a query, for links.
    static func query(_ fields: [(String, String)]) -> String {
        fields.map { "\(encoded($0.0))=\(encoded($0.1))" }.joined(separator: "&")
    }

    static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return encoded
    }
}
