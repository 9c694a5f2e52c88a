import AdminProtocol
import Administration
import Engine
import Foundation
import Messaging

extension Administration {
    func answerInbound(
        _ request: AdminRequest.OneOf_Call
    ) async throws(AdministrationError) -> AdminResponse.OneOf_Result {
        switch request {
        case .inboundList(let list):
            .inboundItems(
                AdminInboundItems(
                    try await inbound(
                        kind: list.kind, state: list.state, channel: list.channel, after: list.cursor,
                        limit: Int(list.limit))))
        case .inboundShow(let show):
            .inboundItem(
                AdminInboundItem(
                    try await inboundItem(show.id, offset: show.offset), textMax: AdminInboundItem.shownTextMax))
        case .inboundReplay(let replay):
            .inboundReplayed(
                AdminInboundReplayed(
                    try await replayInbound(
                        ParkedChoice(
                            ids: replay.ids, isAll: replay.all, kind: replay.kind, channel: replay.channel),
                        to: replay.toAccount, after: replay.cursor)))
        case .inboundDiscard(let discard):
            .inboundDiscarded(
                AdminInboundDiscarded(
                    try await discardInbound(
                        ParkedChoice(
                            ids: discard.ids, isAll: discard.all, kind: discard.kind, state: discard.state,
                            channel: discard.channel)), isAll: discard.all))
        default: throw Self.misplaced
        }
    }
}

extension AdminInboundItems {
    fileprivate init(_ page: Page<ParkedItem>) {
        self.init()
        items = page.items.map { AdminInboundItem($0, textMax: AdminInboundItem.listedTextMax) }
        nextCursor = page.next ?? ""
    }
}

extension AdminInboundDiscarded {
    fileprivate init(_ count: Int, isAll: Bool) {
        self.init()
        discarded = UInt64(clamping: count)
        hasMore_p = isAll && count > 0
    }
}

extension AdminInboundItem {
    /// Of a text from a carrier, in a list and alone: an answer must fit a frame.
    fileprivate static let listedTextMax = 160
    fileprivate static let shownTextMax = 20_000

    /// - Parameter textMax: characters of each text.
    fileprivate init(_ item: ParkedItem, textMax: Int) {
        func cut(_ text: String) -> String { String(text.unicodeScalars.prefix(textMax)) }
        self.init()
        id = item.id.text
        kind = item.id.kind.rawValue
        state = item.state.rawValue
        channel = item.channel
        receivedAtMs = item.receivedAt.milliseconds
        tries = UInt32(clamping: item.tries)
        nextTryAtMs = item.nextTryAt?.milliseconds ?? 0
        expiredAtMs = item.expiredAt?.milliseconds ?? 0
        switch item.content {
        case .report(let report):
            mobile = cut(report.mobile)
            carrierID = report.carrierID ?? 0
            carrierTimeMs = report.reportedAt?.milliseconds ?? 0
            custid = cut(report.customID)
            segment = UInt32(clamping: report.segmentNumber ?? 0)
            segments = UInt32(clamping: report.segmentTotal)
            status = report.status.code
            detail = cut(report.detail)
        case .reply(let reply):
            mobile = cut(reply.mobile)
            carrierID = reply.carrierID ?? 0
            carrierTimeMs = reply.receivedAt?.milliseconds ?? 0
            accessNumber = cut(reply.accessNumber)
            content = cut(reply.content)
        case .body(let stored):
            bodyKind = stored.kind.name
            failure = cut(stored.failure ?? "")
            copies = UInt32(clamping: stored.copies)
            lastAtMs = stored.lastAt?.milliseconds ?? 0
            bodyBytes = UInt64(clamping: stored.byteCount)
            body = Data(stored.bytes)
        }
    }
}

extension AdminInboundReplayed {
    fileprivate init(_ answer: (replay: UnmatchedItems.Replay, next: String?)) {
        let replay = answer.replay
        self.init()
        nextCursor = answer.next ?? ""
        tried = UInt64(clamping: replay.tried)
        settled = UInt64(clamping: replay.settled)
        parked = UInt64(clamping: replay.parked)
        left = replay.left.map { left in
            var message = AdminInboundLeft()
            message.id = left.id.text
            message.reason = left.reason
            return message
        }
    }
}
