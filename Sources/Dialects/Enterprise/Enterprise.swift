/// Dialects `enterprise-oauth2` and `enterprise-json` (INTERFACE.md), two modes of one interface: with an OAuth 2 token
/// and a signature, or with the password's MD5 in a header. Bodies are JSON, credentials are header fields, and every
/// value is a text.
///
/// The document gives no URLs; the paths are ours. Everything exists in both directions: `decodeRequest`
/// and `encodeAnswer` serve customers, `encodeCall` and the `…Answer` types speak to a carrier. All of it is
/// synchronous and keeps no state.
public enum Enterprise {
    /// How requests are authenticated; each mode has paths of its own.
    public enum Mode: Hashable, Sendable, CaseIterable {
        /// `enterprise-oauth2`: a token and a signature (INTERFACE.md, Setting up an account).
        case token
        /// `enterprise-json`: an MD5 in a header (INTERFACE.md, Setting up an account).
        case plain
    }

    /// What a request asks for.
    public enum Operation: Hashable, Sendable, CaseIterable {
        /// Exists in token mode only.
        case token
        case send, fetchReports, fetchReplies
    }

    /// An operation in one of the modes.
    public struct Endpoint: Hashable, Sendable {
        /// Always `token` for the operation `token`.
        public let mode: Mode
        /// What is asked for there.
        public let operation: Operation

        /// A token is asked for in token mode, whatever `mode` says.
        public init(_ operation: Operation, mode: Mode) {
            self.mode = operation == .token ? .token : mode
            self.operation = operation
        }

        /// Of a request's path, without its query: `/json/sms/send`. Nil for any other path.
        public init?(path: String) {
            guard let known = Self.byPath[path] else { return nil }
            self = known
        }

        /// All seven of them.
        public static let all: [Endpoint] =
            [Endpoint(.token, mode: .token)]
            + Mode.allCases.flatMap { mode in
                Operation.allCases.compactMap { $0 == .token ? nil : Endpoint($0, mode: mode) }
            }

        private static let byPath = Dictionary(all.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })

        /// The one path of this operation in this mode (INTERFACE.md, first table).
        public var path: String {
            switch (mode, operation) {
            case (_, .token): "/oauth2/token"
            case (.token, .send): "/oauth2/sms/send"
            case (.token, .fetchReports): "/oauth2/sms/report"
            case (.token, .fetchReplies): "/oauth2/sms/mo"
            case (.plain, .send): "/json/sms/send"
            case (.plain, .fetchReports): "/json/sms/report"
            case (.plain, .fetchReplies): "/json/sms/mo"
            }
        }
    }

    /// Header fields; their names count in any case.
    public enum Header {
        /// Token mode: the access token, also with `Bearer ` in front.
        public static let authorization = "Authorization"
        /// Token mode: MD5 over account, password and `timeStamp` (INTERFACE.md, Setting up an account).
        public static let signature = "signature"
        /// Token mode: milliseconds since 1970 in 13 digits.
        public static let timestamp = "timeStamp"
        /// Both modes: the account's login in this dialect.
        public static let account = "account"
        /// Plain mode: the enterprise id.
        public static let enterpriseID = "userid"
        /// Plain mode: MD5 of the interface password, or the password itself where the account may show it.
        public static let password = "password"
    }

    /// The Content-Type of every answer.
    public static let answerContentType = "application/json;charset=utf-8"
    /// The Content-Type of every call to a carrier.
    public static let contentType = "application/json"

    /// How many numbers a request may carry.
    public static let numbersMax = 1000
    /// How many entries a fetch returns at most, and when it does not say.
    public static let entriesMax = 1000
    /// UTF-16 units of a content, as in `OperatorV2`.
    public static let contentUnitsMax = 1000
    /// Bytes of an smsid.
    public static let customIDBytesMax = 64
    /// Digits of an extno: an access number has no more.
    public static let extensionDigitsMax = 20
}
