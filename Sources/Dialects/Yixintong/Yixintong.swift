/// The dialect of seed 004: four operations, signed with SM3 in request headers, bodies in JSON.
///
/// Everything exists in both directions: `decodeRequest` and `encodeAnswer` serve customers, `encodeCall` and the
/// `…Answer` types speak to a carrier. All of it is synchronous; only `ReplayWindow` keeps state, as a value.
public enum Yixintong {
    public enum Operation: String, Hashable, Sendable, CaseIterable {
        case send = "/api/sms/send"
        case fetchReports = "/info/sms/report"
        case fetchReplies = "/info/sms/reply/query"
        case confirmReplies = "/info/sms/reply/confirm"

        /// Of a request's path, without its query. Nil for any other path.
        public init?(path: String) { self.init(rawValue: path) }

        public var path: String { rawValue }
    }

    /// How many numbers a request may carry (seed 004, code 9).
    public static let numbersMax = 1000
    /// UTF-16 units of a content. The seed names no limit; this is the house's.
    public static let contentUnitsMax = 1000
    /// Digits of a serialNumber: the seed says 20, its clients send 16 to 27 (WIRE.md §004).
    public static let serialDigitsMax = 32
    public static let serialDigitsStrict = 20
    /// Digits of an extension.
    public static let extensionDigitsMax = 20
    /// How many entries a fetch returns; the seed names no limit.
    public static let reportsMax = 500
    public static let repliesMax = 500
    /// How many parameters a body may have; more are malformed.
    static let parametersMax = 64

    public static let contentType = "application/json;charset=UTF-8"

    /// The request headers that say who asks.
    public enum HeaderName {
        public static let spCode = "x-sp-code"
        public static let appKey = "x-app-key"
        public static let requestID = "x-request-id"
        public static let signature = "x-sign"
    }
}
