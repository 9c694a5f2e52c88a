import GRDB
public import Messaging

/// A reply that found no owner when it came.
public struct ParkedReply: Sendable {
    /// Its row among the parked replies.
    public var id: ParkedRowID
    /// The store's number of the channel.
    public var channel: ChannelKey
    /// The reply as the carrier handed it over.
    public var reply: CarrierReply
}

/// What trying parked items again came to.
public struct ParkingRound: Sendable {
    /// Items that were looked at.
    public var tried = 0
    /// These have their owner, and are gone.
    public var matched: [ParkedID] = []
    /// These were tried for long enough, now.
    public var expired = 0
    /// Refunds, final states and outbox entries of the items that have their owner now.
    public var effects = Effects()
}

/// How trying again goes on when it was in vain.
public enum ParkedRetry: Hashable, Sendable {
    /// By itself: after a pause once more, or never again when it came this many milliseconds ago.
    case until(parkFor: Int64)
    /// The operator asked for it: what was is not changed.
    case byHand
}

extension Store {
    /// Whether a parked report or reply is to be tried again.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func hasParkedDue(at now: Timestamp) async throws(StoreFailure) -> Bool {
        try await read { db in
            let due = ["parked_report", "parked_reply"].map { table in
                "EXISTS (SELECT 1 FROM \(table) INDEXED BY \(table)_due WHERE expired_at IS NULL AND next_try_at <= ?)"
            }.joined(separator: " OR ")
            return try Bool.fetchOne(db, sql: "SELECT \(due)", arguments: [now.milliseconds, now.milliseconds]) ?? false
        }
    }

    /// Tries reports that are due, the longest due first.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func retryReports(
        at now: Timestamp, parkFor: Int64 = ParkingRule.parkForDefault, limit: Int
    ) async throws(StoreFailure) -> ParkingRound {
        try await groupCommit.perform { writer in
            let rows = try Row.fetchAll(
                writer.db,
                sql: """
                    SELECT * FROM parked_report INDEXED BY parked_report_due
                    WHERE expired_at IS NULL AND next_try_at <= ? ORDER BY next_try_at LIMIT ?
                    """,
                arguments: [now.milliseconds, limit])
            return try writer.retry(rows, .until(parkFor: parkFor), at: now)
        }
    }

    /// Tries these reports now.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func replayReports(_ ids: [ParkedRowID], at now: Timestamp) async throws(StoreFailure) -> ParkingRound {
        try await groupCommit.perform { writer in
            let rows = try ids.compactMap {
                try Row.fetchOne(writer.db, sql: "SELECT * FROM parked_report WHERE id = ?", arguments: [$0.rawValue])
            }
            return try writer.retry(rows, .byHand, at: now)
        }
    }

    /// Replies that are due to be tried, the longest due first.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func dueReplies(at now: Timestamp, limit: Int) async throws(StoreFailure) -> [ParkedReply] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM parked_reply INDEXED BY parked_reply_due
                    WHERE expired_at IS NULL AND next_try_at <= ? ORDER BY next_try_at LIMIT ?
                    """,
                arguments: [now.milliseconds, limit]
            ).map { ParkedReply(id: $0["id"], channel: $0["channel"], reply: CarrierReply(parked: $0)) }
        }
    }

    /// Parked replies by their ids, in the order given; those that are gone are left out.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func parkedReplies(_ ids: [ParkedRowID]) async throws(StoreFailure) -> [ParkedReply] {
        try await read { db in
            try ids.compactMap { id in
                try Row.fetchOne(db, sql: "SELECT * FROM parked_reply WHERE id = ?", arguments: [id.rawValue])
            }.map { ParkedReply(id: $0["id"], channel: $0["channel"], reply: CarrierReply(parked: $0)) }
        }
    }

    /// Gives parked replies to the owners that were found for them; those without are tried later, or expire.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func settleReplies(
        _ replies: [(id: ParkedRowID, owned: OwnedReply)], _ retry: ParkedRetry, at now: Timestamp
    ) async throws(StoreFailure) -> ParkingRound {
        try await groupCommit.perform { writer in
            var round = ParkingRound()
            round.tried = replies.count
            for (id, owned) in replies {
                if let account = owned.account {
                    try writer.db.cachedStatement(sql: "DELETE FROM parked_reply WHERE id = ?").execute(
                        arguments: [id.rawValue])
                    guard writer.db.changesCount > 0 else { continue }
                    try writer.deliver(owned, to: account, at: now, &round.effects)
                    round.matched.append(ParkedID(.reply, id))
                } else {
                    let row = try Row.fetchOne(
                        writer.db, sql: "SELECT * FROM parked_reply WHERE id = ?", arguments: [id.rawValue])
                    if let row, try writer.putOff(row, of: "parked_reply", retry, at: now) { round.expired += 1 }
                }
            }
            return round
        }
    }

    /// Deletes some of what waited for the operator for too long, and of what is known of the last day's replies.
    /// - Returns: whether there may be more.
    /// - Throws: `unavailable` or `damaged` when the disk or the file does not allow it, `closed` after `close` or when
    ///   the task is cancelled.
    public func pruneParked(
        at now: Timestamp, keepFor: Int64, limit: Int = 500
    ) async throws(StoreFailure) -> Bool {
        let before = now.adding(milliseconds: -keepFor).milliseconds
        let yesterday = now.adding(milliseconds: -86_400_000).milliseconds
        let steps: [(table: String, condition: String, before: Int64)] = [
            ("parked_report", "expired_at IS NOT NULL AND expired_at < ?", before),
            ("parked_reply", "expired_at IS NOT NULL AND expired_at < ?", before),
            ("inbound", "failure IS NOT NULL AND received_at < ?", before),
            ("reply_seen", "at < ?", yesterday),
        ]
        // The journal is left alone where there is nothing to delete.
        let due = try await read { db in
            try steps.filter { step in
                try Int64.fetchOne(
                    db, sql: "SELECT 1 FROM \(step.table) WHERE \(step.condition) LIMIT 1", arguments: [step.before])
                    != nil
            }
        }
        if due.isEmpty { return false }
        return try await groupCommit.perform { writer in
            var isMore = false
            for step in due {
                try writer.db.execute(
                    sql: """
                        DELETE FROM \(step.table) WHERE id IN
                        (SELECT id FROM \(step.table) WHERE \(step.condition) LIMIT ?)
                        """,
                    arguments: [step.before, limit])
                if writer.db.changesCount == limit { isMore = true }
            }
            return isMore
        }
    }
}

extension Writer {
    fileprivate func retry(_ rows: [Row], _ retry: ParkedRetry, at now: Timestamp) throws -> ParkingRound {
        var round = ParkingRound()
        round.tried = rows.count
        round.effects = try gatheringEffects {
            for row in rows {
                let id: ParkedRowID = row["id"]
                if try apply(CarrierReport(parked: row), channel: row["channel"], at: now) != .unmatched {
                    try db.cachedStatement(sql: "DELETE FROM parked_report WHERE id = ?").execute(arguments: [
                        id.rawValue
                    ])
                    round.matched.append(ParkedID(.report, id))
                } else if try putOff(row, of: "parked_report", retry, at: now) {
                    round.expired += 1
                }
            }
        }
        return round
    }

    /// Notes a try in vain.
    /// - Returns: whether it was the last one.
    fileprivate func putOff(_ row: Row, of table: String, _ retry: ParkedRetry, at now: Timestamp) throws -> Bool {
        let tries = Int(row.clamped("tries", 0...1_000_000))
        let received: Int64 = row["received_at"]
        let wasExpired = (row["expired_at"] as Int64?) != nil
        var expired: Int64? = row["expired_at"]
        var next: Int64 = row["next_try_at"]
        if case .until(let parkFor) = retry {
            let end = Timestamp(milliseconds: received).adding(milliseconds: parkFor).milliseconds
            if end <= now.milliseconds {
                expired = now.milliseconds
            } else {
                next = min(now.milliseconds + ParkingRule.pause(afterTries: tries + 1), end)
            }
        }
        try db.cachedStatement(
            sql: "UPDATE \(table) SET tries = ?, next_try_at = ?, expired_at = ? WHERE id = ?"
        ).execute(arguments: [tries + 1, next, expired, row["id"] as Int64])
        return expired != nil && !wasExpired
    }
}

extension CarrierReport {
    init(parked row: Row) {
        let reportedAt: Int64? = row["reported_at"]
        let status: String = row["status"]
        self.init(
            customID: row["custom_id"], carrierID: row["carrier_id"], segmentNumber: row["segment"],
            segmentTotal: row["segments"], mobile: row["mobile"],
            status: status.isEmpty ? .missing : DeliveryStatus(status),
            detail: row["detail"], reportedAt: reportedAt.map { Timestamp(milliseconds: $0) },
            carrierKey: row["carrier_key"])
    }
}

extension CarrierReply {
    init(parked row: Row) {
        let repliedAt: Int64? = row["replied_at"]
        self.init(
            carrierID: row["carrier_id"], mobile: row["mobile"], accessNumber: row["access_number"],
            content: row["content"], receivedAt: repliedAt.map { Timestamp(milliseconds: $0) })
    }
}
