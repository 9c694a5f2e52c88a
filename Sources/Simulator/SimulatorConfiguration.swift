import Dialects
public import Messaging

/// What a simulated carrier is like.
public struct SimulatorConfiguration: Sendable {
    /// The dialects that it serves.
    public var dialects = DialectName.allCases
    /// Of all dialects: the account's id and its login.
    public var user = "SIM001"
    /// Of all dialects: interface password, app secret.
    public var password = "sim-secret"
    /// Of `Enterprise` in token mode.
    public var clientID = "client"
    /// The secret of `clientID`, for `/oauth2/token`.
    public var clientSecret = "secret"
    /// The header `userid` of `Enterprise` in plain mode.
    public var enterpriseID = "1001"
    /// Of `Yixintong`.
    public var spCode = "100001"
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
    /// The dialect that is pushed in; one that `canPush`.
    public var pushDialect = DialectName.operatorV2
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

    /// The defaults of the properties.
    public init(clock: Clock) {
        self.clock = clock
    }

    /// Whether the simulator has pushes of this dialect.
    public static func canPush(_ dialect: DialectName) -> Bool { dialect.pushes != nil }
}
