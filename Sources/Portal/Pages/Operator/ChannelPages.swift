import Administration
import Engine
import Messaging
import NIOHTTP1

/// The channels, with their health and rates.
enum ChannelPages {
    static let routes: [PageRoute] = [
        .get("operator/channels", .operators(.view)) { try await list($0) },
        .get("operator/channels/new", .operators(.settings)) { newForm($0) },
        .post("operator/channels/new", .operators(.settings)) { try await add($0) },
        .get("operator/channels/:name", .operators(.view)) { try await show($0) },
        .get("operator/channels/:name/change", .operators(.settings)) { try await changeForm($0) },
        .post("operator/channels/:name/change", .operators(.settings)) { try await change($0) },
        .post("operator/channels/:name/enable", .operators(.settings)) { try await enable($0) },
        .post("operator/channels/:name/pause", .operators(.settings)) { try await pause($0) },
    ]

    private static let keys = ChannelSettings.table.options.filter { $0.kind.shape != .permission }.map(\.key)

    private static func settingForm(_ page: PageContext) -> SettingForm {
        SettingForm(page.l, ChannelSettings.table.options, only: keys)
    }

    private static func crumb(_ l: Language) -> (title: String, path: String) {
        (title: l("通道", "Channels"), path: "operator/channels")
    }

    private static func detail(_ page: PageContext) async throws -> ChannelDetail {
        try await page.administration.channel(page.parameters["name"] ?? "")
    }

    // MARK: List

    private static func list(_ page: PageContext) async throws -> PortalResponse {
        let l = page.l
        let channels = try await page.administration.channels(after: page.request.query["after"], limit: 50)
        let add: HTML? =
            page.has(.settings)
            ? "<a class=\"button\" href=\"/portal/operator/channels/new\">\(l("增加通道", "Add a channel"))</a>" : nil
        let table = Table(
            name: l("通道", "Channels"),
            columns: [
                .init(l("通道", "Channel"), "nowrap"), .init(l("接口", "Dialect")), .init(l("状态", "State"), "grow"),
                .init(l("等待", "Waiting"), "num"), .init(l("在途", "Under way"), "num"),
                .init(l("上分钟（条）", "Last minute"), "num"), .init(l("速率上限", "Rate"), "num"),
                .init(l("今日成功", "Delivered today"), "num"), .init(l("等报告", "Awaiting reports"), "num"),
            ], rows: channels.items.map { row($0, page) })
        let empty: HTML = """
            <div class="empty"><p class="title">\(l("还没有通道", "No channels yet"))</p>\
            <p>\(l("增加一条通道，短信才能发出去。", "Messages leave through a channel; add one."))</p></div>
            """
        let pager: HTML? = channels.next.map { next in
            """
            <nav class="pager" aria-label="\(l("分页", "Pages"))"><span></span><span></span>\
            <a rel="next" href="/portal/operator/channels?after=\(next)">\(l("下一页 ›", "Next ›"))</a></nav>
            """
        }
        let body: HTML = """
            <section class="sheet" id="channels" data-refresh="/portal/operator/channels" data-every="5">\
            \(channels.items.isEmpty ? empty : table.html)\(pager)</section>
            """
        return .page(
            Page(
                title: l("通道", "Channels"), section: .channels, actions: add ?? .empty, body: body,
                refreshSeconds: 5))
    }

    private static func row(_ channel: ChannelDetail, _ page: PageContext) -> [HTML] {
        let rate: HTML
        if case .integer(let number)? = channel.settings["rate"], number > 0 {
            rate = "\(Format.count(number))"
        } else {
            rate = "\(page.l("不限", "none"))"
        }
        let final = channel.today.delivered &+ channel.today.failed
        return [
            "<a href=\"/portal/operator/channels/\(channel.name)\">\(channel.name)</a>",
            "\(text(channel, "dialect"))", health(channel, page), "\(Format.count(channel.queued))",
            "\(Format.count(channel.inFlight))", "\(Format.count(channel.sentLastMinute))", rate,
            "\(Format.share(channel.today.delivered, of: final))", "\(Format.count(channel.awaitingReports))",
        ]
    }

    private static func text(_ channel: ChannelDetail, _ key: String) -> String {
        if case .text(let text)? = channel.settings[key] { text } else { "" }
    }

