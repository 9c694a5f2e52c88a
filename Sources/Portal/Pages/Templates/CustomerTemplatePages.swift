import Engine
import Messaging

/// The account's approved templates and its signature.
enum CustomerTemplatePages {
    static let routes: [PageRoute] = [.get("templates", .customer(.send)) { try await list($0) }]

    private static func list(_ page: PageContext) async throws -> PortalResponse {
        let l = page.l
        let account = try page.account()
        let rules = account.runtime.screening.rules
        let signature: HTML =
            account.account.signature.isEmpty
            ? "\(l("没有默认签名", "no signature of its own"))" : HTML.foreign(account.account.signature)
        let duty =
            rules.requiresTemplate
            ? l("只能发送符合模板的内容。", "Only texts that follow a template are sent.")
            : l("可以不用模板发送。", "Texts need no template.")
        let facts: HTML = """
            <section class="sheet"><h2>\(l("签名", "Signature"))</h2><dl class="facts"><dt>\(l("默认签名", "Signature"))</dt>\
            <dd>\(signature)</dd><dt>\(l("模板", "Templates"))</dt><dd>\(duty)</dd></dl></section>
            """
        return .page(
            Page(
                title: l("模板与签名", "Templates and signature"), section: .templates,
                body: "\(facts)\(templates(rules.templates, l))"))
    }

    private static func templates(_ templates: [Template], _ l: Language) -> HTML {
        if templates.isEmpty {
            return """
                <section class="sheet"><div class="empty"><p class="title">\(l("还没有模板", "No templates yet"))</p>\
                <p>\(l("模板由平台审核后加入。", "Templates are added by the operator."))</p></div></section>
                """
        }
        let table = Table(
            name: l("模板", "Templates"),
            columns: [.init(l("编号", "Id"), "nowrap"), .init(l("内容", "Text"), "grow"), .init(l("操作", "Actions"))],
            rows: templates.map { template in
                [
                    "\(template.id)", HTML.foreign(template.text),
                    "<a href=\"/portal/send?template=\(template.id)\">\(l("用它发送", "Use it"))</a>",
                ]
            })
        return "<section class=\"sheet\"><h2>\(l("已通过的模板", "Approved templates"))</h2>\(table.html)</section>"
    }
}
