import AdminProtocol
import Engine
import Foundation
import Messaging

extension EngineBridge {
    /// Of a body, in one answer: it must fit a frame.
    private static let bodyPieceBytes = 512 << 10
    private static let replayedAtOnceMax = 200
    /// Of a text from a carrier, in a list and alone: an answer must fit a frame.
    private static let listedTextMax = 160
    private static let shownTextMax = 20_000

    func list(_ request: AdminInboundList) async throws(AdminError) -> AdminInboundItems {
        let filter = try await filter(kind: request.kind, state: request.state, channel: request.channel)
        let cursor = request.cursor.isEmpty ? nil : try Self.parkedID(request.cursor, field: "cursor")
        let limit = request.limit == 0 ? Self.pageMax : min(Int(request.limit), Self.pageMax)
        let items = try await stored("item") { () async throws(StoreFailure) in
            try await engine.parking.list(filter, after: cursor, limit: limit)
        }
        var message = AdminInboundItems()
        message.items = items.map { AdminInboundItem($0, textMax: Self.listedTextMax) }
        if items.count == limit { message.nextCursor = items.last?.id.text ?? "" }
        return message
    }

    func show(_ request: AdminInboundShow) async throws(AdminError) -> AdminInboundItem {
        let id = try Self.parkedID(request.id, field: "id")
        let offset = Int(clamping: min(request.offset, 1 << 40))
        return AdminInboundItem(
            try await stored("item \(id.text)") { () async throws(StoreFailure) in
                try await engine.parking.item(id, bytesFrom: offset, length: Self.bodyPieceBytes)
            }, textMax: Self.shownTextMax)
    }

    func replay(_ request: AdminInboundReplay) async throws(AdminError) -> AdminInboundReplayed {
        guard request.all == request.ids.isEmpty else {
            throw .invalidArgument("Name either items or all.", field: "ids")
        }
        guard request.ids.count <= Self.replayedAtOnceMax else {
            throw .invalidArgument("At most \(Self.replayedAtOnceMax) items are replayed at once.", field: "ids")
        }
        let owner = request.toAccount.isEmpty ? nil : try account(request.toAccount)
        if !request.all {
            var ids: [ParkedID] = []
            for text in request.ids { ids.append(try Self.parkedID(text, field: "ids")) }
            let named = ids
            if owner != nil, named.contains(where: { $0.kind != .reply }) {
                throw .invalidArgument("Only replies can be given to an account.", field: "to_account")
            }
            return AdminInboundReplayed(
                try await stored("item") { () async throws(StoreFailure) in
                    try await engine.parking.replay(named, to: owner)
                })
        }
        var filter = try await filter(kind: request.kind, state: "", channel: request.channel)
        if owner != nil {
            guard filter.kind == nil || filter.kind == .reply else {
                throw .invalidArgument("Only replies can be given to an account.", field: "to_account")
            }
            filter.kind = .reply
        }
        let wanted = filter
        let cursor = request.cursor.isEmpty ? nil : try Self.parkedID(request.cursor, field: "cursor")
        let (replay, last) = try await stored("item") { () async throws(StoreFailure) in
            try await engine.parking.replayAll(wanted, to: owner, after: cursor)
        }
        var message = AdminInboundReplayed(replay)
        message.nextCursor = last?.text ?? ""
        return message
    }

    func discard(_ request: AdminInboundDiscard) async throws(AdminError) -> AdminInboundDiscarded {
        guard request.all == request.ids.isEmpty else {
            throw .invalidArgument("Name either items or all.", field: "ids")
        }
        guard request.ids.count <= Self.replayedAtOnceMax else {
            throw .invalidArgument("At most \(Self.replayedAtOnceMax) items are discarded at once.", field: "ids")
        }
        var ids: [ParkedID] = []
        for text in request.ids { ids.append(try Self.parkedID(text, field: "ids")) }
        let named = ids
        let filter = try await filter(kind: request.kind, state: request.state, channel: request.channel)
        var message = AdminInboundDiscarded()
        message.discarded = UInt64(
            try await stored("item") { () async throws(StoreFailure) in
                request.all
                    ? try await engine.parking.discardSome(filter) : try await engine.parking.discard(named)
            })
        message.hasMore_p = request.all && message.discarded > 0
        return message
    }

    private func filter(
        kind: String, state: String, channel: String
    ) async throws(AdminError) -> ParkedFilter {
        var filter = ParkedFilter()
        if !kind.isEmpty {
            filter.kind = ParkedID.Kind(rawValue: kind)
            if filter.kind == nil { throw .invalidArgument("A kind is report, reply or body.", field: "kind") }
        }
        if !state.isEmpty {
            filter.state = ParkedItem.State(rawValue: state)
            if filter.state == nil {
                throw .invalidArgument("A state is waiting, expired or unreadable.", field: "state")
            }
        }
        if !channel.isEmpty { filter.channel = try await self.channel(channel).number }
        return filter
    }

    private static func parkedID(_ text: String, field: String) throws(AdminError) -> ParkedID {
        guard let id = ParkedID(text) else {
            throw .invalidArgument("'\(text)' is not like R12, M7 or B3.", field: field)
        }
        return id
    }
}

extension AdminInboundItem {
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
    fileprivate init(_ replay: ParkingDesk.Replay) {
        self.init()
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
