/// The first digits of telephone numbers, as routes name them.
///
/// A mainland prefix is written as the number is, without country code: `1380`. A foreign one begins with `00` or `+`
/// and the country code, or with the country code itself where that does not begin with 1: `00852`, `+1`, `852`.
public struct NumberPrefix: RawRepresentable, Hashable, Sendable {
    /// Positive: digits of a mainland number. Negative: minus the first E.164 digits of a foreign one.
    public let rawValue: Int64
    /// How many digits it has, without `00`.
    public let length: Int

    /// The most digits of a foreign prefix.
    public static let lengthMax = 15

    /// Nil for 0, or more than 11 digits of a mainland or 15 of a foreign number.
    public init?(rawValue: Int64) {
        self.rawValue = rawValue
        let length = String(rawValue.magnitude).utf8.count
        self.length = length
        let isMainland = rawValue > 0
        guard rawValue != 0, rawValue != .min, length <= (isMainland ? PhoneNumber.mainlandDigits : Self.lengthMax)
        else { return nil }
    }

    /// Nil when no number a message can be sent to begins so.
    public init?(_ text: some StringProtocol) {
        var digits = Substring(text)
        var isForeign = false
        if digits.hasPrefix("+") {
            digits = digits.dropFirst()
            isForeign = true
        } else if digits.hasPrefix("00") {
            digits = digits.dropFirst(2)
            isForeign = true
        }
        guard (1...Self.lengthMax).contains(digits.utf8.count), digits.utf8.first != 0x30,
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        if digits.hasPrefix("86") {
            // China's own code: what follows is a mainland number.
            digits = digits.dropFirst(2)
            guard digits.hasPrefix("1") else { return nil }
            isForeign = false
        } else if !digits.hasPrefix("1") {
            isForeign = true
        }
        guard let value = Int64(digits), let prefix = NumberPrefix(rawValue: isForeign ? -value : value) else {
            return nil
        }
        self = prefix
    }

    /// `1380`, or `00852`.
    public var text: String { rawValue > 0 ? String(rawValue) : "00" + String(rawValue.magnitude) }

    /// Whether the number begins with these digits.
    public func matches(_ number: PhoneNumber) -> Bool { number.prefix(length) == self }
}

extension PhoneNumber {
    /// How many digits a mainland number has.
    public static let mainlandDigits = 11

    /// Its first digits; nil when it has fewer.
    public func prefix(_ length: Int) -> NumberPrefix? {
        var rest = rawValue
        var digits = isMainland ? Self.mainlandDigits : String(rawValue.magnitude).utf8.count
        guard length > 0, length <= digits else { return nil }
        while digits > length {
            rest /= 10
            digits -= 1
        }
        return NumberPrefix(known: rest, length: length)
    }
}

extension NumberPrefix {
    fileprivate init(known rawValue: Int64, length: Int) {
        self.rawValue = rawValue
        self.length = length
    }
}
