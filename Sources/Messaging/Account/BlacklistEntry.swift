/// A number on an account's blacklist.
public struct BlacklistEntry: Hashable, Sendable {
    /// The number that nothing is sent to.
    public var number: PhoneNumber
    /// When it was put on the list.
    public var at: Timestamp
    /// Why: the reply's own words, or the operator's.
    public var reason: String

    /// `reason` may be empty.
    public init(number: PhoneNumber, at: Timestamp, reason: String) {
        self.number = number
        self.at = at
        self.reason = reason
    }
}
