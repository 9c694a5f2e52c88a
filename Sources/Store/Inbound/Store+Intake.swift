import Foundation
import GRDB
public import Messaging

/// What is kept of a carrier that repeats itself, and how much of it.
extension Store {
    /// Stores a carrier's raw body that must not be applied, for the operator. One that came before is kept once.
    /// - Parameter failure: why it must not be applied.
    /// - Returns: its id, and whether it is a new one.
    /// - Throws: `busy` when `wait` has passed; `unavailable`, `damaged` or `closed` when it cannot be committed.
    public func keepRefused(
        _ body: [UInt8], of kind: InboundKind, from channel: ChannelKey, at: Timestamp, failure: String,
        within wait: Duration? = nil
    ) async throws(StoreFailure) -> (id: InboundID, isNew: Bool) {
        let fingerprint = Self.fingerprint(body, kind)
        return try await groupCommit.perform(within: wait) { writer in
            if let id = try writer.noteCopy(of: body, fingerprint, kind, from: channel, at: at) { return (id, false) }
            try writer.db.execute(
                sql: """
                    INSERT INTO inbound (channel, kind, received_at, failure, body, fingerprint)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [channel.rawValue, kind.rawValue, at.milliseconds, failure, Data(body), fingerprint])
            return (InboundID(writer.db.lastInsertedRowID), true)
        }
    }

    /// Marks a body that its dialect could not read; it stays for the operator, unless the same one stays already.
    /// - Returns: whether it is a new one.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    @discardableResult
    public func markUnreadable(_ inbound: InboundID, because reason: String) async throws(StoreFailure) -> Bool {
        try await groupCommit.perform { writer in
            guard
                let row = try Row.fetchOne(
                    writer.db, sql: "SELECT channel, kind, received_at, failure, body FROM inbound WHERE id = ?",
                    arguments: [inbound.rawValue])
            else { return false }
            if (row["failure"] as String?) != nil {
                try writer.db.execute(
                    sql: "UPDATE inbound SET failure = ? WHERE id = ?", arguments: [reason, inbound.rawValue])
                return false
            }
            let body = Array(row["body"] as Data)
            let kind = InboundKind(rawValue: row["kind"]) ?? .pushed
            let fingerprint = Self.fingerprint(body, kind)
            let at = Timestamp(milliseconds: row["received_at"])
            if try writer.noteCopy(of: body, fingerprint, kind, from: row["channel"], at: at) != nil {
                try writer.db.execute(sql: "DELETE FROM inbound WHERE id = ?", arguments: [inbound.rawValue])
                return false
            }
            try writer.db.execute(
                sql: "UPDATE inbound SET failure = ?, fingerprint = ? WHERE id = ?",
                arguments: [reason, fingerprint, inbound.rawValue])
            return true
        }
    }

    private static func fingerprint(_ body: [UInt8], _ kind: InboundKind) -> Int64 {
        var fingerprint = Fingerprint()
        fingerprint.add(Int64(kind.rawValue))
        fingerprint.add(body)
        return fingerprint.number
    }

    /// How much of each channel's carrier lies here without an owner, by the channel's number.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func intakeLoads() async throws(StoreFailure) -> [ChannelKey: IntakeLoad] {
        try await read { db in
            var loads: [ChannelKey: IntakeLoad] = [:]
            for table in ["parked_report", "parked_reply"] {
                let sql = """
                    SELECT channel, COUNT(*) AS n FROM \(table) INDEXED BY \(table)_fingerprint GROUP BY channel
                    """
                for row in try Row.fetchAll(db, sql: sql) {
                    loads[row["channel"], default: IntakeLoad()] += IntakeLoad(parked: row["n"])
                }
            }
            let bodies = """
                SELECT channel, SUM(failure IS NOT NULL) AS n, SUM(length(body)) AS bytes FROM inbound GROUP BY channel
                """
            for row in try Row.fetchAll(db, sql: bodies) {
                loads[row["channel"], default: IntakeLoad()] += IntakeLoad(unreadable: row["n"], bytes: row["bytes"])
            }
            return loads
        }
    }

    /// Deletes parked items for good.
    /// - Returns: how many of them were there.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func discardParked(_ ids: [ParkedID]) async throws(StoreFailure) -> Int {
        guard !ids.isEmpty else { return 0 }
        return try await groupCommit.perform { writer in
            var count = 0
            for id in ids {
                let sql =
                    switch id.kind {
                    case .report: "DELETE FROM parked_report WHERE id = ?"
                    case .reply: "DELETE FROM parked_reply WHERE id = ?"
                    // One that waits to be applied is no item without an owner.
                    case .body: "DELETE FROM inbound WHERE id = ? AND failure IS NOT NULL"
                    }
                try writer.db.cachedStatement(sql: sql).execute(arguments: [id.row.rawValue])
                count += writer.db.changesCount
            }
            return count
        }
    }
}

extension Writer {
    /// Counts one more of a body that cannot be read and is kept already.
    /// - Returns: the id of the one that is kept; nil when there is none.
    fileprivate func noteCopy(
        of body: [UInt8], _ fingerprint: Int64, _ kind: InboundKind, from channel: ChannelKey, at: Timestamp
    ) throws -> InboundID? {
        let id = try InboundID.fetchOne(
            db,
            sql: """
                SELECT id FROM inbound INDEXED BY inbound_fingerprint
                WHERE channel = ? AND fingerprint = ? AND failure IS NOT NULL AND kind = ? AND body = ? LIMIT 1
                """,
            arguments: [channel.rawValue, fingerprint, kind.rawValue, Data(body)])
        guard let id else { return nil }
        try db.execute(
            sql: "UPDATE inbound SET copies = copies + 1, last_at = ? WHERE id = ?",
            arguments: [at.milliseconds, id.rawValue])
        return id
    }

    /// Parks a report that matches no message, unless the same one is parked already.
    /// - Returns: whether it is a new one.
    func park(_ report: CarrierReport, channel: ChannelKey, at: Timestamp) throws -> Bool {
        let fingerprint = Self.fingerprint(report)
        let isParked = try Bool.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT 1 FROM parked_report INDEXED BY parked_report_fingerprint
                    WHERE channel = ? AND fingerprint = ? AND custom_id = ? AND carrier_id IS ? AND carrier_key IS ?
                    AND segment IS ? AND segments = ? AND mobile = ? AND status = ? AND reported_at IS ? LIMIT 1
                    """),
            arguments: [
                channel.rawValue, fingerprint, report.customID, report.carrierID, report.carrierKey,
                report.segmentNumber,
                report.segmentTotal, report.mobile, report.status.code, report.reportedAt?.milliseconds,
            ])
        if isParked == true { return false }
        try db.cachedStatement(
            sql: """
                INSERT INTO parked_report (channel, received_at, custom_id, carrier_id, segment, segments, mobile,
                status, detail, reported_at, next_try_at, carrier_key, fingerprint)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            channel.rawValue, at.milliseconds, report.customID, report.carrierID, report.segmentNumber,
            report.segmentTotal,
            report.mobile, report.status.code, report.detail, report.reportedAt?.milliseconds,
            at.milliseconds + ParkingRule.pause(afterTries: 0), report.carrierKey, fingerprint,
        ])
        return true
    }

    private static func fingerprint(_ report: CarrierReport) -> Int64 {
        var fingerprint = Fingerprint()
        for text in [report.customID, report.carrierKey, report.mobile, report.status.code] { fingerprint.add(text) }
        fingerprint.add(report.carrierID)
        fingerprint.add(report.segmentNumber.map { Int64($0) })
        fingerprint.add(Int64(report.segmentTotal))
        fingerprint.add(report.reportedAt?.milliseconds)
        return fingerprint.number
    }

    /// Parks a reply without an owner, unless the same one is parked already. Two without the carrier's own id or time
    /// are two replies, unless the carrier repeats them more often than a handset would.
    /// - Returns: whether it is a new one.
    func park(_ reply: CarrierReply, channel: ChannelKey, at: Timestamp) throws -> Bool {
        let fingerprint = Self.fingerprint(reply)
        let parked = try Int.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT COUNT(*) FROM (SELECT 1 FROM parked_reply INDEXED BY parked_reply_fingerprint
                    WHERE channel = ? AND fingerprint = ? AND mobile = ? AND access_number = ? AND content = ?
                    AND replied_at IS ? AND carrier_id IS ? LIMIT ?)
                    """),
            arguments: [
                channel.rawValue, fingerprint, reply.mobile, reply.accessNumber, reply.content,
                reply.receivedAt?.milliseconds, reply.carrierID, Self.sameRepliesMax,
            ])
        let isNamed = reply.carrierID.map { $0 != 0 } ?? false || reply.receivedAt.map { $0.milliseconds != 0 } ?? false
        if let parked, parked >= (isNamed ? 1 : Self.sameRepliesMax) { return false }
        try db.cachedStatement(
            sql: """
                INSERT INTO parked_reply (channel, received_at, mobile, access_number, content, replied_at, carrier_id,
                next_try_at, fingerprint) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            channel.rawValue, at.milliseconds, reply.mobile, reply.accessNumber, reply.content,
            reply.receivedAt?.milliseconds, reply.carrierID, at.milliseconds + ParkingRule.pause(afterTries: 0),
            fingerprint,
        ])
        return true
    }

    private static let sameRepliesMax = 20

    private static func fingerprint(_ reply: CarrierReply) -> Int64 {
        var fingerprint = Fingerprint()
        for text in [reply.mobile, reply.accessNumber, reply.content] { fingerprint.add(text) }
        fingerprint.add(reply.carrierID)
        fingerprint.add(reply.receivedAt?.milliseconds)
        return fingerprint.number
    }
}
