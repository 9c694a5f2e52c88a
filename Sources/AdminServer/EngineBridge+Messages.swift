import AdminProtocol
import Engine
import Messaging

extension EngineBridge {
    /// The state of a message whose latest attempt is uncertain and that has no final report.
    private static let uncertain = "uncertain"
    private static let settledAtOnceMax = 1000

    func list(_ request: AdminMessageList) async throws(AdminError) -> AdminMessages {
        guard request.state == Self.uncertain else {
            throw .invalidArgument("Messages can be listed by the state \(Self.uncertain).", field: "state")
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
}

extension AdminMessage {
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
        settled = UInt64(outcome.settled)
        refused = outcome.refused.map { left in
            var refusal = AdminMessageRefusal()
            refusal.msgid = left.id.rawValue
            refusal.reason = left.reason
            return refusal
        }
    }
}
