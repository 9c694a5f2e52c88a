import Messaging

/// All that can be known of a run from outside: what customers sent and were told, what they collected, and what the
/// carrier wrote down. Each message has a number of its own, by which it is known everywhere.
struct CrashFacts: Sendable {
    var accounts: [Account] = []
    var calls: [Call] = []
    var reports: [Report] = []
    var replies: [Reply] = []
    /// Collections whose answer was cut off.
    var lostCollections: [LostCollection] = []
    /// Messages that the appliance was asked for, by their sequence: those that no collected report tells of.
    var lookups: [Int: Lookup] = [:]
    var submissions: [Submitted] = []
    var handOuts: [HandOut] = []
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
        /// With the id of the first recipient.
        case accepted(Int)
        case refused(Int)
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
    }

    /// A line of the carrier's log of what it handed out.
    struct HandOut: Sendable {
        var isReport: Bool
        var msgid: Int
        var mobile: String
        var status: String
        /// Written when one of both sides was killed: it may never have arrived.
        var mayBeLost: Bool
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
    /// `report|reply,msgid,mobile,status,seq`
    init?(line: Substring) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == 5, let msgid = Int(fields[1]) else { return nil }
        self.init(
            isReport: fields[0] == "report", msgid: msgid, mobile: String(fields[2]), status: String(fields[3]),
            mayBeLost: false)
    }
}
