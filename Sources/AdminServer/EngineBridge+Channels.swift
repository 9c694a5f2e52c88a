import AdminProtocol
import Engine
import Messaging

extension EngineBridge {
    func channel(_ name: String) async throws(AdminError) -> ChannelEntry {
        guard let entry = await engine.channels.channel(named: name) else {
            throw .notFound("There is no channel \(name): see yizhan channel list.")
        }
        return entry
    }

    func add(_ request: AdminChannelAdd) async throws(AdminError) -> AdminChannel {
        let settings = request.settings
        let isPlain = request.name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
        // The name stands in the callback's address.
        guard isPlain, (1...32).contains(request.name.utf8.count) else {
            throw .invalidArgument("A channel's name is 1 to 32 of a-z, A-Z, 0-9, '.', '-', '_'.", field: "name")
        }
        for (isGiven, field) in [
            (settings.hasDialect, "dialect"), (settings.hasURL, "url"), (settings.hasUser, "user"),
            (settings.hasPassword, "password"), (settings.hasNumber, "number"),
        ] where !isGiven {
            throw .invalidArgument("A channel needs a \(field).", field: "settings.\(field)")
        }
        try Self.check(settings)
        var channel = Channel(name: request.name, accessNumber: "")
        var endpoint = ChannelEndpoint(dialect: "", url: "", user: "", password: "")
        Self.apply(settings, to: &channel, &endpoint)
        do {
            return try await message(
                of: engine.addChannel(channel, endpoint: endpoint, callback: Self.callbackChange(settings)))
        } catch let failure as ChannelStore.ChangeFailure {
            throw Self.error(failure, request.name)
        } catch let error as AdminError {
            throw error
        } catch {
            throw .internal("\(error)")
        }
    }

    func set(_ request: AdminChannelSet) async throws(AdminError) -> AdminChannel {
        try Self.check(request.settings)
        let settings = request.settings
        return try await update(request.name, callback: Self.callbackChange(settings)) {
            Self.apply(settings, to: &$0, &$1)
        }
    }

    func enable(_ request: AdminChannelEnable) async throws(AdminError) -> AdminChannel {
        try await update(request.name) { channel, _ in channel.isEnabled = request.enabled }
    }

    func pause(_ request: AdminChannelPause) async throws(AdminError) -> AdminChannel {
        let now = engine.configuration.clock.now()
        return try await update(request.name) { channel, _ in
            channel.pausedAt = request.paused ? channel.pausedAt ?? now : nil
        }
    }

    func outlook(_ request: AdminChannelOutlook) async throws(AdminError) -> AdminChannelPrognosis {
        let entry = try await channel(request.name)
        let outlook = try await stored("channel \(request.name)") { () async throws(StoreFailure) in
            try await engine.outlook(without: entry)
        }
        var message = AdminChannelPrognosis()
        message.waiting = UInt64(clamping: outlook.waiting)
        message.moved = UInt64(clamping: outlook.moved)
        message.ended = UInt64(clamping: outlook.ended)
        message.kept = UInt64(clamping: outlook.kept)
        message.unknown = UInt64(clamping: outlook.unknown)
        message.lostCarriers = outlook.lost.map(\.name)
        return message
    }

    func list(_ request: AdminChannelList) async throws(AdminError) -> AdminChannels {
        let limit = request.limit == 0 ? Self.pageMax : min(Int(request.limit), Self.pageMax)
        let page = await engine.channels.all.drop { !request.cursor.isEmpty && $0.channel.name <= request.cursor }
        var channels = AdminChannels()
        for entry in page.prefix(limit) { channels.channels.append(try await message(of: entry)) }
        if page.count > limit { channels.nextCursor = channels.channels.last?.name ?? "" }
        return channels
    }

    private func update(
        _ name: String, callback: CallbackChange = CallbackChange(),
        _ change: @escaping @Sendable (inout Channel, inout ChannelEndpoint) -> Void
    ) async throws(AdminError) -> AdminChannel {
        let entry: ChannelEntry
        do {
            entry = try await engine.updateChannel(name: name, callback: callback, change)
        } catch {
            throw Self.error(error, name)
        }
        return try await message(of: entry)
    }

    private static func error(_ failure: ChannelStore.ChangeFailure, _ name: String) -> AdminError {
        switch failure {
        case .store(let failure): error(failure, "channel \(name)")
        case .endpoint(let failure): .invalidArgument("\(failure.reason).", field: "settings")
        }
    }

