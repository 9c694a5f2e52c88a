public import Messaging

/// What a simulated carrier is like.
public struct SimulatorConfiguration: Sendable {
    public var user = "SIM001"
    public var password = "sim-secret"
    /// The access number that handsets see, before the extension.
    public var accessNumber = "10690012122"
    /// From a submission to its report, in milliseconds.
    public var reportDelay: Int64 = 200
    /// The same for numbers that end in 0003.
    public var slowReportDelay: Int64 = 10_000
    /// How long a submission with a number that ends in 0007 waits for its answer, in milliseconds.
    public var lateAnswerDelay: Int64 = 300
    /// Where reports and replies are pushed to; nil to keep them until they are fetched.
    public var push: PushTarget?
    /// What goes wrong.
    public var faults = Faults()
    /// Makes ids and faults the same at every start; nil for others each time.
    public var seed: UInt64?
    /// A file that gets one line per received message: `custid,mobile,msgid,outcome,answer`.
    public var logPath: String?
    /// A file that gets one line per report and reply before it leaves: `report|reply,msgid,mobile,status,seq`.
    public var handOutLogPath: String?
    /// How many received messages the log in memory keeps.
    public var logEntriesMax = 65_536
    /// Where the time comes from.
    public var clock: Clock

    public init(clock: Clock) {
        self.clock = clock
    }
}
