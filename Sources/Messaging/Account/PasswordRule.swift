/// What makes an interface password, key or secret too easy to guess. Pure.
public enum PasswordRule {
    /// The fewest characters (Unicode scalars) of a password that is not weak.
    public static let lengthMin = 10
    /// Letters and digits that are not mistaken for one another.
    public static let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789")
    /// Characters of a password that `make` makes.
    public static let madeLength = 20

    /// Why a password is weak, as the end of a sentence that begins with what it is; nil when it is not.
    /// - Parameter account: the account's id, which is no secret.
    public static func weakness(of password: String, account: String) -> String? {
        let length = password.unicodeScalars.count
        if length < lengthMin { return "has \(length) characters, and \(lengthMin) are the least" }
        let folded = password.lowercased()
        if CommonPasswords.contains(folded) { return "is one that many people use" }
        if let period = period(of: folded) {
            return period == 1 ? "is one character over and over" : "is a few characters over and over"
        }
        if isRun(folded) { return "is characters in a row" }
        if rest(of: folded, without: account.lowercased()) { return "is little more than the account's name" }
        if isCommonWithTail(folded) { return "is a word that many people use with something before or behind it" }
        return nil
    }

    /// Whether many people use it, also with something before or behind it.
    /// - Parameter folded: in small letters.
    static func isCommon(_ folded: String) -> Bool { CommonPasswords.contains(folded) || isCommonWithTail(folded) }

    /// Whether it is a few characters over and over, or characters in a row.
    /// - Parameter folded: in small letters.
    static func isPattern(_ folded: String) -> Bool { period(of: folded) != nil || isRun(folded) }

    /// The password of these random bytes, each of which is taken or passed over; nil when there were too few.
    public static func make(from random: some Sequence<UInt8>) -> String? {
        // Bytes above the largest multiple would make some characters likelier than others.
        let bound = 256 / alphabet.count * alphabet.count
        let taken = random.lazy.filter { Int($0) < bound }.prefix(madeLength)
        let password = String(taken.map { alphabet[Int($0) % alphabet.count] })
        return password.utf8.count == madeLength ? password : nil
    }

    /// The length of what is repeated when the whole is a short piece over and over.
    private static func period(of text: String) -> Int? {
        let scalars = Array(text.unicodeScalars)
        return (1...4).first { period in
            scalars.indices.dropFirst(period).allSatisfy { scalars[$0] == scalars[$0 - period] }
        }
    }

    /// Whether each character follows the one before, up or down, 9 and 0 being neighbours.
    private static func isRun(_ text: String) -> Bool {
        let values: [Int] = text.unicodeScalars.map { Int($0.value) }
        let isDigits: Bool = values.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
        func isRun(by step: Int) -> Bool {
            for (one, next) in zip(values, values.dropFirst()) {
                let surplus = next - one - step
                guard surplus == 0 || isDigits && surplus % 10 == 0 else { return false }
            }
            return true
        }
        return isRun(by: 1) || isRun(by: -1)
    }

    private static func rest(of text: String, without account: String) -> Bool {
        guard account.utf8.count >= 3 else { return false }
        var rest = text[...]
        var left = 0
        while !rest.isEmpty {
            if rest.hasPrefix(account) {
                rest = rest.dropFirst(account.count)
            } else {
                rest = rest.dropFirst()
                left += 1
            }
        }
        return left < 6 && left < text.count
    }

    private static func isCommonWithTail(_ text: String) -> Bool {
        func isLetter(_ character: Character) -> Bool { character.isLetter }
        guard let first = text.firstIndex(where: isLetter), let last = text.lastIndex(where: isLetter) else {
            return false
        }
        return CommonPasswords.contains(String(text[first...last]))
    }
}
