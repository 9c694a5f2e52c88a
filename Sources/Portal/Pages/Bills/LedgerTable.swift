import Messaging

extension LedgerKind {
    /// As bills name it.
    func words(_ l: Language) -> String {
        switch self {
        case .charge: l("扣费", "Charge")
        case .refund: l("退费", "Refund")
        case .recharge: l("充值", "Recharge")
        }
    }
}

/// A table of movements of balances.
struct LedgerTable {
    let page: PageContext
    /// Whether all are of one request, which the page has said already.
    var isOfOne = false

    private var l: Language { page.l }

    func html(_ entries: [LedgerEntry]) -> HTML {
        let unit = entries.first?.unit ?? .money
        let amount = unit == .money ? l("金额（元）", "Amount (yuan)") : l("金额（条）", "Amount (segments)")
        var columns = [
            Table.Column(l("时间", "Time"), "nowrap"), Table.Column(l("种类", "Kind")),
            Table.Column(amount, "num"), Table.Column(l("说明", "Note"), "grow"),
        ]
        if !isOfOne {
            columns.insert(Table.Column(l("账号", "Account")), at: 1)
            columns.append(Table.Column(l("短信", "Message")))
        }
        columns.append(Table.Column(l("流水号", "Entry"), "num"))
        return Table(
            name: l("流水", "Ledger"), columns: columns, rows: entries.map { row($0) }, isCards: !isOfOne
        ).html
    }

    private func row(_ entry: LedgerEntry) -> [HTML] {
        let sign = entry.amount > 0 ? "+" : ""
        var cells: [HTML] = [
            HTML(text: Format.time(entry.at, now: page.now)), HTML(text: entry.kind.words(l)),
            HTML(text: sign + Format.amount(entry.amount, entry.unit)), HTML.foreign(entry.note),
        ]
        if !isOfOne {
            cells.insert(HTML(text: entry.accountID), at: 1)
            cells.append(reference(entry))
        }
        cells.append(HTML(text: "\(entry.id)"))
        return cells
    }

    private func reference(_ entry: LedgerEntry) -> HTML {
        guard let id = entry.reference, page.visitor.login?.account == nil || page.has(.records) else { return "–" }
        let folder = entry.kind == .charge ? "batches" : "messages"
        return "<a href=\"\(Portal.root)\(page.recordsRoot)/\(folder)/\(id.rawValue)\">\(id.rawValue)</a>"
    }
}
