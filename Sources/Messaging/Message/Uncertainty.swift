/// What a channel does about a call of which it is not known whether the carrier has it.
public enum UncertainRule: String, Sendable, CaseIterable {
    /// Its messages wait for a report, or for the operator.
    case hold
    /// Its messages are queued again after a while, each once: a handset may get them twice.
    case resend
}

/// How an operator settles an uncertain message.
public enum HandSettlement: String, Sendable, CaseIterable {
    /// It ends as delivered.
    case delivered
    /// It ends as not delivered, and is refunded as such by the account's rule.
    case failed
    /// It is queued again, as after a definite refusal.
    case resend
}

/// A message whose latest attempt is uncertain and that has no final report.
public struct UncertainMessage: Hashable, Sendable {
    /// The message's id, without a segment.
    public var id: MessageID
    /// The account's id.
    public var account: String
    /// The recipient.
    public var mobile: PhoneNumber
    /// The name of the channel that the attempt was on.
    public var channel: String
    /// The attempt that is uncertain.
    public var attempt: AttemptID
    /// When the attempt became uncertain.
    public var since: Timestamp
    /// Why, in the driver's words.
    public var reason: String

    /// - Parameter since: when the attempt became uncertain.
    public init(
        id: MessageID, account: String, mobile: PhoneNumber, channel: String, attempt: AttemptID, since: Timestamp,
        reason: String
    ) {
        self.id = id
        self.account = account
        self.mobile = mobile
        self.channel = channel
        self.attempt = attempt
        self.since = since
        self.reason = reason
    }
}

/// A place in the list of uncertain messages, which is in the order of attempts and, in each, of messages.
public struct UncertainCursor: Hashable, Sendable {
    /// The list goes on with this attempt …
    public var attempt: AttemptID
    /// … after this message.
    public var after: MessageSequence
    /// Attempts that began later are not of the list.
    public var through: AttemptID

    /// The beginning of the list, without an end.
    public static let start = UncertainCursor(attempt: 0, after: 0)

    /// - Parameter through: `.max`: the list has no end.
    public init(attempt: AttemptID, after: MessageSequence, through: AttemptID = .max) {
        self.attempt = attempt
        self.after = after
        self.through = through
    }

    /// `attempt.after.through`, or without the last where there is no end.
    public var text: String { "\(attempt).\(after)" + (through == .max ? "" : ".\(through)") }

    /// Nil when it is not of that form.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int64($0) }
        guard (2...3).contains(parts.count), let attempt = parts[0], let after = parts[1] else { return nil }
        if parts.count == 3, parts[2] == nil { return nil }
        self.init(
            attempt: AttemptID(attempt), after: MessageSequence(after),
            through: parts.count == 3 ? parts[2].map { AttemptID($0) } ?? .max : .max)
    }
}
