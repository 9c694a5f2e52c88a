import AdminProtocol
import ArgumentParser
import Messaging

/// `yizhan status`
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Accounts, channels, queues, rates and health of the running appliance.")

    @Flag(help: "End with exit code 1 when it is not healthy.")
    var check = false

    @OptionGroup var admin: AdminOptions

    func run() throws {
        let status = try admin.connected { client throws(AdminClientError) in
            guard case .status(let status) = try client.call(.statusShow(AdminStatusShow())) else {
                throw AdminClient.unexpected
            }
            return status
        }
        try admin.show(json: Self.json(status), text: Self.text(status))
        if check, !status.healthy { throw ExitCode.failure }
    }

    static func json(_ status: AdminStatus) -> JSONText {
        let queues = status.queues.map { queue in
            JSONText.object([
                ("name", .string(queue.name)), ("depth", .integer(queue.depth)), ("limit", .integer(queue.limit)),
                ("oldest_age_ms", queue.hasOldestAgeMs ? .integer(queue.oldestAgeMs) : .null),
            ])
        }
        return .object([
            ("version", .string(status.version)), ("pid", .integer(status.pid)),
            ("started_at_ms", .moment(status.startedAtMs)), ("uptime_ms", .integer(status.uptimeMs)),
            ("rss_bytes", .integer(status.rssBytes)), ("healthy", .bool(status.healthy)),
            ("problems", .strings(status.problems)), ("notes", .strings(status.notes)),
            ("accounts", .integer(status.accounts)),
            ("accounts_enabled", .integer(status.accountsEnabled)),
            ("uncertain_calls", .integer(status.uncertainCalls)),
            ("inbound_waiting", .integer(status.inboundWaiting)),
            ("inbound_expired", .integer(status.inboundExpired)),
            ("inbound_unreadable", .integer(status.inboundUnreadable)),
            ("inbound_pending", .integer(status.inboundPending)), ("safe_mode", .bool(status.safeMode)),
            ("message_ids", messageIDs(status.messageIds)),
            ("commit_taking_ms", .integer(status.commitTakingMs)), ("clock", ClockView.json(status.clock)),
            ("channels_total", .integer(status.channelsTotal)),
            ("channels", .array(status.channels.map { ChannelView($0).json })), ("queues", .array(queues)),
            ("since_start", json(status.sinceStart)), ("ever", json(status.ever)),
            ("last_minute", json(status.lastMinute)),
        ])
    }

    private static func messageIDs(_ ids: AdminMessageIDs) -> JSONText {
        .object([
            ("epoch", .integer(ids.epoch)), ("epoch_last", .integer(ids.epochLast)),
            ("number", .integer(ids.number)), ("number_last", .integer(ids.numberLast)),
        ])
    }

    private static func json(_ counters: AdminCounters) -> JSONText {
        .object(rows.map { ($0.key, .integer($0.value(counters))) })
    }

    /// Without what is counted since the start only.
    private static func json(_ totals: AdminTotals) -> JSONText {
        .object(rows.compactMap { row in row.ever.map { (row.key, .integer($0(totals))) } })
    }

    /// The schema's name of each counter, the one for people, where it is, and where its total of all time is.
    private static let rows:
        [(
            key: String, title: String, value: @Sendable (AdminCounters) -> UInt64,
            ever: (@Sendable (AdminTotals) -> UInt64)?
        )] = [
            ("accepted_messages", "accepted", { $0.acceptedMessages }, { $0.acceptedMessages }),
            ("accepted_segments", "  segments", { $0.acceptedSegments }, { $0.acceptedSegments }),
            ("refused_requests", "refused requests", { $0.refusedRequests }, nil),
            ("submitted_messages", "submitted", { $0.submittedMessages }, { $0.submittedMessages }),
            ("final_messages", "final", { $0.finalMessages }, { $0.finalMessages }),
            ("delivered_messages", "  delivered", { $0.deliveredMessages }, { $0.deliveredMessages }),
            ("failed_messages", "  failed", { $0.failedMessages }, { $0.failedMessages }),
            ("reports_stored", "reports", { $0.reportsStored }, nil),
            ("replies_stored", "replies", { $0.repliesStored }, nil),
            ("outbox_stored", "outbox stored", { $0.outboxStored }, nil),
            ("outbox_collected", "outbox collected", { $0.outboxCollected }, nil),
            ("failed_logins", "wrong credentials", { $0.failedLogins }, nil),
            ("slowed_logins", "  not looked at", { $0.slowedLogins }, nil),
        ]

    static func text(_ status: AdminStatus) -> String {
        var parts: [String] = []
        var head: [(String, String)] = [
            ("yizhan", "\(status.version), pid \(status.pid), up \(TextTable.duration(status.uptimeMs))"),
            ("health", status.healthy ? "healthy" : "not healthy"), ("memory", "\(status.rssBytes >> 20) MiB"),
            ("accounts", "\(status.accounts), \(status.accountsEnabled) enabled"),
            ("channels", "\(max(status.channelsTotal, UInt64(status.channels.count)))"),
        ]
        if status.hasMessageIds, status.messageIds.numberLast > 0 {
            let ids = status.messageIds
            let share = ids.number / (ids.numberLast / 1000 + 1)
            head.append(
                (
                    "message ids",
                    "\(ids.number) of epoch \(ids.epoch) given out (\(share / 10).\(share % 10) %), "
                        + "\(ids.epochLast - min(ids.epoch, ids.epochLast)) epochs left"
                ))
        }
        if status.uncertainCalls > 0 { head.append(("uncertain", "\(status.uncertainCalls) calls")) }
        let inbound = [status.inboundWaiting, status.inboundExpired, status.inboundUnreadable]
        if inbound.contains(where: { $0 > 0 }) {
            head.append(("inbound", "\(inbound[0]) waiting, \(inbound[1]) expired, \(inbound[2]) unreadable"))
        }
        if status.clock.held { head.append(("clock", "held: nothing happens by time")) }
        head += status.problems.map { ("problem", $0) } + status.notes.map { ("note", $0) }
        parts.append(TextTable.pairs(head))
        if !status.channels.isEmpty { parts.append(ChannelView.table(status.channels.map { ChannelView($0) })) }
        if !status.queues.isEmpty {
            var table = TextTable([("QUEUE", .left), ("DEPTH", .right), ("LIMIT", .right), ("OLDEST", .right)])
            for queue in status.queues {
                table.add([
                    queue.name, "\(queue.depth)", queue.limit == 0 ? "-" : "\(queue.limit)",
                    queue.oldestAgeMs == 0 ? "-" : TextTable.duration(queue.oldestAgeMs),
                ])
            }
            parts.append(table.text)
        }
        var table = TextTable([("COUNT", .left), ("LAST MINUTE", .right), ("SINCE START", .right), ("EVER", .right)])
        for row in rows {
            table.add([
                row.title, "\(row.value(status.lastMinute))", "\(row.value(status.sinceStart))",
                row.ever.map { "\($0(status.ever))" } ?? "-",
            ])
        }
        parts.append(table.text)
        return parts.joined(separator: "\n\n")
    }
}
