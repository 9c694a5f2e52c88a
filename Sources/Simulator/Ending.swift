import Messaging

/// What becomes of a number, by its last four digits.
enum Ending: Hashable, Sendable {
    /// Reported DELIVRD after the usual delay: all other endings.
    case delivered
    /// 0001: reported `MK:0001`.
    case failed
    /// 0002: accepted, and never heard of again.
    case unreported
    /// 0003: reported after the slow delay.
    case slow
    /// 0004: the submission that it is in is refused as a whole.
    case refused
    /// 0005: processed, but the connection is closed without an answer.
    case unanswered
    /// 0006: reported twice.
    case twice
    /// 0007: reported before the submission is answered.
    case early
    /// 0008: delivered, and the handset replies `T`.
    case replying
    /// No number at all: reported failed.
    case invalid

    init(_ recipient: Recipient) {
        guard case .number(let number, _) = recipient else {
            self = .invalid
            return
        }
        self.init(number)
    }

    init(_ number: PhoneNumber) {
        switch number.rawValue.magnitude % 10_000 {
        case 1: self = .failed
        case 2: self = .unreported
        case 3: self = .slow
        case 4: self = .refused
        case 5: self = .unanswered
        case 6: self = .twice
        case 7: self = .early
        case 8: self = .replying
        default: self = .delivered
        }
    }

    var status: DeliveryStatus {
        switch self {
        case .failed: DeliveryStatus("MK:0001")
        case .invalid: .undeliverable
        default: .delivered
        }
    }
}
