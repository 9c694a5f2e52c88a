/// The dialect of seed 000, in its two modes: with an OAuth 2 token and a signature, or with the password's MD5 in a
/// header. Bodies are JSON, credentials are header fields, and every value is a text.
///
/// The seed gives no URLs; the paths are ours (WIRE.md §000). Everything exists in both directions: `decodeRequest`
/// and `encodeAnswer` serve customers, `encodeCall` and the `…Answer` types speak to a carrier. All of it is
/// synchronous and keeps no state.
public enum Enterprise {
    public enum Mode: Hashable, Sendable, CaseIterable {
        /// Seed 000, 二（二）1.
        case token
        /// Seed 000, 二（二）2.
        case plain
    }

    public enum Operation: Hashable, Sendable, CaseIterable {
        /// Exists in token mode only.
        case token
        case send, fetchReports, fetchReplies
    }

    /// An operation in one of the modes.
    public struct Endpoint: Hashable, Sendable {
        public let mode: Mode
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
        public static let authorization = "Authorization"
        public static let signature = "signature"
        public static let timestamp = "timeStamp"
        public static let account = "account"
        public static let enterpriseID = "userid"
        public static let password = "password"
    }

    /// Of every answer, and of every call of ours.
    public static let answerContentType = "application/json;charset=utf-8"
    public static let contentType = "application/json"

    /// How many numbers a request may carry (WIRE.md §000).
    public static let numbersMax = 1000
    /// How many entries a fetch returns at most, and when it does not say (WIRE.md §000).
    public static let entriesMax = 1000
    /// UTF-16 units of a content, as in dialect 002.
    public static let contentUnitsMax = 1000
    /// Bytes of an smsid.
    public static let customIDBytesMax = 64
    /// Digits of an extno: an access number has no more.
    public static let extensionDigitsMax = 20
}