    /// Shape and words, and since when.
    static func health(_ channel: ChannelDetail, _ page: PageContext) -> HTML {
        let l = page.l
        let since: HTML? = channel.healthSince.map {
            "<small>\(l("\(Format.time($0, now: page.now)) 起", "since \(Format.time($0, now: page.now))"))</small>"
        }
        if !channel.isEnabled { return "<span class=\"state off\">\(l("停用", "Disabled"))</span>" }
        if let at = channel.pausedAt {
            let words = Format.time(at, now: page.now)
            return """
                <span class="state wait">\(l("暂停", "Paused"))</span>\
                <small>\(l("\(words) 起", "since \(words)"))</small>
                """
        }
        if let reason = channel.suspended {
            return "<span class=\"state wait\">\(l("不取报告", "Not polled"))</span><small>\(HTML.foreign(reason))</small>"
        }
        switch channel.health {
        case .untried: return "<span class=\"state\">\(l("还没有发过", "Untried"))</span>"
        case .healthy: return "<span class=\"state good\">\(l("正常", "Healthy"))</span>"
        case .down:
            return """
                <span class="state bad">\(l("断开", "Down"))</span>\(since)\
                <small>\(HTML.foreign(channel.healthDetail))</small>
                """
        }
    }

    // MARK: One

    private static func show(_ page: PageContext) async throws -> PortalResponse {
        let (channel, l) = (try await detail(page), page.l)
        let final = channel.today.delivered &+ channel.today.failed
        let figures: HTML = """
            <section class="sheet" id="figures" data-refresh="/portal/operator/channels/\(channel.name)" \
            data-every="5">\
            <dl class="figures"><div><dt>\(l("状态", "State"))</dt><dd>\(health(channel, page))</dd></div>\
            <div><dt>\(l("等待", "Waiting"))</dt><dd>\(Format.count(channel.queued))\
            <small>\(l("最久", "longest")) \(Format.duration(milliseconds: channel.oldestWaiting, l))</small></dd></div>\
            <div><dt>\(l("在途", "Under way"))</dt><dd>\(Format.count(channel.inFlight))</dd></div>\
            <div><dt>\(l("上分钟", "Last minute"))</dt><dd>\(Format.count(channel.sentLastMinute))</dd></div>\
            <div><dt>\(l("等报告", "Awaiting reports"))</dt><dd>\(Format.count(channel.awaitingReports))</dd></div>\
            <div><dt>\(l("今日成功", "Delivered today"))</dt><dd>\(Format.share(channel.today.delivered, of: final))\
            <small>\(Format.count(channel.today.delivered)) / \(Format.count(final))</small></dd></div></dl></section>
            """
        let body: HTML = """
            \(figures)<div class="two">\(facts(channel, page))\(totals(channel, l))</div>\
            \(try await danger(channel, page))
            """
        let change: HTML? =
            page.has(.settings)
            ? """
            <a class="button plain" href="/portal/operator/channels/\(channel.name)/change">\(l("修改", "Change"))</a>
            """
            : nil
        return .page(
            Page(
                title: channel.name, section: .channels,
                lead:
                    "\(text(channel, "dialect")) · \(HTML.foreign(text(channel, "url"))) · \(text(channel, "number"))",
                actions: change ?? .empty, crumbs: [crumb(l)], body: body, refreshSeconds: 5))
    }

    private static func facts(_ channel: ChannelDetail, _ page: PageContext) -> HTML {
        let l = page.l
        let values = settingForm(page).values(channel.settings)
        var items = ChannelSettings.table.options.compactMap { option -> HTML? in
            guard option.kind.shape != .permission, option.kind.shape != .secret else { return nil }
            let words = SettingWords.of(option)
            let all = values.all(option.key).map { SettingWords.choice($0, l) }
            let shown = all.joined(separator: "、").replacing("\n", with: "、")
            return "<dt>\(l(words.chinese, words.english))</dt><dd>\(shown.isEmpty ? "–" : HTML.foreign(shown))</dd>"
        }
        // The address has the token in it: it is a secret of the carrier's.
        if page.has(.settings) {
            items.append("<dt>\(l("回调路径", "Callback path"))</dt><dd><code>\(channel.callbackPath)</code></dd>")
        }
        if let at = channel.lastReportAt {
            items.append("<dt>\(l("最近的报告", "Last report"))</dt><dd>\(Format.time(at, now: page.now))</dd>")
        }
        if channel.callsGivenUp > 0 {
            items.append("<dt>\(l("放弃的请求", "Calls given up"))</dt><dd>\(Format.count(channel.callsGivenUp))</dd>")
        }
        return "<section class=\"sheet\"><h2>\(l("设置", "Settings"))</h2><dl class=\"facts\">\(items)</dl></section>"
    }

