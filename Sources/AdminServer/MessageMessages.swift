import AdminProtocol
import Administration
import Engine
import Messaging

extension Administration {
    func answerMessage(
        _ request: AdminRequest.OneOf_Call
    ) async throws(AdministrationError) -> AdminResponse.OneOf_Result {
        switch request {
        case .messageShow(let show):
            let timeline = try await message(MessageID(rawValue: show.msgid))
            return .message(AdminMessageTimeline(timeline, network: network(of: timeline.mobile)))
        case .messageList(let list):
            return .messages(
                AdminMessages(
                    try await messages(
                        state: list.state, channel: list.channel, account: list.account, mobile: list.number,
                        day: Int(list.day), after: list.cursor, limit: Int(list.limit))))
        case .messageSettle(let settle): return .settled(AdminMessagesSettled(try await resolve(settle)))
        case .messageCancel(let cancel):
            let ids = cancel.msgids.map { MessageID(rawValue: $0) }
            return .cancelled(
                AdminMessagesCancelled(
                    try await self.cancel(ids, allOfRequest: cancel.allOfRequest, reason: cancel.reason)))
        case .ledgerVerify(let verify): return .ledger(AdminLedgerReport(try await verifyLedger(isFull: verify.full)))
        case .clockAccept: return .clock(AdminClock(try await acceptClock()))
        case .statusShow: return .status(AdminStatus(try await status()))
        default: throw Self.misplaced
        }
    }

    private func resolve(
        _ settle: AdminMessageSettle
    ) async throws(AdministrationError) -> (outcome: UncertainResolution.Resolved, next: String?) {
        let resolution: HandSettlement
        switch settle.settleAs {
        case .delivered: resolution = .delivered
        case .failed: resolution = .failed
        case .resend: resolution = .resend
        case .unspecified, .UNRECOGNIZED:
            throw AdministrationError(
                kind: .invalid, message: "A message is settled as delivered, failed or resend.", field: "settle_as")
        }
        return try await resolve(
            settle.msgids.map { MessageID(rawValue: $0) }, channel: settle.channel, as: resolution,
            reason: settle.reason, after: settle.cursor)
    }
}

extension AdminMessageTimeline {
    fileprivate init(_ timeline: MessageTimeline, network: Network?) {
        self.init()
        msgid = timeline.id.rawValue
        account = timeline.account
        mobile = timeline.mobile
        self.network = network?.name ?? ""
        content = timeline.content
        segments = UInt32(clamping: timeline.segments)
        let isUncertain = timeline.state == .submitted && timeline.attemptState == .uncertain
        state = isUncertain ? Administration.uncertain : timeline.state.name
        status = timeline.status ?? ""
        channel = timeline.channel ?? ""
        accessNumber = timeline.accessNumber
        custid = timeline.customID
        chargeBy = AdminChargeBy(timeline.unit)
        chargedUnits = timeline.charged
        refundedUnits = timeline.refunded
        acceptedAtMs = timeline.acceptedAt.milliseconds
        scheduledAtMs = timeline.scheduledAt?.milliseconds ?? 0
        validUntilMs = timeline.validUntil?.milliseconds ?? 0
        finalAtMs = timeline.finalAt?.milliseconds ?? 0
        events = timeline.entries.prefix(1000).map { entry in
            var event = AdminEvent()
            event.atMs = entry.at.milliseconds
            event.kind = entry.kind
            event.text = entry.detail
            return event
        }
    }
}

extension AdminMessages {
    fileprivate init(_ page: MessagePage) {
        self.init()
        switch page {
        case .records(let page):
            messages = page.items.map { AdminMessage($0) }
            nextCursor = page.next ?? ""
        case .uncertain(let page):
            messages = page.items.map { AdminMessage($0) }
            nextCursor = page.next ?? ""
        }
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
        state =
            record.state == .submitted && record.attemptState == .uncertain
            ? Administration.uncertain : record.state.name
        acceptedAtMs = record.acceptedAt.milliseconds
        finalAtMs = record.finalAt?.milliseconds ?? 0
        status = record.status ?? ""
        segments = UInt32(clamping: record.segments)
        content = String(record.content.unicodeScalars.prefix(Self.contentMax))
        custid = record.customID
    }

    fileprivate init(_ message: UncertainMessage) {
        self.init()
        msgid = message.id.rawValue
        account = message.account
        mobile = message.mobile.text
        channel = message.channel
        state = Administration.uncertain
        attempt = message.attempt.rawValue
        sinceMs = message.since.milliseconds
        // A page must fit a frame.
        reason = String(message.reason.unicodeScalars.prefix(300))
    }
}

extension AdminMessagesSettled {
    fileprivate init(_ answer: (outcome: UncertainResolution.Resolved, next: String?)) {
        let outcome = answer.outcome
        self.init()
        nextCursor = answer.next ?? ""
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

extension AdminMessagesCancelled {
    fileprivate init(_ outcome: ScheduledMessages.Cancelled) {
        self.init()
        cancelled = UInt64(clamping: outcome.cancelled)
        refused = outcome.refused.map { AdminMessageRefusal($0.id, $0.reason) }
        left = UInt64(clamping: outcome.left)
    }
}
