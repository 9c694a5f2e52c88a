public import Engine
public import Messaging

/// A channel as it is shown.
public struct ChannelDetail: Sendable {
    /// What the calls to its carrier came to.
    public enum Health: Sendable {
        /// Nothing was sent since the start.
        case untried
        /// The last call did not fail.
        case healthy
        /// Calls fail, or it has no driver; tried now and then.
        case down
    }

    /// Unique and fixed: 1 to 32 letters, digits, '.', '-' and '_'.
    public var name: String
    /// As `enableChannel` set it; one that is not gets no new messages.
    public var isEnabled: Bool
    /// Since when it is paused; nil: it is not.
    public var pausedAt: Timestamp?
    /// As `ChannelSettings.table` has them.
    public var settings: [Setting]
    /// Since the start; with a `problem` it is `down`, in safe mode `untried`.
    public var health = Health.untried
    /// Why it is down; may be empty.
    public var healthDetail = ""
    /// Since when it has this health; nil: since the start, or since the channel was changed.
    public var healthSince: Timestamp?
    /// Messages that wait for it.
    public var queued = 0
    /// Messages in calls under way.
    public var inFlight = 0
    /// Messages that the carrier has without a final report.
    public var awaitingReports: Int64
    /// For how long the first message that waits does so, in milliseconds; 0: none waits.
    public var oldestWaiting: Int64 = 0
    /// Segments.
    public var sentLastMinute = 0
    /// When the carrier last handed over a report; nil: never since the start.
    public var lastReportAt: Timestamp?
    /// Calls, fetches and confirmations that did not end in twice their time.
    public var callsGivenUp: Int
    /// Where the carrier may push to, after the callback listener's address.
    public var callbackPath: String
    /// The path that a new token has replaced, while it is accepted.
    public var callbackPathBefore: (path: String, until: Timestamp)?
    /// Why nothing can be sent over it as it is set up.
    public var problem: String?
    /// Why nothing is taken from its carrier.
    public var suspended: String?
    /// What of its carrier's is kept without an owner.
    public var inbound: IntakeLoad
    /// Messages by the day of their attempt, today in China.
    public var today: ChannelTotal
    /// The same of this month.
    public var month: ChannelTotal
}

extension Administration {
    func entry(ofChannel name: String) async throws(AdministrationError) -> ChannelEntry {
        guard let entry = await engine.channels.channel(named: name) else {
            throw .notFound("There is no channel \(name): see yizhan channel list.")
        }
        return entry
    }

    /// - Throws: `notFound` without such a channel; `unavailable` or `internal` when the store fails.
    public func channel(_ name: String) async throws(AdministrationError) -> ChannelDetail {
        try await detail(of: entry(ofChannel: name))
    }

    /// Channels in order of their names, from the one after `cursor` on; empty: from the first. `limit` items at most:
    /// 0, or more than 200, is 200.
    /// - Throws: `unavailable` or `internal` when the store fails.
    public func channels(after cursor: String, limit: Int) async throws(AdministrationError) -> Page<ChannelDetail> {
        let page = Self.page(await engine.channels.all, after: cursor, limit: Self.limit(limit)) { $0.channel.name }
        return Page(items: try await details(of: page.items), next: page.next)
    }

    /// Adds a channel, which is given messages and polled at once.
    /// - Throws: `invalid` when the name or a setting is not allowed, a required one is missing, or no driver can be
    ///   made of them; `alreadyExists` when the name is taken; `unavailable` or `internal` when the store fails.
    public func addChannel(_ name: String, _ settings: [Setting]) async throws(AdministrationError) -> ChannelDetail {
        try Self.checkName(name, of: "channel")
        for option in ChannelSettings.table.options where option.use == .required && settings[option.key] == nil {
            throw .invalid("A channel needs a \(option.key).", field: "settings." + option.key)
        }
        try ChannelSettings.table.check(settings)
        var draft = ChannelDraft(
            channel: Channel(name: name, accessNumber: ""),
            endpoint: ChannelEndpoint(dialect: "", url: "", user: "", password: ""))
        ChannelSettings.table.write(settings, to: &draft)
        let entry: ChannelEntry
        do {
            entry = try await engine.addChannel(
                draft.channel, endpoint: draft.endpoint, callback: Self.callbackChange(settings))
        } catch {
            throw Self.error(error, name)
        }
        record("channel add \(name) " + settings.logged(ChannelSettings.table))
        return try await detail(of: entry)
    }

    /// Changes the settings that are given; calls under way end with the former ones.
    /// - Throws: `notFound` without such a channel; `invalid` when a setting is not allowed, or no driver can be made
    ///   of all of them; `unavailable` or `internal` when the store fails.
    public func setChannel(_ name: String, _ settings: [Setting]) async throws(AdministrationError) -> ChannelDetail {
        try ChannelSettings.table.check(settings)
        let known = try await entry(ofChannel: name)
        let old = ChannelSettings.table.settings(of: ChannelDraft(channel: known.channel, endpoint: known.endpoint))
        let entry = try await update(name, callback: Self.callbackChange(settings)) { channel, endpoint in
            var draft = ChannelDraft(channel: channel, endpoint: endpoint)
            ChannelSettings.table.write(settings, to: &draft)
            (channel, endpoint) = (draft.channel, draft.endpoint)
        }
        record(
            "channel set \(name) " + settings.logged(ChannelSettings.table),
            before: settings.former(in: old, ChannelSettings.table))
        return try await detail(of: entry)
    }

