import Administration
import Engine
import Messaging
import NIOHTTP1

/// The routes, with the dry run.
enum RoutingPages {
    static let routes: [PageRoute] = [
        .get("operator/routes", .operators(.view)) { try await list($0, nil) },
        // A number is not put into an address: the dry run is a form that changes nothing.
        .post("operator/routes/explain", .operators(.view)) { try await explain($0) },
        .get("operator/routes/new", .operators(.settings)) { .page(formPage($0, nil, FormFields(), FormErrors())) },
        .post("operator/routes/new", .operators(.settings)) { try await add($0) },
        .get("operator/routes/:name/change", .operators(.settings)) { try await changeForm($0) },
        .post("operator/routes/:name/change", .operators(.settings)) { try await change($0) },
        .post("operator/routes/:name/enable", .operators(.settings)) { try await enable($0) },
        .post("operator/routes/:name/remove", .operators(.settings)) { try await remove($0) },
    ]

    private static let keys = RouteSettings.table.options.map(\.key)

    private static func settingForm(_ page: PageContext) -> SettingForm {
        SettingForm(page.l, RouteSettings.table.options, only: keys)
    }

    private static func crumb(_ l: Language) -> (title: String, path: String) {
        (title: l("路由", "Routes"), path: "operator/routes")
    }

    // MARK: List and dry run

    /// - Parameter dry: what is shown below the form of the dry run.
    private static func list(_ page: PageContext, _ dry: (form: FormFields, result: HTML)?) async throws
        -> PortalResponse
    {
        let l = page.l
        let routes = await page.administration.routes(after: page.request.query["after"], limit: 100)
        // In the order in which they are asked.
        let sorted = routes.items.sorted { (priority($0), $1.name) > (priority($1), $0.name) }
        let table = Table(
            name: l("路由", "Routes"),
            columns: [
                .init(l("优先级", "Priority"), "num"), .init(l("名称", "Name"), "nowrap"), .init(l("客户", "Accounts")),
                .init(l("网络", "Networks")), .init(l("号段", "Prefixes")), .init(l("通道", "Channels"), "grow"),
                .init(l("状态", "State")), .init(l("操作", "Actions")),
            ], rows: sorted.map { row($0, page) })
        let empty: HTML = """
            <div class="empty"><p class="title">\(l("没有路由", "No routes"))</p>\
            <p>\(l("没有路由时，每条短信走能服务它的通道里优先级最高的。",
                "Without routes each message takes the channel of the highest priority that serves its network."))\
            </p></div>
            """
        let add: HTML? =
            page.has(.settings)
            ? "<a class=\"button\" href=\"/portal/operator/routes/new\">\(l("增加路由", "Add a route"))</a>" : nil
        let pager: HTML? = routes.next.map { next in
            """
            <nav class="pager" aria-label="\(l("分页", "Pages"))"><span></span><span></span>\
            <a rel="next" href="/portal/operator/routes?after=\(next)">\(l("下一页 ›", "Next ›"))</a></nav>
            """
        }
        let body: HTML = """
            <section class="sheet">\(sorted.isEmpty ? empty : table.html)\(pager)</section>\(dryRun(page, dry))
            """
        return .page(
            Page(
                title: l("路由", "Routes"), section: .routes,
                lead: "\(l("优先级大的先看，第一条符合的起作用", "The highest priority first; the first that matches counts"))",
                actions: add ?? .empty, body: body))
    }

    private static func priority(_ route: RouteDetail) -> Int64 {
        if case .integer(let number)? = route.settings["priority"] { number } else { 0 }
    }

    private static func row(_ route: RouteDetail, _ page: PageContext) -> [HTML] {
        let l = page.l
        func list(_ key: String) -> HTML {
            guard case .list(let items)? = route.settings[key], !items.isEmpty else { return "\(l("全部", "all"))" }
            let shown = items.prefix(8).map { SettingWords.choice($0, l) }.joined(separator: "、")
            return items.count > 8
                ? "\(shown)…<small>\(l("共 \(items.count) 个", "\(items.count) in all"))</small>" : "\(shown)"
        }
        let state: HTML =
            route.isEnabled
            ? "<span class=\"state good\">\(l("启用", "Enabled"))</span>"
            : "<span class=\"state off\">\(l("停用", "Disabled"))</span>"
        return [
            "\(priority(route))", "\(route.name)", list("accounts"), list("networks"), list("prefixes"),
            list("channels"), state, actions(route, page),
        ]
    }

