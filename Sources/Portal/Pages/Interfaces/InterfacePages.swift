import Administration
import Dialects
import Engine
import Messaging

/// 接口: how the account's own systems send, with its names filled in, what was refused lately, and its pushes.
enum InterfacePages {
    static let routes: [PageRoute] = [
        .get("api", .customer(.manage)) { page in
            .page(try await InterfacePage(page, usual(try page.account().account)).render())
        },
        .get("api/:dialect", .customer(.manage)) { page in
            guard let dialect = DialectName(rawValue: page.parameters["dialect"] ?? "") else {
                throw PageFailure.notFound
            }
            return .page(try await InterfacePage(page, dialect).render())
        },
        .post("api/pushes", .customer(.manage)) { try await replay($0) },
    ]

    /// The first dialect for which the account has all names.
    private static func usual(_ account: Account) -> DialectName {
        let words = InterfaceWords(.chinese)
        let usable = DialectName.allCases.first { dialect in
            !dialect.description.credentials.contains { words.value($0.value, dialect, account).isMissing }
        }
        return usable ?? .operatorV2
    }

    private static let hourMilliseconds: Int64 = 3_600_000
    /// What can be chosen to be pushed again, in hours.
    static let replayHours: [Int64] = [1, 24, 72]

    private static func replay(_ page: PageContext) async throws -> PortalResponse {
        guard let hours = Int64(page.request.form["hours"]), replayHours.contains(hours) else {
            throw PageFailure.badRequest
        }
        let account = try page.account().account.id
        do throws(AdministrationError) {
            _ = try await page.administration.replayPushes(
                of: account, kind: page.request.form["kind"],
                from: page.now.adding(milliseconds: -hours * hourMilliseconds), through: page.now)
        } catch {
            if error.kind == .invalid { throw PageFailure.badRequest }
            throw error
        }
        return .redirect("api", notice: Notice(kind: .saved))
    }
}

/// One interface on the page.
struct InterfacePage {
    private let page: PageContext
    private let dialect: DialectName
    private let words: InterfaceWords
    private let description: InterfaceDescription

    init(_ page: PageContext, _ dialect: DialectName) {
        (self.page, self.dialect) = (page, dialect)
        words = InterfaceWords(page.l)
        description = dialect.description
    }

    private var l: Language { page.l }

    func render() async throws -> Page {
        let account = try page.account().account
        let body: HTML = """
            \(tabs)<div class="two">\(access(account))\(try await pushes(account))</div>\(samples(account))\
            \(try await RecentCalls(page).html())\(endpoints)\(codes)
            """
        return Page(
            title: l("接口对接", "Interfaces"), section: .api,
            lead: HTML(text: l("自己的系统用下面的地址和凭据发送。", "Your own systems send with these addresses and credentials.")),
            body: body)
    }

    private var tabs: HTML {
        let links = DialectName.allCases.map { name -> HTML in
            """
            <a href="/portal/api/\(name.rawValue)"\(" aria-current=\"page\"", if: name == dialect)>\(name.rawValue)</a>
            """
        }
        return "<nav class=\"tabs\" aria-label=\"\(l("接口", "Interface"))\">\(links)</nav>"
    }

    // MARK: Address and credentials

    /// Scheme and host under which the browser has found us.
    private var base: String {
        (page.visitor.isSecure ? "https://" : "http://") + (page.request.host ?? "127.0.0.1")
    }