    private static func totals(_ channel: ChannelDetail, _ l: Language) -> HTML {
        func row(_ name: String, _ total: ChannelTotal) -> [HTML] {
            let final = total.delivered &+ total.failed
            return [
                "\(name)", "\(Format.count(total.submitted))", "\(Format.count(total.refused))",
                "\(Format.count(total.delivered))", "\(Format.count(total.failed))",
                "\(Format.share(total.delivered, of: final))",
            ]
        }
        let table = Table(
            name: l("发送量", "Volume"),
            columns: [
                .init(l("期间", "Period")), .init(l("提交", "Submitted"), "num"), .init(l("拒绝", "Refused"), "num"),
                .init(l("成功", "Delivered"), "num"), .init(l("失败", "Failed"), "num"),
                .init(l("成功率", "Share"), "num"),
            ], rows: [row(l("今日", "Today"), channel.today), row(l("本月", "This month"), channel.month)], isCards: false)
        return "<section class=\"sheet\"><h2>\(l("发送量", "Volume"))</h2>\(table.html)</section>"
    }

    /// What would become of what waits is said before the channel is disabled.
    private static func danger(_ channel: ChannelDetail, _ page: PageContext) async throws -> HTML? {
        guard page.has(.settings) else { return nil }
        let l = page.l
        let path = "/portal/operator/channels/\(channel.name)"
        let isPaused = channel.pausedAt != nil
        let pause: HTML = """
            <form method="post" action="\(path)/pause"><input type="hidden" name="on" value="\(isPaused ? "0" : "1")">\
            <button class="plain">\(isPaused ? l("恢复", "Resume") : l("暂停", "Pause"))</button></form>
            """
        guard channel.isEnabled else {
            return """
                <section class="sheet"><div class="sheet-head"><h2>\(l("启用", "Enable"))</h2>\
                <form method="post" action="\(path)/enable"><input type="hidden" name="on" value="1">\
                <button class="plain">\(l("启用", "Enable"))</button></form></div></section>
                """
        }
        let outlook = try await page.administration.outlook(ofChannel: channel.name)
        let words = l(
            """
            停用后等待的 \(outlook.waiting) 条里，\(outlook.moved) 条改走别的通道，\(outlook.ended) 条没有路由而失败，\(outlook.kept) 条继续等。暂停则都留着。
            """,
            """
            Of \(outlook.waiting) that wait, \(outlook.moved) would take other channels, \(outlook.ended) would fail \
            without a route, \(outlook.kept) would go on waiting. A pause keeps them all.
            """
        )
        let lost = outlook.lost.map { SettingWords.choice($0.name, l) }.joined(separator: "、")
        let lostWords: HTML? =
            lost.isEmpty
            ? nil : "<p class=\"quiet\">\(l("之后没有通道的网络：", "Networks without a channel then: "))\(lost)</p>"
        return """
            <section class="sheet danger-zone"><div class="sheet-head"><div><h2>\(l("暂停或停用", "Pause or disable"))</h2>\
            <p class="quiet">\(words)</p>\(lostWords)</div><div class="actions">\(pause)\
            <form method="post" action="\(path)/enable"><input type="hidden" name="on" value="0">\
            <button class="danger" data-confirm="\(l("停用 \(channel.name)？", "Disable \(channel.name)?"))">\
            \(l("停用", "Disable"))</button></form></div></div></section>
            """
    }

    // MARK: Forms

    private static func newForm(_ page: PageContext) -> PortalResponse {
        var values = FormFields()
        for name in ["mobile", "unicom", "telecom", "broadnet"] { values.append("networks", name) }
        return .page(formPage(page, nil, values, FormErrors()))
    }

