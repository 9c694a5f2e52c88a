import GRDB
import Messaging

extension Writer {
    /// What one failed push may give up; the rest is given up by the next.
    static let givenUpMax = 10_000

    /// Whether a request is out with entries that the customer must not collect meanwhile.
    func isPushing(_ account: AccountKey, _ kind: OutboxKind) throws -> Bool {
        let statement = pushes.isUnderWay
        statement.bind(OutboxKey(account: account, kind: kind))
        defer { statement.reset() }
        return try statement.next() && statement.int(0) != 0
    }

    // MARK: Loading

    func loadNew(_ order: PushOrder, into step: inout PushStep, at: Timestamp) throws {
        let found = try entries(of: order, after: cursor(order.key.account, order.key.kind))
        guard let rows = found.rows else { return }
        if order.triesOnce {
            // Collected now: whatever becomes of the attempt, there is no second.
            for id in found.ids { try collect(id...id, of: order.key, answer: "", at: at) }
            try moveCursor(to: rows.upperBound, of: order.key)
        } else if found.ids.isEmpty {
            try collect(rows, of: order.key, answer: "", at: at)
            try moveCursor(to: rows.upperBound, of: order.key)
        }
        guard !found.ids.isEmpty else {
            step.hasMore = true
            return
        }
        let sequence = try beginPush(order, count: found.ids.count, keepsFromPolls: !order.triesOnce)
        step.load = PushLoad(content: found.content, ids: found.ids, sequence: sequence, rows: rows)
    }

    func loadReplay(_ order: PushOrder, into step: inout PushStep) throws {
        while let replay = try nextReplay(order.key) {
            let found = try entries(of: order, after: replay.position, through: replay.through)
            guard let rows = found.rows else {
                try end(replay)
                continue
            }
            if order.triesOnce || found.ids.isEmpty { try move(replay, to: rows.upperBound) }
            guard !found.ids.isEmpty else {
                step.hasMore = true
                return
            }
            let sequence = try beginPush(order, count: found.ids.count, keepsFromPolls: false)
            step.load = PushLoad(
                content: found.content, ids: found.ids, sequence: sequence, replay: replay.id, rows: rows)
            return
        }
    }

    /// What was read of an outbox: entries, and the rows that they are among; none: there was nothing.
    private typealias Found = (content: PushContent, ids: [OutboxEntryID], rows: ClosedRange<OutboxEntryID>?)

    private func entries(of order: PushOrder, after: OutboxEntryID, through: OutboxEntryID = .max) throws -> Found {
        switch order.key.kind {
        case .reports:
            let page = try uncollectedReports(
                order.key.account, after: after, through: through, limit: order.limit, grain: order.grain,
                rowsMax: order.grain == .segment ? order.limit : max(order.limit, Store.rowsPerCollection))
            guard let first = page.first, let last = page.last else { return (.reports([]), [], nil) }
            return (.reports(page.entries), page.ids, first...last)
        case .replies:
            let replies = try uncollectedReplies(order.key.account, after: after, limit: order.limit)
                .prefix { $0.id.rawValue <= through.rawValue }
            let ids = replies.map { OutboxEntryID($0.id.rawValue) }
            guard let first = ids.first, let last = ids.last else { return (.replies([]), [], nil) }
            return (.replies(Array(replies)), ids, first...last)
        }
    }

    /// - Returns: the number of the first of these requests.
    private func beginPush(_ order: PushOrder, count: Int, keepsFromPolls: Bool) throws -> Int64 {
        let requests = order.triesOnce ? count : 1
        let statement = pushes.begin
        statement.bind(order.key)
        statement.bind(3, requests)
        statement.bind(4, keepsFromPolls ? 1 : 0)
        defer { statement.reset() }
        guard try statement.next() else { throw StoreFailure.notFound }
        return statement.int(0) - Int64(requests - 1)
    }

    // MARK: Settling

    /// - Returns: how many entries were given up.
    func settle(_ result: PushResult, _ order: PushOrder, giveUpBefore: Timestamp, at: Timestamp) throws -> Int {
        let load = result.load
        let answer = result.answers.last ?? ""
        let note = result.isAccepted ? pushes.succeed : pushes.fail
        note.bind(order.key)
        note.bind(3, at.milliseconds)
        note.bind(4, answer)
        if !result.isAccepted { note.bind(5, result.nextTryAt?.milliseconds) }
        try note.run()
        if order.triesOnce {
            guard load.replay == nil else { return 0 }
            for (id, answer) in zip(load.ids, result.answers) { try save(answer, of: id, order.key) }
            return 0
        }
        guard result.isAccepted else { return try giveUp(result, order, before: giveUpBefore, at: at) }
        if load.replay != nil {
            guard let replay = try nextReplay(order.key), replay.id == load.replay else { return 0 }
            try move(replay, to: load.rows.upperBound)
        } else {
            try collect(load.rows, of: order.key, answer: answer, at: at)
            try moveCursor(to: load.rows.upperBound, of: order.key)
        }
        return 0
    }

    /// Passes by what is too old, if the lane has failed for so long.
    private func giveUp(
        _ result: PushResult, _ order: PushOrder, before deadline: Timestamp, at: Timestamp
    ) throws -> Int {
        let failing = pushes.selectFailing
        failing.bind(order.key)
        let since = try failing.next() ? failing.optionalInt(0) : nil
        failing.reset()
        guard let since, since <= deadline.milliseconds else { return 0 }
        if let replay = try nextReplay(order.key), replay.id == result.load.replay {
            guard replay.madeAt <= deadline.milliseconds else { return 0 }
            try end(replay)
            return result.load.ids.count
        }
        let statement = order.key.kind == .reports ? pushes.oldReports : pushes.oldReplies
        statement.bind(1, order.key.account)
        statement.bind(2, try cursor(order.key.account, order.key.kind))
        statement.bind(3, Self.givenUpMax)
        var ids: (first: OutboxEntryID, last: OutboxEntryID)?
        var count = 0
        while try statement.next(), statement.int(1) <= deadline.milliseconds {
            ids = (ids?.first ?? statement.id(0), statement.id(0))
            count += 1
        }
        statement.reset()
        guard let ids else { return 0 }
        try collect(
            ids.first...ids.last, of: order.key, answer: "given up: \(result.answers.last ?? "")", at: at)
        try moveCursor(to: ids.last, of: order.key)
        return count
    }

    private func save(_ answer: String, of id: OutboxEntryID, _ key: OutboxKey) throws {
        let statement = pushes.saveAnswer
        statement.bind(key)
        statement.bind(3, id)
        statement.bind(4, answer)
        try statement.run()
    }

    // MARK: Replays

    private struct Replay {
        var id: PushReplayID
        var position: OutboxEntryID
        var through: OutboxEntryID
        var madeAt: Int64
    }

    private func nextReplay(_ key: OutboxKey) throws -> Replay? {
        let statement = pushes.selectReplay
        statement.bind(key)
        defer { statement.reset() }
        guard try statement.next() else { return nil }
        return Replay(
            id: statement.id(0), position: statement.id(1), through: statement.id(2), madeAt: statement.int(3))
    }

    private func move(_ replay: Replay, to position: OutboxEntryID) throws {
        if position >= replay.through { return try end(replay) }
        pushes.moveReplay.bind(1, replay.id)
        pushes.moveReplay.bind(2, position)
        try pushes.moveReplay.run()
    }

    private func end(_ replay: Replay) throws {
        pushes.endReplay.bind(1, replay.id)
        try pushes.endReplay.run()
    }
}
