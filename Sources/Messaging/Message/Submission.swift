/// What a customer asks to be sent, dialect-neutral and not yet accepted.
public struct Submission: Hashable, Sendable {
    /// One or more parts; the recipients of all parts get consecutive message ids, in order.
    public var parts: [Part]
    /// When to hand it to a carrier, as the customer asks; nil for now. `SendTime.due` says what comes of it.
    public var scheduledAt: Timestamp?
    /// Until when it is worth sending, as the customer asks; nil: as its account has it. `Validity.end` says what comes
    /// of it.
    public var validUntil: Timestamp?
    /// Unique per account, for good: a second submission with it is refused as `Rejection.submissionRepeated`. Nil for
    /// none; never empty.
    public var idempotencyKey: String?
    /// The approved template that the customer says its content is (Yixintong's `templateId`); empty for none.
    public var templateID: String

    /// One content and whom it goes to.
    public struct Part: Hashable, Sendable {
        /// In the order in which they get their ids; invalid ones among them.
        public var recipients: [Recipient]
        /// The text, decoded, before the account's signature is put in front.
        public var content: String
        /// The customer's own id of this part (custid); empty to have one made.
        public var customID: String
        /// Returned with every report (exdata).
        public var customData: String
        /// The customer's own extension of the access number (exno), digits only.
        public var accessExtension: String
        /// OperatorV2's `svrtype`: letters and digits; empty for none.
        public var serviceType: String

        /// With the defaults the part has no ids, data or extension of its own.
        public init(
            recipients: [Recipient], content: String, customID: String = "", customData: String = "",
            accessExtension: String = "", serviceType: String = ""
        ) {
            self.recipients = recipients
            self.content = content
            self.customID = customID
            self.customData = customData
            self.accessExtension = accessExtension
            self.serviceType = serviceType
        }
    }

    /// The custom id of a part whose customer gave none, the same for all of them: the id of the request's first
    /// recipient in 20 hexadecimal digits.
    public static func madeCustomID(first: MessageID) -> String {
        let digits = String(first.rawValue, radix: 16)
        return String(repeating: "0", count: max(0, 20 - digits.utf8.count)) + digits
    }

    /// `validUntil` is nil and is set afterwards.
    public init(
        parts: [Part], scheduledAt: Timestamp? = nil, idempotencyKey: String? = nil, templateID: String = ""
    ) {
        self.parts = parts
        self.scheduledAt = scheduledAt
        self.idempotencyKey = idempotencyKey
        self.templateID = templateID
    }

    /// Recipients of all parts, invalid ones included.
    public var recipientCount: Int { parts.indices.reduce(0) { $0 + parts[$1].recipients.count } }
}

/// What the answer to an accepted submission holds.
public struct Acceptance: Hashable, Sendable {
    /// The id of the first recipient; the others follow by 1.
    public var firstID: MessageID
    /// The first part's custom id, or the one made for it.
    public var customID: String

    /// - Parameter firstID: of the first recipient.
    public init(firstID: MessageID, customID: String) {
        self.firstID = firstID
        self.customID = customID
    }
}
