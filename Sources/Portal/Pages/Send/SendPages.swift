import Engine
import Messaging
import NIOCore
import NIOHTTP1
import Sheets

/// Writing a text and choosing numbers. What follows: `ImportPages`, `CheckPages`, `SendBatchPages`.
enum SendPages {
    static let routes: [PageRoute] =
        [
            .get("send", .customer(.send)) { try await form($0, values: SendForm(), errors: FormErrors()) },
            .post("send/import", .customer(.send)) { try await take($0) },
        ] + ImportPages.routes + CheckPages.routes + SendBatchPages.routes

    static let steps = 3

    /// The steps from the text to the batch.
    static func steps(_ current: Int, _ l: Language) -> HTML {
        let names = [l("写内容、选号码", "Text and numbers"), l("核对", "Check"), l("发送", "Send")]
        let items = names.enumerated().map { index, name -> HTML in
            let mark: HTML = index < current ? " class=\"done\"" : index == current ? " aria-current=\"step\"" : .empty
            return "<li\(mark)>\(name)</li>"
        }
        return "<ol class=\"steps\" aria-label=\"\(l("步骤", "Steps"))\">\(items)</ol>"
    }

    // MARK: The form

    static func form(_ page: PageContext, values: SendForm, errors: FormErrors) async throws -> PortalResponse {
        let account = try page.account()
        var values = values
        if errors.isEmpty { try await values.prefill(page) }
        if values.fields["sign"].isEmpty { values.fields.append("sign", account.account.signature) }
        if values.fields["when"].isEmpty { values.fields.append("when", "now") }
        let imported = try await importTask(page, values.fields["import"])
        let form = FormBuilder(page.l, values: values.fields, errors: errors)
        let l = page.l
        let balance = Format.amount(account.runtime.balance, account.account.chargeUnit, l)
        let halves: HTML = """
            <div class="two"><div class="stack">\(text(form, account, imported))\(schedule(form))</div>\
            <div class="stack">\(numbers(form, imported))</div></div>
            """
        let end: HTML = """
            <div class="actions"><button type="submit">\(l("下一步：核对", "Next: check"))</button>\
            <span class="quiet">\
            \(l("余额 \(balance)；核对之前不会发送。", "Balance \(balance); nothing is sent before the check."))</span></div>
            """
        let body: HTML = """
            \(steps(0, l))\(form.summary)<form class="stack" method="post" action="/portal/send/import" data-unsaved \
            enctype="multipart/form-data">\(halves)\(end)</form>
            """
        return .page(
            Page(
                title: l("短信发送", "Send messages"), section: .send,
                actions: "<a class=\"button plain\" href=\"/portal/send/batches\">\(l("发送批次", "Batches"))</a>",
                body: body, hasErrors: !errors.isEmpty),
            status: errors.isEmpty ? .ok : .badRequest)
    }

