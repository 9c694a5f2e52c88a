/// Until when messages are worth sending: one rule for accounts and for every dialect that has a field for it. A
/// message that has not left by then ends as EXPIRED and is paid back.
public enum Validity {
    /// The shortest time that an account may have, in milliseconds; the longest is the time after which a message
    /// without a report expires.
    public static let durationMin: Int64 = 10_000

    /// Reads a request's field, in the forms that `Timestamp(chinaText:)` knows; blanks around it do not count.
    /// - Returns: nil when it is empty, or a number that is not above zero: what the account has.
    /// - Throws: `scheduleInvalid` when it is no time.
    public static func read(_ text: some StringProtocol) throws(Rejection) -> Timestamp? {
        // Most requests do not have the field.
        if text.isEmpty { return nil }
        let trimmed = text.trimmed()
        if trimmed.utf8.allSatisfy({ $0 == UInt8(ascii: "0") }) || Int64(trimmed).map({ $0 < 0 }) == true { return nil }
        guard let moment = Timestamp(chinaText: trimmed) else { throw .scheduleInvalid }
        return moment
    }

    /// Until when the messages of a submission are worth sending. The request's own moment goes before the account's
    /// time, which counts from when they may go out.
    /// - Parameters:
    ///   - asked: the request's own.
    ///   - duration: the account's, in milliseconds; nil for none.
    ///   - start: when they may go out: now, or when they are due.
    ///   - durationMax: how long after that the request's own may lie, in milliseconds.
    /// - Returns: nil when they are worth sending as long as they wait.
    /// - Throws: `scheduleInvalid` when the request's own moment is not after `start`, or too far ahead.
    public static func end(
        asked: Timestamp?, duration: Int64?, from start: Timestamp, durationMax: Int64
    ) throws(Rejection) -> Timestamp? {
        guard let asked else {
            let (end, isEndless) = start.milliseconds.addingReportingOverflow(duration ?? .max)
            return isEndless ? nil : Timestamp(milliseconds: end)
        }
        let (ahead, isFar) = asked.milliseconds.subtractingReportingOverflow(start.milliseconds)
        guard asked > start, !isFar, ahead <= durationMax else { throw .scheduleInvalid }
        return asked
    }

    /// Whether it is too late to send.
    public static func isOver(_ end: Timestamp?, at now: Timestamp) -> Bool { end.map { $0 <= now } ?? false }
}