    func message(of entry: ChannelEntry) async throws(AdminError) -> AdminChannel {
        let totals = try await stored("channel \(entry.channel.name)") { () async throws(StoreFailure) in
            try await engine.records.totals(of: entry)
        }
        let awaiting = try await stored("channel \(entry.channel.name)") { () async throws(StoreFailure) in
            try await engine.records.awaitingReports(of: entry)
        }
        let channel = entry.channel
        var message = AdminChannel()
        message.awaitingReports = UInt64(clamping: awaiting)
        message.name = channel.name
        message.enabled = channel.isEnabled
        message.dialect = entry.endpoint.dialect
        message.url = entry.endpoint.url
        message.user = entry.endpoint.user
        message.setDialect(entry.endpoint)
        message.number = channel.accessNumber
        message.rate = UInt32(clamping: channel.ratePerSecond ?? 0)
        message.connections = UInt32(clamping: channel.connectionLimit)
        message.uncertain = channel.uncertainRule == .resend ? .resend : .hold
        message.uncertainAfterSeconds = UInt32(clamping: channel.uncertainAfter / 1000)
        message.priority = Int32(clamping: channel.priority)
        message.weight = UInt32(clamping: channel.weight)
        message.carriers = channel.carriers.carriers.map(\.name)
        setCallback(&message, entry)
        message.today = AdminChannelTotals(totals.today)
        message.thisMonth = AdminChannelTotals(totals.month)
        message.pausedAtMs = channel.pausedAt?.milliseconds ?? 0
        message.lastReportAtMs = engine.lastReports[entry.number]?.milliseconds ?? 0
        if let lane = await engine.laneStatus()[entry.number] {
            message.healthSinceMs = lane.healthSince?.milliseconds ?? 0
            message.oldestWaitingMs = age(of: lane.oldest, at: engine.configuration.clock.now())
            message.callsGivenUp = UInt64(clamping: lane.callsGivenUp)
            message.queued = UInt64(clamping: lane.queued)
            message.inFlight = UInt64(clamping: lane.inFlight)
            message.sentLastMinute = UInt64(clamping: lane.sentLastMinute)
            switch lane.health {
            case .untried: message.health = .untried
            case .healthy: message.health = .healthy
            case .failing(let reason):
                message.health = .down
                message.healthDetail = reason
            }
        } else {
            message.health = .untried
        }
        setTroubles(&message, entry)
        return message
    }

    // MARK: Settings

    private static func check(_ settings: AdminChannelSettings) throws(AdminError) {
        let isDigits = settings.number.utf8.allSatisfy { (0x30...0x39).contains($0) }
        if settings.hasNumber,
            settings.number.isEmpty || !isDigits
                || settings.number.utf8.count > Channel.accessNumberDigitsMax
        {
            throw .invalidArgument(
                "An access number is 1 to \(Channel.accessNumberDigitsMax) digits.", field: "settings.number")
        }
        try checkDialects(settings)
        try checkAddresses(settings)
        if settings.hasConnections, !(1...1000).contains(settings.connections) {
            throw .invalidArgument("A channel has 1 to 1000 connections.", field: "settings.connections")
        }
        if settings.hasRate, settings.rate > 1_000_000 {
            throw .invalidArgument("A rate is at most 1,000,000 segments a second.", field: "settings.rate")
        }
        if settings.hasWeight, !(1...UInt32(Channel.weightMax)).contains(settings.weight) {
            throw .invalidArgument("A weight is 1 to \(Channel.weightMax).", field: "settings.weight")
        }
        for name in settings.carriers.names where Carrier(name: name) == nil {
            let names = Carrier.allCases.map(\.name).joined(separator: ", ")
            throw .invalidArgument("'\(name)' is none of \(names).", field: "settings.carriers")
        }
        if settings.hasUncertain, ![.hold, .resend].contains(settings.uncertain) {
            throw .invalidArgument("The rule for uncertain messages is hold or resend.", field: "settings.uncertain")
        }
        if settings.hasUncertainAfterSeconds, !(1...uncertainAfterMax).contains(settings.uncertainAfterSeconds) {
            throw .invalidArgument(
                "Messages are uncertain for 1 second to 72 hours before they are queued again.",
                field: "settings.uncertain_after_seconds")
        }
        if settings.hasCarriers, settings.carriers.names.isEmpty {
            throw .invalidArgument("A channel serves at least one carrier.", field: "settings.carriers")
        }
    }

    private static let uncertainAfterMax: UInt32 = 72 * 3600

    private static func apply(
        _ settings: AdminChannelSettings, to channel: inout Channel, _ endpoint: inout ChannelEndpoint
    ) {
        if settings.hasDialect { endpoint.dialect = settings.dialect }
        if settings.hasURL { endpoint.url = settings.url }
        if settings.hasUser { endpoint.user = settings.user }
        if settings.hasPassword { endpoint.password = settings.password }
        applyDialects(settings, to: &endpoint)
        if settings.hasNumber { channel.accessNumber = settings.number }
        if settings.hasRate { channel.ratePerSecond = settings.rate == 0 ? nil : Int(settings.rate) }
        if settings.hasConnections { channel.connectionLimit = Int(settings.connections) }
        if settings.hasPriority { channel.priority = Int(settings.priority) }
        if settings.hasUncertain { channel.uncertainRule = settings.uncertain == .resend ? .resend : .hold }
        if settings.hasUncertainAfterSeconds {
            channel.uncertainAfter = Int64(settings.uncertainAfterSeconds) * 1000
        }
        if settings.hasWeight { channel.weight = Int(settings.weight) }
        if settings.hasCarriers {
            channel.carriers = CarrierSet(settings.carriers.names.compactMap { Carrier(name: $0) })
        }
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
