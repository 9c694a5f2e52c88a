import Messaging

/// Logins whose password was right and whose code is awaited. Pure; bounded, and each lasts for five minutes and three
/// tries.
struct LoginTickets {
    static let lifetime: Int64 = 5 * 60_000
    static let triesMax = 3
    static let countMax = 1_000

    private struct Ticket {
        var user: UserKey
        var until: Timestamp
        var tries = 0
    }

    /// By the digest of the ticket's text.
    private var tickets: [[UInt8]: Ticket] = [:]

    /// - Returns: false when there are too many.
    mutating func add(_ digest: [UInt8], of user: UserKey, at now: Timestamp) -> Bool {
        removeEnded(at: now)
        guard tickets.count < Self.countMax else { return false }
        tickets[digest] = Ticket(user: user, until: now.adding(milliseconds: Self.lifetime))
        return true
    }

    /// Whose ticket it is; nil when it is unknown or over.
    func user(_ digest: [UInt8], at now: Timestamp) -> UserKey? {
        guard let ticket = tickets[digest], ticket.tries < Self.triesMax else { return nil }
        return (1...Self.lifetime).contains(ticket.until.milliseconds(since: now)) ? ticket.user : nil
    }

    /// Counts a try.
    mutating func use(_ digest: [UInt8]) { tickets[digest]?.tries += 1 }

    mutating func remove(_ digest: [UInt8]) { tickets[digest] = nil }

    mutating func removeEnded(at now: Timestamp) { tickets = tickets.filter { $0.value.until > now } }
}
