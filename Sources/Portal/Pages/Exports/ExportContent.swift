import Engine
import Messaging

/// One cell of a file that is exported.
enum ExportCell: Hashable, Sendable {
    /// Stays a text in every program: telephone numbers, ids.
    case text(String)
    case integer(Int64)
    /// Exact to the micro-yuan.
    case money(Money)
}

/// A table that is written to a file, page by page.
struct ExportContent: Sendable {
    /// The names of its columns.
    var header: [String]
    /// The next rows; nil at the end. Called by one task at a time.
    var next: @Sendable () async throws -> [[ExportCell]]?

    /// Pages of items, each of which is a row.
    init<Item, Place>(
        header: [String], _ items: SearchSequence<Item, Place>, row: @escaping @Sendable (Item) -> [ExportCell]
    ) {
        self.header = header
        let pages = PageReader(items)
        next = { try await pages.next()?.map(row) }
    }

    /// Rows that are there at once.
    init(header: [String], rows: [[ExportCell]]) {
        self.header = header
        let once = RowsOnce(rows)
        next = { await once.take() }
    }
}

/// Reads one page after the other.
private actor PageReader<Item: Sendable, Place: Hashable & Sendable> {
    private var iterator: SearchSequence<Item, Place>.Iterator?

    init(_ items: SearchSequence<Item, Place>) { iterator = items.makeAsyncIterator() }

    /// Nil at the end, and while another call is under way.
    func next() async throws -> [Item]? {
        guard var reading = iterator else { return nil }
        iterator = nil
        let page = try await reading.next()
        iterator = page == nil ? nil : reading
        return page
    }
}

/// Rows that are given once.
private actor RowsOnce {
    private var rows: [[ExportCell]]?

    init(_ rows: [[ExportCell]]) { self.rows = rows }

    func take() -> [[ExportCell]]? {
        defer { rows = nil }
        return rows?.isEmpty == true ? nil : rows
    }
}

/// The tables that can be exported.
enum ExportKind: String, Sendable, CaseIterable {
    case messages, replies, bills, ledger

    /// The name of its sheet.
    func title(_ l: Language) -> String {
        switch self {
        case .messages: l("发送记录", "Sent messages")
        case .replies: l("上行回复", "Replies")
        case .bills: l("日账单", "Bills by day")
        case .ledger: l("流水", "Ledger")
        }
    }
}

/// Makes the tables that are exported, from the fields that the page's filter had.
struct ExportMaking: Sendable {
    let engine: Engine
    /// What may be read.
    let scope: AccountScope
    let language: Language
    /// Whether telephone numbers are written in full.
    let hasFullNumbers: Bool
    let now: Timestamp

    private var l: Language { language }

    /// - Parameter fields: of the filter; of chosen messages `ids`.
    /// - Throws: what the store says; `notFound` for an account outside of the scope.
    func content(_ kind: ExportKind, _ fields: FormFields) async throws -> ExportContent {
        let scope = try narrowed(to: fields["a"])
        switch kind {
        case .messages: return try await messages(fields, scope)
        case .replies: return replies(fields, scope)
        case .bills: return try await bills(fields, scope)
        case .ledger: return ledger(fields, scope)
        }
    }

    private func narrowed(to id: String) throws -> AccountScope {
        if id.isEmpty { return scope }
        guard let entry = engine.accounts.directory.account(id: id), scope.contains(entry.key) else {
            throw PageFailure.notFound
        }
        return scope.narrowed(to: entry.key)
    }

    private func number(_ text: String) -> ExportCell { .text(hasFullNumbers ? text : Format.masked(text)) }
    private func time(_ moment: Timestamp?) -> ExportCell { .text(moment?.chinaText ?? "") }

    // MARK: Messages

