import AdminProtocol
import Engine
import Messaging

extension EngineBridge {
    func list(_ request: AdminPushList) async throws(AdminError) -> AdminPushLanes {
        var message = AdminPushLanes()
        guard request.account.isEmpty else {
            message.lanes = try await lanes(of: account(request.account))
            return message
        }
        let limit = request.limit == 0 ? Self.pageMax : min(Int(request.limit), Self.pageMax)
        let sorted = engine.accounts.directory.entries.sorted { $0.account.id < $1.account.id }
        let page = sorted.drop { !request.cursor.isEmpty && $0.account.id <= request.cursor }
        for entry in page.prefix(limit) { message.lanes += try await lanes(of: entry) }
        if page.count > limit { message.nextCursor = page.prefix(limit).last?.account.id ?? "" }
        return message
    }

    private func lanes(of entry: AccountEntry) async throws(AdminError) -> [AdminPushLane] {
        let lanes = try await stored("lane") { () async throws(StoreFailure) in
            try await engine.pusher.lanes(of: entry)
        }
        return lanes.map { AdminPushLane($0, of: entry.account, isSafe: engine.configuration.isSafe) }
    }

    func replay(_ request: AdminPushReplay) async throws(AdminError) -> AdminPushReplayed {
        let entry = try account(request.account)
        guard request.fromMs <= request.toMs else {
            throw .invalidArgument("The end is before the beginning.", field: "to_ms")
        }
        let wanted = OutboxKind.allCases.filter { request.kind.isEmpty || request.kind == $0.name }
        if wanted.isEmpty { throw .invalidArgument("A kind is reports or replies.", field: "kind") }
        let kinds = wanted.filter { entry.account.push.url(of: $0) != nil }
        guard !kinds.isEmpty else {
            throw .invalidArgument("Account \(entry.account.id) has no address for that.", field: "account")
        }
        let from = Timestamp(milliseconds: request.fromMs)
        let through = Timestamp(milliseconds: request.toMs)
        var message = AdminPushReplayed()
        for kind in kinds {
            let count = try await stored("entry") { () async throws(StoreFailure) in
                try await engine.pusher.replay(kind, of: entry, from: from, through: through)
            }
            if kind == .reports {
                message.reports = UInt64(clamping: count)
            } else {
                message.replies = UInt64(clamping: count)
            }
        }
        return message
    }

    // MARK: Settings of an account

    /// The push settings of an account with what a request changes in them.
    static func changed(
        _ old: PushSettings, by settings: AdminAccountSettings
    ) throws(AdminError) -> PushSettings {
        var push = old
        if settings.hasPushReport, !settings.pushReport.isEmpty {
            try checkAddress(settings.pushReport, field: "settings.push_report")
        }
        if settings.hasPushReply, !settings.pushReply.isEmpty {
            try checkAddress(settings.pushReply, field: "settings.push_reply")
        }
        if settings.hasPushReport { push.reportURL = settings.pushReport }
        if settings.hasPushReply { push.replyURL = settings.pushReply }
        if settings.hasAllowPrivatePush { push.allowsPrivateTargets = settings.allowPrivatePush }
        if settings.hasPushDialect {
            guard let dialect = PushDialect(rawValue: settings.pushDialect) else {
                let known = PushDialect.allCases.map(\.rawValue).joined(separator: ", ")
                throw .invalidArgument("A dialect for pushes is one of \(known).", field: "settings.push_dialect")
            }
            push.dialect = dialect
        }
        if settings.hasPushFormat {
            guard let format = PushSettings.Format(rawValue: settings.pushFormat) else {
                throw .invalidArgument("A push is a form or JSON: form, json.", field: "settings.push_format")
            }
            push.format = format
        }
        return push
    }

    /// - Throws: when the addresses cannot work.
    func checked(_ push: PushSettings) throws(AdminError) -> PushSettings {
        do throws(CarrierFailure) {
            try engine.pusher.check(push)
        } catch {
            throw .invalidArgument("Nothing can be pushed: \(error.reason).", field: "settings.push_report")
        }
        return push
    }
}

extension AdminAccount {
    mutating func set(_ push: PushSettings) {
        pushReport = push.reportURL
        pushReply = push.replyURL
        pushDialect = push.dialect.rawValue
        pushFormat = push.format.rawValue
        allowPrivatePush = push.allowsPrivateTargets
    }
}

extension AdminPushLane {
    fileprivate init(_ status: Pusher.LaneStatus, of account: Account, isSafe: Bool) {
        self.init()
        let record = status.record
        self.account = account.id
        kind = record.kind.name
        url = status.url
        dialect = account.push.dialect.rawValue
        if status.url.isEmpty || !account.isEnabled || status.problem != nil || isSafe {
            state = "off"
        } else if record.failingSince != nil {
            state = "failing"
        } else {
            state = record.isUnderWay ? "sending" : "idle"
        }
        waiting = UInt64(clamping: status.waiting)
        waitingIsMore = status.waiting == Pusher.waitingMax
        requests = record.requests
        failures = UInt32(clamping: record.failures)
        failingSinceMs = record.failingSince?.milliseconds ?? 0
        nextTryAtMs = record.nextTryAt?.milliseconds ?? 0
        answeredAtMs = record.answeredAt?.milliseconds ?? 0
        answer = status.problem ?? record.answer
        replays = UInt32(clamping: record.replays)
    }
}
