/// Which replies are wanted: those that meet every condition, the latest to arrive first.
public struct ReplySearch: Hashable, Sendable {
    /// Whose replies may be found.
    public var scope: AccountScope
    /// Only replies from this number.
    public var mobile: PhoneNumber?
    /// Only replies that have this in their text, byte for byte; empty: any.
    public var content = ""
    /// Received at this moment or later.
    public var from: Timestamp?
    /// Received before this moment.
    public var to: Timestamp?
    /// Only replies below this entry: where the page before ended.
    public var before: OutboxEntryID?
    /// Replies of a page, at most.
    public var limit = 50
    /// What one page may cost.
    public var budget = SearchBudget.page

    /// Every reply of the scope, 50 a page.
    public init(scope: AccountScope) {
        self.scope = scope
    }
}

/// One reply in a list.
public struct ReplyRecord: Hashable, Sendable {
    /// Its place among all entries of outboxes.
    public var id: OutboxEntryID
    /// The store's number of the account that it is for.
    public var account: AccountKey
    /// The account's id.
    public var accountID: String
    /// The handset's number as the carrier wrote it.
    public var mobile: String
    /// The full access number that the handset sent it to.
    public var accessNumber: String
    /// When the carrier says that it got it, else when it came to us.
    public var receivedAt: Timestamp
    /// The text, as much of it as is kept.
    public var content: String
    /// The message that it answers, where one is known.
    public var answered: MessageID?
    /// The text of that message; nil where none is known.
    public var answeredContent: String?

    /// - Parameter answered: nil where no message is known that it answers.
    public init(
        id: OutboxEntryID, account: AccountKey, accountID: String, mobile: String, accessNumber: String,
        receivedAt: Timestamp, content: String, answered: MessageID?, answeredContent: String?
    ) {
        self.id = id
        self.account = account
        self.accountID = accountID
        self.mobile = mobile
        self.accessNumber = accessNumber
        self.receivedAt = receivedAt
        self.content = content
        self.answered = answered
        self.answeredContent = answeredContent
    }
}

/// What was sent to one number and what came from it.
public struct NumberTimeline: Sendable {
    /// The latest first.
    public var messages: SearchPage<MessageRecord, MessageSequence>
    /// The latest first.
    public var replies: SearchPage<ReplyRecord, OutboxEntryID>

    /// Both about the same number.
    public init(
        messages: SearchPage<MessageRecord, MessageSequence>, replies: SearchPage<ReplyRecord, OutboxEntryID>
    ) {
        self.messages = messages
        self.replies = replies
    }
}
