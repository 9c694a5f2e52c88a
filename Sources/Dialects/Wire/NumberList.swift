import Messaging

/// Telephone numbers between commas.
enum NumberList {
    /// The numbers of a field, of which one at least must be valid.
    /// - Parameter whenEmpty: what an empty field is refused with.
    /// - Throws: `tooManyNumbers` above `max`, `numberInvalid` where there is no valid one.
    static func recipients(
        _ text: WireText, max: Int, whenEmpty: Rejection = .numberInvalid
    ) throws(Rejection) -> [Recipient] {
        guard let list = text.withBytes({ read($0, max: max) }) else { throw .tooManyNumbers }
        if list.isEmpty { throw whenEmpty }
        guard list.contains(where: \.isNumber) else { throw .numberInvalid }
        return list
    }

    /// The first numbers of a field, valid or not.
    static func first(_ count: Int, of text: WireText) -> [Recipient] {
        text.withBytes { bytes in
            var recipients: [Recipient] = []
            var start = 0
            for at in 0...bytes.count where at == bytes.count || bytes[at] == UInt8(ascii: ",") {
                guard recipients.count < count else { break }
                if let recipient = recipient(bytes.piece(start..<at).trimmed) { recipients.append(recipient) }
                start = at + 1
            }
            return recipients
        }
    }

    /// Empty entries do not count; nil when there are more than `max`.
    private static func read(_ bytes: WireBytes, max: Int) -> [Recipient]? {
        var recipients: [Recipient] = []
        recipients.reserveCapacity(min(max, bytes.count / 11 + 1))
        var start = 0
        for at in 0...bytes.count where at == bytes.count || bytes[at] == UInt8(ascii: ",") {
            let entry = bytes.piece(start..<at).trimmed
            start = at + 1
            guard let recipient = recipient(entry) else { continue }
            guard recipients.count < max else { return nil }
            recipients.append(recipient)
        }
        return recipients
    }

    /// Nil for an empty entry.
    static func recipient(_ entry: WireBytes) -> Recipient? {
        if entry.isEmpty { return nil }
        if entry.count == 11, entry[0] == UInt8(ascii: "1"), let value = digits(entry) {
            return .number(PhoneNumber(rawValue: value))
        }
        // No number is that long; what is kept of one that is none is shorter.
        return Recipient(entry.count > 64 ? entry.piece(0..<64).string : entry.string)
    }

    private static func digits(_ bytes: WireBytes) -> Int64? {
        var value: Int64 = 0
        for byte in bytes {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        return value
    }
}

extension Recipient {
    /// Whether it can be sent to.
    var isNumber: Bool {
        switch self {
        case .number: true
        case .invalid: false
        }
    }
}
