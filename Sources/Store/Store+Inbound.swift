import Foundation
import GRDB
public import Messaging

/// A reply with its owner; without one it is parked.
public struct OwnedReply: Sendable {
    public var account: Int64?
    /// Its id is made by the store.
    public var reply: CarrierReply
    /// What is left of the access number behind channel number and account extension.
    public var accessExtension: String

    public init(account: Int64?, reply: CarrierReply, accessExtension: String) {
        self.account = account
        self.reply = reply
        self.accessExtension = accessExtension
    }
}

/// What applying a body came to.
public struct InboundOutcome: Sendable {
    public var matched = 0
    public var parked = 0
    /// The body was applied before; nothing was done now.
    public var isRepeated = false
    public var effects = Effects()
}

extension Store {
    /// Stores a carrier's raw body durably, before it is applied.
    /// - Parameter failure: why it is not to be applied at all, but kept for the operator.
    public func keep(
        _ body: [UInt8], of kind: InboundKind, from channel: Int64, failure: String? = nil, at: Timestamp
    ) async throws(StoreFailure) -> Int64 {
        try await journal.perform { writer in
            try writer.db.execute(
                sql: "INSERT INTO inbound (channel, kind, received_at, failure, body) VALUES (?, ?, ?, ?, ?)",
                arguments: [channel, kind.rawValue, at.milliseconds, failure, Data(body)])
            return writer.db.lastInsertedRowID
        }
    }

    /// Applies reports to their messages and puts replies into their owners' outboxes, parks what finds no owner, and
    /// lets go of the raw body, all in one commit. A body is applied once, however often this is called for it, and so
    /// is a reply that a carrier says twice.
    public func apply(
        reports: [CarrierReport], replies: [OwnedReply], of inbound: Int64, from channel: Int64, at: Timestamp
    ) async throws(StoreFailure) -> InboundOutcome {
        try await journal.perform { writer in
            var outcome = InboundOutcome()
            guard try writer.letGo(inbound) else {
                outcome.isRepeated = true
                return outcome
            }
            outcome.effects = try writer.gatheringEffects {
                for report in reports {
                    if try writer.apply(report, channel: channel, at: at) {
                        outcome.matched += 1
                    } else {
                        try writer.park(report, channel: channel, at: at)
                        outcome.parked += 1
                    }
                }
            }
            for reply in replies where try writer.isNew(reply.reply, channel: channel, at: at) {
                if let account = reply.account {
                    try writer.deliver(reply, to: account, at: at)
                    outcome.matched += 1
                } else {
                    try writer.park(reply.reply, channel: channel, at: at)
                    outcome.parked += 1
                }
            }
            return outcome
        }
    }

    /// Marks a body that its dialect could not read; it stays for the operator.
    public func markUnreadable(_ inbound: Int64, because reason: String) async throws(StoreFailure) {
        try await journal.perform { writer in
            try writer.db.execute(sql: "UPDATE inbound SET failure = ? WHERE id = ?", arguments: [reason, inbound])
        }
    }

    /// Bodies that a crash left between storing and applying.
    public func pendingInbound(limit: Int = 100) async throws(StoreFailure) -> [InboundBody] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT id, channel, kind, body FROM inbound WHERE failure IS NULL ORDER BY id LIMIT ?",
                arguments: [limit]
            ).compactMap { row in
                guard let kind = InboundKind(rawValue: row["kind"]) else { return nil }
                let body: Data = row["body"]
                return InboundBody(id: row["id"], channel: row["channel"], kind: kind, body: Array(body))
            }
        }
    }

    /// Tries parked reports again that came since `since`, newest first, at most `limit`: one that came before its
    /// submit reply finds its message within seconds; older ones wait for the operator.
    public func retryParked(
        since: Timestamp, limit: Int, at: Timestamp
    ) async throws(StoreFailure) -> InboundOutcome {
        try await journal.perform { writer in
            var outcome = InboundOutcome()
            let rows = try Row.fetchAll(
                writer.db, sql: "SELECT * FROM parked_report ORDER BY id DESC LIMIT ?", arguments: [limit])
            outcome.effects = try writer.gatheringEffects {
                for row in rows where (row["received_at"] as Int64) >= since.milliseconds {
                    if try writer.apply(CarrierReport(parked: row), channel: row["channel"], at: at) {
                        let done: Int64 = row["id"]
                        try writer.db.execute(sql: "DELETE FROM parked_report WHERE id = ?", arguments: [done])
                        outcome.matched += 1
                    } else {
                        outcome.parked += 1
                    }
                }
            }
            return outcome
        }
    }
}

extension Writer {
    /// - Returns: false when it is gone already.
    fileprivate func letGo(_ inbound: Int64) throws -> Bool {
        try db.cachedStatement(sql: "DELETE FROM inbound WHERE id = ?").execute(arguments: [inbound])
        return db.changesCount > 0
    }

    /// Whether a reply was not taken in before: a carrier that pushes says it again when the answer to the first time
    /// did not reach it. Replies without the carrier's number cannot be told apart and are all new.
    fileprivate func isNew(_ reply: CarrierReply, channel: Int64, at: Timestamp) throws -> Bool {
        guard let id = reply.carrierID else { return true }
        try db.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO carrier_reply (channel, carrier_id, mobile, replied_at, received_at)
                VALUES (?, ?, ?, ?, ?)
                """
        ).execute(arguments: [channel, id, reply.mobile, reply.receivedAt?.milliseconds ?? 0, at.milliseconds])
        return db.changesCount > 0
    }

    fileprivate func park(_ report: CarrierReport, channel: Int64, at: Timestamp) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO parked_report (channel, received_at, custom_id, carrier_id, segment, segments, mobile,
                status, detail, reported_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            channel, at.milliseconds, report.customID, report.carrierID, report.segmentNumber, report.segmentTotal,
            report.mobile, report.status.code, report.detail, report.reportedAt?.milliseconds,
        ])
    }

    fileprivate func park(_ reply: CarrierReply, channel: Int64, at: Timestamp) throws {
        try db.execute(
            sql: """
                INSERT INTO parked_reply (channel, received_at, mobile, access_number, content, replied_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                channel, at.milliseconds, reply.mobile, reply.accessNumber, reply.content,
                reply.receivedAt?.milliseconds,
            ])
    }

    fileprivate func deliver(_ owned: OwnedReply, to account: Int64, at: Timestamp) throws {
        try db.execute(
            sql: """
                INSERT INTO reply (account, id, mobile, access_number, access_extension, received_at, content)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                account, takeOutboxID(), owned.reply.mobile, owned.reply.accessNumber, owned.accessExtension,
                (owned.reply.receivedAt ?? at).milliseconds, owned.reply.content,
            ])
    }
}

extension CarrierReport {
    fileprivate init(parked row: Row) {
        let reportedAt: Int64? = row["reported_at"]
        self.init(
            customID: row["custom_id"], carrierID: row["carrier_id"], segmentNumber: row["segment"],
            segmentTotal: row["segments"], mobile: row["mobile"], status: DeliveryStatus(row["status"] as String),
            detail: row["detail"], reportedAt: reportedAt.map { Timestamp(milliseconds: $0) })
    }
}
