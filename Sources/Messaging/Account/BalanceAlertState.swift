/// What was sent of an account's balance alerts, as a state machine without I/O. A balance that moves up and down
/// across its threshold is reported as low at most once in the pause, and as recovered only after that.
public struct BalanceAlertState: Hashable, Sendable {
    /// Since when the balance is below the threshold; nil: it was not when it was looked at last.
    public var lowSince: Timestamp?
    /// When it was last reported as low; nil: not yet.
    public var reportedAt: Timestamp?
    /// Whether it was reported as low and not yet as recovered.
    public var isReported: Bool

    /// By default: nothing was reported.
    public init(lowSince: Timestamp? = nil, reportedAt: Timestamp? = nil, isReported: Bool = false) {
        self.lowSince = lowSince
        self.reportedAt = reportedAt
        self.isReported = isReported
    }

    /// Takes note of a balance.
    /// - Parameters:
    ///   - balance: in the unit of the threshold.
    ///   - settings: as they are now; without a threshold all is forgotten.
    /// - Returns: what is to be sent; nil: nothing.
    public mutating func note(
        balance: Int64, _ settings: BalanceAlertSettings, at now: Timestamp
    ) -> BalanceNotice.Kind? {
        guard settings.threshold > 0 else {
            self = BalanceAlertState()
            return nil
        }
        guard balance < settings.threshold else {
            lowSince = nil
            guard isReported else { return nil }
            isReported = false
            return settings.hasRecipients ? .recovered : nil
        }
        lowSince = lowSince ?? now
        guard settings.hasRecipients else { return nil }
        // A clock that was set back must not silence alerts for longer than the pause.
        if let reportedAt {
            let (passed, overflow) = now.milliseconds.subtractingReportingOverflow(reportedAt.milliseconds)
            if !overflow, passed.magnitude < settings.repeatAfter.magnitude { return nil }
        }
        defer {
            reportedAt = now
            isReported = true
        }
        return isReported ? .stillLow : .low
    }
}
