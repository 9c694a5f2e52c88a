import AdminProtocol

/// A channel as the command line prints it.
struct ChannelView {
    private let channel: AdminChannel

    init(_ channel: AdminChannel) {
        self.channel = channel
    }

    var json: JSONText {
        .object([
            ("name", .string(channel.name)), ("enabled", .bool(channel.enabled)),
            ("health", .string(channel.health.name)), ("health_detail", .string(channel.healthDetail)),
            ("dialect", .string(channel.dialect)), ("url", .string(channel.url)), ("user", .string(channel.user)),
            ("client_id", .string(channel.clientID)), ("has_client_secret", .bool(channel.hasClientSecret_p)),
            ("enterprise_id", .string(channel.enterpriseID)), ("sp_code", .string(channel.spCode)),
            ("number", .string(channel.number)), ("rate", .integer(channel.rate)),
            ("connections", .integer(channel.connections)), ("priority", .integer(channel.priority)),
            ("weight", .integer(channel.weight)),
            ("carriers", .strings(channel.carriers)), ("queued", .integer(channel.queued)),
            ("in_flight", .integer(channel.inFlight)), ("awaiting_reports", .integer(channel.awaitingReports)),
            ("sent_last_minute", .integer(channel.sentLastMinute)),
            ("uncertain", .string(channel.uncertain == .resend ? "resend" : "hold")),
            ("uncertain_after_seconds", .integer(channel.uncertainAfterSeconds)),
            ("callback_path", .string(channel.callbackPath)), ("today", Self.json(channel.today)),
            ("this_month", Self.json(channel.thisMonth)),
        ])
    }

    var text: String {
        let named = [
            ("client id", channel.clientID), ("enterprise id", channel.enterpriseID), ("sp code", channel.spCode),
        ].filter { !$0.1.isEmpty }
        return TextTable.pairs(
            [
                ("channel", channel.name), ("state", channel.enabled ? "enabled" : "disabled"), ("health", health),
                ("dialect", channel.dialect), ("url", channel.url), ("user", channel.user),
            ] + named + [
                ("number", channel.number),
                ("callback path", channel.callbackPath),
                ("carriers", channel.carriers.joined(separator: ", ")), ("priority", "\(channel.priority)"),
                ("weight", "\(channel.weight)"),
                ("rate", channel.rate == 0 ? "no limit" : "\(channel.rate) segments/s"),
                ("uncertain", uncertain),
                ("connections", "\(channel.connections)"), ("queued", "\(channel.queued)"),
                ("in flight", "\(channel.inFlight)"), ("awaiting reports", "\(channel.awaitingReports)"),
                ("last minute", "\(channel.sentLastMinute) segments"), ("today", Self.text(channel.today)),
                ("this month", Self.text(channel.thisMonth)),
            ])
    }

    static func table(_ channels: [ChannelView]) -> String {
        var table = TextTable([
            ("CHANNEL", .left), ("STATE", .left), ("HEALTH", .left), ("NUMBER", .left), ("PRIORITY", .right),
            ("RATE", .right), ("QUEUED", .right), ("IN FLIGHT", .right), ("AWAITING", .right), ("LAST MIN", .right),
            ("CARRIERS", .left),
        ])
        for channel in channels.map(\.channel) {
            table.add([
                channel.name, channel.enabled ? "enabled" : "disabled", channel.health.name, channel.number,
                "\(channel.priority)", channel.rate == 0 ? "-" : "\(channel.rate)", "\(channel.queued)",
                "\(channel.inFlight)", "\(channel.awaitingReports)", "\(channel.sentLastMinute)",
                channel.carriers.joined(separator: ","),
            ])
        }
        return table.text
    }

    private var uncertain: String {
        channel.uncertain == .resend ? "resend after \(channel.uncertainAfterSeconds) s" : "hold"
    }

    private var health: String {
        channel.healthDetail.isEmpty ? channel.health.name : "\(channel.health.name): \(channel.healthDetail)"
    }

    private static func json(_ totals: AdminChannelTotals) -> JSONText {
        .object([
            ("messages", .integer(totals.messages)),
            ("delivered", .integer(totals.delivered)), ("failed", .integer(totals.failed)),
        ])
    }

    private static func text(_ totals: AdminChannelTotals) -> String {
        "\(totals.messages) messages, \(totals.delivered) delivered, "
            + "\(totals.failed) failed"
    }
}

extension AdminHealth {
    /// As the command line writes it.
    var name: String {
        switch self {
        case .untried: "untried"
        case .healthy: "healthy"
        case .degraded: "degraded"
        case .down: "down"
        case .unspecified, .UNRECOGNIZED: "unknown"
        }
    }
}
