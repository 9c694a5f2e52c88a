import AdminProtocol
import Administration
import Messaging

/// A channel as the command line prints it.
struct ChannelView {
    private let channel: AdminChannel

    init(_ channel: AdminChannel) {
        self.channel = channel
    }

    var json: JSONText {
        .object(state + ChannelSettings.table.options.members(channel.settings))
    }

    private var state: [(String, JSONText)] {
        [
            ("name", .string(channel.name)), ("enabled", .bool(channel.enabled)),
            ("paused", .bool(channel.pausedAtMs != 0)), ("paused_at_ms", .moment(channel.pausedAtMs)),
            ("health", .string(channel.health.name)), ("health_detail", .string(channel.healthDetail)),
            ("health_since_ms", .moment(channel.healthSinceMs)),
            ("oldest_waiting_ms", .integer(channel.oldestWaitingMs)),
            ("last_report_at_ms", .moment(channel.lastReportAtMs)),
            ("queued", .integer(channel.queued)),
            ("in_flight", .integer(channel.inFlight)), ("awaiting_reports", .integer(channel.awaitingReports)),
            ("sent_last_minute", .integer(channel.sentLastMinute)),
            ("callback_path", .string(channel.callbackPath)),
            ("callback_path_before", .string(channel.callbackPathBefore)),
            ("callback_before_until_ms", .moment(channel.callbackBeforeUntilMs)),
            ("calls_given_up", .integer(channel.callsGivenUp)), ("problem", .string(channel.problem)),
            ("suspended", .string(channel.suspended)), ("inbound_parked", .integer(channel.inboundParked)),
            ("inbound_unreadable", .integer(channel.inboundUnreadable)),
            ("inbound_bytes", .integer(channel.inboundBytes)),
            ("today", Self.json(channel.today)),
            ("this_month", Self.json(channel.thisMonth)),
        ]
    }

    var text: String {
        var rows = [
            ("channel", channel.name), ("state", stateAndSince), ("health", health),
            ("callback path", channel.callbackPath),
        ]
        if !channel.callbackPathBefore.isEmpty {
            let end = Timestamp.text(channel.callbackBeforeUntilMs)
            rows.append(("path before", "\(channel.callbackPathBefore), accepted until \(end) (China)"))
        }
        let isResent = channel.settings.text("uncertain") == UncertainRule.resend.rawValue
        rows += ChannelSettings.table.options.filter { isResent || $0.key != "uncertain_after_seconds" }
            .pairs(channel.settings)
        rows += [
            ("queued", queued), ("in flight", "\(channel.inFlight)"),
            ("awaiting reports", "\(channel.awaitingReports)"),
            ("last report", Timestamp.text(channel.lastReportAtMs)),
            ("last minute", "\(channel.sentLastMinute) segments"), ("today", Self.text(channel.today)),
            ("this month", Self.text(channel.thisMonth)),
        ]
        return TextTable.pairs(rows + troubles)
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
            ("AWAITING", .right), ("LAST MIN", .right), ("LAST REPORT", .left), ("NETWORKS", .left),
        ])
        for channel in channels.map(\.channel) {
            let (settings, rate) = (channel.settings, channel.settings.integer("rate"))
            table.add([
                channel.name, Self.state(channel), channel.health.name, Self.second(channel.healthSinceMs),
                settings.text("number"), "\(settings.integer("priority"))", rate == 0 ? "-" : "\(rate)",
                "\(channel.queued)", channel.oldestWaitingMs == 0 ? "-" : TextTable.duration(channel.oldestWaitingMs),
                "\(channel.inFlight)", "\(channel.awaitingReports)", "\(channel.sentLastMinute)",
                Self.second(channel.lastReportAtMs), settings.list("networks").joined(separator: ","),
            ])
        }
        return table.text
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
        case .down: "down"
        case .unspecified, .UNRECOGNIZED: "unknown"
        }
    }
}
