import Engine
import Messaging
import Sheets

/// What became of a batch: how far it is, what it cost, why messages failed.
enum SendBatchPages {
    static let routes: [PageRoute] = [
        .get("send/batches", .customer(.send)) { try await list($0) },
        .get("send/batches/:id", .customer(.send)) { try await show($0) },
        .post("send/batches/:id/cancel", .customer(.send)) { try await cancel($0) },
        .post("send/batches/:id/again", .customer(.send)) { try await again($0) },
    ]

    private static let perPage = 50
    /// Requests whose scheduled messages one commit takes out.
    private static let cancelledAtOnce = 20

    // MARK: The list

    private static func list(_ page: PageContext) async throws -> PortalResponse {
        let l = page.l
        let before = page.request.query.integer("before").map { Timestamp(milliseconds: $0) }
        let tasks = try await page.engine.taskRunner.tasks(
            of: [try page.account().key], kinds: [.batch], before: before, limit: perPage)
        let title = l("发送批次", "Batches")
        let crumbs = [(title: l("短信发送", "Send messages"), path: "send")]
        guard !tasks.isEmpty else {
            let body: HTML = """
                <section class="sheet"><div class="empty"><p class="title">\(l("还没有发过批次", "No batches yet"))</p>\
                <p>\(l("写好内容、选好号码，核对之后就在这里看进度。", "Write a text, choose numbers and send it."))</p>\
                <div class="actions"><a class="button" href="/portal/send">\(l("发短信", "Send messages"))</a></div>\
                </div></section>
                """
            return .page(Page(title: title, section: .send, crumbs: crumbs, body: body))
        }
        let unit = try page.account().account.chargeUnit
        let table = Table(
            name: title,
            columns: [
                .init(l("提交时间", "Time"), "nowrap"), .init(l("短信内容", "Text"), "grow"),
                .init(l("收件人", "Recipients"), "num"), .init(l("计费条", "Segments"), "num"),
                .init(l("金额", "Amount"), "num"), .init(l("状态", "State")),
            ],
            rows: tasks.map { row($0, page, unit) })
        let older: HTML? =
            tasks.count == perPage
            ? """
            <nav class="pager" aria-label="\(l("分页", "Pages"))"><span></span><a rel="next" \
            href="/portal/send/batches?before=\(tasks[perPage - 1].createdAt.milliseconds)">\
            \(l("更早的", "Older")) ›</a></nav>
            """ : nil
        return .page(
            Page(
                title: title, section: .send, crumbs: crumbs,
                body: "<section class=\"sheet\">\(table.html)\(older)</section>"))
    }

    private static func row(_ task: TaskRecord, _ page: PageContext, _ unit: ChargeUnit) -> [HTML] {
        let result = task.batchResult ?? BatchResult()
        let content = task.batchParameters?.content ?? ""
        return [
            "\(Format.time(task.sentAt ?? task.createdAt, now: page.now))<small>\(task.user)</small>",
            "<a class=\"clip\" href=\"/portal/send/batches/\(task.id)\">\(HTML.foreign(content))</a>",
            "\(Format.count(result.recipients))", "\(Format.count(result.segments))",
            "\(Format.amount(result.cost, unit))", TaskWords.state(task, page.l),
        ]
    }

    // MARK: One batch

    private static func show(_ page: PageContext) async throws -> PortalResponse {
        let l = page.l
        let task = try await TaskPages.task(page, [.quote, .batch])
        guard task.kind == .batch, let draft = task.batchParameters, let result = task.batchResult else {
            return .redirect("send/check/\(task.id)")
        }
        let progress = try await page.engine.taskRunner.progress(of: task)
        let batch = Batch(page: page, task: task, draft: draft, result: result, progress: progress)
        let time = Format.time(task.sentAt ?? task.createdAt, now: page.now)
        let name: HTML = task.fileName.isEmpty ? .empty : " · \(HTML.foreign(task.fileName))"
        let body: HTML = """
            \(SendPages.steps(2, l))\(notice(batch))\(progressSheet(batch))\
            <div class="two">\(contentSheet(batch))\(failures(batch))</div>
            """
        var shown = Page(
            title: l("批次 \(task.id.rawValue.prefix(8))", "Batch \(task.id.rawValue.prefix(8))"), section: .send,
            lead: "\(l("\(time) 由 \(task.user) 提交", "\(time) by \(task.user)"))\(name)", actions: actions(batch),
            crumbs: [(l("发送批次", "Batches"), "send/batches")], body: body)
        if batch.isMoving { shown.refreshSeconds = 5 }
        return .page(shown)
    }

