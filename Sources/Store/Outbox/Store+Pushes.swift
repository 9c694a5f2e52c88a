import GRDB
public import Messaging

/// What a lane of pushes asks for.
public struct PushOrder: Sendable {
    /// The account and the kind of entries.
    public var key: OutboxKey
    /// Entries at a time, at most.
    public var limit: Int
    /// Each entry gets one attempt, whatever comes of it: it counts as collected before that.
    public var triesOnce: Bool
    /// Whether a report is given out for each segment or once for each message; replies do not depend on it.
    public var grain: ReportGrain

    /// `limit` is a number of entries, at least 1.
    public init(key: OutboxKey, limit: Int, triesOnce: Bool, grain: ReportGrain = .segment) {
        self.key = key
        self.limit = limit
        self.triesOnce = triesOnce
        self.grain = grain
    }
}

/// What is to be pushed next.
public struct PushLoad: Sendable {
    /// The entries, the oldest first; all of one kind.
    public var content: PushContent
    /// The outbox's numbers of the entries, rising.
    public var ids: [OutboxEntryID]
    /// Of the request; each has one, and each its own, also over a crash.
    public var sequence: Int64
    /// Set when these are entries that are pushed once more.
    public var replay: PushReplayID?
    /// Rows of the outbox that are in it or are passed by with it.
    public var rows: ClosedRange<OutboxEntryID>

    /// `ids` has one for each entry of `content`, inside `rows`.
    public init(
        content: PushContent, ids: [OutboxEntryID], sequence: Int64, replay: PushReplayID? = nil,
        rows: ClosedRange<OutboxEntryID>
    ) {
        self.content = content
        self.ids = ids
        self.sequence = sequence
        self.replay = replay
        self.rows = rows
    }
}

/// What came of a push.
public struct PushResult: Sendable {
    /// What was pushed, as `stepPushes` returned it.
    public var load: PushLoad
    /// Whether the customer's answer says that it has the entries.
    public var isAccepted: Bool
    /// In words for the operator: one for all entries, or one for each that was pushed alone.
    public var answers: [String]
    /// When the lane may push again after a failure; nil: without a pause.
    public var nextTryAt: Timestamp?

    /// `nextTryAt` is not looked at when the push was accepted.
    public init(load: PushLoad, isAccepted: Bool, answers: [String], nextTryAt: Timestamp? = nil) {
        self.load = load
        self.isAccepted = isAccepted
        self.answers = answers
        self.nextTryAt = nextTryAt
    }
}

/// What a step came to.
public struct PushStep: Sendable {
    /// What is next.
    public var load: PushLoad?
    /// How many entries were given up.
    public var givenUp = 0
    /// Nothing is loaded, but there is more to look at.
    public var hasMore = false
}

