import GRDB
public import Messaging

/// What a lane of pushes asks for.
public struct PushOrder: Sendable {
    public var key: OutboxKey
    /// Entries at a time, at most.
    public var limit: Int
    /// Each entry gets one attempt, whatever comes of it: it counts as collected before that.
    public var triesOnce: Bool
    public var grain: ReportGrain

    public init(key: OutboxKey, limit: Int, triesOnce: Bool, grain: ReportGrain = .segment) {
        self.key = key
        self.limit = limit
        self.triesOnce = triesOnce
        self.grain = grain
    }
}

/// What is to be pushed next.
public struct PushLoad: Sendable {
    public var content: PushContent
    /// The outbox's numbers of the entries, rising.
    public var ids: [Int64]
    /// Of the request; each has one, and each its own, also over a crash.
    public var sequence: Int64
    /// Set when these are entries that are pushed once more.
    public var replay: Int64?
    /// Rows of the outbox that are in it or are passed by with it.
    public var rows: ClosedRange<Int64>

    public init(
        content: PushContent, ids: [Int64], sequence: Int64, replay: Int64? = nil, rows: ClosedRange<Int64>
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
    public var load: PushLoad
    public var isAccepted: Bool
    /// In words for the operator: one for all entries, or one for each that was pushed alone.
    public var answers: [String]
    public var nextTryAt: Timestamp?

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
    public func stepPushes(
        _ order: PushOrder, settling result: PushResult?, loads: Bool, prefersReplay: Bool = false,
        giveUpBefore: Timestamp, at: Timestamp
    ) async throws(StoreFailure) -> PushStep {
        try await journal.perform { writer in
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
    public func forgetPushesUnderWay() async throws(StoreFailure) {
        try await journal.perform { writer in
            try writer.db.execute(sql: "UPDATE push_lane SET is_under_way = 0 WHERE is_under_way")
        }
    }

    /// Lanes that have pushed before, by account and kind.
    /// - Parameter account: nil for all.
    public func pushLanes(of account: Int64? = nil) async throws(StoreFailure) -> [PushLaneRecord] {
        try await read { db in
            let range: StatementArguments = [account ?? .min, account ?? .max]
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
    public func countWaiting(_ key: OutboxKey, limit: Int) async throws(StoreFailure) -> Int {
        try await read { db in
            let table = key.kind == .reports ? "report" : "reply"
            let sql = """
                SELECT COUNT(*) FROM (SELECT 1 FROM \(table) WHERE account = ?1 AND id > IFNULL(
                    (SELECT collected_through FROM outbox_cursor WHERE account = ?1 AND kind = ?2), 0) LIMIT ?3)
                """
            return try Int.fetchOne(db, sql: sql, arguments: [key.account, key.kind.rawValue, limit]) ?? 0
        }
    }

    /// Has everything pushed once more that was collected, pushed or given up in a time, both ends included.
    /// - Returns: how many entries at most; 0 when there were none.
    public func replayPushes(
        _ key: OutboxKey, from: Timestamp, through: Timestamp, at: Timestamp
    ) async throws(StoreFailure) -> Int {
        let range: ClosedRange<Int64>? = try await read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT MIN(first) AS first, MAX(through) AS last FROM collection INDEXED BY collection_at
                    WHERE account = ? AND kind = ? AND at BETWEEN ? AND ?
                    """,
                arguments: [key.account, key.kind.rawValue, from.milliseconds, through.milliseconds])
            guard let first: Int64 = row?["first"], let last: Int64 = row?["last"], first <= last else { return nil }
            return first...last
        }
        guard let range else { return 0 }
        let count = try await read { db in
            let table = key.kind == .reports ? "report" : "reply"
            return try Int.fetchOne(
                db, sql: "SELECT COUNT(*) FROM \(table) WHERE account = ? AND id BETWEEN ? AND ?",
                arguments: [key.account, range.lowerBound, range.upperBound]) ?? 0
        }
        try await journal.perform { writer in
            try writer.db.execute(
                sql: "INSERT INTO push_replay (account, kind, position, through, made_at) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    key.account, key.kind.rawValue, range.lowerBound - 1, range.upperBound, at.milliseconds,
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
