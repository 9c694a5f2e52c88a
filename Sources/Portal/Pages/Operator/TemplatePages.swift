import Administration
import Engine
import Messaging
import NIOHTTP1

/// The approved templates of each account, as operators keep them.
enum TemplatePages {
    static let routes: [PageRoute] = [
        .get("operator/templates", .operators(.view)) { try list($0, FormFields(), FormErrors()) },
        .post("operator/templates", .operators(.settings)) { try await add($0) },
        .post("operator/templates/remove", .operators(.settings)) { try await remove($0) },
    ]

    private static func list(
        _ page: PageContext, _ values: FormFields, _ errors: FormErrors
    ) throws -> PortalResponse {
        let (l, query) = (page.l, page.request.query)
        let accounts = page.engine.accounts.directory.entries.sorted { $0.account.id < $1.account.id }
        let chosen = values["account"].isEmpty ? query["account"] : values["account"]
        var shown: [(account: String, template: Template)] = []
        for entry in accounts where chosen.isEmpty || Account.folded(entry.account.id) == Account.folded(chosen) {
            shown += entry.runtime.screening.rules.templates.map { (entry.account.id, $0) }
            if shown.count > listMax { break }
        }
        let rows = shown.prefix(listMax).map { row($0.account, $0.template, page) }
        let table = Table(
            name: l("模板", "Templates"),
            columns: [
                .init(l("客户", "Account"), "nowrap"), .init(l("编号", "Id"), "nowrap"), .init(l("内容", "Text"), "grow"),
                .init(l("变量", "Variables"), "num"), .init(l("操作", "Actions")),
            ], rows: Array(rows))
        let empty: HTML = """
            <div class="empty"><p class="title">\(l("没有模板", "No templates"))</p>\
            <p>\(l("客户的内容规则要求模板时，只有符合模板的内容能发送。",
                "Where an account's rules demand templates, only contents that match one are sent."))</p></div>
            """
        let filter: HTML = """
            <form class="sheet filters" method="get" action="/portal/operator/templates" \
            aria-label="\(l("查询条件", "Filters"))">\
            <div><label for="of">\(l("账号", "Account"))</label><input id="of" name="account" value="\(chosen)"></div>\
            <div class="actions"><button class="plain">\(l("查询", "Find"))</button>\
            <a href="/portal/operator/templates">\(l("清除", "Clear"))</a></div></form>
            """
        let cut: HTML? =
            shown.count > listMax
            ? "<p class=\"quiet\">\(l("只显示前 \(listMax) 个，请按账号查询。", "The first \(listMax); ask for one account."))</p>"
            : nil
        let body: HTML = """
            \(filter)<section class="sheet">\(shown.isEmpty ? empty : table.html)\(cut)</section>\
            \(addForm(page, values, errors))
            """
        return .page(
            Page(title: l("模板", "Templates"), section: .review, body: body, hasErrors: !errors.isEmpty),
            status: errors.isEmpty ? .ok : .badRequest)
    }

    private static let listMax = 200

    private static func row(_ account: String, _ template: Template, _ page: PageContext) -> [HTML] {
        let l = page.l
        let remove: HTML? =
            page.has(.settings)
            ? """
            <form method="post" action="/portal/operator/templates/remove"><input type="hidden" name="account" \
            value="\(account)">\
            <input type="hidden" name="id" value="\(template.id)"><button class="link danger" \
            data-confirm="\(l("删除模板 \(template.id)？", "Remove template \(template.id)?"))">\(l("删除", "Remove"))\
            </button></form>
            """ : nil
        return [
            "<a href=\"/portal/operator/customers/\(account)\">\(account)</a>", "\(template.id)",
            "<p class=\"sms\">\(HTML.foreign(template.text))</p>", "\(template.variableCount)",
            "<div class=\"actions\">\(remove)</div>",
        ]
    }

    private static func addForm(_ page: PageContext, _ values: FormFields, _ errors: FormErrors) -> HTML? {
        guard page.has(.settings) else { return nil }
        let l = page.l
        let form = FormBuilder(l, values: values, errors: errors)
        let account = form.input("account", l("客户账号", "Account"))
        let id = form.input(
            "id", l("编号", "Id"),
            hint: l("1 至 20 个字母或数字；留空则给下一个。", "1 to 20 letters and digits; empty: the next number."),
            width: .short, isOptional: true)
        let text = form.textarea(
            "text", l("内容", "Text"), hint: l("变量写作 {1}、{2}。", "Variables are written {1}, {2}."), rows: 4)
        return """
            \(form.summary)<form class="sheet form" method="post" action="/portal/operator/templates" data-unsaved>\
            <h2>\(l("批准一个模板", "Approve a template"))</h2>\(account)\(id)\(text)<div class="actions">\
            <button>\(l("批准", "Approve"))</button></div></form>
            """
    }

    private static func add(_ page: PageContext) async throws -> PortalResponse {
        let (form, l) = (page.request.form, page.l)
        var errors = FormErrors()
        guard page.engine.accounts.directory.account(id: form["account"]) != nil else {
            errors.add("account", l("没有这个客户。", "There is no such account."))
            return try list(page, form, errors)
        }
        do {
            _ = try await page.administration.addTemplate(form["id"], text: form["text"], to: form["account"])
            return .redirect(
                "operator/templates?account=" + FormFields.encoded(form["account"]), notice: Notice(kind: .added))
        } catch {
            let words: [String: String] = [
                "id": l("编号是 1 至 20 个字母或数字，且不能是 0。", "1 to 20 letters and digits, and not 0."),
                "text": l("内容为空、太长，或全是变量。", "Empty, too long, or nothing but variables."),
            ]
            for (field, message) in try page.formErrors(error).entries {
                let taken = l("这个客户已有这个编号。", "The account has this id already.")
                errors.add(
                    words[field] == nil ? "id" : field, error.kind == .alreadyExists ? taken : words[field] ?? message)
            }
            return try list(page, form, errors)
        }
    }

    private static func remove(_ page: PageContext) async throws -> PortalResponse {
        let form = page.request.form
        _ = try await page.administration.removeTemplate(form["id"], from: form["account"])
        return .redirect(
            "operator/templates?account=" + FormFields.encoded(form["account"]), notice: Notice(kind: .removed))
    }
}
