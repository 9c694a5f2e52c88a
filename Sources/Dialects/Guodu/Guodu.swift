public import Messaging
import Secrets

/// Dialect `guodu` (INTERFACE.md): one operation, `submitJson`, and two pushes, all in JSON. There are no polls.
///
/// Everything exists in both directions: `decodeRequest` and `encodeAnswer` serve customers, `encodeCall` and
/// `SendAnswer` speak to a carrier, `encodePush` and `decodePush` are the two ends of a push. All of it is synchronous
/// and keeps no state.
public enum Guodu {
    /// The one path.
    public static let path = "/HttpQuickProcess/submitJson"
    /// The Content-Type of requests, of answers and of pushes.
    public static let contentType = "application/json;charset=utf-8"

    /// How many numbers a request may carry (INTERFACE.md, What we settled).
    public static let numbersMax = 500
    /// UTF-16 units of a content.
    public static let contentUnitsMax = 500
    /// Digits of an AppendID: no access number has more.
    public static let extensionDigitsMax = 20
    /// How many entries one push carries at most.
    public static let pushedMax = 250

    /// The credentials of a request, not yet verified.
    public struct Credentials: Hashable, Sendable {
        /// `OperID`, trimmed and in upper case; cut off after 64 bytes. Empty when missing.
        public var operatorID: String
        /// `OperPass`: the password itself, trimmed. Empty when missing.
        public var password: String

        /// Takes `operatorID` trimmed and in upper case, and `password` trimmed.
        public init(operatorID: String = "", password: String = "") {
            self.operatorID = operatorID
            self.password = password
        }

        /// Whether these are the account's. In constant time.
        public func areRight(for account: Account, secrets: AccountSecrets) -> Bool {
            guard account.hasLogin(operatorID, in: .guodu), !password.isEmpty else { return false }
            return constantTimeEqual(password, secrets.apiPassword)
        }
    }

    /// How a request addresses its numbers, which its answer's code tells.
    public enum Variant: Hashable, Sendable, CaseIterable {
        /// One content to one number.
        case single
        /// One content to several numbers.
        case batch
        /// A content for each number.
        case personalised

        /// The `ResultCode` of a request that was accepted.
        public var successCode: String {
            switch self {
            case .single: "03"
            case .batch: "00"
            case .personalised: "01"
            }
        }
    }
}
