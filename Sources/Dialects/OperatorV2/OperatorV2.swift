public import Messaging

/// Dialect `operator-v2` (INTERFACE.md): six operations under `/sms/v2/std`, in JSON, XML or form fields, and two
/// pushes.
///
/// Everything exists in both directions: `decodeRequest` and `encodeAnswer` serve customers, `encodeCall` and the
/// `…Answer` types speak to a carrier, `encodePush` and `decodePush` are the two ends of a push. All of it is
/// synchronous and keeps no state.
public enum OperatorV2 {
    /// What every path begins with.
    public static let pathPrefix = "/sms/v2/std/"

    /// The raw value is what follows `pathPrefix`, under the first name.
    public enum Operation: String, Hashable, Sendable, CaseIterable {
        /// One text to one number.
        case singleSend = "single_send"
        /// One text to up to 1000 numbers.
        case batchSend = "batch_send"
        /// Up to 100 texts, each to its own number.
        case multiSend = "multi_send"
        case fetchReplies = "get_mo"
        case fetchReports = "get_rpt"
        case balance = "get_balance"

        /// Whether it submits messages.
        public var isSend: Bool {
            switch self {
            case .singleSend, .batchSend, .multiSend: true
            case .fetchReplies, .fetchReports, .balance: false
            }
        }

        /// The name in the family's later edition; nil for those that kept theirs.
        var laterName: String? {
            switch self {
            case .singleSend: "send_single"
            case .batchSend: "send_batch"
            case .multiSend: "send_multi"
            case .fetchReplies, .fetchReports, .balance: nil
            }
        }
    }

    /// An operation under one of its names, and the charset that contents are documented to be in there: GBK under
    /// the first names, UTF-8 under the later ones. Calls to a carrier keep to it; a customer's contents show
    /// themselves what they are in.
    public struct Endpoint: Hashable, Sendable {
        /// What is asked for there.
        public let operation: Operation
        /// UTF-8 under the later names of the sends only; GBK under all others.
        public let charset: TextCharset

        /// `charset` UTF-8 makes a difference for the sending operations only; the others have one name.
        public init(_ operation: Operation, charset: TextCharset = .gbk) {
            self.operation = operation
            self.charset = operation.isSend ? charset : .gbk
        }

        /// Of a request's path, without its query: `/sms/v2/std/single_send`. Nil for any other path.
        public init?(path: String) {
            guard let known = Self.byPath[path] else { return nil }
            self = known
        }

        /// All operations under all their names.
        public static var all: [Endpoint] { Array(byPath.values) }

        private static let byPath: [String: Endpoint] = {
            var endpoints: [String: Endpoint] = [:]
            for operation in Operation.allCases {
                for charset in [TextCharset.gbk, .utf8] where charset == .gbk || operation.laterName != nil {
                    let endpoint = Endpoint(operation, charset: charset)
                    endpoints[endpoint.path] = endpoint
                }
            }
            return endpoints
        }()

        /// With the prefix: `/sms/v2/std/single_send`, or `/sms/v2/std/send_single` for UTF-8.
        public var path: String {
            OperatorV2.pathPrefix + (charset == .utf8 ? operation.laterName ?? operation.rawValue : operation.rawValue)
        }
    }

    /// How many numbers a request may carry.
    public static let batchNumbersMax = 1000
    /// Entries of multimt, of one number each.
    public static let multiNumbersMax = 100
    /// How many entries a fetch returns at most, and when it does not say.
    public static let repliesMax = 200
    /// Entries of get_rpt.
    public static let reportsMax = 500
    /// How many entries one push carries at most.
    public static let pushedRepliesMax = 100
    /// Entries of `rpts`.
    public static let pushedReportsMax = 500
    /// UTF-16 units of a content.
    public static let contentUnitsMax = 1000
    /// ASCII characters of a custid or an exdata.
    public static let customIDBytesMax = 64
    /// Letters and digits of a svrtype.
    public static let serviceTypeBytesMax = 10
    /// Digits of an exno.
    public static let extensionDigitsMax = 6
}
