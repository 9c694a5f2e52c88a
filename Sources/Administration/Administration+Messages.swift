public import Engine
public import Messaging

/// A page of messages: records by number, account and day, or those that are uncertain.
public enum MessagePage: Sendable {
    /// Of a list without a state; the cursor is a message's number.
    case records(Page<MessageRecord>)
    /// Of a list by `Administration.uncertain`; a page may be short, or empty, and yet not be the last.
    case uncertain(Page<UncertainMessage>)
}

extension Administration {
    /// The state of a message whose latest attempt is uncertain and that has no final report.
    public static let uncertain = "uncertain"
    private static let resolvedAtOnceMax = 1000

    /// A message with everything that happened to it.
    /// - Throws: `notFound` without such a message; `unavailable` or `internal` when the store fails.
    public func message(_ id: MessageID) async throws(AdministrationError) -> MessageTimeline {
        try await stored("message \(id.rawValue)") { () async throws(StoreFailure) in
            try await engine.records.timeline(of: id)
        }
    }

    /// The network of a number, portability included; nil for a prefix that no network holds.
    public func network(of mobile: String) -> Network? {
        PhoneNumber(mobile).flatMap { engine.routes.directory.network(of: $0) }
    }

    /// Messages by their state and channel, or by number, account and day, the latest first; empty and 0: all.
    /// - Parameter day: in China, as yyyymmdd.
    /// - Throws: `invalid` when the filters do not go together, or state, number, day or cursor is not valid;
    ///   `notFound` without such a channel or account; `unavailable` or `internal` when the store fails.
    public func messages(
        state: String, channel: String, account: String, mobile: String, day: Int, after cursor: String, limit: Int
    ) async throws(AdministrationError) -> MessagePage {
        if state.isEmpty {
            guard channel.isEmpty else { throw .invalid("Only lists by a state know channels.", field: "channel") }
            return .records(
                try await records(account: account, mobile: mobile, day: day, after: cursor, limit: limit))
        }
        guard state == Self.uncertain else {
            throw .invalid("Messages can be listed by the state \(Self.uncertain), or by none.", field: "state")
        }
        guard mobile.isEmpty, day == 0 else {
            throw .invalid("Lists by a state know channel and account, not number and day.", field: "state")
        }
        guard let start = cursor.isEmpty ? .start : UncertainCursor(cursor) else { throw Self.badCursor(cursor) }
        var entry: ChannelEntry?
        if !channel.isEmpty { entry = try await self.entry(ofChannel: channel) }
        let owner = account.isEmpty ? nil : try self.entry(ofAccount: account)
        let page = try await stored("message") { () async throws(StoreFailure) in
            try await engine.uncertain.list(
                channel: entry, account: owner, from: start, limit: Self.limit(limit))
        }
        return .uncertain(Page(items: page.messages, next: page.next?.text))
    }

    private func records(
        account: String, mobile: String, day: Int, after cursor: String, limit: Int
    ) async throws(AdministrationError) -> Page<MessageRecord> {
        var query = RecordQuery(limit: Self.limit(limit))
        if !account.isEmpty { query.account = try entry(ofAccount: account).key }
        if !mobile.isEmpty {
            guard let number = PhoneNumber(mobile) else {
                throw .invalid("'\(mobile)' is no telephone number.", field: "number")
            }
            query.mobile = number
        }
        query.day = try Self.day(day)
        if !cursor.isEmpty {
            guard let before = MessageSequence(cursor), before > 0 else { throw Self.badCursor(cursor) }
            query.before = before
        }
        let asked = query
        let page = try await stored("message") { () async throws(StoreFailure) in
            try await engine.records.list(asked)
        }
        return Page(items: page.records, next: page.next.map { "\($0)" })
    }

    /// Resolves uncertain messages: those named, or with a channel all of it, some in each call.
    /// - Returns: what was done, and with a channel the cursor of the next call.
    /// - Throws: `invalid` when both or neither of messages and a channel are named, at more than 1000 messages, and
    ///   when `cursor` is not valid; `notFound` without such a channel; `unavailable` or `internal` when the store
    ///   fails. A message that is not uncertain is in the outcome's `refused`.
    public func resolve(
        _ ids: [MessageID], channel: String, as resolution: HandSettlement, reason: String, after cursor: String
    ) async throws(AdministrationError) -> (outcome: UncertainResolution.Resolved, next: String?) {
        guard ids.isEmpty != channel.isEmpty else {
            throw .invalid("Name either messages or a channel.", field: "msgids")
        }
        guard ids.count <= Self.resolvedAtOnceMax else {
            throw .invalid(
                "At most \(Self.resolvedAtOnceMax) messages are settled at once, not \(ids.count).", field: "msgids")
        }
        guard !channel.isEmpty else {
            let outcome = try await stored("message") { () async throws(StoreFailure) in
                try await engine.uncertain.resolve(ids, as: resolution, reason: reason)
            }
            record("message settle \(resolution.rawValue) messages=\(outcome.settled)")
            return (outcome, nil)
        }
        let entry = try await entry(ofChannel: channel)
        let start = cursor.isEmpty ? nil : UncertainCursor(cursor)
        if start == nil, !cursor.isEmpty { throw Self.badCursor(cursor) }
        let (outcome, next) = try await stored("message") { () async throws(StoreFailure) in
            try await engine.uncertain.resolveAll(of: entry, as: resolution, reason: reason, from: start)
        }
        record("message settle \(resolution.rawValue) channel \(channel) messages=\(outcome.settled)")
        return (outcome, next?.text)
    }

    /// Takes scheduled messages out before they are due.
    /// - Parameter allOfRequest: with the message all of its request that is still scheduled.
    /// - Throws: `invalid` without an id, at more than 1000, and at more than one with `allOfRequest`; `unavailable` or
    ///   `internal` when the store fails. A message that is not scheduled is in the result's `refused`.
    public func cancel(
        _ ids: [MessageID], allOfRequest: Bool, reason: String
    ) async throws(AdministrationError) -> ScheduledMessages.Cancelled {
        guard !ids.isEmpty else { throw .invalid("Name the messages that are to be cancelled.", field: "msgids") }
        // A request may hold thousands of messages, and one transaction takes them all.
        guard ids.count <= (allOfRequest ? 1 : Self.resolvedAtOnceMax) else {
            throw .invalid(
                "At most \(Self.resolvedAtOnceMax) messages, or one whole request, are cancelled at once.",
                field: "msgids")
        }
        let outcome = try await stored("message") { () async throws(StoreFailure) in
            try await engine.scheduled.cancel(ids, allOfRequest: allOfRequest, reason: reason)
        }
        record("message cancel messages=\(outcome.cancelled)")
        return outcome
    }
}
