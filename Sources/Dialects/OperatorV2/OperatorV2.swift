public import Messaging

/// The dialect of seed 002: six operations under `/sms/v2/std`, in JSON, XML or form fields, and two pushes.
///
/// Everything exists in both directions: `decodeRequest` and `encodeAnswer` serve customers, `encodeCall` and the
/// `…Answer` types speak to a carrier, `encodePush` and `decodePush` are the two ends of a push. All of it is
/// synchronous and keeps no state.
public enum OperatorV2 {
    /// What every path begins with.
    public static let pathPrefix = "/sms/v2/std/"

    public enum Operation: String, Hashable, Sendable, CaseIterable {
        case singleSend = "single_send"
        case batchSend = "batch_send"
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

        /// The name in the family's later edition; nil for those that kept theirs (WIRE.md §002).
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
    /// the first names, UTF-8 under the later ones. Whoever calls a carrier keeps to it; a customer's contents show
    /// themselves what they are in.
    public struct Endpoint: Hashable, Sendable {
        public let operation: Operation
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

        /// Of all of them, under all their names.
        public static var paths: [String] { Array(byPath.keys) }

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

        public var path: String {
            OperatorV2.pathPrefix + (charset == .utf8 ? operation.laterName ?? operation.rawValue : operation.rawValue)
        }
    }

    /// How many numbers a request may carry (seed 002 §2.2.1, §2.3.1).
    public static let batchNumbersMax = 1000
    public static let multiNumbersMax = 100
    /// How many entries a fetch returns at most, and when it does not say (seed 002 §2.4.5, §2.5.5).
    public static let repliesMax = 200
    public static let reportsMax = 500
    /// How many entries one push carries at most (seed 002 §2.7.1, §2.8.1).
    public static let pushedRepliesMax = 100
    public static let pushedReportsMax = 500
    /// UTF-16 units of a content (seed 002 §2.1.5).
    public static let contentUnitsMax = 1000
    /// ASCII characters of a custid or an exdata (seed 002 §2.1.5).
    public static let customIDBytesMax = 64
    /// Letters and digits of a svrtype (seed 002 §2.1.5).
    public static let serviceTypeBytesMax = 10
    /// Digits of an exno (seed 002 §2.1.5).
    public static let extensionDigitsMax = 6
}