    /// Enables or disables a channel.
    /// - Throws: `notFound` without such a channel; `invalid` when no driver can be made of its settings; `unavailable`
    ///   or `internal` when the store fails.
    public func enableChannel(_ name: String, _ isEnabled: Bool) async throws(AdministrationError) -> ChannelDetail {
        let entry = try await update(name) { channel, _ in channel.isEnabled = isEnabled }
        record("channel \(isEnabled ? "enable" : "disable") \(name)")
        return try await detail(of: entry)
    }

    /// A paused channel keeps what is routed to it; nothing is sent.
    /// - Throws: as `enableChannel`.
    public func pauseChannel(_ name: String, _ isPaused: Bool) async throws(AdministrationError) -> ChannelDetail {
        let now = engine.configuration.clock.now()
        let entry = try await update(name) { channel, _ in
            channel.pausedAt = isPaused ? channel.pausedAt ?? now : nil
        }
        record("channel \(isPaused ? "pause" : "resume") \(name)")
        return try await detail(of: entry)
    }

    /// What would become of what waits for a channel if it were disabled now.
    /// - Throws: `notFound` without such a channel; `unavailable` or `internal` when the store fails.
    public func outlook(ofChannel name: String) async throws(AdministrationError) -> ChannelOutlook {
        let entry = try await entry(ofChannel: name)
        return try await stored("channel \(name)") { () async throws(StoreFailure) in
            try await engine.outlook(without: entry)
        }
    }

    private func update(
        _ name: String, callback: CallbackChange = CallbackChange(),
        _ change: @escaping @Sendable (inout Channel, inout ChannelEndpoint) -> Void
    ) async throws(AdministrationError) -> ChannelEntry {
        do {
            return try await engine.updateChannel(name: name, callback: callback, change)
        } catch {
            throw Self.error(error, name)
        }
    }

    private static func callbackChange(_ settings: [Setting]) -> CallbackChange {
        CallbackChange(
            makesNewToken: settings.isOn("new_callback_token"),
            networks: settings["callback_allow_ip"].flatMap { [IPNetwork](setting: $0) })
    }

    private static func error(_ failure: ChannelStore.ChangeFailure, _ name: String) -> AdministrationError {
        switch failure {
        case .store(let failure): AdministrationError(failure, "channel \(name)")
        case .endpoint(let failure): .invalid("\(failure.reason).", field: "settings")
        }
    }

    // MARK: As it is shown

    private func detail(of entry: ChannelEntry) async throws(AdministrationError) -> ChannelDetail {
        let details = try await details(of: [entry])
        guard let detail = details.first else { throw .notFound("There is no channel \(entry.channel.name).") }
        return detail
    }

    /// One look at the schedulers for all channels.
    func details(of entries: [ChannelEntry]) async throws(AdministrationError) -> [ChannelDetail] {
        let (schedulers, now) = (await engine.channelStatus(), engine.configuration.clock.now())
        var details: [ChannelDetail] = []
        for entry in entries {
            let (totals, awaiting) = try await stored("channel \(entry.channel.name)") {
                () async throws(StoreFailure) in
                (try await engine.records.totals(of: entry), try await engine.records.awaitingReports(of: entry))
            }
            let path = "/callback/\(entry.channel.name)/"
            let draft = ChannelDraft(
                channel: entry.channel, endpoint: entry.endpoint, callbackNetworks: entry.callback.networks)
            var detail = ChannelDetail(
                name: entry.channel.name, isEnabled: entry.channel.isEnabled, pausedAt: entry.channel.pausedAt,
                settings: ChannelSettings.table.settings(of: draft), awaitingReports: awaiting,
                lastReportAt: engine.lastReports[entry.key],
                callsGivenUp: engine.intake.callsGivenUp(on: entry.key), callbackPath: path + entry.callback.token,
                problem: entry.problem, suspended: engine.intake.suspension(of: entry.key),
                inbound: engine.intake.load(of: entry.key), today: totals.today, month: totals.month)
            if entry.callback.tokens(at: now).count > 1, let before = entry.callback.before {
                detail.callbackPathBefore = (path + before.token, before.endsAt)
            }
            if let scheduler = schedulers[entry.key] { detail.fill(scheduler, at: now) }
            if let problem = entry.problem {
                // In safe mode that is said once for all.
                detail.health = engine.configuration.isSafe ? .untried : .down
                detail.healthDetail = problem
            }
            details.append(detail)
        }
        return details
    }

    /// How long something has waited, in milliseconds: at least 1, and 0 where nothing waits.
    static func age(of since: Timestamp?, at now: Timestamp) -> Int64 {
        since.map { max(1, now.milliseconds - $0.milliseconds) } ?? 0
    }
}

extension ChannelDetail {
    fileprivate mutating func fill(_ scheduler: ChannelStatus, at now: Timestamp) {
        healthSince = scheduler.healthSince
        oldestWaiting = Administration.age(of: scheduler.oldest, at: now)
        callsGivenUp = callsGivenUp &+ Int(clamping: scheduler.callsGivenUp)
        (queued, inFlight) = (Int(clamping: scheduler.queued), Int(clamping: scheduler.inFlight))
        sentLastMinute = Int(clamping: scheduler.sentLastMinute)
        switch scheduler.health {
        case .untried: health = .untried
        case .healthy: health = .healthy
        case .failing(let reason): (health, healthDetail) = (.down, reason)
        }
    }
}
