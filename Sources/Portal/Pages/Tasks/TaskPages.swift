import Engine
import Messaging
import Sheets

/// The list of imports, batches and exports, and the files that come of them.
enum TaskPages {
    static let routes: [PageRoute] = [
        .get("tasks", .anyUser) { try await list($0) },
        .get("tasks/:id", .anyUser) { try await show($0) },
        .post("tasks/:id/cancel", .anyUser) { try await cancel($0) },
        .get("tasks/:id/file", .anyUser) { try await download($0) },
        .get("tasks/:id/rejected", .customer(.send)) { try await rejected($0) },
    ]

    private static let perPage = 50

    /// A task of the visitor's account, or of operators.
    static func task(_ page: PageContext, _ kinds: Set<TaskKind> = Set(TaskKind.allCases)) async throws -> TaskRecord {
        let login = try page.login()
        guard let id = TaskID(rawValue: page.parameters["id"] ?? ""),
            let task = try await page.engine.taskRunner.task(id), task.account == login.account?.key,
            kinds.contains(task.kind)
        else { throw PageFailure.notFound }
        return task
    }

    /// A visitor who must change the password first sees nothing before.
    private static func passwordFirst(_ page: PageContext) throws -> PortalResponse? {
        try page.login().user.mustChangePassword ? .redirect("password") : nil
    }

    private static func list(_ page: PageContext) async throws -> PortalResponse {
        if let response = try passwordFirst(page) { return response }
        let l = page.l
        let account = try page.login().account?.key
        let before = page.request.query.integer("before").map { Timestamp(milliseconds: $0) }
        let tasks = try await page.engine.taskRunner.tasks(
            of: account.map { [$0] }, kinds: Set(TaskKind.allCases), before: before, limit: perPage)
        let isOpen = tasks.contains { !$0.state.isFinal }
        var shown = Page(
            title: l("任务与导出", "Tasks and exports"), section: .tasks,
            lead: "\(l("文件保留 7 天，之后自动删除", "Files are kept for 7 days"))", body: body(tasks, page, isOpen))
        if isOpen { shown.refreshSeconds = 5 }
        return .page(shown)
    }

    private static func body(_ tasks: [TaskRecord], _ page: PageContext, _ isOpen: Bool) -> HTML {
        let l = page.l
        if tasks.isEmpty {
            let words: HTML = "\(l("在发送记录、上行或账单里点“导出”，文件会出现在这里。", "Choose “Export” in the records, replies or bills."))"
            let section = page.visitor.login?.account == nil ? Page.Section.allRecords : .records
            return """
                <section class="sheet"><div class="empty"><p class="title">\(l("还没有任务", "No tasks yet"))</p>\
                <p>\(words)</p><div class="actions"><a class="button plain" href="/portal/\(section.rawValue)">\
                \(l("去发送记录", "To the records"))</a></div></div></section>
                """
        }
        let table = Table(
            name: l("任务", "Tasks"),
            columns: [
                .init(l("创建时间", "Begun"), "nowrap"), .init(l("任务", "Task"), "grow"),
                .init(l("进度", "Progress"), "grow"), .init(l("状态", "State")), .init(l("操作", "Actions")),
            ],
            rows: tasks.map { row($0, page) })
        let last = tasks[tasks.count - 1].createdAt.milliseconds
        let older: HTML? =
            tasks.count == perPage
            ? "<a rel=\"next\" href=\"/portal/tasks?before=\(last)\">\(l("更早的", "Older")) ›</a>" : nil
        let pager: HTML? = older.map {
            "<nav class=\"pager\" aria-label=\"\(l("分页", "Pages"))\"><span></span>\($0)</nav>"
        }
        let refresh: HTML? = isOpen ? " data-refresh=\"/portal/tasks\" data-every=\"3\"" : nil
        return "<section class=\"sheet\" id=\"tasks\"\(refresh)>\(table.html)\(pager)</section>"
    }

    private static func row(_ task: TaskRecord, _ page: PageContext) -> [HTML] {
        [
            "\(Format.time(task.createdAt, now: page.now))",
            "\(TaskWords.title(task, page.l))<small>\(task.user)</small>",
            TaskWords.progress(task, page.l), TaskWords.state(task, page.l), actions(task, page),
        ]
    }

