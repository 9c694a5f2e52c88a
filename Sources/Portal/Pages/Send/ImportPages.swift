import Engine
import Messaging
import Sheets

/// What was read of a file: its first rows, the column of numbers, and what was left out.
enum ImportPages {
    static let routes: [PageRoute] = [
        .get("send/imports/:id", .customer(.send)) { try await show($0) },
        .post("send/imports/:id", .customer(.send)) { try await choose($0) },
    ]

    private static let previewRows = 5
    private static let previewColumns = 12

    private static func show(_ page: PageContext) async throws -> PortalResponse {
        let l = page.l
        let task = try await TaskPages.task(page, [.import])
        let crumbs = [(title: l("短信发送", "Send messages"), path: "send")]
        let isTyped = task.importParameters?.isTyped == true
        let title = isTyped ? l("整理号码", "The numbers") : l("导入的表格", "The imported file")
        guard task.state.isFinal else {
            let body: HTML = "\(SendPages.steps(0, l))\(running(task, page, l("正在读取", "Reading")))"
            return .page(
                Page(
                    title: title, section: .send, lead: HTML.foreign(task.fileName), crumbs: crumbs, body: body,
                    refreshSeconds: 2))
        }
        guard task.state == .done, let result = task.importResult else {
            let words =
                task.state == .cancelled ? l("已取消。", "Cancelled.") : TaskWords.failure(task.error, l)
            let body: HTML = """
                \(SendPages.steps(0, l))<div class="notice bad" role="alert"><h2>\(l("没有导入", "Not imported"))</h2>\
                <p>\(words)</p><p><a href="/portal/send">\(l("换一个文件", "Another file"))</a></p></div>
                """
            return .page(
                Page(
                    title: title, section: .send, lead: HTML.foreign(task.fileName), crumbs: crumbs, body: body,
                    hasErrors: true))
        }
        let rows = (try? await page.engine.taskRunner.preview(of: task, limit: previewRows)) ?? []
        let body: HTML = """
            \(SendPages.steps(0, l))<div class="two"><div class="stack">\(preview(rows, result, l))\
            \(choice(task, result, l))</div>\(counts(task, result.summary, result.scan, l))</div>
            """
        return .page(
            Page(title: title, section: .send, lead: lead(task, result.scan, l), crumbs: crumbs, body: body))
    }

    /// A sheet that shows how far a task is, and asks again.
    static func running(_ task: TaskRecord, _ page: PageContext, _ heading: String) -> HTML {
        let l = page.l
        let path = TaskPages.path(task)
        return """
            <section class="sheet" id="progress" data-refresh="/portal/\(path)" data-every="1"><div class="sheet-head">\
            <h2>\(heading)</h2>\(TaskWords.state(task, l))</div>\(TaskWords.progress(task, l))\
            <form method="post" action="/portal/tasks/\(task.id)/cancel" class="actions"><button class="plain">\
            \(l("取消", "Cancel"))</button></form></section>
            """
    }

    private static func lead(_ task: TaskRecord, _ scan: SheetScan, _ l: Language) -> HTML {
        var facts: [String] = []
        switch scan.kind {
        case SheetKind.xlsx.rawValue: facts.append("Excel (.xlsx)")
        case SheetKind.xls.rawValue: facts.append("Excel 97–2003 / WPS (.xls, .et)")
        case SheetKind.csv.rawValue: facts.append(l("文本", "Text") + " (\(charset(scan.charset)))")
        default: break
        }
        if !scan.sheet.isEmpty { facts.append(l("工作表“\(scan.sheet)”", "sheet “\(scan.sheet)”")) }
        facts.append(l("\(Format.count(scan.rows)) 行", "\(Format.count(scan.rows)) rows"))
        let name: HTML = task.fileName.isEmpty ? .empty : "\(HTML.foreign(task.fileName)) · "
        return "\(name)\(HTML.foreign(facts.joined(separator: " · ")))"
    }

    private static func charset(_ name: String) -> String {
        switch SheetCharset(rawValue: name) {
        case .utf8: "UTF-8"
        case .utf16LittleEndian, .utf16BigEndian: "UTF-16"
        case .gb18030: "GB18030"
        case nil: ""
        }
    }

    private static func preview(_ rows: [SheetRow], _ result: ImportResult, _ l: Language) -> HTML {
        if result.scan.kind == "typed" { return .empty }
        let names = result.summary.names.prefix(previewColumns)
        let columns = [Table.Column(l("行", "Row"), "num", isLabelled: false)] + names.map { Table.Column($0) }
        let cells = rows.map { row -> [HTML] in
            ["\(row.number)"] + names.indices.map { HTML.foreign(String(row[$0].text.prefix(60))) }
        }
        let table = Table(name: l("前几行", "The first rows"), columns: columns, rows: cells, isCards: false)
        return """
            <section class="sheet"><div class="sheet-head"><h2>\
            \(l("前 \(rows.count) 行", "The first \(rows.count) rows"))</h2></div>\
            \(table.html)</section>
            """
    }

