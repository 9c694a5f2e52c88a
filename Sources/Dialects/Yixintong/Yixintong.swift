/// Dialect `yixintong` (INTERFACE.md): four operations, signed with SM3 in request headers, bodies in JSON.
///
/// Everything exists in both directions: `decodeRequest` and `encodeAnswer` serve customers, `encodeCall` and the
/// `…Answer` types speak to a carrier. All of it is synchronous; only `ReplayWindow` keeps state, as a value.
public enum Yixintong {
    /// The raw value is the path.
    public enum Operation: String, Hashable, Sendable, CaseIterable {
        case send = "/api/sms/send"
        /// Each report is handed out once.
        case fetchReports = "/info/sms/report"
        /// Replies stay until they are confirmed.
        case fetchReplies = "/info/sms/reply/query"
        /// Confirms all replies up to a `maxId`.
        case confirmReplies = "/info/sms/reply/confirm"

        /// Of a request's path, without its query. Nil for any other path.
        public init?(path: String) { self.init(rawValue: path) }

        /// The whole path: `/api/sms/send`.
        public var path: String { rawValue }
    }

    /// How many numbers a request may carry.
    public static let numbersMax = 1000
    /// UTF-16 units of a content. The document names no limit; this one is ours.
    public static let contentUnitsMax = 1000
    /// Digits of a serialNumber: the document says 20, its clients send 16 to 27.
    public static let serialDigitsMax = 32
    /// Digits of a serialNumber of an account that is strict about them (`Account.smsSerialStrict`).
    public static let serialDigitsStrict = 20
    /// Digits of an extension.
    public static let extensionDigitsMax = 20
    /// How many entries a fetch returns; the document names no limit.
    public static let reportsMax = 500
    /// Replies of a query; the document names no limit.
    public static let repliesMax = 500
    /// How many parameters a body may have; more are malformed.
    static let parametersMax = 64

    /// The Content-Type of requests and of answers.
    public static let contentType = "application/json;charset=UTF-8"

    /// The request headers that say who asks.
    public enum HeaderName {
        /// The enterprise's number.
        public static let spCode = "x-sp-code"
        /// The account's login in this dialect.
        public static let appKey = "x-app-key"
        /// 13 digits of milliseconds and 6 digits or letters (`RequestID`).
        public static let requestID = "x-request-id"
        /// The signature (`Signature`).
        public static let signature = "x-sign"
    }
}
