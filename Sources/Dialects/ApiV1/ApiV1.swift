public import Messaging
import Secrets

/// Dialect `api-v1` (INTERFACE.md): four operations under `/api/v1`, form in and JSON out, and two pushes in JSON.
///
/// Everything exists in both directions: `decodeRequest` and `encodeAnswer` serve customers, `encodeCall` and the
/// `…Answer` types speak to a carrier, `encodePush` and `decodePush` are the two ends of a push. All of it is
/// synchronous and keeps no state.
public enum ApiV1 {
    /// What every path begins with.
    public static let pathPrefix = "/api/v1/"

    /// The raw value is what follows `pathPrefix`.
    public enum Operation: String, Hashable, Sendable, CaseIterable {
        case send
        /// Each report is handed out once.
        case fetchReports = "report"
        /// Each reply is handed out once.
        case fetchReplies = "mo"
        case balance = "queryBalance"

        /// Of a request's path, without its query: `/api/v1/send`. Nil for any other path.
        public init?(path: String) {
            guard path.hasPrefix(ApiV1.pathPrefix) else { return nil }
            self.init(rawValue: String(path.dropFirst(ApiV1.pathPrefix.count)))
        }

        /// With the prefix: `/api/v1/send`.
        public var path: String { ApiV1.pathPrefix + rawValue }
    }

    /// The Content-Type of requests.
    public static let requestContentType = "application/x-www-form-urlencoded"
    /// The Content-Type of answers, of pushes and of their answers.
    public static let answerContentType = "application/json;charset=utf-8"

    /// How many numbers a send may carry.
    public static let numbersMax = 3000
    /// UTF-16 units of a content; the document advises 500 (INTERFACE.md, What we settled).
    public static let contentUnitsMax = 1000
    /// Bytes of a taskId: a UUID has 36.
    public static let taskIDBytesMax = 64
    /// Digits of an extNo: no access number has more.
    public static let extensionDigitsMax = 20
    /// How many entries a poll returns at most.
    public static let fetchMax = 2000

    /// `pwd`: MD5 of the interface password, lower-case hexadecimal.
    public static func digest(password: String) -> String { MD5Digest.hex(password) }

    /// The credentials of a request, not yet verified.
    public struct Credentials: Hashable, Sendable {
        /// `account`, trimmed and in upper case; cut off after 64 bytes. Empty when missing.
        public var account: String
        /// `pwd`, trimmed. Empty when missing.
        public var password: String

        /// Takes `account` trimmed and in upper case, and `password` trimmed.
        public init(account: String = "", password: String = "") {
            self.account = account
            self.password = password
        }

        /// Whether these are the account's: MD5 of the interface password, in either case. In constant time.
        public func areRight(for account: Account, secrets: AccountSecrets) -> Bool {
            guard account.hasLogin(self.account, in: .apiV1), !password.isEmpty else { return false }
            return constantTimeEqualHex(password, ApiV1.digest(password: secrets.apiPassword))
        }
    }
}
