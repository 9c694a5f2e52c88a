import Administration
import Engine
import Messaging

/// One message with everything that happened to it.
enum MessagePages {
    static func show(_ page: PageContext) async throws -> PortalResponse {
        let id = MessageID(rawValue: try page.integer("id"))
        let scope = try page.recordScope()
        let timeline = try await page.engine.records.timeline(of: id, scope: scope)
        guard let record = try await page.engine.records.records(of: [timeline.id], scope: scope).first else {
            throw PageFailure.notFound
        }
        let isBilled = page.visitor.login?.account == nil || page.has(.bills)
        let entries = isBilled ? try await page.engine.records.ledgerEntries(of: timeline.id, scope: scope) : []
        return .page(MessageView(page: page, timeline: timeline, record: record, ledger: entries).content)
    }
}

/// What is shown of one message.
private struct MessageView {
    let page: PageContext
    let timeline: MessageTimeline
    let record: MessageRecord
    let ledger: [LedgerEntry]

    private var l: Language { page.l }
    private var root: String { "\(Portal.root)\(page.recordsRoot)" }
    private var isOperator: Bool { page.visitor.login?.account == nil }

    var content: Page {
        var crumbs = [(title: l("发送记录", "Sent messages"), path: page.recordsRoot)]
        if let request = record.request {
            crumbs.append(
                (
                    l("批次 \(request.rawValue)", "Request \(request.rawValue)"),
                    "\(page.recordsRoot)/batches/\(request.rawValue)"
                ))
        }
        let number = page.shown(number: record.mobile)
        let network = page.administration.network(of: record.mobile).map { "\($0)" }
        let carrier: HTML? = network.map { " · \(Self.name($0, l))" }
        let link: HTML = """
            <a class="button plain" href="\(root)/messages/\(timeline.id.rawValue)/number">\
            \(l("这个号码的时间线", "All of this number"))</a>
            """
        return Page(
            title: l("短信 \(timeline.id.rawValue)", "Message \(timeline.id.rawValue)"),
            section: page.recordsSection, lead: "\(number)\(carrier) · \(record.listed.mark(l))", actions: link,
            crumbs: crumbs,
            body: """
                <div class="two">\(course)<div class="stack">\(text)\(facts)\(money)</div></div>
                """)
    }

    /// A network by the name of its operator.
    static func name(_ network: String, _ l: Language) -> String {
        switch network {
        case "mobile": l("中国移动", "China Mobile")
        case "unicom": l("中国联通", "China Unicom")
        case "telecom": l("中国电信", "China Telecom")
        case "broadnet": l("中国广电", "China Broadnet")
        case "international": l("国际及港澳台", "outside the mainland")
        default: network
        }
    }

    // MARK: Course