    private static func formPage(
        _ page: PageContext, _ name: String?, _ values: FormFields, _ errors: FormErrors
    ) -> Page {
        let l = page.l
        let form = FormBuilder(l, values: values, errors: errors)
        let id: HTML? =
            name == nil
            ? form.input(
                "name", l("名称", "Name"),
                hint: l("1 至 32 个字母、数字、点、下划线或横线；以后不能改。", "1 to 32 letters, digits, '.', '-', '_'; fixed."))
            : nil
        let back = name.map { "operator/channels/\($0)" } ?? "operator/channels"
        let body: HTML = """
            \(form.summary)<form class="sheet form" method="post" data-unsaved>\(id)\(settingForm(page).html(form))\
            <div class="actions"><button>\(name == nil ? l("增加", "Add") : l("保存", "Save"))</button>\
            <a class="button plain" href="/portal/\(back)">\(l("取消", "Cancel"))</a></div></form>
            """
        let crumbs = [crumb(l)] + (name.map { [(title: $0, path: "operator/channels/\($0)")] } ?? [])
        return Page(
            title: name.map { l("修改 \($0)", "Change \($0)") } ?? l("增加通道", "Add a channel"), section: .channels,
            crumbs: crumbs, body: body, hasErrors: !errors.isEmpty)
    }

    private static func add(_ page: PageContext) async throws -> PortalResponse {
        let (form, settings) = (page.request.form, settingForm(page))
        var (given, errors) = settings.settings(form, current: nil)
        for option in ChannelSettings.table.options where option.use == .required && given[option.key] == nil {
            if errors[option.key] == nil { errors.add(option.key, page.l("请填写。", "This is needed.")) }
        }
        guard errors.isEmpty else { return .page(formPage(page, nil, form, errors), status: .badRequest) }
        do {
            let added = try await page.administration.addChannel(form["name"], given)
            return .redirect("operator/channels/\(added.name)", notice: Notice(kind: .added))
        } catch {
            return .page(formPage(page, nil, form, try settings.errors(error, page)), status: .badRequest)
        }
    }

    private static func changeForm(_ page: PageContext) async throws -> PortalResponse {
        let channel = try await detail(page)
        return .page(formPage(page, channel.name, settingForm(page).values(channel.settings), FormErrors()))
    }

    private static func change(_ page: PageContext) async throws -> PortalResponse {
        let (channel, settings) = (try await detail(page), settingForm(page))
        let form = page.request.form
        let (given, errors) = settings.settings(form, current: channel.settings)
        guard errors.isEmpty else { return .page(formPage(page, channel.name, form, errors), status: .badRequest) }
        let isSecret = given.contains { setting in
            ["password", "client_secret", "url", "user"].contains(setting.key)
        }
        if isSecret { try page.requireFreshLogin() }
        do {
            if !given.isEmpty { _ = try await page.administration.setChannel(channel.name, given) }
            return .redirect("operator/channels/\(channel.name)", notice: Notice(kind: .saved))
        } catch {
            return .page(formPage(page, channel.name, form, try settings.errors(error, page)), status: .badRequest)
        }
    }

    private static func enable(_ page: PageContext) async throws -> PortalResponse {
        let isOn = page.request.form["on"] == "1"
        let name = page.parameters["name"] ?? ""
        do {
            let channel = try await page.administration.enableChannel(name, isOn)
            return .redirect(
                "operator/channels/\(channel.name)", notice: Notice(kind: isOn ? .enabled : .disabled))
        } catch {
            guard error.kind == .invalid else { throw error }
            // No driver can be made of its settings: they are to be put right first.
            let channel = try await page.administration.channel(name)
            let settings = settingForm(page)
            let values = settings.values(channel.settings)
            return .page(formPage(page, name, values, try settings.errors(error, page)), status: .badRequest)
        }
    }

    private static func pause(_ page: PageContext) async throws -> PortalResponse {
        let isOn = page.request.form["on"] == "1"
        let channel = try await page.administration.pauseChannel(page.parameters["name"] ?? "", isOn)
        return .redirect("operator/channels/\(channel.name)", notice: Notice(kind: .saved))
    }
}