    /// What the page shows.
    struct Batch {
        let page: PageContext
        let task: TaskRecord
        let draft: BatchParameters
        let result: BatchResult
        let progress: BatchProgress

        var l: Language { page.l }
        var unit: ChargeUnit { page.visitor.login?.account?.account.chargeUnit ?? .money }
        func count(_ state: MessageState) -> Int { progress.byState[state] ?? 0 }
        var cancelled: Int { progress.byStatus["DELETED"] ?? 0 }
        var failed: Int { count(.failed) - cancelled }
        var waiting: Int { count(.queued) + count(.submitted) }
        var scheduled: Int { count(.scheduled) }
        /// Recipients that the engine has not taken yet.
        var unsent: Int { max(0, result.recipients - progress.messages) }
        /// Whether the figures may change soon.
        var isMoving: Bool { !task.state.isFinal || waiting > 0 }
        /// Whether there is something to cancel.
        var isCancellable: Bool { !task.state.isFinal || scheduled > 0 }
    }

    private static func notice(_ batch: Batch) -> HTML? {
        let (l, task) = (batch.l, batch.task)
        let sent = l(
            "已受理 \(Format.count(batch.progress.messages)) 个，未发送 \(Format.count(batch.unsent)) 个。",
            "\(batch.progress.messages) were taken, \(batch.unsent) were not sent.")
        switch task.state {
        case .failed:
            return """
                <div class="notice bad" role="alert"><p><strong>\(TaskWords.failure(task.error, l))</strong>\
                \(sent)</p></div>
                """
        case .cancelled:
            return "<div class=\"notice wait\"><p><strong>\(l("已取消。", "Cancelled."))</strong>\(sent)</p></div>"
        default: break
        }
        guard !batch.result.refused.isEmpty else { return nil }
        let reasons = batch.result.refused.sorted { $0.key < $1.key }.map { rule, count in
            "\(TaskWords.refusal(rule, l)) \(Format.count(count))"
        }
        return """
            <div class="notice wait"><p><strong>\(l("有些号码没有发送：", "Some were not sent: "))</strong>\
            \(reasons.joined(separator: l("，", ", ")))</p></div>
            """
    }

    private static func progressSheet(_ batch: Batch) -> HTML {
        let l = batch.l
        let delivered = batch.count(.delivered)
        let total = max(1, batch.result.recipients)
        let parts: [(style: StaticString, label: String, count: Int)] = [
            ("c-good", l("成功", "Delivered"), delivered), ("c-bad", l("失败", "Failed"), batch.failed),
            ("c-wait", l("等待报告", "Waiting for a report"), batch.waiting),
            ("c-off", l("未发出", "Not sent"), batch.unsent + batch.scheduled + batch.cancelled),
        ]
        var start = 0
        var bars: [HTML] = []
        for part in parts {
            let width = part.count * 100 / total
            bars.append("<rect class=\"\("\(part.style)")\" x=\"\(start)\" width=\"\(width)\" height=\"1\"/>")
            start += width
        }
        let words = parts.map { "\($0.label) \($0.count * 100 / total)%" }.joined(separator: l("，", ", "))
        let legend = parts.map { part -> HTML in
            "<li><i class=\"\("\(part.style)")\"></i>\(part.label) \(Format.count(part.count))</li>"
        }
        let pause = batch.task.state.isFinal ? 5 : 2
        let refresh: HTML? =
            batch.isMoving
            ? " data-refresh=\"/portal/send/batches/\(batch.task.id)\" data-every=\"\(pause)\""
            : nil
        return """
            <section class="sheet" id="progress"\(refresh)><div class="sheet-head"><h2>\(l("进度", "Progress"))</h2>\
            <span class="quiet" role="status">\(status(batch))</span></div>\
            <svg class="meter" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label="\(words)">\
            \(bars)</svg>\
            <ul class="legend">\(legend)</ul>\(figures(batch))</section>
            """
    }

    private static func status(_ batch: Batch) -> String {
        let l = batch.l
        if !batch.task.state.isFinal {
            return l(
                "提交中，\(Format.count(batch.task.done)) / \(Format.count(batch.task.total))",
                "Submitting, \(batch.task.done) / \(batch.task.total)")
        }
        if batch.scheduled > 0 { return l("已定时，等待发送", "Scheduled") }
        return batch.waiting > 0 ? l("已全部提交，等待报告", "Submitted, waiting for reports") : l("已结束", "Ended")
    }