extension Store {
    /// Settles what the last push came to and takes what is to be pushed next, in one commit. A lane has one push at a
    /// time: it must not ask for the next before it settles the last.
    /// - Parameter result: nil when there was none.
    /// - Parameter giveUpBefore: a push that failed gives up what is older, if every attempt since then has failed.
    /// - Parameter prefersReplay: what is to be pushed once more goes before what is new.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func stepPushes(
        _ order: PushOrder, settling result: PushResult?, loads: Bool, prefersReplay: Bool = false,
        giveUpBefore: Timestamp, at: Timestamp
    ) async throws(StoreFailure) -> PushStep {
        try await groupCommit.perform { writer in
            var step = PushStep()
            if let result { step.givenUp = try writer.settle(result, order, giveUpBefore: giveUpBefore, at: at) }
            guard loads else { return step }
            if prefersReplay { try writer.loadReplay(order, into: &step) }
            if step.load == nil, !step.hasMore { try writer.loadNew(order, into: &step, at: at) }
            if step.load == nil, !step.hasMore, !prefersReplay { try writer.loadReplay(order, into: &step) }
            return step
        }
    }

    /// After a start nothing is under way. What was is pushed again; what has one attempt only is not.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func forgetPushesUnderWay() async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            try writer.db.execute(sql: "UPDATE push_lane SET is_under_way = 0 WHERE is_under_way")
        }
    }

    /// Lanes that have pushed before, by account and kind.
    /// - Parameter account: nil for all.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func pushLanes(of account: AccountKey? = nil) async throws(StoreFailure) -> [PushLaneRecord] {
        try await read { db in
            let range: StatementArguments = [account?.rawValue ?? .min, account?.rawValue ?? .max]
            let replays = try Row.fetchAll(
                db,
                sql: """
                    SELECT account, kind, COUNT(*) AS ranges FROM push_replay
                    WHERE account BETWEEN ? AND ? GROUP BY account, kind
                    """,
                arguments: range)
            var counts: [OutboxKey: Int] = [:]
            for row in replays { if let key = OutboxKey(row: row) { counts[key] = row["ranges"] } }
            let sql = "SELECT * FROM push_lane WHERE account BETWEEN ? AND ? ORDER BY account, kind"
            return try Row.fetchAll(db, sql: sql, arguments: range).compactMap { row in
                guard let key = OutboxKey(row: row) else { return nil }
                var lane = PushLaneRecord(account: key.account, kind: key.kind)
                lane.requests = row["requests"]
                lane.isUnderWay = row["is_under_way"]
                lane.failingSince = (row["failing_since"] as Int64?).map { Timestamp(milliseconds: $0) }
                lane.failures = row["failures"]
                lane.nextTryAt = (row["next_try_at"] as Int64?).map { Timestamp(milliseconds: $0) }
                lane.answeredAt = (row["answered_at"] as Int64?).map { Timestamp(milliseconds: $0) }
                lane.answer = row["answer"]
                lane.replays = counts[key] ?? 0
                return lane
            }
        }
    }

    /// Entries that wait in an outbox, counted up to `limit`.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func countWaiting(_ key: OutboxKey, limit: Int) async throws(StoreFailure) -> Int {
        try await read { db in
            let table = key.kind == .reports ? "report" : "reply"
            let sql = """
                SELECT COUNT(*) FROM (SELECT 1 FROM \(table) WHERE account = ?1 AND id > IFNULL(
                    (SELECT collected_through FROM outbox_cursor WHERE account = ?1 AND kind = ?2), 0) LIMIT ?3)
                """
            return try Int.fetchOne(db, sql: sql, arguments: [key.account.rawValue, key.kind.rawValue, limit]) ?? 0
        }
    }

    /// Has everything pushed once more that was collected, pushed or given up in a time, both ends included.
    /// - Returns: how many entries at most; 0 when there were none.
    /// - Throws: `unavailable` or `damaged` when the disk or the file does not allow it, `closed` after `close` or when
    ///   the task is cancelled.
    public func replayPushes(
        _ key: OutboxKey, from: Timestamp, through: Timestamp, at: Timestamp
    ) async throws(StoreFailure) -> Int {
        let range: ClosedRange<OutboxEntryID>? = try await read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT MIN(first) AS first, MAX(through) AS last FROM collection INDEXED BY collection_at
                    WHERE account = ? AND kind = ? AND at BETWEEN ? AND ?
                    """,
                arguments: [key.account.rawValue, key.kind.rawValue, from.milliseconds, through.milliseconds])
            guard let first: OutboxEntryID = row?["first"], let last: OutboxEntryID = row?["last"], first <= last else {
                return nil
            }
            return first...last
        }
        guard let range else { return 0 }
        let count = try await read { db in
            let table = key.kind == .reports ? "report" : "reply"
            return try Int.fetchOne(
                db, sql: "SELECT COUNT(*) FROM \(table) WHERE account = ? AND id BETWEEN ? AND ?",
                arguments: [key.account.rawValue, range.lowerBound.rawValue, range.upperBound.rawValue]) ?? 0
        }
        try await groupCommit.perform { writer in
            try writer.db.execute(
                sql: "INSERT INTO push_replay (account, kind, position, through, made_at) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    key.account.rawValue, key.kind.rawValue, range.lowerBound.rawValue - 1, range.upperBound.rawValue,
                    at.milliseconds,
                ])
        }
        return count
    }
}

extension OutboxKey {
    fileprivate init?(row: Row) {
        guard let kind = OutboxKind(rawValue: row["kind"]) else { return nil }
        self.init(account: row["account"], kind: kind)
    }
}

extension PushSettings {
    var columns: [String: (any DatabaseValueConvertible)?] {
        [
            "push_report_url": reportURL, "push_reply_url": replyURL, "push_dialect": dialect.rawValue,
            "push_format": format.rawValue, "push_private": allowsPrivateTargets,
        ]
    }

    init(row: Row) throws {
        guard let dialect = PushDialect(rawValue: row["push_dialect"]),
            let format = Format(rawValue: row["push_format"])
        else { throw StoreFailure.damaged("account \(row["id"] as String) is pushed to in a way that is not known") }
        self.init(
            reportURL: row["push_report_url"], replyURL: row["push_reply_url"], dialect: dialect, format: format,
            allowsPrivateTargets: row["push_private"])
    }
}