    private func access(_ account: Account) -> HTML {
        let address = base + (description.endpoints.first { $0.path.contains("end") } ?? description.endpoints[0]).path
        let copy: HTML = """
            <button type="button" class="link" data-copy="address" data-done="\(l("已复制", "Copied"))" hidden \
            data-script>\(l("复制", "Copy"))</button>
            """
        let credentials = description.credentials.map { credential -> HTML in
            let (value, isMissing) = words.value(credential.value, dialect, account)
            let shown: HTML =
                isMissing ? "<span class=\"tag wait\">\(value)</span>" : "<code>\(value)</code>"
            return "<dt>\(credential.name)</dt><dd>\(shown)</dd>"
        }
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("地址与凭据", "Address and credentials"))</h2></div>\
            <dl class="facts"><dt>\(l("发送", "Send"))</dt>\
            <dd><span class="copy"><code id="address">\(address)</code>\(copy)</span></dd>\(credentials)</dl>\
            <p class="hint">\(l("密码和密钥只在设置的时候显示一次；忘记了请联系运营方重设。",
                "Passwords and secrets are shown once, when they are set; ask the operator for new ones."))</p>\
            </section>
            """
    }

    // MARK: Pushes

    private func pushes(_ account: Account) async throws -> HTML {
        let lanes = try await page.administration.pushLanes(of: account.id, after: "", limit: 10).items
        let content: HTML
        if lanes.isEmpty {
            content = """
                <div class="empty"><p class="title">\(l("没有设置推送", "No pushes"))</p><p>\
                \(l("状态报告和回复由自己的系统来取。需要推送到自己的地址，请联系运营方。",
                    "Your system collects reports and replies. Ask the operator to have them pushed to an address."))\
                </p></div>
                """
        } else {
            content = "\(lanes.map(lane))\(replayForm(lanes))"
        }
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("推送", "Pushes"))</h2></div>\(content)</section>
            """
    }

    private func kindName(_ kind: OutboxKind) -> String {
        kind == .reports ? l("状态报告", "Reports") : l("上行回复", "Replies")
    }

    private func lane(_ detail: PushLaneDetail) -> HTML {
        let record = detail.lane.record
        let state: HTML =
            switch detail.state {
            case "failing": "<span class=\"state bad\">\(l("失败", "failing"))</span>"
            case "sending": "<span class=\"state wait\">\(l("推送中", "sending"))</span>"
            case "off": "<span class=\"state off\">\(l("关闭", "off"))</span>"
            default: "<span class=\"state good\">\(l("正常", "in order"))</span>"
            }
        let answered = record.answeredAt.map { Format.time($0, now: page.now) + " " } ?? ""
        let answer: HTML = record.answer.isEmpty ? "–" : "\(answered)\(HTML.foreign(record.answer))"
        return """
            <dl class="facts"><dt>\(kindName(record.kind))</dt><dd><code>\(HTML.foreign(detail.lane.url))</code></dd>\
            <dt>\(l("状态", "State"))</dt><dd>\(state)</dd><dt>\(l("最近的回答", "Last answer"))</dt><dd>\(answer)</dd>\
            <dt>\(l("待推送", "Waiting"))</dt><dd>\(Format.count(detail.lane.waiting))</dd></dl>
            """
    }

    private func replayForm(_ lanes: [PushLaneDetail]) -> HTML {
        let kinds = lanes.filter { !$0.lane.url.isEmpty }.map { detail -> HTML in
            let kind = detail.lane.record.kind
            return "<option value=\"\(kind.name)\">\(kindName(kind))</option>"
        }
        if kinds.isEmpty { return .empty }
        let hours = InterfacePages.replayHours.map { hours -> HTML in
            "<option value=\"\(hours)\">\(l("最近 \(hours) 小时", "Last \(hours) h"))</option>"
        }
        return """
            <form class="filters" method="post" action="/portal/api/pushes"><div><label for="kind">\
            \(l("再推送一次", "Push again"))</label><select id="kind" name="kind">\(kinds)</select></div>\
            <div><label for="hours">\(l("时间", "Time"))</label><select id="hours" name="hours">\(hours)</select></div>\
            <div class="actions"><button class="plain" data-confirm="\(l("这些会再推送一次，自己的系统要能认出重复的。要推送吗？",
                "Your system has to recognise those that it has already. Push again?"))">\
            \(l("再推送", "Push again"))</button></div></form>
            """
    }

    // MARK: Samples

    private func samples(_ account: Account) -> HTML {
        let program = SampleProgram(dialect, account: account)
        let languages = Array(SampleLanguage.allCases.enumerated())
        let labels = languages.map { index, language -> HTML in
            """
            <input type="radio" name="language" id="tab\(index)"\(" checked", if: index == 0)>\
            <label for="tab\(index)">\(language.name)</label>
            """
        }
        let panels = languages.map { index, language -> HTML in
            """
            <div class="panel"><div class="code"><pre tabindex="0"><code id="code\(index)">\
            \(language.write(program, base: base))</code></pre><button type="button" class="plain small" \
            data-copy="code\(index)" data-done="\(l("已复制", "Copied"))" hidden data-script>\(l("复制", "Copy"))</button>\
            </div></div>
            """
        }
        let variables = program.variables.joined(separator: l("、", ", "))
        return """
            <section class="sheet" id="samples" data-dialect="\(dialect.rawValue)"><div class="sheet-head"><h2>\
            \(l("示例", "Samples"))<small>\(l("已填入这个账户的地址和名称", "With this account's address and names"))</small>\
            </h2></div><p class="hint">\(l("密码从环境变量 \(variables) 读取；会真的发送一条短信给 13800138000。",
                "Secrets are read from the environment: \(variables). A message is really sent to 13800138000."))</p>\
            <div class="tabset" role="group" aria-label="\(l("语言", "Language"))">\(labels)\(panels)</div></section>
            """
    }

    // MARK: Description

    private var endpoints: HTML {
        let sheets = description.endpoints.map { endpoint -> HTML in
            let fields: HTML =
                endpoint.fields.isEmpty
                ? "<p class=\"quiet\">\(l("凭据之外没有字段。", "No fields beside the credentials."))</p>"
                : Table(
                    name: endpoint.path,
                    columns: [
                        .init(l("字段", "Field")), .init(l("类型", "Type")), .init(l("必填", "Required")),
                        .init(l("说明", "Meaning"), "grow"),
                    ],
                    rows: endpoint.fields.map { field in
                        [
                            "<code>\(field.name)</code>", "\(words.type(field))",
                            field.isRequired ? "\(l("是", "yes"))" : "\(l("否", "no"))", "\(words(field.meaning))",
                        ]
                    }, isCards: false
                ).html
            return """
                <details><summary><code>\(endpoint.path)</code> <span class="quiet">\(words(endpoint.meaning))</span>\
                </summary>\(fields)</details>
                """
        }
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("接口一览", "Operations"))<small>POST</small></h2></div>\
            \(sheets)</section>
            """
    }

    private var codes: HTML {
        let table = Table(
            name: l("返回码", "Codes"), columns: [.init(l("返回码", "Code")), .init(l("含义", "Meaning"), "grow")],
            rows: description.codes.map { code in ["<code>\(code.code)</code>", "\(words(code.meaning))"] },
            isCards: false)
        return """
            <section class="sheet"><details><summary>\(l("返回码的含义", "What the codes mean"))</summary>\(table.html)\
            </details></section>
            """
    }
}
