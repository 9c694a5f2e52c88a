import AdminProtocol
import Administration
import Engine
import Messaging

extension Administration {
    func answerAccount(
        _ request: AdminRequest.OneOf_Call
    ) async throws(AdministrationError) -> AdminResponse.OneOf_Result {
        switch request {
        case .accountAdd(let add):
            .account(AdminAccount(try await addAccount(add.id, add.settings.values, openingBalance: add.balanceUnits)))
        case .accountShow(let show): .account(AdminAccount(try await account(show.id)))
        case .accountList(let list):
            .accounts(AdminAccounts(try await accounts(after: list.cursor, limit: Int(list.limit))))
        case .accountSet(let set): .account(AdminAccount(try await setAccount(set.id, set.settings.values)))
        case .accountEnable(let enable): .account(AdminAccount(try await enableAccount(enable.id, enable.enabled)))
        case .accountRecharge(let recharge):
            .account(
                AdminAccount(
                    try await self.recharge(
                        recharge.id, amount: recharge.amountUnits, unit: recharge.chargeBy.unit, note: recharge.note)))
        case .accountUnlock(let unlock): .account(AdminAccount(try await unlockAccount(unlock.id)))
        case .refusalList(let list):
            .refusals(
                AdminRefusals(
                    try await refusals(
                        account: list.account, mobile: list.number, day: Int(list.day), after: list.cursor,
                        limit: Int(list.limit))))
        case .pushList(let list):
            .pushLanes(
                AdminPushLanes(try await pushLanes(of: list.account, after: list.cursor, limit: Int(list.limit))))
        case .pushReplay(let replay):
            .pushReplayed(
                AdminPushReplayed(
                    try await replayPushes(
                        of: replay.account, kind: replay.kind, from: Timestamp(milliseconds: replay.fromMs),
                        through: Timestamp(milliseconds: replay.toMs))))
        default: throw Self.misplaced
        }
    }
}

extension AdminAccounts {
    fileprivate init(_ page: Page<AccountDetail>) {
        self.init()
        accounts = page.items.map { AdminAccount($0) }
        nextCursor = page.next ?? ""
    }
}

extension AdminAccount {
    fileprivate init(_ detail: AccountDetail) {
        self.init()
        id = detail.id
        enabled = detail.isEnabled
        balanceUnits = detail.balance
        settings = detail.settings.map { AdminSetting($0) }
        locks = detail.locks.map { lock in
            var message = AdminAccountLock()
            message.address = lock.address.description
            message.untilMs = lock.until.milliseconds
            return message
        }
        today = AdminAccountTotals(detail.today)
        thisMonth = AdminAccountTotals(detail.month)
    }
}

extension AdminAccountTotals {
    fileprivate init(_ total: AccountTotal) {
        self.init()
        messages = UInt64(clamping: total.messages)
        segments = UInt64(clamping: total.segments)
        delivered = UInt64(clamping: total.delivered)
        failed = UInt64(clamping: total.failed)
        chargedUnits = total.charged
        refundedUnits = total.refunded
    }
}

extension AdminChargeBy {
    init(_ unit: ChargeUnit) { self = unit == .money ? .money : .count }

    /// Nil when it is not given.
    fileprivate var unit: ChargeUnit? {
        switch self {
        case .money: .money
        case .count: .count
        default: nil
        }
    }
}

extension AdminRefusals {
    fileprivate init(_ page: Page<(refusal: Refusal, account: String)>) {
        self.init()
        refusals = page.items.map { item in
            let (refusal, key) = (item.refusal, item.refusal.key)
            var message = AdminRefusal()
            message.account = item.account
            message.name = key.name
            message.dialect = key.dialect
            message.code = key.code
            message.rule = key.rule
            message.mobile = key.mobile
            message.address = key.address
            message.times = UInt64(clamping: refusal.times)
            message.firstAtMs = refusal.firstAt.milliseconds
            message.lastAtMs = refusal.lastAt.milliseconds
            return message
        }
        nextCursor = page.next ?? ""
    }
}

extension AdminPushLanes {
    fileprivate init(_ page: Page<PushLaneDetail>) {
        self.init()
        lanes = page.items.map { detail in
            let (status, record) = (detail.lane, detail.lane.record)
            var lane = AdminPushLane()
            lane.account = detail.account
            lane.kind = record.kind.name
            lane.url = status.url
            lane.dialect = detail.dialect.rawValue
            lane.state = detail.state
            lane.waiting = UInt64(clamping: status.waiting)
            lane.waitingIsMore = status.waiting == Pusher.waitingMax
            lane.requests = record.requests
            lane.failures = UInt32(clamping: record.failures)
            lane.failingSinceMs = record.failingSince?.milliseconds ?? 0
            lane.nextTryAtMs = record.nextTryAt?.milliseconds ?? 0
            lane.answeredAtMs = record.answeredAt?.milliseconds ?? 0
            lane.answer = status.problem ?? record.answer
            lane.replays = UInt32(clamping: record.replays)
            return lane
        }
        nextCursor = page.next ?? ""
    }
}

extension AdminPushReplayed {
    fileprivate init(_ counts: [OutboxKind: Int]) {
        self.init()
        reports = UInt64(clamping: counts[.reports] ?? 0)
        replies = UInt64(clamping: counts[.replies] ?? 0)
    }
}
