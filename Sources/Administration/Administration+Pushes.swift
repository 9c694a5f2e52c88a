public import Engine
public import Messaging

/// A lane of pushes as it is shown.
public struct PushLaneDetail: Sendable {
    /// The account's id.
    public var account: String
    /// In which the account's pushes are written now.
    public var dialect: PushDialect
    /// "idle", "sending", "failing" or "off".
    public var state: String
    /// Its record, address and backlog.
    public var lane: Pusher.LaneStatus
}

extension Administration {
    /// The lanes of an account, or of a page of accounts when it is empty.
    /// - Throws: `notFound` without such an account; `unavailable` or `internal` when the store fails.
    public func pushLanes(
        of account: String, after cursor: String, limit: Int
    ) async throws(AdministrationError) -> Page<PushLaneDetail> {
        guard account.isEmpty else { return Page(items: try await lanes(of: entry(ofAccount: account))) }
        let page = entries(after: cursor, limit: limit)
        var lanes: [PushLaneDetail] = []
        for entry in page.items { lanes += try await self.lanes(of: entry) }
        return Page(items: lanes, next: page.next)
    }

    private func lanes(of entry: AccountEntry) async throws(AdministrationError) -> [PushLaneDetail] {
        let lanes = try await stored("lane") { () async throws(StoreFailure) in
            try await engine.pusher.lanes(of: entry)
        }
        let isOn = entry.isEnabled && !engine.configuration.isSafe
        return lanes.map { lane in
            let state =
                if !isOn || lane.url.isEmpty || lane.problem != nil { "off" } else if lane.record.failingSince != nil {
                    "failing"
                } else { lane.record.isUnderWay ? "sending" : "idle" }
            return PushLaneDetail(
                account: entry.account.id, dialect: entry.account.push.dialect, state: state, lane: lane)
        }
    }

    /// Pushes once more what was pushed, collected or given up in a time, both ends included.
    /// - Parameter kind: "reports", "replies"; empty: both, as far as they are pushed.
    /// - Returns: how many entries of each kind.
    /// - Throws: `notFound` without such an account; `invalid` when the time ends before it begins, the kind is
    ///   unknown, or the account has no address for it; `unavailable` or `internal` when the store fails.
    public func replayPushes(
        of account: String, kind: String, from: Timestamp, through: Timestamp
    ) async throws(AdministrationError) -> [OutboxKind: Int] {
        let entry = try entry(ofAccount: account)
        guard from <= through else { throw .invalid("The end is before the beginning.", field: "to_ms") }
        let wanted = OutboxKind.allCases.filter { kind.isEmpty || kind == $0.name }
        if wanted.isEmpty { throw .invalid("A kind is reports or replies, not '\(kind)'.", field: "kind") }
        let kinds = wanted.filter { entry.account.push.url(of: $0) != nil }
        guard !kinds.isEmpty else {
            throw .invalid("Account \(entry.account.id) has no address for that.", field: "account")
        }
        var counts: [OutboxKind: Int] = [:]
        for kind in kinds {
            counts[kind] = try await stored("entry") { () async throws(StoreFailure) in
                try await engine.pusher.replay(kind, of: entry, from: from, through: through)
            }
        }
        record("push replay \(entry.account.id) entries=\(counts.values.reduce(0, +))")
        return counts
    }
}