    private static func text(_ form: FormBuilder, _ account: AccountEntry, _ imported: TaskRecord?) -> HTML {
        let l = form.l
        let templates = account.runtime.screening.rules.templates
        let choices = [("", l("不用模板", "No template"))] + templates.map { ($0.id, "\($0.id) \($0.text.prefix(30))") }
        let template: HTML? =
            templates.isEmpty ? nil : form.select("tpl", l("模板", "Template"), width: .full, choices)
        let signature = form.input(
            "sign", l("签名", "Signature"), width: .full, isOptional: true, attributes: " maxlength=\"40\"")
        let columns = (imported?.importResult?.summary.names ?? []).prefix(12).map { "{\($0)}" }.joined(separator: " ")
        let hint =
            columns.isEmpty || imported?.importParameters?.isTyped == true
            ? l(
                "导入表格后可写 {列名}，如 {姓名}；每个号码收到自己的内容。签名自动加在开头。",
                "After importing a file, {column} stands for what each row has there. The signature is put in front.")
            : l("可用的列：\(columns)。每个号码收到自己的内容。", "Columns: \(columns). Each number gets its own text.")
        let area = form.textarea(
            "text", l("短信内容", "Text"), hint: hint, rows: 6,
            attributes: " data-counter=\"text-count\" data-signature=\"sign\"")
        let counter: HTML = """
            <p id="text-count" class="counter" data-text="\
            \(l("{units} 字，计 {segments} 条", "{units} characters, {segments} segments"))" \
            data-saving="\(l("再删 {units} 个字可少计 1 条", "{units} fewer save a segment"))" \
            data-varies="\(l("含变量，条数以核对页为准", "With variables: see the check page"))" hidden data-script>\
            <span></span><span class="saving"></span></p>
            """
        let rule = l("70 字以内为 1 条；更长的每 67 字 1 条。签名和空格都计入。", "Up to 70 characters are 1 segment; longer texts 67 each.")
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("内容", "Text"))</h2></div>\
            <div class="fields">\(template)\(signature)</div>\(area)\(counter)<p class="hint">\(rule)</p></section>
            """
    }

    private static func schedule(_ form: FormBuilder) -> HTML {
        let l = form.l
        let when = form.choices(
            "when", l("何时发送", "When"), type: "radio",
            [("now", l("立即发送", "At once"), ""), ("later", l("定时发送", "Later"), "")])
        let time = form.input(
            "at", l("定时", "Time"), hint: l("北京时间，30 天以内；发出前可以取消。", "China time, within 30 days."),
            type: "datetime-local", isOptional: true)
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("发送时间", "Time"))</h2></div>\(when)\(time)</section>
            """
    }

    private static func numbers(_ form: FormBuilder, _ imported: TaskRecord?) -> HTML {
        let l = form.l
        let head: HTML = "<div class=\"sheet-head\"><h2>\(l("号码", "Numbers"))</h2></div>"
        if let imported, let summary = imported.importResult?.summary {
            let change: HTML = """
                <div class="actions"><a href="/portal/send/imports/\(imported.id)">\(l("看导入结果", "Show the import"))</a>\
                <a href="/portal/send">\(l("换别的号码", "Other numbers"))</a></div>
                """
            let count = Format.count(summary.recipients)
            return """
                <section class="sheet">\(head)<input type="hidden" name="import" value="\(imported.id)">\
                <p>\(HTML.foreign(imported.fileName))</p><dl class="figures"><div><dt>\(l("号码", "Numbers"))</dt>\
                <dd>\(count)</dd></div></dl>\(change)</section>
                """
        }
        let area = form.textarea(
            "nums", l("输入或粘贴", "Type or paste"),
            hint: l("一行一个，或用逗号、顿号、空格隔开；空格、横线、+86 会自动整理。", "One a line, or with commas between them."), rows: 6,
            isOptional: true, attributes: " data-numbers=\"nums-count\"")
        let counter: HTML = """
            <p id="nums-count" class="counter" data-text="\(l("{valid} 个号码", "{valid} numbers"))" \
            data-repeated="\(l("{n} 个重复", "{n} repeated"))" data-invalid="\(l("{n} 个无效", "{n} invalid"))" hidden \
            data-script><span></span><span class="saving"></span></p>
            """
        let error: HTML? = form.errors["file"].map { "<p class=\"error\" id=\"file-error\">\($0)</p>" }
        let drop: HTML = """
            <label class="drop" data-drop for="file"><b>\(l("导入表格", "Import a spreadsheet"))</b><br>\
            <span class="quiet">\
            \(l(".xlsx、.xls、.et、.csv，最多 500,000 行；可拖到这里。", ".xlsx, .xls, .et or .csv, up to 500,000 rows."))</span>\
            <input id="file" name="file" type="file" accept=".xlsx,.xls,.et,.csv,.txt"></label>
            """
        return "<section class=\"sheet\">\(head)\(area)\(counter)\(error)\(drop)</section>"
    }

    /// A done import of the account, or nil.
    static func importTask(_ page: PageContext, _ id: String) async throws -> TaskRecord? {
        guard let id = TaskID(rawValue: id), let task = try await page.engine.taskRunner.task(id),
            task.kind == .import, task.account == (try page.account()).key, task.state == .done
        else { return nil }
        return task
    }

    // MARK: What was sent

    private static func take(_ page: PageContext) async throws -> PortalResponse {
        let account = try page.account()
        let values = SendForm(page.request.form)
        let hasFile = page.request.files.contains { $0.field == "file" }
        let (draft, errors) = values.draft(page, account, mayBeEmpty: hasFile)
        var problems = errors
        let isTyped = !values.fields["nums"].isEmpty
        let imported = try await importTask(page, values.fields["import"])
        if imported == nil, !hasFile, !isTyped {
            problems.add("nums", page.l("请输入号码，或导入表格。", "Type numbers, or import a file."))
        }
        if hasFile, isTyped {
            problems.add("nums", page.l("号码和表格请只用一种：清空号码，或不选文件。", "Use either numbers or a file, not both."))
        }
        guard problems.isEmpty else { return try await form(page, values: values, errors: problems) }
        if let imported { return try await CheckPages.begin(page, draft, imported) }
        return try await addImport(page, account, draft, values)
    }

    private static func addImport(
        _ page: PageContext, _ account: AccountEntry, _ draft: BatchParameters, _ values: SendForm
    ) async throws -> PortalResponse {
        let runner = page.engine.taskRunner
        let id = try runner.newID()
        let file = page.request.files.first { $0.field == "file" }
        do throws(SheetFailure) {
            if let file {
                let kept: Result<Void, SheetFailure> = file.bytes.withUnsafeReadableBytes { bytes in
                    do throws(SheetFailure) {
                        return .success(try runner.files.keep(upload: bytes, of: id))
                    } catch {
                        return .failure(error)
                    }
                }
                try kept.get()
            } else {
                try runner.files.keep(upload: Array(values.fields.raw("nums").utf8), of: id)
            }
        } catch {
            var errors = FormErrors()
            errors.add(file == nil ? "nums" : "file", TaskWords.words(error, page.l))
            return try await form(page, values: values, errors: errors)
        }
        let user = try page.login().user.name
        do throws(StoreFailure) {
            try await runner.addImport(
                id, ImportParameters(isTyped: file == nil, draft: draft), of: account.key, user: user,
                fileName: file.map { String($0.name.split { "/\\".contains($0) }.last ?? "") } ?? "")
        } catch {
            guard case .busy = error else { throw error }
            var errors = FormErrors()
            errors.add("", page.l("有太多任务在进行，请等它们完成再试。", "Too many tasks are running; wait for them."))
            return try await form(page, values: values, errors: errors)
        }
        if file == nil, let done = try await settled(page, id), done.state == .done {
            return try await CheckPages.begin(page, draft, done)
        }
        return .redirect("send/imports/\(id)")
    }

    /// A task that is over within two seconds; nil: it takes longer.
    static func settled(_ page: PageContext, _ id: TaskID) async throws -> TaskRecord? {
        for _ in 0..<40 {
            guard let task = try await page.engine.taskRunner.task(id) else { return nil }
            if task.state.isFinal { return task }
            try await Task.sleep(for: .milliseconds(50))
        }
        return nil
    }
}

