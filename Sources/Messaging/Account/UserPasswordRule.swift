/// What a password with which a person logs in must not be. Pure.
///
/// Guesses are slowed down where it is asked for, so it may be shorter than the passwords of programs (`PasswordRule`).
public enum UserPasswordRule {
    /// The fewest characters (Unicode scalars).
    public static let lengthMin = 8
    /// The most bytes in UTF-8: what is hashed has a bound.
    public static let bytesMax = 256

    /// Why a password is not taken.
    public enum Weakness: String, Hashable, Sendable, CaseIterable {
        /// Fewer than `lengthMin` characters.
        case tooShort
        /// More than `bytesMax` bytes.
        case tooLong
        /// One that many people use, or such a word with something before or behind it.
        case common
        /// A few characters over and over, or characters in a row.
        case pattern
        /// It has the user's name in it.
        case hasName
    }

    /// Nil when the password is taken.
    /// - Parameter name: the user's.
    public static func weakness(of password: String, name: String) -> Weakness? {
        if password.utf8.count > bytesMax { return .tooLong }
        if password.unicodeScalars.count < lengthMin { return .tooShort }
        let folded = password.lowercased()
        if PasswordRule.isCommon(folded) { return .common }
        if PasswordRule.isPattern(folded) { return .pattern }
        let name = name.lowercased()
        if name.utf8.count >= nameBytesMin, folded.contains(name) { return .hasName }
        return nil
    }

    /// Shorter names are in many good passwords by chance.
    private static let nameBytesMin = 3
}
