import GRDB
public import Messaging

extension Store {
    /// What is on record of the time before this start.
    public struct TimeOnRecord: Hashable, Sendable {
        /// The newest moment; nil when nothing was ever written.
        public var newest: Timestamp?
        /// Whether messages are under way, waiting or scheduled.
        public var hasOpenMessages: Bool
    }

    /// The ends of the tables that grow with time, and the last note of `noteTime`.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func timeOnRecord() async throws(StoreFailure) -> TimeOnRecord {
        try await read { db in
            let moments = [
                "SELECT value FROM counter WHERE name = 'clock'",
                "SELECT accepted_at FROM submission ORDER BY id DESC LIMIT 1",
                "SELECT MAX(begun_at, IFNULL(settled_at, 0)) FROM attempt ORDER BY id DESC LIMIT 1",
                "SELECT at FROM ledger ORDER BY id DESC LIMIT 1",
                "SELECT received_at FROM inbound ORDER BY id DESC LIMIT 1",
            ]
            let newest = try moments.compactMap { try Int64.fetchOne(db, sql: $0) }.max()
            let open = try Int64.fetchOne(db, sql: "SELECT SUM(messages - delivered - failed) FROM account_total")
            return TimeOnRecord(
                newest: newest.map { Timestamp(milliseconds: $0) }, hasOpenMessages: (open ?? 0) > 0)
        }
    }

    /// Notes that the service ran at this time, so that a pause of its customers is not taken for one of its own.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func noteTime(_ now: Timestamp) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            try writer.db.cachedStatement(sql: "INSERT OR REPLACE INTO counter (name, value) VALUES ('clock', ?)")
                .execute(arguments: [now.milliseconds])
        }
    }

    /// What is parked and put off for longer than a pause can be was put off by a clock that was ahead: it is tried
    /// now.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func takeUpPutOff(at now: Timestamp) async throws(StoreFailure) {
        let latest = now.milliseconds + ParkingRule.pause(afterTries: .max)
        try await groupCommit.perform { writer in
            for table in ["parked_report", "parked_reply"] {
                try writer.db.execute(
                    sql: "UPDATE \(table) SET next_try_at = ? WHERE expired_at IS NULL AND next_try_at > ?",
                    arguments: [now.milliseconds, latest])
            }
        }
    }
}