    private static func actions(_ route: RouteDetail, _ page: PageContext) -> HTML {
        guard page.has(.settings) else { return .empty }
        let l = page.l
        let path = "/portal/operator/routes/\(route.name)"
        return """
            <div class="actions"><a href="\(path)/change">\(l("修改", "Change"))</a>\
            <form method="post" action="\(path)/enable"><input type="hidden" name="on" \
            value="\(route.isEnabled ? "0" : "1")">\
            <button class="link">\(route.isEnabled ? l("停用", "Disable") : l("启用", "Enable"))</button></form>\
            <form method="post" action="\(path)/remove"><button class="link danger" \
            data-confirm="\(l("删除路由 \(route.name)？", "Remove the route \(route.name)?"))">\(l("删除", "Remove"))\
            </button></form></div>
            """
    }

    private static func dryRun(_ page: PageContext, _ dry: (form: FormFields, result: HTML)?) -> HTML {
        let l = page.l
        let form = dry?.form ?? FormFields()
        return """
            <section class="sheet" id="dry"><div class="sheet-head"><h2>\(l("试走", "Dry run"))\
            <small>\(l("不发送", "sends nothing"))</small></h2></div>\
            <form class="filters" method="post" action="/portal/operator/routes/explain" data-again>\
            <div><label for="account">\(l("客户", "Account"))</label><input id="account" name="account" \
            value="\(form["account"])"></div>\
            <div><label for="number">\(l("手机号", "Number"))</label>\
            <input id="number" name="number" inputmode="numeric" autocomplete="off" value="\(form["number"])"></div>\
            <div class="actions"><button class="plain">\(l("试走", "Try"))</button></div></form>\(dry?.result)</section>
            """
    }

    private static func explain(_ page: PageContext) async throws -> PortalResponse {
        let (form, l) = (page.request.form, page.l)
        do {
            let (explanation, _) = try await page.administration.explain(
                account: form["account"], mobile: form["number"])
            return try await list(page, (form, RouteWords(page: page, explanation: explanation).html))
        } catch let error as AdministrationError {
            let words =
                error.kind == .notFound
                ? l("没有这个客户。", "There is no such account.")
                : l("不是可以发送的手机号。", "This is no number that can be sent to.")
            return try await list(page, (form, "<div class=\"notice bad\" role=\"alert\"><p>\(words)</p></div>"))
        }
    }

    // MARK: Forms

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
        let body: HTML = """
            \(form.summary)<form class="sheet form" method="post" data-unsaved>\(id)\(settingForm(page).html(form))\
            <div class="actions"><button>\(name == nil ? l("增加", "Add") : l("保存", "Save"))</button>\
            <a class="button plain" href="/portal/operator/routes">\(l("取消", "Cancel"))</a></div></form>
            """
        return Page(
            title: name.map { l("修改路由 \($0)", "Change route \($0)") } ?? l("增加路由", "Add a route"), section: .routes,
            crumbs: [crumb(l)], body: body, hasErrors: !errors.isEmpty)
    }

    private static func add(_ page: PageContext) async throws -> PortalResponse {
        let (form, settings) = (page.request.form, settingForm(page))
        let (given, errors) = settings.settings(form, current: nil)
        guard errors.isEmpty else { return .page(formPage(page, nil, form, errors), status: .badRequest) }
        do {
            _ = try await page.administration.addRoute(form["name"], given)
            return .redirect("operator/routes", notice: Notice(kind: .added))
        } catch {
            return .page(formPage(page, nil, form, try settings.errors(error, page)), status: .badRequest)
        }
    }

    private static func changeForm(_ page: PageContext) async throws -> PortalResponse {
        let route = try await page.administration.route(page.parameters["name"] ?? "")
        return .page(formPage(page, route.name, settingForm(page).values(route.settings), FormErrors()))
    }

    private static func change(_ page: PageContext) async throws -> PortalResponse {
        let (form, settings) = (page.request.form, settingForm(page))
        let route = try await page.administration.route(page.parameters["name"] ?? "")
        let (given, errors) = settings.settings(form, current: route.settings)
        guard errors.isEmpty else { return .page(formPage(page, route.name, form, errors), status: .badRequest) }
        do {
            if !given.isEmpty { _ = try await page.administration.setRoute(route.name, given) }
            return .redirect("operator/routes", notice: Notice(kind: .saved))
        } catch {
            return .page(formPage(page, route.name, form, try settings.errors(error, page)), status: .badRequest)
        }
    }

    private static func enable(_ page: PageContext) async throws -> PortalResponse {
        let isOn = page.request.form["on"] == "1"
        _ = try await page.administration.enableRoute(page.parameters["name"] ?? "", isOn)
        return .redirect("operator/routes", notice: Notice(kind: isOn ? .enabled : .disabled))
    }

    private static func remove(_ page: PageContext) async throws -> PortalResponse {
        _ = try await page.administration.removeRoute(page.parameters["name"] ?? "")
        return .redirect("operator/routes", notice: Notice(kind: .removed))
    }
}

