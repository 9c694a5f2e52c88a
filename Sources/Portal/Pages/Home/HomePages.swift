import Engine
import Messaging

/// The first page after the login.
enum HomePages {
    static let routes: [PageRoute] = [
        .get("", .anyUser) { page in
            let login = try page.login()
            if login.user.mustChangePassword { return .redirect("password") }
            guard login.account != nil else { return .redirect("operator") }
            return .page(try await HomePage(page: page, entry: try page.account()).content())
        }
    ]
}

/// What a customer sees first: the account, today's figures, the last 30 days, the latest requests.
private struct HomePage {
    let page: PageContext
    let entry: AccountEntry

    /// Fewer days than this are said in a notice.
    private static let outlookNoticeDays: Int64 = 7
    private static let batches = 5

    private var l: Language { page.l }
    private var account: Account { entry.account }
    private var unit: ChargeUnit { account.chargeUnit }
    private var balance: Int64 { entry.balance }

    func content() async throws -> Page {
        let scope = try page.recordScope()
        let records = page.engine.records
        let course = try await records.course(of: scope, days: 30)
        let today = course.last?.total ?? AccountTotal()
        let day = page.now.chinaDay
        let failures = try await records.failures(of: scope, days: day...day, limit: 6)
        let outlook = try await outlook()
        var search = BatchSearch(scope: scope)
        search.limit = Self.batches
        let batches = page.has(.records) ? try await records.batches(search).items : []
        let hasSent = course.contains { $0.total.messages > 0 } || !batches.isEmpty
        let send: HTML? =
            page.has(.send) ? "<a class=\"button\" href=\"\(Portal.root)send\">\(l("发短信", "Send"))</a>" : nil
        let rest = hasSent ? chartAndFailures(course, failures, today) + latest(batches) : empty
        return Page(
            title: account.name.isEmpty ? account.id : account.name, section: .home, lead: lead,
            actions: send ?? .empty, body: "\(notices(outlook, today))\(figures(today, outlook))\(rest)")
    }

    /// Nil for an account that spends another's balance: what the others spend is not for it to see.
    private func outlook() async throws -> BalanceOutlook? {
        guard !entry.sharesBalance else { return nil }
        let directory = page.engine.accounts.directory
        let spenders = directory.scope(of: entry.key).filter { directory.account(key: $0)?.payer == entry.key }
        let spendable = balance.subtractingReportingOverflow(entry.balanceFloor).partialValue
        return try await page.engine.records.outlook(balance: spendable, of: AccountScope(spenders))
    }

    private var lead: HTML {
        let payment = account.payment == .prepaid ? l("预付", "prepaid") : l("后付", "postpaid")
        let price =
            unit == .money
            ? l("\(Format.yuan(account.price.microYuan)) 元/条", "¥\(Format.yuan(account.price.microYuan)) a segment")
            : l("按条计", "by segments")
        let last = page.visitor.login?.user.lastLogin.map { login in
            l(
                "上次登录 \(Format.time(login.at, now: page.now))，\(login.address)",
                "last login \(Format.time(login.at, now: page.now)), \(login.address)")
        }
        let words = [account.id, payment, price] + [last ?? l("首次登录", "first login")]
        return HTML(text: words.joined(separator: " · "))
    }

    // MARK: What wants attention

    private func notices(_ outlook: BalanceOutlook?, _ today: AccountTotal) -> HTML {
        var notices: [HTML] = []
        if balance <= entry.balanceFloor {
            notices.append(
                notice(
                    "bad", l("余额不足，暂时不能发送。", "The balance is used up; nothing can be sent."),
                    l("请联系运营方充值。", "Ask the operator for a recharge.")))
        } else if let days = outlook?.days, days < Self.outlookNoticeDays {
            notices.append(
                notice(
                    "wait", l("余额约可用 \(days) 天。", "The balance lasts for about \(days) days."),
                    l("按最近 7 个整天的平均用量。", "At the average of the last 7 whole days.")))
        }
        let final = today.delivered.addingReportingOverflow(today.failed).partialValue
        if final >= 100, today.failed > final / 10 {
            notices.append(
                notice(
                    "wait", l("今日失败较多。", "Many failures today."),
                    l(
                        "失败率 \(Format.share(today.failed, of: final))，原因见下。",
                        "\(Format.share(today.failed, of: final)) failed; the reasons are below.")))
        }
        return notices.joined()
    }

    private func notice(_ style: String, _ strong: String, _ words: String) -> HTML {
        let link: HTML? =
            page.has(.manage)
            ? " <a href=\"\(Portal.root)alerts\">\(l("余额预警", "Balance alert"))</a>" : nil
        return "<div class=\"notice \(style)\"><p><strong>\(strong)</strong>\(words)\(link)</p></div>"
    }

    // MARK: Today

