import Administration
import Engine
import Messaging

/// The account's latest requests: those accepted, which are kept as messages, and those refused, with the code that was
/// answered and what to do.
struct RecentCalls {
    private let page: PageContext

    private static let callsMax = 20

    init(_ page: PageContext) { self.page = page }

    private var l: Language { page.l }

    private struct Call {
        var at: Timestamp
        var cells: [HTML]
    }

    func html() async throws -> HTML {
        let account = try page.account()
        let calls = try await accepted(account) + refused(account)
        let latest = calls.sorted { $0.at > $1.at }.prefix(Self.callsMax)
        return """
            <section class="sheet"><div class="sheet-head"><h2>\(l("最近 20 次请求", "The last 20 requests"))<small>\
            \(l("所有接口和页面", "All interfaces and the pages"))</small></h2></div>\
            \(latest.isEmpty ? empty : table(latest))</section>
            """
    }

    private var empty: HTML {
        """
        <div class="empty"><p class="title">\(l("还没有请求", "No requests yet"))</p><p>\
        \(l("用上面的示例发一条，就会出现在这里。", "Send a message with a sample above, and it is shown here."))</p></div>
        """
    }

    private func table(_ calls: some Sequence<Call>) -> HTML {
        Table(
            name: l("最近的请求", "Recent requests"),
            columns: [
                .init(l("时间", "Time"), "nowrap"), .init(l("结果", "Outcome")),
                .init(l("回答", "Answer"), isLabelled: true), .init(l("说明", "Meaning"), "grow"),
                .init(l("来自", "From"), isLabelled: true), .init(l("次数", "Times"), "num"),
            ],
            rows: calls.map(\.cells)
        ).html
    }

    private func accepted(_ account: AccountEntry) async throws -> [Call] {
        var search = BatchSearch(scope: try page.recordScope(account: account.account.id))
        search.limit = Self.callsMax
        return try await page.engine.records.batches(search).items.map { batch in
            let count = Format.count(batch.recipients)
            let link: HTML = """
                <a class="clip" href="/portal/records/batches/\(batch.id.rawValue)">\
                \(l("\(count) 个号码：", "\(count) numbers: "))\(HTML.foreign(batch.content.prefix(80)))</a>
                """
            return Call(
                at: batch.acceptedAt,
                cells: [
                    "\(Format.time(batch.acceptedAt, now: page.now))",
                    "<span class=\"state good\">\(l("已受理", "accepted"))</span>", "–", link, "–", "1",
                ])
        }
    }

    private func refused(_ account: AccountEntry) async throws -> [Call] {
        let why = RefusalWords(l)
        return try await page.administration.refusals(
            account: account.account.id, mobile: "", day: 0, after: "", limit: Self.callsMax
        ).items.map { item in
            let key = item.refusal.key
            let number: HTML? = key.mobile.isEmpty ? nil : "<small>\(HTML.foreign(Format.masked(key.mobile)))</small>"
            return Call(
                at: item.refusal.lastAt,
                cells: [
                    "\(Format.time(item.refusal.lastAt, now: page.now))",
                    "<span class=\"state bad\">\(l("被拒绝", "refused"))</span>",
                    "<code>\(key.code)</code><small>\(key.dialect)</small>", "\(why(key.rule))\(number)",
                    key.address.isEmpty ? "–" : "\(key.address)", "\(Format.count(item.refusal.times))",
                ])
        }
    }
}
