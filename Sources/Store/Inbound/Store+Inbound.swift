import Foundation
import GRDB
public import Messaging

/// A reply with its owner; without one it is parked.
public struct OwnedReply: Sendable {
    /// The owner; nil: none was found.
    public var account: AccountKey?
    /// Its id is made by the store.
    public var reply: CarrierReply
    /// What is left of the access number behind channel number and account extension.
    public var accessExtension: String
    /// The message that it answers, where one is known.
    public var answered: MessageID?

    /// `account` is nil when no owner was found; then the reply is parked and `accessExtension` is not used.
    public init(account: AccountKey?, reply: CarrierReply, accessExtension: String, answered: MessageID? = nil) {
        self.account = account
        self.reply = reply
        self.accessExtension = accessExtension
        self.answered = answered
    }
}

/// What applying a body came to.
public struct InboundOutcome: Sendable {
    /// What has its owner, reports of `known` included.
    public var matched = 0
    /// Reports of messages that said nothing new of them.
    public var known = 0
    /// Reports and replies without an owner that were kept for later tries.
    public var parked = 0
    /// Replies that the carrier had handed us before, and what is parked already.
    public var repeated = 0
    /// The body was gone, because it had been applied or discarded, and nothing was done.
    public var wasGone = false
    /// The refunds, final states and outbox entries of the same commit.
    public var effects = Effects()

    /// Whether there was anything in it that had not been handed to us before.
    public var hasNews: Bool { matched - known + parked > 0 }
}

extension Store {
    /// Stores a carrier's raw body durably, before anything in it is applied.
    /// - Parameters:
    ///   - failure: why it must not be applied: it stays for the operator.
    ///   - wait: how long the caller waits, nil: as long as it takes; with `busy` it may be stored all the same.
    /// - Throws: `busy` when `wait` has passed; `unavailable`, `damaged` or `closed` when it cannot be committed.
    public func keep(
        _ body: [UInt8], of kind: InboundKind, from channel: ChannelKey, at: Timestamp, failure: String? = nil,
        within wait: Duration? = nil
    ) async throws(StoreFailure) -> InboundID {
        if let failure {
            return try await keepRefused(
                body, of: kind, from: channel, at: at, failure: failure, within: wait
            ).id
        }
        return try await groupCommit.perform(within: wait) { writer in
            let insert = try writer.db.cachedStatement(
                sql: "INSERT INTO inbound (channel, kind, received_at, body) VALUES (?, ?, ?, ?)")
            try insert.execute(arguments: [channel.rawValue, kind.rawValue, at.milliseconds, Data(body)])
            return InboundID(writer.db.lastInsertedRowID)
        }
    }

    /// Applies reports to their messages and puts replies into their owners' outboxes, parks what finds no owner, and
    /// lets go of the raw body, all in one commit. A body is applied once: when it is gone, nothing is done.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func apply(
        reports: [CarrierReport], replies: [OwnedReply], of inbound: InboundID, from channel: ChannelKey, at: Timestamp
    ) async throws(StoreFailure) -> InboundOutcome {
        try await groupCommit.perform { writer in
            var outcome = InboundOutcome()
            guard try writer.letGo(inbound) else {
                outcome.wasGone = true
                return outcome
            }
            outcome.effects = try writer.gatheringEffects {
                for report in reports {
                    switch try writer.apply(report, channel: channel, at: at) {
                    case .applied: outcome.matched += 1
                    case .repeated:
                        outcome.matched += 1
                        outcome.known += 1
                    case .unmatched:
                        if try writer.park(report, channel: channel, at: at) {
                            outcome.parked += 1
                        } else {
                            outcome.repeated += 1
                        }
                    }
                }
            }
            for reply in replies {
                guard try writer.isNew(reply.reply, from: channel, at: at) else {
                    outcome.repeated += 1
                    continue
                }
                if let account = reply.account {
                    try writer.deliver(reply, to: account, at: at, &outcome.effects)
                    outcome.matched += 1
                } else if try writer.park(reply.reply, channel: channel, at: at) {
                    outcome.parked += 1
                } else {
                    outcome.repeated += 1
                }
            }
            return outcome
        }
    }

    /// Bodies that a crash or a disk in trouble left between storing and applying, in the order of their ids.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func pendingInbound(
        after: InboundID = 0, receivedBy deadline: Timestamp? = nil, limit: Int = 16
    ) async throws(StoreFailure) -> [InboundBody] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, channel, kind, body FROM inbound INDEXED BY inbound_pending
                    WHERE failure IS NULL AND id > ? AND received_at <= ? ORDER BY id LIMIT ?
                    """,
                arguments: [after.rawValue, deadline?.milliseconds ?? .max, limit]
            ).compactMap { InboundBody(row: $0) }
        }
    }

    /// A stored body, whatever became of it.
    /// - Throws: `notFound`.
    public func inbound(_ id: InboundID) async throws(StoreFailure) -> InboundBody {
        try await read { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT id, channel, kind, body FROM inbound WHERE id = ?", arguments: [id.rawValue])
            guard let body = row.flatMap({ InboundBody(row: $0) }) else { throw StoreFailure.notFound }
            return body
        }
    }
}

extension Writer {
    /// - Returns: false when it is gone already.
    fileprivate func letGo(_ inbound: InboundID) throws -> Bool {
        try db.cachedStatement(sql: "DELETE FROM inbound WHERE id = ?").execute(arguments: [inbound.rawValue])
        return db.changesCount > 0
    }

    /// False for a reply that this channel's carrier has handed us within the last day. Only its own id or time can
    /// tell: without either, two equal replies are two.
    fileprivate func isNew(_ reply: CarrierReply, from channel: ChannelKey, at: Timestamp) throws -> Bool {
        let carrierID = reply.carrierID ?? 0
        let repliedAt = reply.receivedAt?.milliseconds ?? 0
        guard carrierID != 0 || repliedAt != 0 else { return true }
        try db.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO reply_seen (at, channel, mobile, replied_at, carrier_id, access_number, content)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            at.milliseconds, channel.rawValue, reply.mobile, repliedAt, carrierID, reply.accessNumber, reply.content,
        ])
        return db.changesCount > 0
    }

    func deliver(_ owned: OwnedReply, to account: AccountKey, at: Timestamp, _ effects: inout Effects) throws {
        noteOutbox(of: account, .replies)
        try db.execute(
            sql: """
                INSERT INTO reply (account, id, mobile, access_number, access_extension, received_at, content, answers)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                account.rawValue, takeOutboxID().rawValue, owned.reply.mobile, owned.reply.accessNumber,
                owned.accessExtension,
                (owned.reply.receivedAt ?? at).milliseconds, owned.reply.content, owned.answered?.rawValue,
            ])
        effects.outboxEntries += 1
        try takeOptOut(owned.reply, to: account, at: at)
    }
}

extension InboundBody {
    fileprivate init?(row: Row) {
        guard let kind = InboundKind(rawValue: row["kind"]) else { return nil }
        let body: Data = row["body"]
        self.init(id: row["id"], channel: row["channel"], kind: kind, body: Array(body))
    }
}
