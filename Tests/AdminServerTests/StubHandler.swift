import AdminProtocol
import AdminServer
import Administration
import Foundation
import Messaging
import Synchronization

/// An appliance of two accounts, one channel and one message.
final class StubHandler: AdminHandling {
    struct State {
        var balance: Int64 = 100_000_000
        var isLedgerSound = true
        var isHealthy = true
        /// What the channel "last" was switched to.
        var enabled: Bool?
        var lastSettings: [AdminSetting]?
        var lastChannel: [AdminSetting]?
        var lastReplay: AdminPushReplay?
        var note = ""
        /// Calls begun and ended.
        var begun = 0
        var ended = 0
        /// The largest number of calls that were under way at once.
        var atOnceMax = 0
    }

    let state = Mutex(State())
    let routes = RouteStub()
    /// Done before each call.
    private let before: @Sendable (AdminRequest.OneOf_Call) async -> Void

    init(before: @escaping @Sendable (AdminRequest.OneOf_Call) async -> Void = { _ in }) {
        self.before = before
    }

    func handle(
        _ request: AdminRequest.OneOf_Call, from peer: PeerCredentials
    ) async throws(AdminError) -> AdminResponse.OneOf_Result {
        state.withLock { state in
            state.begun += 1
            state.atOnceMax = max(state.atOnceMax, state.begun - state.ended)
        }
        defer { state.withLock { $0.ended += 1 } }
        await before(request)
        switch request {
        case .accountAdd(let add): return .account(try added(add))
        case .accountShow(let show): return .account(try known(show.id))
        case .accountList(let list): return .accounts(page(list))
        case .accountSet(let set): return .account(try changed(set))
        case .accountEnable(let enable): return .account(try switched(enable))
        case .accountUnlock(let unlock): return .account(try known(unlock.id))
        case .refusalList(let list): return .refusals(refusals(list))
        case .accountRecharge(let recharge): return .account(try recharged(recharge))
        case .channelAdd(let add): return .channel(keep(add.settings))
        case .channelSet(let set): return .channel(keep(set.settings))
        case .channelShow: return .channel(channel)
        case .channelEnable(let enable): return .channel(switched(enable))
        case .channelPause(let pause): return .channel(paused(pause))
        case .channelOutlook(let ask): return .channelOutlook(outlook(ask))
        case .channelList: return .channels(channels)
        case .messageShow(let show): return .message(message(show))
        case .messageList(let list): return .messages(page(list))
        case .messageSettle(let settle): return .settled(settled(settle))
        case .messageCancel(let cancel): return .cancelled(cancelled(cancel))
        case .inboundList: return .inboundItems(AdminInboundItems())
        case .inboundShow(let show): return .inboundItem(body(show))
        case .inboundReplay(let replay): return .inboundReplayed(replayed(replay))
        case .inboundDiscard(let discard): return .inboundDiscarded(discarded(discard))
        case .ledgerVerify: return .ledger(ledger)
        case .statusShow: return .status(status)
        case .clockAccept: return .clock(clock)
        case .pushList(let list): return .pushLanes(try lanes(list))
        case .pushReplay(let replay): return .pushReplayed(replayed(replay))
        case .routeAdd, .routeShow, .routeList, .routeSet, .routeEnable, .routeRemove, .routeExplain, .portedChange,
            .portedList:
            return try routes.handle(request)
        case .ruleShow, .ruleSet, .wordsChange, .templateAdd, .templateRemove, .templateList, .blacklistChange,
            .blacklistList:
            throw .notFound("the rules are tried on the real engine")
        case .userAdd, .userList, .userSet, .userEnable, .userResetPassword, .userResetTotp, .userSessionList,
            .userSessionEnd, .auditList, .auditVerify:
            throw .notFound("users are tried on the real service")
        }
    }

    /// Five days ahead until now.
    private var clock: AdminClock {
        var clock = AdminClock()
        clock.held = true
        clock.wallMs = 1_720_497_600_000
        clock.leadMs = 432_000_000
        return clock
    }

    private func added(_ add: AdminAccountAdd) throws(AdminError) -> AdminAccount {
        guard add.id != "J10003" else { throw .alreadyExists("account J10003 is there already") }
        state.withLock { $0.lastSettings = add.settings }
        return account(add.id)
    }

    private func changed(_ set: AdminAccountSet) throws(AdminError) -> AdminAccount {
        state.withLock { $0.lastSettings = set.settings }
        return try known(set.id)
    }

    private func switched(_ enable: AdminAccountEnable) throws(AdminError) -> AdminAccount {
        var account = try known(enable.id)
        account.enabled = enable.enabled
        return account
    }

