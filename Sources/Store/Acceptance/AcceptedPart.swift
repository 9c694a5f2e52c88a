public import Messaging

/// One content with its recipients, priced and ready to be committed.
public struct AcceptedPart: Sendable {
    /// The store's number of the account that sends.
    public var account: AccountKey
    /// Whose balance the charge is taken from, and refunds go to; nil: the account's own.
    public var payer: AccountKey?
    /// When the submission was priced; the day of the totals is taken from it, in China.
    public var acceptedAt: Timestamp
    /// When it becomes due; nil: it is queued at once.
    public var scheduledAt: Timestamp?
    /// Until when it is worth sending; nil: as long as it waits.
    public var validUntil: Timestamp?
    /// The text as it goes out, with its signature.
    public var content: String
    /// Empty to have one made of the first message's id.
    public var customID: String
    /// Returned with every report of the part; empty for none.
    public var customData: String
    /// The account's own, in front of the customer's; a message keeps the one that it was accepted with.
    public var accountExtension: String
    /// The customer's own extension of the access number, digits only; empty for none.
    public var accessExtension: String
    /// As the customer gave it; stored, and not interpreted.
    public var serviceType: String
    /// Segments of one message, each charged and reported alone.
    public var segments: Int
    /// What one segment costs, in the account's charge unit.
    public var segmentCost: Int64
    /// In the order of their ids; invalid ones get an id too.
    public var recipients: [Recipient]
    /// Recipients that a rule of the account excludes, by their index in `recipients`, and the rule. Mostly empty.
    public var blocked: [Int: ScreeningRules.Rule] = [:]

    /// `segmentCost` is in the account's charge unit: micro-yuan or segments. `payer` and `blocked` are set afterwards.
    public init(
        account: AccountKey, acceptedAt: Timestamp, scheduledAt: Timestamp? = nil, validUntil: Timestamp? = nil,
        content: String, customID: String = "", customData: String = "", accountExtension: String = "",
        accessExtension: String = "",
        serviceType: String = "", segments: Int, segmentCost: Int64, recipients: [Recipient]
    ) {
        self.account = account
        self.acceptedAt = acceptedAt
        self.scheduledAt = scheduledAt
        self.validUntil = validUntil
        self.content = content
        self.customID = customID
        self.customData = customData
        self.accountExtension = accountExtension
        self.accessExtension = accessExtension
        self.serviceType = serviceType
        self.segments = segments
        self.segmentCost = segmentCost
        self.recipients = recipients
    }

    /// Recipients whose number can be read, blocked ones included.
    public var validRecipientCount: Int {
        recipients.reduce(0) { count, recipient in
            switch recipient {
            case .number: count + 1
            case .invalid: count
            }
        }
    }

    /// Recipients that are sent to: neither invalid nor blocked.
    public var sendableCount: Int { validRecipientCount - blocked.count }

    /// What the whole part costs; invalid and blocked numbers are not charged.
    public var cost: Int64 { segmentCost * Int64(segments * sendableCount) }
}

extension AcceptedSubmission {
    /// What all parts cost. By index, since an iterator copies each part with all its texts.
    public var cost: Int64 { parts.indices.reduce(0) { $0 + parts[$1].cost } }
}

/// The parts of one request, which get consecutive ids and are accepted all or none.
public struct AcceptedSubmission: Sendable {
    /// One content each; their recipients get ids in this order.
    public var parts: [AcceptedPart]
    /// The customer's own key of the request; a second one with it is refused.
    public var idempotencyKey: String?

    /// All parts are of one account; `idempotencyKey` is nil for none and never empty.
    public init(parts: [AcceptedPart], idempotencyKey: String? = nil) {
        self.parts = parts
        self.idempotencyKey = idempotencyKey
    }
}

/// A committed part, ready for a channel.
public struct CommittedPart: Hashable, Sendable {
    /// The sequence of the first recipient; also the id of the submission row.
    public var id: MessageSequence
    /// The store's number of the account.
    public var account: AccountKey
    /// When its submission was accepted.
    public var acceptedAt: Timestamp
    /// Since when it may go out: its acceptance, or when it became due.
    public var availableAt: Timestamp
    /// Until when it is worth sending; nil: as long as it waits.
    public var validUntil: Timestamp?
    /// The text as it goes out, with its signature.
    public var content: String
    /// The account's own extension at its acceptance, digits only; it comes before the customer's.
    public var accountExtension: String
    /// The customer's own extension of the access number, digits only; empty for none.
    public var accessExtension: String
    /// Segments of each of its messages.
    public var segments: Int
    /// Those that can be sent, by rising sequence; invalid and blocked recipients are not among them.
    public var messages: [Message]
    /// Of messages that failed once: the channel that must not have them again, by sequence. Almost always empty.
    public var avoided: [MessageSequence: ChannelKey] = [:]

    /// One message that can be sent.
    public struct Message: Hashable, Sendable {
        /// Its place among all messages, which its id is made of.
        public var sequence: MessageSequence
        /// The handset's number.
        public var mobile: PhoneNumber

        /// `sequence` is the one that the message was stored with.
        public init(sequence: MessageSequence, mobile: PhoneNumber) {
            self.sequence = sequence
            self.mobile = mobile
        }
    }

    /// - Parameter scheduledAt: when it was to become due, if not at once.
    public init(
        id: MessageSequence, account: AccountKey, acceptedAt: Timestamp, scheduledAt: Timestamp? = nil,
        validUntil: Timestamp? = nil, content: String, accountExtension: String = "", accessExtension: String,
        segments: Int, messages: [Message]
    ) {
        self.id = id
        self.account = account
        self.acceptedAt = acceptedAt
        availableAt = scheduledAt.map { max($0, acceptedAt) } ?? acceptedAt
        self.validUntil = validUntil
        self.content = content
        self.accountExtension = accountExtension
        self.accessExtension = accessExtension
        self.segments = segments
        self.messages = messages
    }

    /// Whether it is too late to send it.
    public func isOver(at now: Timestamp) -> Bool { Validity.isOver(validUntil, at: now) }

    /// Adds a message that must not go to a channel again.
    public mutating func add(_ message: Message, avoiding channel: ChannelKey?) {
        messages.append(message)
        if let channel { avoided[message.sequence] = channel }
    }
}

/// One accepted submission after its commit.
public struct CommittedSubmission: Sendable {
    /// The id of the first recipient, and the custom id.
    public var acceptance: Acceptance
    /// Empty parts are left out, and so are scheduled ones.
    public var ready: [CommittedPart]
}
