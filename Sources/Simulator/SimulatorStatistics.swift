/// What a simulated carrier has done so far.
public struct SimulatorStatistics: Hashable, Sendable {
    /// Requests of the dialect, of whatever kind and outcome.
    public var calls: Int
    /// Messages accepted.
    public var messages: Int
    /// Calls answered with an error.
    public var refused: Int
    /// Messages whose report is not due yet, and reports that are to come once more.
    public var messagesWaiting: Int
    /// Reports, one a segment, that are due and not yet given out.
    public var reportsReady: Int
    /// Reports that were polled or pushed; one a message in dialects that report whole messages.
    public var reportsGiven: Int
    /// Replies that are due and not yet given out.
    public var repliesReady: Int
    /// Replies that were polled or pushed.
    public var repliesGiven: Int

    var json: String {
        let fields = [
            ("calls", calls), ("messages", messages), ("refused", refused), ("messages_waiting", messagesWaiting),
            ("reports_ready", reportsReady), ("reports_given", reportsGiven), ("replies_ready", repliesReady),
            ("replies_given", repliesGiven),
        ]
        return "{" + fields.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    }
}