/// The fields of the form, and what they say.
struct SendForm {
    var fields: FormFields

    init(_ fields: FormFields = FormFields()) { self.fields = fields }

    /// What is known already: the import or the quote that the visitor comes from, a template.
    mutating func prefill(_ page: PageContext) async throws {
        let query = page.request.query
        if let task = try await SendPages.importTask(page, query["import"]) {
            fields.append("import", task.id.rawValue)
            if let draft = task.importParameters?.draft { fill(draft, page) }
        } else if let id = TaskID(rawValue: query["draft"]), let task = try await page.engine.taskRunner.task(id),
            task.account == (try page.account()).key, let draft = task.batchParameters
        {
            fields.append("import", draft.importID)
            fill(draft, page)
        } else if let template = try page.account().runtime.screening.rules.templates.first(where: {
            $0.id == query["template"]
        }) {
            fields.append("tpl", template.id)
            fields.append("text", template.text)
        }
    }

    private mutating func fill(_ draft: BatchParameters, _ page: PageContext) {
        fields.append("text", draft.content)
        fields.append("tpl", draft.templateID)
        guard let time = draft.scheduledAt else { return }
        let text = Timestamp(milliseconds: time).chinaText
        fields.append("when", "later")
        fields.append("at", String(text.prefix(16)).replacing(" ", with: "T"))
    }

    /// - Parameter mayBeEmpty: whether the text can be written after the import.
    func draft(
        _ page: PageContext, _ account: AccountEntry, mayBeEmpty: Bool
    ) -> (BatchParameters, FormErrors) {
        let l = page.l
        var errors = FormErrors()
        var content = Self.unified(fields["text"])
        if content.isEmpty, !mayBeEmpty { errors.add("text", l("请写短信内容。", "Write the text.")) }
        if content.utf16.count > Self.unitsMax {
            errors.add("text", l("内容太长，最多 \(Self.unitsMax) 字。", "The text is too long: at most \(Self.unitsMax)."))
        }
        var signature = fields["sign"]
        if !signature.isEmpty, !signature.hasPrefix("【") { signature = "【" + signature + "】" }
        let isSigned = content.hasPrefix("【") || content.hasSuffix("】")
        if !content.isEmpty, !signature.isEmpty, signature != account.account.signature, !isSigned {
            content = signature + content
        }
        var draft = BatchParameters(importID: "", content: content, templateID: fields["tpl"])
        if fields["when"] == "later" {
            // A browser writes 2026-11-28T18:30.
            let text = fields["at"].replacing("T", with: " ")
            let moment = (try? SendTime.read(text.count == 16 ? text + ":00" : text)) ?? nil
            if let moment, moment > page.now, (try? SendTime.due(moment, at: page.now)) != nil {
                draft.scheduledAt = moment.milliseconds
            } else {
                errors.add("at", l("请选 30 天以内、还没有过去的时间。", "Choose a time within the next 30 days."))
            }
        }
        return (draft, errors)
    }

    /// Segments that a message may have, in units.
    private static let unitsMax = MessageID.segmentsMax * Segmentation.partUnitsMax

    /// Browsers send line breaks as CRLF.
    private static func unified(_ text: String) -> String {
        text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    }
}
