public import Engine
public import Messaging

extension Administration {
    /// Of a body, in one answer: it must fit a frame.
    private static let bodyPieceBytes = 512 << 10
    private static let itemsAtOnceMax = 200

    /// Which parked items a request is about: those named, or all that fit.
    public struct ParkedChoice: Sendable {
        var ids: [String]
        var isAll: Bool
        /// With `isAll`, as the next two; empty: all.
        var kind: String
        var state: String
        var channel: String

        /// - Parameters:
        ///   - ids: R12, M7, B3; empty exactly when `isAll`.
        ///   - kind: report, reply or body; empty: all.
        ///   - state: waiting, expired or unreadable; empty: all.
        ///   - channel: the name of one; empty: all.
        public init(ids: [String], isAll: Bool, kind: String, state: String = "", channel: String) {
            (self.ids, self.isAll, self.kind, self.state, self.channel) = (ids, isAll, kind, state, channel)
        }
    }

    /// Parked items: reports, then replies, then bodies, of each the newest first, from the one after `cursor` on.
    /// `kind`, `state` and `channel` as in `ParkedChoice`; `limit` items at most: 0, or more than 200, is 200.
    /// - Throws: `invalid` when kind, state or cursor is not valid; `notFound` without such a channel; `unavailable` or
    ///   `internal` when the store fails.
    public func inbound(
        kind: String, state: String, channel: String, after cursor: String, limit: Int
    ) async throws(AdministrationError) -> Page<ParkedItem> {
        let filter = try await filter(kind: kind, state: state, channel: channel)
        let start = cursor.isEmpty ? nil : try Self.parkedID(cursor, field: "cursor")
        let limit = Self.limit(limit)
        let items = try await stored("item") { () async throws(StoreFailure) in
            try await engine.unmatched.list(filter, after: start, limit: limit)
        }
        return Page(items: items, next: items.count == limit ? items.last?.id.text : nil)
    }

    /// One item; of a body the piece that begins at `offset`.
    /// - Throws: `invalid` when `text` is not written like an item's id; `notFound` without such an item; `unavailable`
    ///   or `internal` when the store fails.
    public func inboundItem(_ text: String, offset: UInt64) async throws(AdministrationError) -> ParkedItem {
        let id = try Self.parkedID(text, field: "id")
        let start = Int(clamping: min(offset, 1 << 40))
        return try await stored("item \(id.text)") { () async throws(StoreFailure) in
            try await engine.unmatched.item(id, bytesFrom: start, length: Self.bodyPieceBytes)
        }
    }

    /// Tries items again now.
    /// - Parameter account: whose the replies are; empty: find out.
    /// - Returns: what was done, and with all the cursor of the next call.
    /// - Throws: `invalid` when both or neither of ids and all are chosen, at more than 200 ids, and when an id, kind,
    ///   state or cursor is not valid, or an account is given for more than replies; `notFound` without such a channel
    ///   or account; `unavailable` or `internal` when the store fails.
    public func replayInbound(
        _ choice: ParkedChoice, to account: String, after cursor: String
    ) async throws(AdministrationError) -> (replay: UnmatchedItems.Replay, next: String?) {
        let ids = try Self.checked(choice, "replayed")
        let owner = account.isEmpty ? nil : try entry(ofAccount: account)
        var filter = try await filter(kind: choice.kind, state: choice.state, channel: choice.channel)
        let isReplies = choice.isAll ? filter.kind ?? .reply == .reply : ids.allSatisfy { $0.kind == .reply }
        guard owner == nil || isReplies else {
            throw .invalid("Only replies can be given to an account.", field: "to_account")
        }
        if owner != nil { filter.kind = .reply }
        let wanted = filter
        let start = cursor.isEmpty ? nil : try Self.parkedID(cursor, field: "cursor")
        let (replay, last) = try await stored("item") { () async throws(StoreFailure) in
            choice.isAll
                ? try await engine.unmatched.replayAll(wanted, to: owner, after: start)
                : (try await engine.unmatched.replay(ids, to: owner), nil)
        }
        record("inbound replay items=\(replay.tried)" + (account.isEmpty ? "" : " to \(account)"))
        return (replay, last?.text)
    }

    /// Deletes items for good; with all some in each call. Bodies that are not yet applied stay.
    /// - Returns: how many were deleted; with all, 0 at the end.
    /// - Throws: `invalid` when both or neither of ids and all are chosen, at more than 200 ids, and when an id, kind
    ///   or state is not valid; `notFound` without such a channel; `unavailable` or `internal` when the store fails.
    public func discardInbound(_ choice: ParkedChoice) async throws(AdministrationError) -> Int {
        let ids = try Self.checked(choice, "discarded")
        let filter = try await filter(kind: choice.kind, state: choice.state, channel: choice.channel)
        let count = try await stored("item") { () async throws(StoreFailure) in
            choice.isAll ? try await engine.unmatched.discardSome(filter) : try await engine.unmatched.discard(ids)
        }
        record("inbound discard items=\(count)")
        return count
    }

    private static func checked(_ choice: ParkedChoice, _ done: String) throws(AdministrationError) -> [ParkedID] {
        guard choice.isAll == choice.ids.isEmpty else { throw .invalid("Name either items or all.", field: "ids") }
        guard choice.ids.count <= itemsAtOnceMax else {
            throw .invalid(
                "At most \(itemsAtOnceMax) items are \(done) at once, not \(choice.ids.count).", field: "ids")
        }
        var ids: [ParkedID] = []
        for text in choice.ids { ids.append(try parkedID(text, field: "ids")) }
        return ids
    }

    private func filter(
        kind: String, state: String, channel: String
    ) async throws(AdministrationError) -> ParkedFilter {
        var filter = ParkedFilter()
        if !kind.isEmpty {
            filter.kind = ParkedID.Kind(rawValue: kind)
            if filter.kind == nil { throw .invalid("A kind is report, reply or body, not '\(kind)'.", field: "kind") }
        }
        if !state.isEmpty {
            filter.state = ParkedItem.State(rawValue: state)
            if filter.state == nil {
                throw .invalid("A state is waiting, expired or unreadable, not '\(state)'.", field: "state")
            }
        }
        if !channel.isEmpty { filter.channel = try await entry(ofChannel: channel).key }
        return filter
    }

    private static func parkedID(_ text: String, field: String) throws(AdministrationError) -> ParkedID {
        guard let id = ParkedID(text) else { throw .invalid("'\(text)' is not like R12, M7 or B3.", field: field) }
        return id
    }
}