/// The dry run in words.
struct RouteWords {
    let page: PageContext
    let explanation: RouteExplanation

    private var l: Language { page.l }

    var html: HTML {
        let network = explanation.network.map { SettingWords.choice($0.name, l) } ?? l("没有网络的号段", "no network")
        let ported = explanation.isPorted ? l("，携号转网", ", ported") : ""
        let channels = explanation.channels.map { channel -> [HTML] in
            [
                "\(channel.name)", verdict(channel.verdict), "\(channel.priority)", "\(channel.weight)",
                "\(Format.count(channel.queued))",
            ]
        }
        let table = Table(
            name: l("各通道", "Channels"),
            columns: [
                .init(l("通道", "Channel")), .init(l("结果", "Verdict"), "grow"), .init(l("优先级", "Priority"), "num"),
                .init(l("份额", "Weight"), "num"), .init(l("等待", "Waiting"), "num"),
            ], rows: channels)
        return """
            <ol class="timeline"><li class="good"><p class="title">\(l("号码属于 \(network)\(ported)",
                "The number is of \(network)\(ported)"))</p></li>\
            \(routeLine)\(outcomeLine)</ol>\(table.html)
            """
    }

    private var routeLine: HTML {
        let passed = explanation.passedOver.joined(separator: "、")
        let small: HTML? =
            passed.isEmpty
            ? nil : "<p class=\"quiet\">\(l("跳过（通道都停用）：", "Passed over, all channels off: "))\(passed)</p>"
        guard let route = explanation.route else {
            return
                """
                <li><p class="title">\(l("没有符合的路由，看全部通道", "No route matches; every channel is asked"))</p>\(small)</li>
                """
        }
        let prefix: HTML? = explanation.prefix.map { "<p class=\"quiet\">\(l("号段", "Prefix")) \($0.text)</p>" }
        return
            """
            <li class="good"><p class="title">\(l("路由 \(route.name) 符合", "Route \(route.name) matches"))</p>\(prefix)\
            \(small)</li>
            """
    }

    private var outcomeLine: HTML {
        switch explanation.outcome {
        case .channel(let name):
            "<li class=\"good\"><p class=\"title\">\(l("走 \(name)", "Takes \(name)"))</p></li>"
        case .noRoute:
            "<li class=\"bad\"><p class=\"title\">\(l("没有通道，以 NOROUTE 失败", "No channel: ends as NOROUTE"))</p></li>"
        case .waits:
            "<li class=\"wait\"><p class=\"title\">\(l("等到有通道启用", "Waits until a channel is on"))</p></li>"
        }
    }

    private func verdict(_ verdict: RouteExplanation.Verdict) -> HTML {
        switch verdict {
        case .chosen: "<span class=\"state good\">\(l("选中", "Chosen"))</span>"
        case .off: "<span class=\"state off\">\(l("停用", "Off"))</span>"
        case .doesNotServe: "<span class=\"state off\">\(l("不服务这个网络", "Does not serve the network"))</span>"
        case .lowerPriority: "<span class=\"state\">\(l("优先级较低", "Lower priority"))</span>"
        case .notInRoute: "<span class=\"state off\">\(l("不在路由里", "Not on the route"))</span>"
        case .paused: "<span class=\"state wait\">\(l("暂停", "Paused"))</span>"
        case .cannotCarryExtension: "<span class=\"state off\">\(l("放不下扩展号", "No room for the extension"))</span>"
        case .fuller: "<span class=\"state\">\(l("等待的太多", "Has far more waiting"))</span>"
        case .notItsTurn: "<span class=\"state\">\(l("按份额轮到别的通道", "Another's turn by weight"))</span>"
        case .failing(let reason):
            "<span class=\"state bad\">\(l("断开", "Fails"))</span><small>\(HTML.foreign(reason))</small>"
        }
    }
}
