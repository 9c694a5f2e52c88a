import AdminProtocol
import ArgumentParser
import Messaging

/// `yizhan status`
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Accounts, channels, queues, rates and health of the running appliance.")

    @OptionGroup var admin: AdminOptions

    func run() throws {
        let status = try admin.connected { client throws(AdminClientError) in
            guard case .status(let status) = try client.call(.statusShow(AdminStatusShow())) else {
                throw AdminClient.unexpected
            }
            return status
        }
        try admin.show(json: Self.json(status), text: Self.text(status))
    }

    static func json(_ status: AdminStatus) -> JSONText {
        let queues = status.queues.map { queue in
            JSONText.object([
                ("name", .string(queue.name)), ("depth", .integer(queue.depth)), ("limit", .integer(queue.limit)),
                ("oldest_age_ms", .integer(queue.oldestAgeMs)),
            ])
        }
        return .object([
            ("version", .string(status.version)), ("pid", .integer(status.pid)),
            ("started_at_ms", .moment(status.startedAtMs)), ("uptime_ms", .integer(status.uptimeMs)),
            ("rss_bytes", .integer(status.rssBytes)), ("healthy", .bool(status.healthy)),
            ("problems", .strings(status.problems)), ("accounts", .integer(status.accounts)),
            ("accounts_enabled", .integer(status.accountsEnabled)),
            ("uncertain_calls", .integer(status.uncertainCalls)),
            ("inbound_waiting", .integer(status.inboundWaiting)),
            ("inbound_expired", .integer(status.inboundExpired)),
            ("inbound_unreadable", .integer(status.inboundUnreadable)),
            ("inbound_pending", .integer(status.inboundPending)),
            ("channels_total", .integer(status.channelsTotal)),
            ("channels", .array(status.channels.map { ChannelView($0).json })), ("queues", .array(queues)),
            ("since_start", json(status.sinceStart)), ("ever", json(status.ever)),
            ("last_minute", json(status.lastMinute)),
        ])
    }

    private static func json(_ counters: AdminCounters) -> JSONText {
        .object(rows.map { ($0.key, .integer($0.value(counters))) })
    }

    /// The schema's name of each counter, the one for people, and where it is.
    private static let rows: [(key: String, title: String, value: @Sendable (AdminCounters) -> UInt64)] = [
        ("accepted_messages", "accepted", { $0.acceptedMessages }),
        ("accepted_segments", "  segments", { $0.acceptedSegments }),
        ("refused_requests", "refused requests", { $0.refusedRequests }),
        ("submitted_messages", "submitted", { $0.submittedMessages }),
        ("final_messages", "final", { $0.finalMessages }),
        ("delivered_messages", "  delivered", { $0.deliveredMessages }),
        ("failed_messages", "  failed", { $0.failedMessages }),
        ("reports_stored", "reports", { $0.reportsStored }),
        ("replies_stored", "replies", { $0.repliesStored }),
        ("outbox_stored", "outbox stored", { $0.outboxStored }),
        ("outbox_collected", "outbox collected", { $0.outboxCollected }),
    ]

    static func text(_ status: AdminStatus) -> String {
        var parts: [String] = []
        var head: [(String, String)] = [
            ("yizhan", "\(status.version), pid \(status.pid), up \(uptime(status.uptimeMs))"),
            ("health", status.healthy ? "healthy" : "not healthy"), ("memory", "\(status.rssBytes >> 20) MiB"),
            ("accounts", "\(status.accounts), \(status.accountsEnabled) enabled"),
            ("channels", "\(max(status.channelsTotal, UInt64(status.channels.count)))"),
        ]
        if status.uncertainCalls > 0 { head.append(("uncertain", "\(status.uncertainCalls) calls")) }
        let inbound = [status.inboundWaiting, status.inboundExpired, status.inboundUnreadable]
        if inbound.contains(where: { $0 > 0 }) {
            head.append(("inbound", "\(inbound[0]) waiting, \(inbound[1]) expired, \(inbound[2]) unreadable"))
        }
        head += status.problems.map { ("problem", $0) }
        parts.append(TextTable.pairs(head))
        if !status.channels.isEmpty { parts.append(ChannelView.table(status.channels.map { ChannelView($0) })) }
        if !status.queues.isEmpty {
            var table = TextTable([("QUEUE", .left), ("DEPTH", .right), ("LIMIT", .right), ("OLDEST", .right)])
            for queue in status.queues {
                table.add([
                    queue.name, "\(queue.depth)", queue.limit == 0 ? "-" : "\(queue.limit)",
                    queue.oldestAgeMs == 0 ? "-" : uptime(queue.oldestAgeMs),
                ])
            }
            parts.append(table.text)
        }
        var table = TextTable([("COUNT", .left), ("LAST MINUTE", .right), ("SINCE START", .right), ("EVER", .right)])
        for row in rows {
            let columns = [status.lastMinute, status.sinceStart, status.ever]
            table.add([row.title] + columns.map { "\(row.value($0))" })
        }
        parts.append(table.text)
        return parts.joined(separator: "\n\n")
    }

    /// `3d 04:05:06`
    private static func uptime(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds / 1000)
        let parts = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map { part in
            part < 10 ? "0\(part)" : "\(part)"
        }
        let days = seconds / 86_400
        return (days > 0 ? "\(days)d " : "") + parts.joined(separator: ":")
    }
}
