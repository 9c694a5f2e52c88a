import AdminProtocol
import Engine
import Messaging

extension EngineBridge {
    /// The state of a message whose latest attempt is uncertain and that has no final report.
    private static let uncertain = "uncertain"
    private static let settledAtOnceMax = 1000

    func list(_ request: AdminMessageList) async throws(AdminError) -> AdminMessages {
        if request.state.isEmpty { return try await records(request) }
        guard request.state == Self.uncertain else {
            throw .invalidArgument("Messages can be listed by the state \(Self.uncertain), or by none.", field: "state")
        }
        guard request.number.isEmpty, request.day == 0 else {
            throw .invalidArgument("Lists by a state know channel and account, not number and day.", field: "state")
        }
        guard let cursor = request.cursor.isEmpty ? .start : UncertainCursor(request.cursor) else {
            throw .invalidArgument("That is no cursor of this list.", field: "cursor")
        }
        var channel: ChannelEntry?
        if !request.channel.isEmpty { channel = try await self.channel(request.channel) }
        let account = request.account.isEmpty ? nil : try account(request.account)
        let limit = request.limit == 0 ? Self.pageMax : min(Int(request.limit), Self.pageMax)
        let page = try await stored("message") { () async throws(StoreFailure) in
            try await engine.uncertain.list(channel: channel, account: account, from: cursor, limit: limit)
        }
        var messages = AdminMessages()
        messages.messages = page.messages.map { AdminMessage($0, state: Self.uncertain) }
        messages.nextCursor = page.next?.text ?? ""
        return messages
    }

    /// By number, account and day, the latest first.
    private func records(_ request: AdminMessageList) async throws(AdminError) -> AdminMessages {
        guard request.channel.isEmpty else {
            throw .invalidArgument("Only lists by a state know channels.", field: "channel")
        }
        let limit = request.limit == 0 ? Self.pageMax : min(Int(request.limit), Self.pageMax)
        var query = RecordQuery(limit: limit)
        if !request.account.isEmpty { query.account = try account(request.account).number }
        if !request.number.isEmpty {
            guard let number = PhoneNumber(request.number) else {
                throw .invalidArgument("'\(request.number)' is no telephone number.", field: "number")
            }
            query.mobile = number
        }
        if request.day != 0 {
            guard Timestamp(chinaDay: Int(request.day)) != nil else {
                throw .invalidArgument("\(request.day) is no day; it is written as yyyymmdd.", field: "day")
            }
            query.day = Int(request.day)
        }
        if !request.cursor.isEmpty {
            guard let before = Int64(request.cursor), before > 0 else {
                throw .invalidArgument("That is no cursor of this list.", field: "cursor")
            }
            query.before = before
        }
        let asked = query
        let page = try await stored("message") { () async throws(StoreFailure) in
            try await engine.records.list(asked)
        }
        var messages = AdminMessages()
        messages.messages = page.records.map { AdminMessage($0) }
        messages.nextCursor = page.next.map { "\($0)" } ?? ""
        return messages
    }

    func settle(_ request: AdminMessageSettle) async throws(AdminError) -> AdminMessagesSettled {
        let settlement: HandSettlement
        switch request.settleAs {
        case .delivered: settlement = .delivered
        case .failed: settlement = .failed
        case .resend: settlement = .resend
        case .unspecified, .UNRECOGNIZED:
            throw .invalidArgument("A message is settled as delivered, failed or resend.", field: "settle_as")
        }
        guard request.msgids.isEmpty != request.channel.isEmpty else {
            throw .invalidArgument("Name either messages or a channel.", field: "msgids")
        }
        guard request.msgids.count <= Self.settledAtOnceMax else {
            throw .invalidArgument("At most \(Self.settledAtOnceMax) messages are settled at once.", field: "msgids")
        }
        if request.channel.isEmpty {
            let ids = request.msgids.map { MessageID(rawValue: $0) }
            return AdminMessagesSettled(
                try await stored("message") { () async throws(StoreFailure) in
                    try await engine.uncertain.settle(ids, as: settlement, reason: request.reason)
                })
        }
        let entry = try await channel(request.channel)
        let cursor = request.cursor.isEmpty ? nil : UncertainCursor(request.cursor)
        if cursor == nil, !request.cursor.isEmpty {
            throw .invalidArgument("That is no cursor of this call.", field: "cursor")
        }
        let (outcome, next) = try await stored("message") { () async throws(StoreFailure) in
            try await engine.uncertain.settleAll(of: entry, as: settlement, reason: request.reason, from: cursor)
        }
        var settled = AdminMessagesSettled(outcome)
        settled.nextCursor = next?.text ?? ""
        return settled
    }

    func cancel(_ request: AdminMessageCancel) async throws(AdminError) -> AdminMessagesCancelled {
        guard !request.msgids.isEmpty else {
            throw .invalidArgument("Name the messages that are to be cancelled.", field: "msgids")
        }
        // A request may hold thousands of messages, and one transaction takes them all.
        guard request.msgids.count <= (request.allOfRequest ? 1 : Self.settledAtOnceMax) else {
            throw .invalidArgument(
                "At most \(Self.settledAtOnceMax) messages, or one whole request, are cancelled at once.",
                field: "msgids")
        }
        let ids = request.msgids.map { MessageID(rawValue: $0) }
        let outcome = try await stored("message") { () async throws(StoreFailure) in
            try await engine.schedule.cancel(ids, allOfRequest: request.allOfRequest, reason: request.reason)
        }
        var cancelled = AdminMessagesCancelled()
        cancelled.cancelled = UInt64(clamping: outcome.cancelled)
        cancelled.refused = outcome.refused.map { AdminMessageRefusal($0.id, $0.reason) }
        cancelled.left = UInt64(clamping: outcome.left)
        return cancelled
    }
}

extension AdminMessage {
    /// A page must fit a frame.
    private static let contentMax = 100

    fileprivate init(_ record: MessageRecord) {
        self.init()
        msgid = record.id.rawValue
        account = record.account
        mobile = record.mobile
        channel = record.channel ?? ""
        state = record.state == .submitted && record.attemptState == .uncertain ? "uncertain" : record.state.name
        acceptedAtMs = record.acceptedAt.milliseconds
        finalAtMs = record.finalAt?.milliseconds ?? 0
        status = record.status ?? ""
        segments = UInt32(clamping: record.segments)
        content = String(record.content.unicodeScalars.prefix(Self.contentMax))
        custid = record.customID
    }

    fileprivate init(_ message: UncertainMessage, state: String) {
        self.init()
        msgid = message.id.rawValue
        account = message.account
        mobile = message.mobile.text
        channel = message.channel
        self.state = state
        attempt = message.attempt
        sinceMs = message.since.milliseconds
        // A page must fit a frame.
        reason = String(message.reason.unicodeScalars.prefix(300))
    }
}

extension AdminMessagesSettled {
    fileprivate init(_ outcome: UncertainDesk.Settled) {
        self.init()
        settled = UInt64(clamping: outcome.settled)
        refused = outcome.refused.map { AdminMessageRefusal($0.id, $0.reason) }
    }
}

extension AdminMessageRefusal {
    fileprivate init(_ id: MessageID, _ reason: String) {
        self.init()
        msgid = id.rawValue
        self.reason = reason
    }
}