    private func recharged(_ recharge: AdminAccountRecharge) throws(AdminError) -> AdminAccount {
        state.withLock { state in
            state.balance += recharge.amountUnits
            state.note = recharge.note
        }
        return try known(recharge.id)
    }

    private func keep(_ settings: [AdminSetting]) -> AdminChannel {
        state.withLock { $0.lastChannel = settings }
        return channel
    }

    /// One lane on a page.
    private func lanes(_ list: AdminPushList) throws(AdminError) -> AdminPushLanes {
        if !list.account.isEmpty { _ = try known(list.account) }
        var lane = AdminPushLane()
        lane.account = list.cursor.isEmpty && list.account != "J10004" ? "J10003" : "J10004"
        lane.kind = "reports"
        lane.state = "failing"
        lane.url = "http://receiver.example/reports"
        lane.dialect = "operator-v2"
        lane.waiting = 12
        lane.requests = 1003
        lane.failingSinceMs = 1_720_497_600_000
        lane.answer = "HTTP 503"
        var lanes = AdminPushLanes()
        lanes.lanes = [lane]
        lanes.nextCursor = list.cursor.isEmpty && list.account.isEmpty ? "J10003" : ""
        return lanes
    }

    /// One refusal on each of two pages.
    private func refusals(_ list: AdminRefusalList) -> AdminRefusals {
        var refusal = AdminRefusal()
        refusal.account = list.cursor.isEmpty ? "J10003" : ""
        refusal.name = list.cursor.isEmpty ? "" : "NOBODY"
        refusal.dialect = "operator-v2"
        refusal.code = "-100998"
        refusal.rule = "frequency"
        refusal.mobile = list.number
        refusal.address = "10.0.0.1"
        refusal.times = 3
        refusal.firstAtMs = 1_720_497_600_000
        refusal.lastAtMs = 1_720_497_660_000
        var refusals = AdminRefusals()
        refusals.refusals = [refusal]
        refusals.nextCursor = list.cursor.isEmpty ? "1.2" : ""
        return refusals
    }

    private func known(_ id: String) throws(AdminError) -> AdminAccount {
        guard ["J10003", "J10004"].contains(id) else { throw .notFound("there is no account \(id)") }
        return account(id)
    }

    private func account(_ id: String) -> AdminAccount {
        var account = AdminAccount()
        account.id = id
        account.enabled = true
        account.settings["name"] = .text("驿站")
        account.settings["price_micro"] = .integer(29_000)
        account.settings["payment"] = .text("prepaid")
        account.settings["charge_by"] = .text(id == "J10004" ? "count" : "money")
        account.balanceUnits = state.withLock { $0.balance }
        account.today.messages = 3
        if id.utf8.count < 100 {
            account.settings["logins"] = .list(DialectName.allCases.map { "\($0.rawValue)=\(id)" })
        }
        return account
    }

    /// One account on a page.
    private func page(_ list: AdminAccountList) -> AdminAccounts {
        var accounts = AdminAccounts()
        accounts.accounts = [account(list.cursor.isEmpty ? "J10003" : "J10004")]
        accounts.nextCursor = list.cursor.isEmpty ? "J10003" : ""
        return accounts
    }

    private var channel: AdminChannel {
        var channel = AdminChannel()
        channel.name = "sim"
        channel.enabled = true
        channel.healthSinceMs = 1_720_497_600_000
        channel.oldestWaitingMs = 65_000
        channel.lastReportAtMs = 1_720_497_661_000
        channel.health = .healthy
        channel.settings["dialect"] = .text("operator-v2")
        channel.settings["number"] = .text("10690012122")
        channel.settings["networks"] = .list(["mobile", "unicom"])
        return channel
    }

    private var channels: AdminChannels {
        var channels = AdminChannels()
        channels.channels = [channel]
        return channels
    }

    private func switched(_ enable: AdminChannelEnable) -> AdminChannel {
        if enable.name == "last" { state.withLock { $0.enabled = enable.enabled } }
        return channel
    }

    private func paused(_ pause: AdminChannelPause) -> AdminChannel {
        var paused = channel
        paused.pausedAtMs = pause.paused ? 1_720_497_600_000 : 0
        return paused
    }

    /// The channel "last" is the only one that matters to messages.
    private func outlook(_ ask: AdminChannelOutlook) -> AdminChannelPrognosis {
        var outlook = AdminChannelPrognosis()
        guard ask.name == "last" else { return outlook }
        outlook.waiting = 12
        outlook.moved = 5
        outlook.ended = 7
        outlook.lostNetworks = ["unicom"]
        return outlook
    }

