/// What became of a message or segment, by the code that carriers use: `DELIVRD`, `MK:0001` …
///
/// Source: WIRE.md "Status vocabulary". Carrier classes are kept verbatim.
public struct DeliveryStatus: Hashable, Sendable, CustomStringConvertible {
    public let code: String

    public static let codeBytesMax = 32

    /// Upper-cases and trims; an empty or overlong code, or one with control characters, becomes UNKNOWN.
    public init(_ code: some StringProtocol) {
        if code == "DELIVRD" {
            self = .delivered
            return
        }
        let trimmed = code.trimmed().uppercased()
        let isPrintable = trimmed.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        self.code = (1...Self.codeBytesMax).contains(trimmed.utf8.count) && isPrintable ? trimmed : "UNKNOWN"
    }

    private init(known: String) {
        self.code = known
    }

    public static let delivered = DeliveryStatus(known: "DELIVRD")
    public static let expired = DeliveryStatus(known: "EXPIRED")
    public static let undeliverable = DeliveryStatus(known: "UNDELIV")
    /// The platform or the carrier refused it before it was on its way.
    public static let rejected = DeliveryStatus(known: "REJECTD")
    public static let unknown = DeliveryStatus(known: "UNKNOWN")
    public static let noRoute = DeliveryStatus(known: "NOROUTE")
    /// Taken out before it went to a carrier.
    public static let deleted = DeliveryStatus(known: "DELETED")
    public static let blacklisted = DeliveryStatus(known: "MBBLACK")
    public static let accepted = DeliveryStatus(known: "ACCEPTD")

    /// The carrier's report says neither that the message arrived nor that it failed. No carrier's code reads so.
    public static let missing = DeliveryStatus(known: "")

    public var isDelivered: Bool { code == "DELIVRD" }

    /// ACCEPTD and ENROUTE only say that it is on its way.
    public var isFinal: Bool { code != "ACCEPTD" && code != "ENROUTE" && !code.isEmpty }

    public var description: String { code }
}