    private static func choice(_ task: TaskRecord, _ result: ImportResult, _ l: Language) -> HTML {
        let summary = result.summary
        var values = FormFields()
        values.append("col", String(summary.column))
        values.append("sht", result.scan.sheet)
        let form = FormBuilder(l, values: values)
        var fields: HTML = .empty
        if result.scan.kind != "typed" {
            let columns = summary.names.enumerated().map { index, name -> (value: String, label: String) in
                let counts = result.scan.numbersByColumn
                let count = Format.count(counts.indices.contains(index) ? counts[index] : 0)
                return (String(index), l("\(name)（\(count) 个号码）", "\(name) (\(count) numbers)"))
            }
            fields += form.select("col", l("号码在哪一列", "Column of the numbers"), columns)
            let sheets = ([result.scan.sheet] + result.scan.otherSheets).filter { !$0.isEmpty }
            if sheets.count > 1 {
                fields += form.select("sht", l("工作表", "Sheet"), sheets.map { (value: $0, label: $0) })
            }
        }
        let header: HTML? =
            result.scan.kind == "typed"
            ? nil
            : "<p class=\"hint\">\(headerWords(summary, l))</p>"
        let again: HTML? =
            result.scan.kind == "typed"
            ? nil : "<button class=\"plain\" name=\"do\" value=\"reread\">\(l("按所选重新读取", "Read again"))</button>"
        let count = Format.count(summary.recipients)
        let use: HTML? =
            summary.recipients > 0
            ? "<button name=\"do\" value=\"use\">\(l("用这 \(count) 个号码", "Use these \(count) numbers"))</button>" : nil
        return """
            <form class="sheet" method="post" action="/portal/send/imports/\(task.id)"><h2>\
            \(l("这样理解对吗", "Is this right?"))</h2>\
            <div class="fields">\(fields)</div>\(header)<div class="actions">\(use)\(again)\
            <a href="/portal/send">\(l("换一个文件", "Another file"))</a></div></form>
            """
    }

    private static func headerWords(_ summary: RecipientSummary, _ l: Language) -> String {
        guard let row = summary.headerRow else {
            return l("没有找到表头，列名用字母。", "No header was found; columns have letters.")
        }
        return l("表头在第 \(row) 行。", "The header is row \(row).")
    }

    /// libfreexl does not know the values of some formulas.
    private static func formulaWords(_ l: Language) -> String {
        l(
            "如果号码列由公式算出，请先在 Excel 里“选择性粘贴为数值”再上传。",
            "If the numbers come from formulas, paste them as values first.")
    }

    /// The figures of an import, each with its reason.
    static func counts(_ task: TaskRecord, _ summary: RecipientSummary, _ scan: SheetScan, _ l: Language) -> HTML {
        var rows: [[HTML]] = [
            ["\(l("读到的行", "Rows read"))", "\(Format.count(summary.read))"],
            ["\(l("可发送", "Recipients"))", "<b>\(Format.count(summary.recipients))</b>"],
        ]
        func add(_ label: HTML, _ count: Int) { if count > 0 { rows.append([label, "\(Format.count(count))"]) } }
        add(
            "\(l("自动整理", "Tidied"))<small>\(l("空格、横线、+86、尾部 .0 等", "blanks, dashes, +86, .0"))</small>",
            summary.tidied)
        add("\(l("一格多个号码，已拆开", "Cells with several numbers"))", summary.split)
        for reason in RecipientRejection.allCases {
            add("\(TaskWords.words(reason, l))", summary.count(reason))
        }
        add("\(l("隐藏的行，未读", "Hidden rows, not read"))", scan.hiddenRows)
        add("\(l("隐藏的工作表，未读", "Hidden sheets, not read"))", scan.hiddenSheets)
        add("\(l("公式没有结果值，当作空", "Formulas without a value"))", scan.emptyFormulas)
        let table = Table(
            name: l("导入结果", "Result"),
            columns: [.init(l("项目", "Item")), .init(l("行数", "Rows"), "num", isLabelled: false)],
            rows: rows, isCards: false)
        let rejected = summary.rejected.values.reduce(0, +)
        let hint: HTML? =
            summary.recipients == 0 && scan.kind == SheetKind.xls.rawValue
            ? "<p class=\"hint\">\(formulaWords(l))</p>" : nil
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("导入结果", "Result"))</h2></div>\(table.html)\(hint)\
            \(downloads(task, rejected, l))</section>
            """
    }

    /// Links to the rows that are left out.
    static func downloads(_ task: TaskRecord, _ count: Int, _ l: Language) -> HTML? {
        if count == 0 { return nil }
        let words = l("下载未采用的 \(Format.count(count)) 行（含原因）", "Download \(Format.count(count)) rejected rows")
        return """
            <div class="actions"><a href="/portal/tasks/\(task.id)/rejected?format=xlsx">\(words) Excel</a>\
            <a href="/portal/tasks/\(task.id)/rejected?format=csv">csv</a></div>
            """
    }

    private static func choose(_ page: PageContext) async throws -> PortalResponse {
        let task = try await TaskPages.task(page, [.import])
        guard let parameters = task.importParameters, let result = task.importResult else { throw PageFailure.notFound }
        let columns = Int64(SheetBounds.columnsMax - 1)
        let column = page.request.form.integer("col", in: 0...columns).map { Int($0) } ?? result.summary.column
        let sheet = page.request.form["sht"].isEmpty ? nil : page.request.form["sht"]
        let isSame = column == result.summary.column && (sheet == nil || sheet == result.scan.sheet)
        if page.request.form["do"] == "reread" || !isSame {
            var changed = parameters
            changed.sheet = sheet == result.scan.sheet ? parameters.sheet : sheet
            // Another sheet has other columns.
            changed.column = changed.sheet == parameters.sheet ? column : nil
            _ = try await page.engine.taskRunner.reread(task.id, changed)
            return .redirect("send/imports/\(task.id)")
        }
        guard let draft = parameters.draft, !draft.content.isEmpty else {
            return .redirect("send?import=\(task.id)")
        }
        return try await CheckPages.begin(page, draft, task)
    }
}
