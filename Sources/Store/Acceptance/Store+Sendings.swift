import GRDB
public import Messaging

/// What an account sent to one number at one time.
public struct Sending: Hashable, Sendable {
    /// The store's number of the account.
    public var account: AccountKey
    /// The handset's number.
    public var number: PhoneNumber
    /// When it was accepted.
    public var at: Timestamp

    /// `at` is when it was accepted.
    public init(account: AccountKey, number: PhoneNumber, at: Timestamp) {
        self.account = account
        self.number = number
        self.at = at
    }
}

extension Store {
    /// What some accounts sent since `since`, the latest first, without what was kept back; found among the latest
    /// `messagesMax` messages of all accounts.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func sendings(
        of accounts: Set<AccountKey>, since: Timestamp, messagesMax: Int
    ) async throws(StoreFailure) -> [Sending] {
        try await read { db in
            let submissions = try SQLiteStatement(
                db, "SELECT id, account, accepted_at, recipients FROM submission ORDER BY id DESC")
            let messages = try SQLiteStatement(
                db,
                """
                SELECT mobile FROM message WHERE sequence BETWEEN ?1 AND ?2 AND mobile <> 0
                AND (NOT \(MessageState.finalCondition) OR attempt IS NOT NULL) ORDER BY sequence DESC
                """)
            var found: [Sending] = []
            var room = Int64(messagesMax)
            while room > 0, try submissions.next(), submissions.int(2) >= since.milliseconds {
                room -= submissions.int(3)
                guard accounts.contains(submissions.id(1)) else { continue }
                messages.bind(1, submissions.int(0))
                messages.bind(2, submissions.int(0) + submissions.int(3) - 1)
                while try messages.next() {
                    found.append(
                        Sending(
                            account: submissions.id(1), number: PhoneNumber(rawValue: messages.int(0)),
                            at: Timestamp(milliseconds: submissions.int(2))))
                }
                messages.reset()
            }
            submissions.reset()
            return found
        }
    }
}