    private static func actions(_ task: TaskRecord, _ page: PageContext) -> HTML {
        let l = page.l
        if !task.state.isFinal {
            return """
                <div class="actions"><a href="/portal/\(path(task))">\(l("查看", "Show"))</a>\
                <form method="post" action="/portal/tasks/\(task.id)/cancel"><button class="link danger" \
                data-confirm="\(l("要取消吗？", "Cancel it?"))">\(l("取消", "Cancel"))</button></form></div>
                """
        }
        if task.state == .failed, task.kind != .batch {
            return "<span>\(TaskWords.failure(task.error, l))</span>"
        }
        if task.kind == .export, task.state == .done {
            return "<a href=\"/portal/tasks/\(task.id)/file\">\(l("下载", "Download"))</a>"
        }
        return "<a href=\"/portal/\(path(task))\">\(l("看结果", "Result"))</a>"
    }

    /// The page of a task, below the root.
    static func path(_ task: TaskRecord) -> String {
        switch task.kind {
        case .import: "send/imports/\(task.id)"
        case .quote: "send/check/\(task.id)"
        case .batch: "send/batches/\(task.id)"
        case .export: "tasks/\(task.id)"
        }
    }

    private static func show(_ page: PageContext) async throws -> PortalResponse {
        if let response = try passwordFirst(page) { return response }
        let task = try await task(page)
        if task.kind != .export { return .redirect(path(task)) }
        let l = page.l
        let isOpen = !task.state.isFinal
        let error: HTML? =
            task.state == .failed ? "<div class=\"notice bad\"><p>\(TaskWords.failure(task.error, l))</p></div>" : nil
        let file: HTML? =
            task.state == .done
            ? """
            <div class="actions"><a class="button" href="/portal/tasks/\(task.id)/file">\(l("下载", "Download"))</a></div>
            """
            : nil
        let cancel: HTML? =
            isOpen
            ? """
            <form method="post" action="/portal/tasks/\(task.id)/cancel" class="actions"><button class="danger">\
            \(l("取消", "Cancel"))</button></form>
            """ : nil
        let refresh: HTML? = isOpen ? " data-refresh=\"/portal/tasks/\(task.id)\" data-every=\"2\"" : nil
        let body: HTML = """
            \(error)<section class="sheet" id="progress"\(refresh)><div class="sheet-head"><h2>\
            \(l("进度", "Progress"))</h2>\
            \(TaskWords.state(task, l))</div>\(TaskWords.progress(task, l))\(file)\(cancel)</section>
            """
        var shown = Page(
            title: l("导出", "Export"), section: .tasks, lead: HTML.foreign(task.fileName),
            crumbs: [(l("任务与导出", "Tasks and exports"), "tasks")], body: body)
        if isOpen { shown.refreshSeconds = 3 }
        return .page(shown)
    }

    private static func cancel(_ page: PageContext) async throws -> PortalResponse {
        if let response = try passwordFirst(page) { return response }
        let task = try await task(page)
        if task.account != nil, task.kind != .export, !page.has(.send) { throw PageFailure.forbidden }
        _ = try await page.engine.taskRunner.cancel(task.id)
        return .redirect("tasks", notice: Notice(kind: .cancelled))
    }

    /// What was exported is for who exported it: another user may have fewer rights.
    private static func download(_ page: PageContext) async throws -> PortalResponse {
        if let response = try passwordFirst(page) { return response }
        let task = try await task(page, [.export])
        guard task.state == .done, task.user == (try page.login().user.name),
            let format = task.exportParameters.flatMap({ SheetFormat(rawValue: $0.format) })
        else { throw PageFailure.notFound }
        return .download(
            path: page.engine.taskRunner.files.export(task.id, format), name: task.fileName, type: type(format))
    }

    private static func type(_ format: SheetFormat) -> PortalResponse.DownloadType {
        switch format {
        case .csv: .csv
        case .xlsx: .xlsx
        }
    }

    private static func rejected(_ page: PageContext) async throws -> PortalResponse {
        let task = try await task(page, [.import, .quote, .batch])
        guard task.kind == .batch || task.state == .done,
            let format = SheetFormat(rawValue: page.request.query["format"])
        else { throw PageFailure.notFound }
        let l = page.l
        do throws(SheetFailure) {
            let path = try await page.engine.taskRunner.rejectedRows(
                of: task, as: format, language: l.rawValue, columns: (l("原行号", "Row"), l("未采用的原因", "Reason")),
                title: l("未采用的行", "Rejected rows"), words: { TaskWords.words($0, l) })
            let name = l("未采用的行", "rejected") + "-" + String(task.id.rawValue.prefix(6)) + "." + format.rawValue
            return .download(path: path, name: name, type: type(format))
        } catch {
            throw PageFailure.failed("rejected rows: \(error.rawValue)")
        }
    }
}