    private func message(_ show: AdminMessageShow) -> AdminMessageTimeline {
        var message = AdminMessageTimeline()
        message.msgid = show.msgid
        message.account = "J10003"
        message.mobile = "13800138000"
        message.content = "hello\u{1B}[31m"
        message.segments = 1
        message.state = "delivered"
        message.status = "DELIVRD"
        message.chargeBy = .money
        message.chargedUnits = 29_000
        message.acceptedAtMs = 1_483_200_000_123
        let moments: [(Int64, String)] = [(1_483_200_000_123, "accepted"), (1_483_200_000_456, "report")]
        message.events = moments.map { at, kind in
            var event = AdminEvent()
            event.atMs = at
            event.kind = kind
            event.text = "UNDELIV"
            return event
        }
        return message
    }

    /// Three uncertain messages in all, and an empty page among them.
    private func page(_ list: AdminMessageList) -> AdminMessages {
        let place = Int(list.cursor) ?? 0
        var messages = AdminMessages()
        if place != 1 {
            var message = AdminMessage()
            message.msgid = Int64(7 + place)
            message.account = "J10003"
            message.mobile = "13800138000"
            message.channel = "sim"
            message.state = list.state
            message.attempt = 4
            message.reason = "closed"
            messages.messages = [message]
        }
        messages.nextCursor = place < 3 ? "\(place + 1)" : ""
        return messages
    }

    /// Message 8 is not uncertain; with a channel, a call settles five and there are three calls.
    private func settled(_ settle: AdminMessageSettle) -> AdminMessagesSettled {
        var settled = AdminMessagesSettled()
        guard settle.channel.isEmpty else {
            settled.settled = 5
            settled.nextCursor = ["": "a", "a": "b"][settle.cursor] ?? ""
            return settled
        }
        for id in settle.msgids where id == 8 {
            var refusal = AdminMessageRefusal()
            refusal.msgid = id
            refusal.reason = "it is delivered, not uncertain"
            settled.refused.append(refusal)
        }
        settled.settled = UInt64(settle.msgids.count - settled.refused.count)
        return settled
    }

    /// Message 8 is not scheduled; a request holds four messages, one of which is gone.
    private func cancelled(_ cancel: AdminMessageCancel) -> AdminMessagesCancelled {
        var cancelled = AdminMessagesCancelled()
        for id in cancel.msgids {
            if id == 8 {
                var refusal = AdminMessageRefusal()
                refusal.msgid = id
                refusal.reason = "it is queued, not scheduled"
                cancelled.refused.append(refusal)
            } else {
                cancelled.cancelled += cancel.allOfRequest ? 3 : 1
                cancelled.left += cancel.allOfRequest ? 1 : 0
            }
        }
        state.withLock { $0.note = cancel.reason }
        return cancelled
    }

    /// Ten bytes, four in each answer.
    private func body(_ show: AdminInboundShow) -> AdminInboundItem {
        let bytes = Array("0123456789".utf8)
        var item = AdminInboundItem()
        item.id = show.id
        item.kind = "body"
        item.state = "unreadable"
        item.bodyBytes = UInt64(bytes.count)
        item.body = Data(bytes.dropFirst(Int(show.offset)).prefix(4))
        return item
    }

    private func replayed(_ replay: AdminInboundReplay) -> AdminInboundReplayed {
        var replayed = AdminInboundReplayed()
        replayed.tried = UInt64(max(1, replay.ids.count))
        replayed.settled = replayed.tried
        replayed.nextCursor = replay.all && replay.cursor.isEmpty ? "R1" : ""
        return replayed
    }

    private func discarded(_ discard: AdminInboundDiscard) -> AdminInboundDiscarded {
        var discarded = AdminInboundDiscarded()
        discarded.discarded = UInt64(discard.ids.count)
        return discarded
    }

    private func replayed(_ replay: AdminPushReplay) -> AdminPushReplayed {
        state.withLock { $0.lastReplay = replay }
        var replayed = AdminPushReplayed()
        replayed.reports = 7
        return replayed
    }

    private var ledger: AdminLedgerReport {
        var report = AdminLedgerReport()
        report.accounts = 2
        report.entries = 5
        report.moneyMicro = 99_971_000
        report.countSegments = 7
        if !state.withLock({ $0.isLedgerSound }) {
            var difference = AdminLedgerDifference()
            difference.account = "J10003"
            difference.chargeBy = .money
            difference.storedUnits = 1_000_000
            difference.summedUnits = 2_000_000
            report.differences = [difference]
            report.differencesTotal = 2
        }
        return report
    }

    private var status: AdminStatus {
        var status = AdminStatus()
        status.version = "0.1.0"
        status.pid = 42
        status.rssBytes = 64 << 20
        status.healthy = state.withLock { $0.isHealthy }
        status.notes = ["Channel sim is paused."]
        status.accounts = 2
        status.channels = [channel]
        status.channelsTotal = 1
        status.uptimeMs = 93_784_000
        status.ever.acceptedMessages = .max
        return status
    }
}
