import AdminProtocol
import Administration
import Engine
import Messaging

extension Administration {
    func answerChannel(
        _ request: AdminRequest.OneOf_Call
    ) async throws(AdministrationError) -> AdminResponse.OneOf_Result {
        switch request {
        case .channelAdd(let add): .channel(AdminChannel(try await addChannel(add.name, add.settings.values)))
        case .channelShow(let show): .channel(AdminChannel(try await channel(show.name)))
        case .channelList(let list):
            .channels(AdminChannels(try await channels(after: list.cursor, limit: Int(list.limit))))
        case .channelSet(let set): .channel(AdminChannel(try await setChannel(set.name, set.settings.values)))
        case .channelEnable(let enable): .channel(AdminChannel(try await enableChannel(enable.name, enable.enabled)))
        case .channelPause(let pause): .channel(AdminChannel(try await pauseChannel(pause.name, pause.paused)))
        case .channelOutlook(let ask): .channelOutlook(AdminChannelPrognosis(try await outlook(ofChannel: ask.name)))
        default: throw Self.misplaced
        }
    }
}

extension AdminChannels {
    fileprivate init(_ page: Page<ChannelDetail>) {
        self.init()
        channels = page.items.map { AdminChannel($0) }
        nextCursor = page.next ?? ""
    }
}

extension AdminChannelPrognosis {
    fileprivate init(_ outlook: ChannelOutlook) {
        self.init()
        waiting = UInt64(clamping: outlook.waiting)
        moved = UInt64(clamping: outlook.moved)
        ended = UInt64(clamping: outlook.ended)
        kept = UInt64(clamping: outlook.kept)
        unknown = UInt64(clamping: outlook.unknown)
        lostNetworks = outlook.lost.map(\.name)
    }
}

extension AdminChannel {
    init(_ detail: ChannelDetail) {
        self.init()
        name = detail.name
        enabled = detail.isEnabled
        pausedAtMs = detail.pausedAt?.milliseconds ?? 0
        settings = detail.settings.map { AdminSetting($0) }
        health =
            switch detail.health {
            case .untried: .untried
            case .healthy: .healthy
            case .down: .down
            }
        healthDetail = detail.healthDetail
        healthSinceMs = detail.healthSince?.milliseconds ?? 0
        queued = UInt64(clamping: detail.queued)
        inFlight = UInt64(clamping: detail.inFlight)
        awaitingReports = UInt64(clamping: detail.awaitingReports)
        oldestWaitingMs = detail.oldestWaiting
        sentLastMinute = UInt64(clamping: detail.sentLastMinute)
        lastReportAtMs = detail.lastReportAt?.milliseconds ?? 0
        callsGivenUp = UInt64(clamping: detail.callsGivenUp)
        callbackPath = detail.callbackPath
        callbackPathBefore = detail.callbackPathBefore?.path ?? ""
        callbackBeforeUntilMs = detail.callbackPathBefore?.until.milliseconds ?? 0
        problem = detail.problem ?? ""
        suspended = detail.suspended ?? ""
        inboundParked = UInt64(clamping: detail.inbound.parked)
        inboundUnreadable = UInt64(clamping: detail.inbound.unreadable)
        inboundBytes = UInt64(clamping: detail.inbound.bytes)
        today = AdminChannelTotals(detail.today)
        thisMonth = AdminChannelTotals(detail.month)
    }
}

extension AdminChannelTotals {
    fileprivate init(_ total: ChannelTotal) {
        self.init()
        messages = UInt64(clamping: total.submitted)
        delivered = UInt64(clamping: total.delivered)
        failed = UInt64(clamping: total.failed)
    }
}
