public import Messaging
public import Secrets
public import Sheets

/// The settings of the engine, each with the default that `etc/yizhan.yaml` documents. Durations in milliseconds.
public struct EngineConfiguration: Sendable {
    /// Requests that wait to be committed, three quarters of them of one account; beyond it they are refused.
    public var submissionsMax = 65_536
    /// How long a submission may wait to be committed; when more waits than is committed in this time, new ones are
    /// refused.
    public var submissionWaitMax: Int64 = 1_000
    /// Queued messages held in memory; the rest waits in the database.
    public var messagesInMemoryMax = 200_000
    /// A message without a final report becomes EXPIRED after this time.
    public var reportExpiry: Int64 = 72 * 3_600_000
    /// The longest pause between two polls of a carrier that has nothing to say.
    public var pollIntervalMax: Int64 = 5_000
    /// The shortest, while reports are expected.
    public var pollIntervalMin: Int64 = 50
    /// How long reports and replies without an owner are kept.
    public var parking = ParkingRule()
    /// How much without an owner is kept of one carrier.
    public var intake = IntakeRule()
    /// Starts with all channels and pushes off: nothing is sent, polled or pushed, and no driver is made of what is
    /// stored, so that a setting which does harm can be changed.
    public var isSafe = false
    /// How long what is pushed to customers is tried.
    public var push = PushRule()
    /// The pause between two rounds of housekeeping.
    public var sweepInterval: Int64 = 5_000
    /// How far a request's time stamp may be from our clock, in milliseconds.
    public var timestampTolerance: Int64 = 600_000
    /// The same where a signature covers a time stamp in milliseconds: `auth.signature_tolerance`
    /// (Sources/Dialects/Enterprise/INTERFACE.md, Setting up an account).
    public var signatureTolerance: Int64 = 300_000
    /// How long an access token is good for.
    public var tokenLifetime: Int64 = 7_200_000
    /// What a guess at a user's password costs.
    public var passwordCost = PasswordHash.Cost.standard
    /// Whether operators must set up an authenticator app before they do anything else.
    public var operatorsNeedTOTP = false
    /// How long a link is good for with which a user sets a password.
    public var userLinkLifetime: Int64 = 30 * 60_000
    /// How many refused requests are kept on record, and for how long.
    public var refusals = RefusalRule()
    /// The account whose messages carry balance alerts to telephones, in any case; nil: none do.
    public var alertAccount: String?
    /// How long a customer that collects, or asks for a token, waits for the disk before it is refused as busy.
    public var collectionWaitMax: Int64 = 10_000
    /// Where imports, batches and exports keep their files; empty: there are none.
    public var taskFolder = ""
    /// How spreadsheets are read: in a process of their own.
    public var sheetReading: any SheetReading = SheetReaderProcess()
    /// Where the time comes from, and whether it can be believed.
    public let time: TimeKeeper
    /// House time, which does not jump: see `TimeKeeper`.
    public var clock: Clock { time.clock }

    /// - Parameter clock: the system's clocks, as they are.
    public init(clock: Clock) {
        self.init(time: TimeKeeper(source: clock))
    }

    /// The defaults, and a keeper whose time may be held.
    public init(time: TimeKeeper) {
        self.time = time
    }
}