    private static func figures(_ batch: Batch) -> HTML {
        let (l, progress) = (batch.l, batch.progress)
        let unit = batch.unit == .money ? l("元", "yuan") : l("条", "segments")
        let back = Format.amount(progress.refunded, batch.unit)
        let refunded: HTML? =
            progress.refunded > 0 ? "<small>\(l("已退 \(back)", "\(back) returned"))</small>" : nil
        let quoted = Format.amount(batch.result.cost, batch.unit)
        return """
            <dl class="figures"><div><dt>\(l("收件人", "Recipients"))</dt><dd>\
            \(Format.count(batch.result.recipients))</dd></div>\
            <div><dt>\(l("计费条", "Segments"))</dt><dd>\(Format.count(progress.segments))</dd></div>\
            <div><dt>\(l("已扣（\(unit)）", "Charged (\(unit))"))</dt><dd>\(Format.amount(progress.charged, batch.unit))\
            \(refunded)</dd></div>\
            <div><dt>\(l("核对时（\(unit)）", "As checked (\(unit))"))</dt><dd>\(quoted)</dd></div></dl>
            """
    }

    private static func contentSheet(_ batch: Batch) -> HTML {
        let (l, draft) = (batch.l, batch.draft)
        let isSigned = draft.content.hasPrefix("【") || draft.content.hasSuffix("】")
        let signature: HTML? =
            isSigned || batch.result.signature.isEmpty ? nil : "<b>\(HTML.foreign(batch.result.signature))</b>"
        let time = draft.scheduledAt.map { Timestamp(milliseconds: $0).chinaText } ?? l("立即", "at once")
        let price = Format.amount(batch.result.segmentCost, batch.unit, l)
        let rejected = batch.result.rejected.values.reduce(0, +)
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("内容", "Text"))</h2></div>\
            <p class="sms">\(signature)\(HTML.foreign(draft.content))</p>\
            <dl class="facts"><dt>\(l("发送时间", "Time"))</dt><dd>\(time)</dd>\
            <dt>\(l("单价", "Price"))</dt><dd>\(l("\(price)/条", "\(price) a segment"))</dd></dl>\
            \(ImportPages.downloads(batch.task, rejected, l))</section>
            """
    }

    private static func failures(_ batch: Batch) -> HTML? {
        let l = batch.l
        let codes = batch.progress.byStatus.filter { $0.key != "DELIVRD" }.sorted {
            ($1.value, $0.key) < ($0.value, $1.key)
        }
        guard !codes.isEmpty else { return nil }
        let table = Table(
            name: l("失败原因", "Reasons of failures"),
            columns: [.init(l("代码", "Code")), .init(l("条数", "Messages"), "num", isLabelled: false)],
            rows: codes.prefix(20).map { [HTML.foreign($0.key), "\(Format.count($0.value))"] }, isCards: false)
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("失败原因", "Reasons of failures"))</h2></div>\
            \(table.html)</section>
            """
    }

    private static func actions(_ batch: Batch) -> HTML {
        let l = batch.l
        let path = "/portal/send/batches/\(batch.task.id)"
        let cancel: HTML? =
            batch.isCancellable
            ? """
            <form method="post" action="\(path)/cancel"><button class="danger" \
            data-confirm="\(l("还没有发出的会取消，已扣的会退费。要取消吗？", "Cancel what is not sent yet?"))">\
            \(l("取消未发出的", "Cancel the rest"))</button></form>
            """ : nil
        return """
            \(cancel)<form method="post" action="\(path)/again"><button class="plain">\
            \(l("再发一次", "Send again"))</button></form>
            """
    }

    /// Ends the submitting, then takes out what is scheduled; what carriers have cannot be taken back.
    private static func cancel(_ page: PageContext) async throws -> PortalResponse {
        let task = try await TaskPages.task(page, [.batch])
        _ = try await page.engine.taskRunner.cancel(task.id)
        let requests = try await page.engine.taskRunner.progress(of: task).requests
        for start in stride(from: 0, to: requests.count, by: cancelledAtOnce) {
            let ids = requests[start..<min(start + cancelledAtOnce, requests.count)].map { MessageID(sequence: $0) }
            _ = try await page.engine.scheduled.cancel(ids, allOfRequest: true, reason: "portal")
        }
        return .redirect("send/batches/\(task.id)", notice: Notice(kind: .cancelled))
    }

    /// Prices the same again; nothing is sent before that is confirmed.
    private static func again(_ page: PageContext) async throws -> PortalResponse {
        let task = try await TaskPages.task(page, [.batch])
        guard var draft = task.batchParameters, let source = try await SendPages.importTask(page, draft.importID) else {
            return .redirect("send")
        }
        draft.scheduledAt = nil
        return try await CheckPages.begin(page, draft, source)
    }
}
