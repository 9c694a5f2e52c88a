public import Messaging

/// Why nothing is sent for a row. The raw value is stored.
public enum RecipientRejection: UInt8, Hashable, Sendable, CaseIterable {
    /// There is no number in the column.
    case blank = 1
    /// A spreadsheet program has rewritten the number as 1.38E+10, so that its last digits are lost.
    case scientific = 2
    /// It is no number that a message can be sent to.
    case notNumber = 3
    /// Digits only, but too few or too many.
    case wrongLength = 4
    /// The cell has an error such as #N/A.
    case cellError = 5
    /// The number came in a row before.
    case duplicate = 6
    /// The number is on the account's blacklist.
    case blacklisted = 7
    /// A variable of the text has no content in this row.
    case variableEmpty = 8
    /// The text of this row has more segments than a message may have.
    case textTooLong = 9
    /// A rule of the account forbids the text of this row.
    case textForbidden = 10
    /// Of several numbers in the cell some are none; the others are used.
    case partly = 11
}

/// Reads telephone numbers as people write them: with blanks, dashes, brackets, country code, full-width digits, marks
/// that nobody sees, or several in one cell.
public enum NumberTidying {
    /// What is in a cell.
    public enum Outcome: Hashable, Sendable {
        /// One number, and whether it was written otherwise than it is kept.
        case number(PhoneNumber, isTidied: Bool)
        /// Several, and how many pieces of the text were none.
        case several([PhoneNumber], rejected: Int)
        /// None.
        case rejected(RecipientRejection)
    }

    /// Numbers that are taken out of one cell.
    static let numbersPerCellMax = 100
    /// Separates numbers: `、 / ; , |`, their full-width forms and line breaks.
    private static let separator = UInt8(ascii: ";")
    private static let blank = UInt8(ascii: " ")

    /// - Parameter isNumber: whether the file says that the cell is a number, so that commas group its digits.
    public static func read(_ text: String, isNumber: Bool = false) -> Outcome {
        if text.utf8.count == 11, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return PhoneNumber(text).map { .number($0, isTidied: false) } ?? .rejected(.notNumber)
        }
        guard let bytes = simplified(text, isNumber: isNumber) else {
            return .rejected(isScientific(text) ? .scientific : .notNumber)
        }
        var numbers: [PhoneNumber] = []
        var rejected = 0
        var digits = 0
        for piece in bytes.split(separator: separator) where piece.contains(where: { $0 != blank }) {
            if let number = number(piece) {
                numbers.append(number)
            } else if let several = severalByBlanks(piece) {
                numbers += several
            } else {
                rejected += 1
                digits = piece.count { (0x30...0x39).contains($0) }
            }
            if numbers.count > numbersPerCellMax { return .rejected(.notNumber) }
        }
        if numbers.isEmpty { return .rejected(rejected == 0 ? .blank : digits > 0 ? .wrongLength : .notNumber) }
        if numbers.count == 1, rejected == 0 { return .number(numbers[0], isTidied: numbers[0].text != text) }
        return .several(numbers, rejected: rejected)
    }

    /// Whether a cell could be a number, without reading it: for columns of names.
    static func mayBeNumber(_ text: String) -> Bool {
        text.utf8.count >= 7 && text.utf8.contains { (0x30...0x39).contains($0) || $0 == 0xEF }
    }

    /// Digits, plus signs, points, blanks and separators; nil where there is anything else that is seen.
    private static func simplified(_ text: String, isNumber: Bool) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x30...0x39, 0x2B, 0x2E: bytes.append(UInt8(scalar.value))
            case 0xFF10...0xFF19: bytes.append(UInt8(scalar.value - 0xFF10 + 0x30))
            case 0xFF0B: bytes.append(UInt8(ascii: "+"))
            case 0xFF0E: bytes.append(UInt8(ascii: "."))
            case 0x2C: if !isNumber { bytes.append(separator) }
            // 、 / ／ ; ； ， | ｜ and line breaks.
            case 0x3001, 0x2F, 0xFF0F, 0x3B, 0xFF1B, 0xFF0C, 0x7C, 0xFF5C, 0x0A, 0x0D, 0x2028, 0x2029:
                bytes.append(separator)
            case 0x20, 0x09, 0xA0, 0x3000, 0x2000...0x200A, 0x202F, 0x205F: bytes.append(blank)
            // Marks without a width, which copying from web pages and address books leaves.
            case 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2069, 0xFEFF, 0xAD: break
            // Dashes.
            case 0x2D, 0x2010...0x2015, 0x2212, 0xFF0D: break
            // Brackets, apostrophes and quotes.
            case 0x28, 0x29, 0x5B, 0x5D, 0xFF08, 0xFF09, 0x3010, 0x3011: break
            case 0x27, 0x60, 0x22, 0x2018...0x201D, 0xFF07, 0xFF02: break
            default: return nil
            }
        }
        return bytes
    }

    /// - Parameter piece: without separators.
    private static func number(_ piece: ArraySlice<UInt8>) -> PhoneNumber? {
        var digits = piece.filter { $0 != blank }
        let points = digits.count { $0 == UInt8(ascii: ".") }
        if points > 0 {
            // One point and zeros: a number that was written as 13800138000.0; otherwise points group digits.
            if points == 1, let point = digits.lastIndex(of: UInt8(ascii: ".")),
                digits[(point + 1)...].allSatisfy({ $0 == 0x30 })
            {
                digits.removeSubrange(point...)
            }
            digits.removeAll { $0 == UInt8(ascii: ".") }
        }
        return PhoneNumber(String(decoding: digits, as: UTF8.self))
    }

    /// Nil unless blanks separate nothing but numbers.
    private static func severalByBlanks(_ piece: ArraySlice<UInt8>) -> [PhoneNumber]? {
        let parts = piece.split(separator: blank)
        guard (2...numbersPerCellMax).contains(parts.count) else { return nil }
        let numbers = parts.compactMap { number($0) }
        return numbers.count == parts.count ? numbers : nil
    }

    /// `1.38E+10`.
    private static func isScientific(_ text: String) -> Bool {
        var bytes = Array(text.utf8.filter { $0 > 0x20 && $0 != UInt8(ascii: "'") })
        guard let mark = bytes.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }), mark > 0 else { return false }
        let mantissa = bytes[..<mark]
        bytes.removeSubrange(...mark)
        if bytes.first == UInt8(ascii: "+") { bytes.removeFirst() }
        let isDigit: (UInt8) -> Bool = { (0x30...0x39).contains($0) }
        return mantissa.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") } && mantissa.contains(where: isDigit)
            && (1...3).contains(bytes.count) && bytes.allSatisfy(isDigit)
    }
}
