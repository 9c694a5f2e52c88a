import Administration
import Engine
import Messaging
import NIOHTTP1

/// What waits for an operator, each with its age and one action.
enum ToDoPages {
    static let routes: [PageRoute] = [
        .get("operator", .operators(.view)) { try await show($0) }
    ]

    /// Messages that wait for longer are stuck, in milliseconds.
    private static let stuckAfter: Int64 = 600_000
    private static let listMax = 20
    /// Uncertain messages that are looked at: more are counted as "or more".
    private static let uncertainMax = 200

    private static func show(_ page: PageContext) async throws -> PortalResponse {
        let l = page.l
        let channels = try await page.administration.channels(after: "", limit: 200).items
        let sheets: [HTML?] = [
            service(page), try await uncertain(page), self.channels(channels, page), try await stuck(channels, page),
            try await inbound(page), await balances(page),
        ]
        let found = sheets.compactMap(\.self)
        let empty: HTML = """
            <section class="sheet"><div class="empty"><p class="title">\(l("没有要处理的", "Nothing to do"))</p>\
            <p>\(l("结果未知、对不上的、读不懂的、卡住的、断开的通道和余额不足的客户会出现在这里。",
                "What is uncertain, unmatched or stuck, channels that are down and low balances show here."))\
            </p></div></section>
            """
        return .page(
            Page(
                title: l("待处理", "To do"), section: .toDo,
                lead: "\(l("较早的在前；每项一个动作", "The oldest first; one action each"))",
                body:
                    """
                    <div id="todo" class="stack" data-refresh="/portal/operator" \
                    data-every="10">\(found.isEmpty ? empty : found.joined())</div>
                    """,
                refreshSeconds: 30))
    }

    private static func sheet(_ title: String, _ columns: [Table.Column], _ rows: [[HTML]], note: HTML? = nil) -> HTML {
        let table = Table(name: title, columns: columns, rows: rows)
        return "<section class=\"sheet\"><h2>\(title)</h2>\(table.html)\(note)</section>"
    }

    private static func age(_ since: Timestamp, _ page: PageContext) -> HTML {
        "\(Format.duration(milliseconds: page.now.milliseconds - since.milliseconds, page.l))"
    }

    private static func action(_ path: String, _ label: String) -> HTML {
        "<a class=\"button plain small\" href=\"/portal/\(path)\">\(label)</a>"
    }

    // MARK: The service

    /// Disk, clock and safe mode come before everything else.
    private static func service(_ page: PageContext) -> HTML? {
        let (engine, l) = (page.engine, page.l)
        var words = [engine.configuration.time.look().problem, engine.life.problem, engine.storage.problem]
            .compactMap(\.self)
        if engine.configuration.isSafe {
            words.append(l("安全模式：不发送、不取报告、不推送。", "Safe mode: nothing is sent, polled or pushed."))
        }
        guard !words.isEmpty else { return nil }
        let items = words.map { "<p>\($0)</p>" as HTML }
        return "<div class=\"notice bad\" role=\"alert\"><h2>\(l("服务", "The service"))</h2>\(items)</div>"
    }

    // MARK: Uncertain

    private static func uncertain(_ page: PageContext) async throws -> HTML? {
        let l = page.l
        let found = try await page.administration.messages(
            state: Administration.uncertain, channel: "", account: "", mobile: "", day: 0, after: "",
            limit: uncertainMax)
        guard case .uncertain(let messages) = found, !messages.items.isEmpty else { return nil }
        struct Key: Hashable {
            var account: String
            var channel: String
        }
        var groups: [Key: (count: Int, since: Timestamp, reason: String)] = [:]
        for message in messages.items {
            let key = Key(account: message.account, channel: message.channel)
            let known = groups[key] ?? (0, message.since, message.reason)
            groups[key] = (known.count + 1, min(known.since, message.since), known.reason)
        }
        let rows = groups.sorted { $0.value.since < $1.value.since }.prefix(listMax).map { key, group -> [HTML] in
            let fields = FormFields.query([("account", key.account), ("channel", key.channel)])
            return [
                age(group.since, page), "\(key.account)", "\(key.channel)", HTML.foreign(group.reason),
                "\(Format.count(group.count))", action("operator/uncertain?\(fields)", l("逐条核实", "Decide")),
            ]
        }
        let more: HTML? =
            messages.next == nil
            ? nil
            : """
            <p class="quiet">\(l("还有更多。", "There are more.")) <a \
            href="/portal/operator/uncertain">\(l("全部", "All"))</a></p>
            """
        return sheet(
            l("结果未知", "Uncertain"),
            [
                .init(l("多久了", "For"), "nowrap"), .init(l("客户", "Account")), .init(l("通道", "Channel")),
                .init(l("说明", "Reason"), "grow"), .init(l("条数", "Messages"), "num"), .init(l("操作", "Action"), "num"),
            ], rows, note: more)
    }

    // MARK: Channels, and what is stuck

