/// An interface in values: what `account show` and the tables of INTERFACE.md are made of.
public struct InterfaceDescription: Hashable, Sendable {
    /// In the order in which they are shown.
    public var endpoints: [Endpoint]
    /// The fields that carry them, in the body, the query or the header.
    public var credentials: [Credential]
    /// All codes that an answer may have, success included.
    public var codes: [Code]

    /// - Parameter codes: success included.
    public init(endpoints: [Endpoint], credentials: [Credential], codes: [Code]) {
        self.endpoints = endpoints
        self.credentials = credentials
        self.codes = codes
    }

    /// One operation.
    public struct Endpoint: Hashable, Sendable {
        /// Begins with a slash; without host and query.
        public var path: String
        /// What it does, in a few words.
        public var meaning: String
        /// Besides the credentials; empty where there are none.
        public var fields: [Field]

        /// - Parameter meaning: a few words without a full stop.
        public init(_ path: String, _ meaning: String, _ fields: [Field] = []) {
            self.path = path
            self.meaning = meaning
            self.fields = fields
        }
    }

    /// One field of a request.
    public struct Field: Hashable, Sendable {
        /// As it is written in a request.
        public var name: String
        /// What it holds, and the unit of `lengthMax`.
        public var type: FieldType
        /// Of its unit, that the type names; nil: no bound of its own.
        public var lengthMax: Int?
        /// Whether a request without it is refused.
        public var isRequired: Bool
        /// What the type does not say; may be empty.
        public var meaning: String

        /// - Parameter lengthMax: in the unit of `type`; nil for no bound of its own.
        public init(
            _ name: String, _ type: FieldType, max lengthMax: Int? = nil, isRequired: Bool = false, _ meaning: String
        ) {
            self.name = name
            self.type = type
            self.lengthMax = lengthMax
            self.isRequired = isRequired
            self.meaning = meaning
        }
    }

    /// What a field holds, and the unit of its length.
    public enum FieldType: String, Hashable, Sendable {
        /// A text; its length counts UTF-16 units.
        case text
        /// Telephone numbers with commas between them; its length counts numbers.
        case numbers
        /// Its length counts digits.
        case digits
        /// Letters, digits or signs of ASCII; its length counts bytes.
        case ascii
        /// A number of entries; its length is the largest.
        case count
        /// A moment.
        case time
        /// A list of records; its length counts them.
        case list
    }

    /// One field with which a customer shows who it is, and what it has to hold.
    public struct Credential: Hashable, Sendable {
        /// Of the form, JSON or header field.
        public var name: String
        /// What the field has to hold.
        public var value: Value

        /// - Parameter name: of the form, JSON or header field.
        public init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// What a credential is made of.
    public enum Value: Hashable, Sendable {
        /// What the account calls itself in this dialect.
        case login
        /// The account's OAuth 2 client id.
        case clientID
        /// The account's enterprise id.
        case enterpriseID
        /// The account's sp code.
        case spCode
        /// The account's OAuth 2 client secret.
        case clientSecret
        /// Made of the interface password, as these words say.
        case password(String)
        /// As `password`, or the password itself where the account may show it.
        case passwordOrPlain(String)
        /// Instead of all others, where the account has one.
        case apiKey
        /// Made of the app secret, as these words say.
        case appSecret(String)
    }

    /// One code of an answer.
    public struct Code: Hashable, Sendable {
        /// As it is written in an answer.
        public var code: String
        /// A few words.
        public var meaning: String

        /// - Parameter code: as it is written in an answer.
        public init(_ code: String, _ meaning: String) {
            self.code = code
            self.meaning = meaning
        }
    }
}
