/// What became of a message or segment, by the code that carriers use: `DELIVRD`, `MK:0001` …
///
/// A code of a carrier is kept as it came, in upper case.
public struct DeliveryStatus: Hashable, Sendable, CustomStringConvertible {
    /// In upper case, 1 to `codeBytesMax` bytes without control characters; empty for `missing` only.
    public let code: String

    /// The most bytes of a code; a longer one becomes UNKNOWN.
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

    /// It arrived: the only code that counts as delivered.
    public static let delivered = DeliveryStatus(known: "DELIVRD")
    /// It was not sent in time, or no report came in time.
    public static let expired = DeliveryStatus(known: "EXPIRED")
    /// It did not arrive, and no more is known.
    public static let undeliverable = DeliveryStatus(known: "UNDELIV")
    /// The platform or the carrier refused it before it was on its way.
    public static let rejected = DeliveryStatus(known: "REJECTD")
    /// The carrier gave no code that can be used.
    public static let unknown = DeliveryStatus(known: "UNKNOWN")
    /// No enabled channel takes the message.
    public static let noRoute = DeliveryStatus(known: "NOROUTE")
    /// Taken out before it went to a carrier.
    public static let deleted = DeliveryStatus(known: "DELETED")
    /// The number is on a blacklist that the account uses.
    public static let blacklisted = DeliveryStatus(known: "MBBLACK")
    /// The carrier has it; not final.
    public static let accepted = DeliveryStatus(known: "ACCEPTD")

    /// The carrier's report says neither that the message arrived nor that it failed. No carrier's code reads so.
    public static let missing = DeliveryStatus(known: "")

    /// Whether it arrived.
    public var isDelivered: Bool { code == "DELIVRD" }

    /// ACCEPTD and ENROUTE only say that it is on its way.
    public var isFinal: Bool { code != "ACCEPTD" && code != "ENROUTE" && !code.isEmpty }

    /// The code; empty for `missing`.
    public var description: String { code }
}
