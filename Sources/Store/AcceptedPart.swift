public import Messaging

/// One content with its recipients, priced and ready to be committed.
public struct AcceptedPart: Sendable {
    public var account: Int64
    public var acceptedAt: Timestamp
    public var scheduledAt: Timestamp?
    /// Until when it is worth sending; nil: as long as it waits.
    public var validUntil: Timestamp?
    public var content: String
    /// Empty to have one made of the first message's id.
    public var customID: String
    public var customData: String
    /// The account's own, in front of the customer's; a message keeps the one that it was accepted with.
    public var accountExtension: String
    public var accessExtension: String
    public var serviceType: String
    public var segments: Int
    /// What one segment costs, in the account's charge unit.
    public var segmentCost: Int64
    public var recipients: [Recipient]
    /// Those that nothing goes to, by their place, and the rule that says so. Almost always empty.
    public var blocked: [Int: ScreeningRules.Rule] = [:]

    public init(
        account: Int64, acceptedAt: Timestamp, scheduledAt: Timestamp? = nil, content: String, customID: String = "",
        customData: String = "", accountExtension: String = "", accessExtension: String = "",
        serviceType: String = "", segments: Int, segmentCost: Int64, recipients: [Recipient]
    ) {
        self.account = account
        self.acceptedAt = acceptedAt
        self.scheduledAt = scheduledAt
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

    public var validRecipientCount: Int {
        recipients.reduce(0) { count, recipient in
            switch recipient {
            case .number: count + 1
            case .invalid: count
            }
        }
    }

    /// What the whole part costs; invalid and blocked numbers are not charged.
    public var cost: Int64 { segmentCost * Int64(segments * (validRecipientCount - blocked.count)) }
}

/// The parts of one request, which get consecutive ids and live or die together.
public struct AcceptedSubmission: Sendable {
    public var parts: [AcceptedPart]
    /// The customer's own key of the request; a second one with it is refused.
    public var idempotencyKey: String?

    public init(parts: [AcceptedPart], idempotencyKey: String? = nil) {
        self.parts = parts
        self.idempotencyKey = idempotencyKey
    }
}

/// A committed part, ready for a channel.
public struct CommittedPart: Hashable, Sendable {
    /// The sequence of the first recipient; also the id of the submission row.
    public var id: Int64
    public var account: Int64
    public var acceptedAt: Timestamp
    /// Since when it may go out: its acceptance, or when it became due.
    public var availableAt: Timestamp
    /// Until when it is worth sending; nil: as long as it waits.
    public var validUntil: Timestamp?
    public var content: String
    public var accountExtension: String
    public var accessExtension: String
    public var segments: Int
    public var messages: [Message]
    /// Of messages that failed once: the channel that must not have them again, by sequence. Almost always empty.
    public var avoided: [Int64: Int64] = [:]

    /// One message that can be sent.
    public struct Message: Hashable, Sendable {
        public var sequence: Int64
        public var mobile: PhoneNumber

        public init(sequence: Int64, mobile: PhoneNumber) {
            self.sequence = sequence
            self.mobile = mobile
        }
    }

    /// - Parameter scheduledAt: when it was to become due, if not at once.
    public init(
        id: Int64, account: Int64, acceptedAt: Timestamp, scheduledAt: Timestamp? = nil,
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
    public mutating func add(_ message: Message, avoiding channel: Int64?) {
        messages.append(message)
        if let channel { avoided[message.sequence] = channel }
    }
}

/// One accepted submission after its commit.
public struct CommittedSubmission: Sendable {
    public var acceptance: Acceptance
    /// Empty parts are left out, and so are scheduled ones.
    public var ready: [CommittedPart]
}