    private func messages(_ fields: FormFields, _ scope: AccountScope) async throws -> ExportContent {
        let header = [
            l("发送账户", "Account"), l("手机号", "Number"), l("短信内容", "Text"), l("发送时间", "Sent"),
            l("定时", "Scheduled"), l("发送状态", "Status"), l("状态报告", "Report"), l("报告时间", "Reported"),
            l("条数", "Segments"), l("短信编号", "Message id"), l("客户编号", "Custom id"),
        ]
        if fields.has("ids") {
            let ids = fields["ids"].split(separator: ",").prefix(RecordPages.selectedMax).compactMap {
                Int64($0).map { MessageID(rawValue: $0) }
            }
            let records = try await engine.records.records(of: ids, scope: scope)
            return ExportContent(header: header, rows: records.map { row($0) })
        }
        let search = try RecordFilter(fields, now: now).search(scope, l)
        return ExportContent(header: header, engine.records.all(search)) { row($0) }
    }

    private func row(_ record: MessageRecord) -> [ExportCell] {
        [
            .text(record.account), number(record.mobile), .text(record.content), time(record.acceptedAt),
            time(record.scheduledAt), .text(record.listed.words(l)), .text(record.status ?? ""),
            time(record.finalAt), .integer(Int64(record.segments)), .text("\(record.id.rawValue)"),
            .text(record.customID),
        ]
    }

    private func replies(_ fields: FormFields, _ scope: AccountScope) -> ExportContent {
        let header = [
            l("时间", "Time"), l("手机号", "Number"), l("回复内容", "Text"), l("接入号", "Access number"),
            l("账户", "Account"), l("对应短信编号", "In answer to"), l("对应短信", "Its text"),
        ]
        let search = ReplyPages.search(ofExport: fields, scope, now: now)
        return ExportContent(header: header, engine.records.all(search)) { reply in
            [
                time(reply.receivedAt), number(reply.mobile), .text(reply.content), .text(reply.accessNumber),
                .text(reply.accountID), .text(reply.answered.map { "\($0.rawValue)" } ?? ""),
                .text(reply.answeredContent ?? ""),
            ]
        }
    }

    // MARK: Bills

    private func amount(_ amount: Int64, _ unit: ChargeUnit) -> ExportCell {
        unit == .money ? .money(Money(microYuan: amount)) : .integer(amount)
    }

    private func bills(_ fields: FormFields, _ scope: AccountScope) async throws -> ExportContent {
        let header = [
            l("日期", "Day"), l("账号", "Account"), l("发送", "Sent"), l("实发", "Really sent"), l("成功", "Delivered"),
            l("失败", "Failed"), l("未知", "Unknown"), l("计费条", "Segments"), l("消费", "Charged"), l("退费", "Refunded"),
            l("实收", "Net"), l("5 秒内送达", "Within 5 s"), l("单位", "Unit"),
        ]
        guard let days = BillPages.Filter(fields, now: now).days else { throw PageFailure.badRequest }
        let rows = try await engine.records.dailyTotals(of: scope, days: days, limit: .max)
        return ExportContent(header: header, rows: rows.map { row($0) })
    }

    private func row(_ day: DailyTotal) -> [ExportCell] {
        let entry = engine.accounts.directory.account(key: day.account)
        let (unit, total) = (entry?.account.chargeUnit ?? .money, day.total)
        let counts = [
            total.messages, total.sent, total.delivered, total.failed, total.unknown, total.segments,
        ].map { ExportCell.integer($0) }
        return [.text(Format.day(day.day)), .text(entry?.account.id ?? "")] + counts
            + [total.charged, total.refunded, total.net].map { amount($0, unit) }
            + [.integer(total.deliveredFast), .text(unit == .money ? l("元", "yuan") : l("条", "segments"))]
    }

    private func ledger(_ fields: FormFields, _ scope: AccountScope) -> ExportContent {
        let header = [
            l("流水号", "Entry"), l("时间", "Time"), l("账号", "Account"), l("种类", "Kind"), l("金额", "Amount"),
            l("单位", "Unit"), l("短信编号", "Message id"), l("说明", "Note"),
        ]
        let search = BillPages.ledgerSearch(BillPages.Filter(fields, now: now), scope)
        return ExportContent(header: header, engine.records.all(search)) { entry in
            [
                .integer(entry.id.rawValue), time(entry.at), .text(entry.accountID), .text(entry.kind.words(l)),
                amount(entry.amount, entry.unit), .text(entry.unit == .money ? l("元", "yuan") : l("条", "segments")),
                .text(entry.reference.map { "\($0.rawValue)" } ?? ""), .text(entry.note),
            ]
        }
    }
}
