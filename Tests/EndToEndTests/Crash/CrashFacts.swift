import Messaging

/// All that can be known of a run from outside: what customers sent and were told, what they collected, and what the
/// carrier wrote down. Each message has a number of its own, by which it is known everywhere.
struct CrashFacts: Sendable {
    var accounts: [Account] = []
    var channels: [Channel] = [Channel(name: "sim")]
    var calls: [Call] = []
    var cancels: [Cancel] = []
    /// What was pushed to customers, in the order in which it came, a line a report.
    var pushes: [Push] = []
    var reports: [Report] = []
    var replies: [Reply] = []
    /// Collections whose answer was cut off.
    var lostCollections: [LostCollection] = []
    /// Messages that the appliance was asked for, by their sequence: those that no collected report tells of.
    var lookups: [Int: Lookup] = [:]
    var submissions: [Submitted] = []
    var handOuts: [HandOut] = []
    /// Answers of polled carriers that may have been on the wire at a kill.
    var windows: [Window] = []
    /// How often the appliance was killed.
    var killCount = 0
    /// Messages that the appliance says it has accepted, ever.
    var acceptedCount = 0
    /// Whether `ledger verify` found balances and ledgers equal, whenever it was asked.
    var ledgerIsSound = true

    struct Account: Sendable {
        var id: String
        /// Of one segment, in the account's unit.
        var price: Int
        var refundsFailed: Bool
        /// In the account's unit.
        var opening: Int
        var floor: Int
        var balance = 0
        /// The channels that its messages may go over.
        var channels: Set<String> = ["sim"]
        /// Reports after which a message is tried once on the other channel.
        var retryCodes: Set<String> = []
        /// Where reports are pushed to it instead of being polled.
        var push: Pushing?
    }

    enum Pushing: String, Sendable {
        /// A message once, whatever the receiver answers.
        case once = "api-v1"
        /// A segment, again until it is accepted.
        case bySegment = "operator-v2"
        /// A message, again until it is accepted.
        case byMessage = "guodu"
    }

    struct Channel: Sendable {
        var name: String
        var isPolled = false
        /// Its reports name segments, not whole messages.
        var reportsSegments = true
        /// What is uncertain is sent once more.
        var resends = false
    }

    /// A cancellation of one scheduled message.
    struct Cancel: Sendable {
        var msgid: Int
        /// Nil when no answer came.
        var isDone: Bool?
    }

    struct Push: Sendable {
        var account: String
        var mobile: String
        var segment: Int
        var isDelivered: Bool
        /// The receiver said that it has it.
        var isAccepted: Bool
        /// The last request of its lane before a kill: that it was accepted may never have been read.
        var wasUnderWay = false
    }

    /// Between two kills: answers of one polled channel, of which some may have been on the wire at the second.
    struct Window: Sendable {
        var channel: String
        /// Answers that may be lost at most.
        var answersMax: Int
    }

    struct Call: Sendable {
        var account: String
        var recipients: [Recipient]
        var outcome: Outcome
    }

    struct Recipient: Sendable {
        var mobile: String
        var segments: Int
        var customID: String
    }

    enum Outcome: Sendable {
        /// With the id of the first recipient; nil where the dialect's answer has none.
        case accepted(Int?)
        /// With the dialect's code.
        case refused(String)
        /// No answer came.
        case unknown
    }

    struct Report: Sendable {
        var account: String
        var msgid: Int
        var mobile: String
        var customID: String
        var segment: Int
        var segments: Int
        var status: String
    }

    struct Reply: Sendable {
        var account: String
        var mobile: String
    }

    struct LostCollection: Sendable {
        var account: String
        var isOfReports: Bool
        var limit: Int
    }

    struct Lookup: Sendable {
        var account: String
        var mobile: String
        /// By segment.
        var statuses: [Int: String]
        var isFinal: Bool
        /// How many of its segments' reports count as collected.
        var collected: Int
    }

    /// A line of the carrier's log.
    struct Submitted: Sendable {
        var mobile: String
        var isAccepted: Bool
        /// The carrier's answer left, and was one.
        var isAnswered: Bool
        var channel = "sim"
        /// Kills that came before it.
        var kills = 0
    }

    /// A line of the carrier's log of what it handed out.
    struct HandOut: Sendable {
        var isReport: Bool
        var msgid: Int
        var mobile: String
        var status: String
        /// Written when one of both sides was killed: it may never have arrived.
        var mayBeLost: Bool
        var channel = "sim"
        /// The answer or push that it was part of; of all carriers together.
        var answer = 0
        /// The first line of its answer.
        var beginsAnswer = false
        /// The place in `windows` if it may have been lost with other answers than the last.
        var window: Int?
    }
}

extension CrashFacts.Submitted {
    /// `custid,mobile,msgid,outcome,answer`
    init?(line: Substring) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == 5 else { return nil }
        self.init(
            mobile: String(fields[1]), isAccepted: fields[3] == "accepted", isAnswered: fields[4] == "answered")
    }
}

extension CrashFacts.HandOut {
    /// `report|reply,msgid,mobile,status,seq,first`
    init?(line: Substring) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == 6, let msgid = Int(fields[1]) else { return nil }
        self.init(
            isReport: fields[0] == "report", msgid: msgid, mobile: String(fields[2]), status: String(fields[3]),
            mayBeLost: false)
        beginsAnswer = fields[4] == fields[5]
    }
}
