/// A person who logs in to the pages. The password and the secret of the authenticator app are kept elsewhere.
public struct User: Hashable, Sendable, Identifiable {
    /// Whom a user belongs to.
    public enum Home: Hashable, Sendable {
        /// A customer's account.
        case account(AccountKey)
        /// The one who runs this service.
        case operators

        /// The rights that its users may have.
        public var rights: UserRights {
            switch self {
            case .account: .ofCustomers
            case .operators: .ofOperators
            }
        }

        /// The account's key; nil for operators.
        public var account: AccountKey? {
            switch self {
            case .account(let key): key
            case .operators: nil
            }
        }
    }

    /// What the pages are written in.
    public enum Language: String, Hashable, Sendable, CaseIterable {
        /// Simplified Chinese.
        case chinese = "zh-CN"
        /// English.
        case english = "en"
    }

    /// The last time that the user logged in.
    public struct Login: Hashable, Sendable {
        /// In house time.
        public var at: Timestamp
        /// From where, as text; empty where it is not known.
        public var address: String

        /// `address` as the listener shows it.
        public init(at: Timestamp, address: String) {
            (self.at, self.address) = (at, address)
        }
    }

    /// The store's number.
    public var id: UserKey
    /// Shown as it was given; compared without regard to case.
    public var name: String
    /// Whom it belongs to; fixed.
    public var home: Home
    /// Only those of its home.
    public var rights: UserRights
    /// What its pages are written in.
    public var language: Language
    /// Whether nothing but a change of the password is open to it.
    public var mustChangePassword: Bool
    /// Whether it has a password; one that was just added has none.
    public var hasPassword: Bool
    /// Whether logging in takes a code of an authenticator app.
    public var hasTOTP: Bool
    /// Whether it may log in.
    public var isEnabled: Bool
    /// When it was added.
    public var createdAt: Timestamp
    /// Nil until it has logged in.
    public var lastLogin: Login?

    /// A user as it is when it is added.
    public init(
        id: UserKey, name: String, home: Home, rights: UserRights, language: Language = .chinese, createdAt: Timestamp
    ) {
        (self.id, self.name, self.home, self.rights) = (id, name, home, rights.intersection(home.rights))
        (self.language, self.createdAt) = (language, createdAt)
        (mustChangePassword, hasPassword, hasTOTP, isEnabled) = (false, false, false, true)
        lastLogin = nil
    }

    /// The most bytes of a name.
    public static let nameBytesMax = 64

    /// Whether a text can be a user's name: 2 to 64 letters and digits of ASCII, `.`, `_`, `-` and `@`.
    public static func isValidName(_ name: String) -> Bool {
        (2...nameBytesMax).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "._-@".utf8.contains(byte)
            }
    }

    /// What two names that differ in case alone have in common.
    public static func folded(_ name: String) -> String { name.lowercased() }
}
