/// A number on an account's blacklist.
public struct BlacklistEntry: Hashable, Sendable {
    public var number: PhoneNumber
    public var at: Timestamp
    /// Why: the reply's own words, or the operator's.
    public var reason: String

    public init(number: PhoneNumber, at: Timestamp, reason: String) {
        self.number = number
        self.at = at
        self.reason = reason
    }
}