    private static func channels(_ channels: [ChannelDetail], _ page: PageContext) -> HTML? {
        let l = page.l
        let down = channels.filter { $0.isEnabled && $0.health == .down || $0.suspended != nil }
            .sorted { ($0.healthSince ?? page.now) < ($1.healthSince ?? page.now) }
        guard !down.isEmpty else { return nil }
        let rows = down.prefix(listMax).map { channel -> [HTML] in
            [
                channel.healthSince.map { age($0, page) } ?? "–", "\(channel.name)",
                ChannelPages.health(channel, page), "\(Format.count(channel.queued))",
                action("operator/channels/\(channel.name)", l("查看通道", "See the channel")),
            ]
        }
        return sheet(
            l("通道", "Channels"),
            [
                .init(l("多久了", "For"), "nowrap"), .init(l("通道", "Channel")), .init(l("说明", "State"), "grow"),
                .init(l("等待", "Waiting"), "num"), .init(l("操作", "Action"), "num"),
            ], rows)
    }

    private static func stuck(_ channels: [ChannelDetail], _ page: PageContext) async throws -> HTML? {
        let l = page.l
        var rows: [(age: Int64, cells: [HTML])] = []
        let queue = await page.engine.queueStatus()
        if queue.unrouted > 0 {
            let since = await page.engine.oldestUnrouted()
            let waited = since.map { page.now.milliseconds - $0.milliseconds } ?? 0
            rows.append(
                (
                    waited,
                    [
                        since.map { age($0, page) } ?? "–", "\(l("没有启用的通道", "No channel that is on"))",
                        "\(Format.count(queue.unrouted))", action("operator/routes", l("查看路由", "See the routes")),
                    ]
                ))
        }
        for channel in channels where channel.oldestWaiting >= stuckAfter && channel.health != .down {
            let why =
                channel.pausedAt == nil
                ? l("\(channel.name) 等待太久", "\(channel.name) is far behind")
                : l("\(channel.name) 暂停着", "\(channel.name) is paused")
            rows.append(
                (
                    channel.oldestWaiting,
                    [
                        "\(Format.duration(milliseconds: channel.oldestWaiting, l))", "\(why)",
                        "\(Format.count(channel.queued))",
                        action("operator/channels/\(channel.name)", l("查看通道", "See the channel")),
                    ]
                ))
        }
        for problem in page.engine.pusher.problems {
            rows.append(
                (
                    0,
                    [
                        "–",
                        """
                        \(l("\(problem.account) 的推送地址不能用", "\(problem.account): pushes cannot work"))\
                        <small>\(HTML.foreign(problem.reason))</small>
                        """,
                        "–", action("operator/customers/\(problem.account)", l("查看客户", "See the customer")),
                    ]
                ))
        }
        guard !rows.isEmpty else { return nil }
        return sheet(
            l("卡住的", "Stuck"),
            [
                .init(l("多久了", "For"), "nowrap"), .init(l("说明", "Reason"), "grow"),
                .init(l("条数", "Messages"), "num"), .init(l("操作", "Action"), "num"),
            ], rows.sorted { $0.age > $1.age }.prefix(listMax).map(\.cells))
    }

    // MARK: Inbound

    private static func inbound(_ page: PageContext) async throws -> HTML? {
        let l = page.l
        let counts = try await page.engine.unmatched.counts()
        var rows: [[HTML]] = []
        for (state, count, words) in [
            (ParkedItem.State.unreadable, counts.unreadable, l("读不懂的报文", "Bodies that cannot be read")),
            (.expired, counts.expired, l("对不上的回执和上行，已不再自动重试", "Reports and replies that are not tried any more")),
            (.waiting, counts.waiting, l("对不上的回执和上行，还在自动重试", "Reports and replies that are tried again")),
        ] where count > 0 {
            let newest = try await page.administration.inbound(
                kind: "", state: state.rawValue, channel: "", after: "", limit: 200)
            let oldest = newest.items.map(\.receivedAt).min()
            let most = count >= ParkedCounts.max ? "+" : ""
            rows.append([
                oldest.map { age($0, page) } ?? "–", "\(words)", "\(Format.count(count))\(most)",
                action("operator/inbound?state=\(state.rawValue)", l("查看并重试", "See and try again")),
            ])
        }
        guard !rows.isEmpty else { return nil }
        return sheet(
            l("对不上与读不懂的", "Unmatched and unreadable"),
            [
                .init(l("多久了", "For"), "nowrap"), .init(l("说明", "What"), "grow"), .init(l("个数", "Items"), "num"),
                .init(l("操作", "Action"), "num"),
            ], rows)
    }

    // MARK: Balances

    private static func balances(_ page: PageContext) async -> HTML? {
        let l = page.l
        let low = await page.administration.lowBalances()
        guard !low.isEmpty else { return nil }
        let rows = low.prefix(listMax).map { account -> [HTML] in
            let button: HTML =
                page.has(.money)
                ? action("operator/customers/\(account.account)/recharge", l("充值", "Recharge"))
                : action("operator/customers/\(account.account)", l("查看客户", "See the customer"))
            return [
                age(account.since, page), "\(account.account)", "\(Format.amount(account.balance, account.unit, l))",
                "\(Format.amount(account.threshold, account.unit, l))", button,
            ]
        }
        return sheet(
            l("余额", "Balances"),
            [
                .init(l("多久了", "For"), "nowrap"), .init(l("客户", "Account"), "grow"), .init(l("余额", "Balance"), "num"),
                .init(l("预警线", "Alert below"), "num"), .init(l("操作", "Action"), "num"),
            ], rows)
    }
}