    private func figures(_ today: AccountTotal, _ outlook: BalanceOutlook?) -> HTML {
        let label = unit == .money ? l("账户余额（元）", "Balance (yuan)") : l("账户余额（条）", "Balance (segments)")
        let total = today.messages
        let days: String =
            switch outlook?.days {
            case _ where outlook == nil: l("与上级账户共用", "shared with the account above")
            case let days? where days < BalanceOutlook.daysMax: l("约可用 \(days) 天", "about \(days) days")
            case .some: l("可用 10 年以上", "more than 10 years")
            case nil: l("最近 7 天没有消费", "nothing spent in 7 days")
            }
        let items: [(String, String, String, String)] = [
            (label, Format.amount(balance, unit), days, page.has(.bills) ? "bills" : ""),
            (l("今日发送总数", "Sent today"), Format.count(total), "", link("")),
            (
                l("今日发送成功数", "Delivered today"), Format.count(today.delivered),
                l(
                    "成功率 \(Format.share(today.delivered, of: total))",
                    "success \(Format.share(today.delivered, of: total))"), link("delivered")
            ),
            (
                l("今日发送失败数", "Failed today"), Format.count(today.failed), Format.share(today.failed, of: total),
                link("failed")
            ),
            (
                l("今日发送未知数", "Unknown today"), Format.count(today.unknown),
                l("等待状态报告", "awaiting reports"), link(RecordFilter.unknown)
            ),
            (l("5 秒内送达", "Within 5 s"), Format.share(today.deliveredFast, of: today.timed), "", ""),
        ]
        let list = items.map { item -> HTML in
            let small: HTML? = item.2.isEmpty ? nil : "<small>\(item.2)</small>"
            let figure: HTML = item.3.isEmpty ? "\(item.1)" : "<a href=\"\(Portal.root)\(item.3)\">\(item.1)</a>"
            return "<div><dt>\(item.0)</dt><dd>\(figure)\(small)</dd></div>"
        }
        let time = page.now.chinaText.dropFirst(11)
        let words = l(
            "成功率 = 成功数 ÷ 发送总数；未知是尚无最终状态报告的短信。以号码计，数字截至 \(time)。"
                + "5 秒内送达：从受理（定时的从到时）到最后一条的状态报告，占已送达的比例。",
            "Success = delivered ÷ sent; unknown has no final report yet. Counted by recipients, as of \(time). "
                + "Within 5 s: from acceptance, or from when a scheduled message became due, to the last report.")
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("今日", "Today"))<small>\
            \(l("0 时起", "since midnight"))</small></h2></div><dl class="figures">\(list)</dl>\
            <p class="hint">\(words)</p></section>
            """
    }

    private func link(_ status: String) -> String {
        guard page.has(.records) else { return "" }
        return status.isEmpty ? "records" : "records?s=\(status)"
    }

    // MARK: The days before

    private func chartAndFailures(
        _ course: [(day: Int, total: AccountTotal)], _ failures: [FailureCount], _ today: AccountTotal
    ) -> HTML {
        let chart = DayChart(l: l, days: course).html
        let table: HTML =
            today.failed == 0
            ? """
            <div class="empty"><p class="title">\(l("今日没有失败", "No failure today"))</p></div>
            """
            : CodeWords.table(failures, total: today.failed, l) { code in
                page.has(.records)
                    ? "\(Portal.root)records?\(FormFields.query([("s", "failed"), ("k", code)]))" : nil
            }
        return """
            <div class="two even"><section class="sheet"><div class="sheet-head">\
            <h2>\(l("最近 30 天", "The last 30 days"))</h2></div>\(chart)</section>\
            <section class="sheet"><div class="sheet-head"><h2>\(l("失败原因", "Reasons of failures"))<small>\
            \(l("今日", "today"))</small></h2></div>\(table)</section></div>
            """
    }

    private func latest(_ batches: [Batch]) -> HTML {
        guard !batches.isEmpty else { return .empty }
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("最近批次", "Latest requests"))</h2>\
            <a href="\(Portal.root)records/batches">\(l("全部批次", "All requests"))</a></div>\
            \(RequestTable(page: page).html(batches))</section>
            """
    }

    private var empty: HTML {
        let interfaces: HTML? =
            page.has(.manage)
            ? "<a class=\"button plain\" href=\"\(Portal.root)api\">\(l("看接口说明", "The interfaces"))</a>" : nil
        let send: HTML? =
            page.has(.send)
            ? "<a class=\"button\" href=\"\(Portal.root)send\">\(l("发第一条短信", "Send the first one"))</a>" : nil
        let words = l(
            "余额到账后，在“短信发送”里写内容、填号码，核对后发出；系统对接见“接口对接”。",
            "Write a text and numbers under Send and check them, or connect a system through the interfaces.")
        return """
            <section class="sheet"><div class="empty"><p class="title">\
            \(l("还没有发过短信", "Nothing was sent yet"))</p><p>\(words)</p>\
            <div class="actions">\(send)\(interfaces)</div></div></section>
            """
    }
}
