import AdminProtocol
import Messaging

/// A channel as the command line prints it.
struct ChannelView {
    private let channel: AdminChannel

    init(_ channel: AdminChannel) {
        self.channel = channel
    }

    var json: JSONText {
        .object([
            ("name", .string(channel.name)), ("enabled", .bool(channel.enabled)),
            ("paused", .bool(channel.pausedAtMs != 0)), ("paused_at_ms", .moment(channel.pausedAtMs)),
            ("health", .string(channel.health.name)), ("health_detail", .string(channel.healthDetail)),
            ("health_since_ms", .moment(channel.healthSinceMs)),
            ("oldest_waiting_ms", .integer(channel.oldestWaitingMs)),
            ("last_report_at_ms", .moment(channel.lastReportAtMs)),
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
            ("callback_path", .string(channel.callbackPath)),
            ("callback_path_before", .string(channel.callbackPathBefore)),
            ("callback_before_until_ms", .moment(channel.callbackBeforeUntilMs)),
            ("callback_allow_ip", .strings(channel.callbackAllowIp)),
            ("calls_given_up", .integer(channel.callsGivenUp)), ("problem", .string(channel.problem)),
            ("suspended", .string(channel.suspended)), ("inbound_parked", .integer(channel.inboundParked)),
            ("inbound_unreadable", .integer(channel.inboundUnreadable)),
            ("inbound_bytes", .integer(channel.inboundBytes)),
            ("today", Self.json(channel.today)),
            ("this_month", Self.json(channel.thisMonth)),
        ])
    }

    var text: String {
        let named = [
            ("client id", channel.clientID), ("enterprise id", channel.enterpriseID), ("sp code", channel.spCode),
        ].filter { !$0.1.isEmpty }
        return TextTable.pairs(
            [
                ("channel", channel.name), ("state", stateAndSince), ("health", health),
                ("dialect", channel.dialect), ("url", channel.url), ("user", channel.user),
            ] + named + [
                ("number", channel.number),
                ("callback path", channel.callbackPath),
            ] + callback + [
                ("carriers", channel.carriers.joined(separator: ", ")), ("priority", "\(channel.priority)"),
                ("weight", "\(channel.weight)"),
                ("rate", channel.rate == 0 ? "no limit" : "\(channel.rate) segments/s"),
                ("uncertain", uncertain),
                ("connections", "\(channel.connections)"), ("queued", queued),
                ("in flight", "\(channel.inFlight)"), ("awaiting reports", "\(channel.awaitingReports)"),
                ("last report", Timestamp.text(channel.lastReportAtMs)),
                ("last minute", "\(channel.sentLastMinute) segments"), ("today", Self.text(channel.today)),
                ("this month", Self.text(channel.thisMonth)),
            ] + troubles)
    }

    /// What there may be beside the callback's path.
    private var callback: [(String, String)] {
        var rows: [(String, String)] = []
        if !channel.callbackPathBefore.isEmpty {
            let end = Timestamp.text(channel.callbackBeforeUntilMs)
            rows.append(("path before", "\(channel.callbackPathBefore), taken until \(end) (China)"))
        }
        if !channel.callbackAllowIp.isEmpty {
            rows.append(("callback from", channel.callbackAllowIp.joined(separator: ", ")))
        }
        return rows
    }

    private var troubles: [(String, String)] {
        var rows: [(String, String)] = []
        if channel.inboundParked > 0 || channel.inboundUnreadable > 0 {
            rows.append(
                ("without owner", "\(channel.inboundParked) parked, \(channel.inboundUnreadable) unreadable bodies"))
        }
        if channel.callsGivenUp > 0 { rows.append(("given up", "\(channel.callsGivenUp) calls did not end")) }
        if !channel.suspended.isEmpty { rows.append(("suspended", channel.suspended)) }
        return rows
    }

    static func table(_ channels: [ChannelView]) -> String {
        var table = TextTable([
            ("CHANNEL", .left), ("STATE", .left), ("HEALTH", .left), ("SINCE", .left), ("NUMBER", .left),
            ("PRIORITY", .right), ("RATE", .right), ("QUEUED", .right), ("OLDEST", .right), ("IN FLIGHT", .right),
            ("AWAITING", .right), ("LAST MIN", .right), ("LAST REPORT", .left), ("CARRIERS", .left),
        ])
        for channel in channels.map(\.channel) {
            table.add([
                channel.name, Self.state(channel), channel.health.name, Self.second(channel.healthSinceMs),
                channel.number, "\(channel.priority)", channel.rate == 0 ? "-" : "\(channel.rate)",
                "\(channel.queued)", channel.oldestWaitingMs == 0 ? "-" : TextTable.duration(channel.oldestWaitingMs),
                "\(channel.inFlight)", "\(channel.awaitingReports)", "\(channel.sentLastMinute)",
                Self.second(channel.lastReportAtMs), channel.carriers.joined(separator: ","),
            ])
        }
        return table.text
    }

    private var uncertain: String {
        channel.uncertain == .resend ? "resend after \(channel.uncertainAfterSeconds) s" : "hold"
    }

    private static func state(_ channel: AdminChannel) -> String {
        channel.enabled ? channel.pausedAtMs == 0 ? "enabled" : "paused" : "disabled"
    }

    /// A moment to the second, in China; a dash for 0.
    private static func second(_ milliseconds: Int64) -> String {
        milliseconds == 0 ? "-" : Timestamp(milliseconds: milliseconds).chinaText
    }

    private var stateAndSince: String {
        let state = Self.state(channel)
        return channel.pausedAtMs == 0 ? state : "\(state), paused since \(Self.second(channel.pausedAtMs))"
    }

    private var queued: String {
        guard channel.oldestWaitingMs > 0 else { return "\(channel.queued)" }
        return "\(channel.queued), the first for \(TextTable.duration(channel.oldestWaitingMs))"
    }

    private var health: String {
        let since = channel.healthSinceMs == 0 ? "" : " since \(Self.second(channel.healthSinceMs))"
        let detail = channel.healthDetail.isEmpty ? "" : ": \(channel.healthDetail)"
        return channel.health.name + since + detail
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
