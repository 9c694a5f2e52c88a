/// When a submission is to go out: one rule for every dialect that has a field for it.
public enum SendTime {
    /// How far ahead it may lie, in milliseconds.
    public static let aheadMax: Int64 = 30 * 86_400_000

    /// Reads the field, in the forms that `Timestamp(chinaText:)` knows; blanks around it do not count.
    /// - Returns: nil when it is empty: now.
    /// - Throws: `scheduleInvalid` when it is no time.
    public static func read(_ text: some StringProtocol) throws(Rejection) -> Timestamp? {
        let trimmed = text.trimmed()
        if trimmed.isEmpty { return nil }
        guard let moment = Timestamp(chinaText: trimmed) else { throw .scheduleInvalid }
        return moment
    }

    /// Until when a submission is kept. A time that has passed means now: a customer's clock may be behind ours.
    /// - Returns: nil when it goes out at once.
    /// - Throws: `scheduleInvalid` when it lies more than 30 days ahead.
    public static func due(_ asked: Timestamp?, at now: Timestamp) throws(Rejection) -> Timestamp? {
        guard let asked, asked > now else { return nil }
        if asked > now.adding(milliseconds: aheadMax) { throw .scheduleInvalid }
        return asked
    }
}