    private var course: HTML {
        let items = timeline.entries.filter { isShown($0) }.map { entry -> HTML in
            let words = detail(entry)
            let detail: HTML? = words.isEmpty ? nil : "<p class=\"quiet\">\(words)</p>"
            return """
                <li class="\(style(entry))"><time>\(Format.time(entry.at, now: page.now))</time>\
                <p class="title">\(title(entry))</p>\(detail)</li>
                """
        }
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("经过", "What happened"))</h2></div>\
            <ol class="timeline">\(items)</ol></section>
            """
    }

    /// Which channel it went through, and what the carrier's side said of the call, is for operators.
    private func isShown(_ entry: MessageTimeline.Entry) -> Bool {
        isOperator || (entry.kind != "routed" && !entry.kind.hasPrefix("attempt ") || isBegun(entry))
    }

    private func isBegun(_ entry: MessageTimeline.Entry) -> Bool {
        entry.kind.hasPrefix("attempt ") && entry.detail.hasPrefix("begun on ")
    }

    /// What customers read of an entry names no channel.
    private func detail(_ entry: MessageTimeline.Entry) -> HTML {
        if isOperator { return HTML.foreign(entry.detail) }
        return switch entry.kind {
        case _ where isBegun(entry): HTML.foreign(timeline.accessNumber)
        case "accepted": HTML.foreign(timeline.customID)
        case "report", "refund", "charged", "scheduled", "valid until", "collected", "pushed",
            TimelineKind.keptBack.rawValue,
            TimelineKind.keptBackWhenDue.rawValue, TimelineKind.cancelled.rawValue:
            HTML.foreign(entry.detail)
        default: .empty
        }
    }

    private func style(_ entry: MessageTimeline.Entry) -> HTML {
        switch entry.kind {
        case "accepted", "collected", "pushed": "good"
        case "report": entry.detail.contains("DELIVRD") ? "good" : "bad"
        case TimelineKind.keptBack.rawValue, TimelineKind.keptBackWhenDue.rawValue, "invalid number": "bad"
        case _ where entry.kind.hasPrefix("attempt "): "wait"
        default: ""
        }
    }

    private func title(_ entry: MessageTimeline.Entry) -> HTML {
        let words: String? =
            switch entry.kind {
            case "accepted": l("已受理", "Accepted")
            case "invalid number": l("号码无效，不计费", "Not a number; not charged")
            case "charged": l("预扣", "Charged")
            case "scheduled": l("定时", "Scheduled")
            case "valid until": l("有效期至", "Worth sending until")
            case "routed": l("选定通道", "Channel chosen")
            case "report": l("状态报告", "Report")
            case "refund": l("退费", "Paid back")
            case "collected": l("报告已取走", "Report collected")
            case "pushed": l("报告已推送", "Report pushed")
            case TimelineKind.keptBack.rawValue: l("按规则拦下", "Kept back by a rule")
            case TimelineKind.keptBackWhenDue.rawValue: l("到时在黑名单中，未发", "On a blacklist when due")
            case TimelineKind.cancelled.rawValue: l("已取消", "Cancelled")
            case TimelineKind.retry.rawValue: l("换通道再发", "Another channel")
            case TimelineKind.resent.rawValue: l("重新排队", "Queued again")
            case TimelineKind.settledByHand.rawValue: l("人工核定", "Resolved by hand")
            case TimelineKind.interimReport.rawValue: l("中间报告", "Interim report")
            case TimelineKind.lateReport.rawValue: l("迟到的报告", "Late report")
            case TimelineKind.repeatedReport.rawValue: l("重复的报告", "Repeated report")
            case _ where isBegun(entry): l("已提交运营商", "Handed to the carrier")
            default: nil
            }
        return words.map { HTML(text: $0) } ?? HTML.foreign(entry.kind)
    }

    // MARK: Text, facts, money

    private var text: HTML {
        """
        <section class="sheet"><div class="sheet-head"><h2>\(l("内容", "Text"))</h2></div>\
        \(SentText.html(timeline.content))<p class="quiet">\
        \(l("计 \(timeline.segments) 条", "\(timeline.segments) segments"))</p></section>
        """
    }

    private var facts: HTML {
        let scheduled: HTML? = timeline.scheduledAt.map {
            "<dt>\(l("定时", "Scheduled"))</dt><dd>\(Format.time($0, now: page.now))</dd>"
        }
        let channel: HTML? =
            isOperator && timeline.channel != nil
            ? "<dt>\(l("通道", "Channel"))</dt><dd>\(timeline.channel ?? "")</dd>" : nil
        return """
            <section class="sheet"><dl class="facts"><dt>\(l("发送账户", "Account"))</dt><dd>\(timeline.account)</dd>\
            <dt>\(l("客户编号", "Custom id"))</dt><dd>\(HTML.foreign(timeline.customID))</dd>\
            <dt>\(l("接入号", "Sent from"))</dt><dd>\(timeline.accessNumber.isEmpty ? "–" : timeline.accessNumber)</dd>\
            <dt>\(l("状态报告", "Report"))</dt><dd>\(CodeWords.cell(timeline.status, l))</dd>\(scheduled)\(channel)</dl>\
            </section>
            """
    }

    private var money: HTML? {
        guard isOperator || page.has(.bills) else { return nil }
        let unit = timeline.unit
        let net = timeline.charged - timeline.refunded
        let table: HTML? =
            ledger.isEmpty
            ? nil
            : """
            <details><summary>\(l("流水 \(ledger.count) 笔", "\(ledger.count) ledger entries"))</summary>\
            \(LedgerTable(page: page, isOfOne: true).html(ledger))</details>
            """
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("费用", "Cost"))</h2></div>\
            <dl class="facts"><dt>\(l("预扣", "Charged"))</dt><dd>\(Format.amount(timeline.charged, unit, l))</dd>\
            <dt>\(l("退回", "Paid back"))</dt><dd>\(Format.amount(timeline.refunded, unit, l))</dd>\
            <dt>\(l("实收", "Net"))</dt><dd><b>\(Format.amount(net, unit, l))</b></dd></dl>\(table)</section>
            """
    }
}

/// A message's text with its signature set off.
enum SentText {
    static func html(_ content: String, isReply: Bool = false) -> HTML {
        if !isReply, content.hasPrefix("【"), let end = content.firstIndex(of: "】") {
            let next = content.index(after: end)
            return "<p class=\"sms\"><b>\(HTML.foreign(content[..<next]))</b>\(HTML.foreign(content[next...]))</p>"
        }
        return "<p class=\"sms\(" in", if: isReply)\">\(HTML.foreign(content))</p>"
    }
}
