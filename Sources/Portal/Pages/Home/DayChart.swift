import Messaging

/// Messages of some days as stacked bars, with the same figures as a table.
struct DayChart {
    let l: Language
    /// The earliest first.
    let days: [(day: Int, total: AccountTotal)]

    var html: HTML {
        let top = Self.scale(days.map(\.total.messages).max() ?? 0)
        let legend = [("c-good", l("成功", "Delivered")), ("c-bad", l("失败", "Failed")), ("c-wait", l("未知", "Unknown"))]
            .map { style, words -> HTML in "<li><i class=\"\(style)\"></i>\(words)</li>" }
        let bars = days.enumerated().map { bar($1.day, $1.total, at: $0, top) }
        let width = days.count * 10
        let grid = [0, 50, 100].map { y -> HTML in "<line x1=\"0\" y1=\"\(y)\" x2=\"\(width)\" y2=\"\(y)\"/>" }
        let title = l("最近 \(days.count) 天每日发送量", "Messages of the last \(days.count) days")
        return """
            <figure class="chart"><ul class="legend">\(legend)</ul><div class="plot">\
            <div class="plot-y" aria-hidden="true"><span>\(Format.count(top))</span>\
            <span>\(top > 1 ? Format.count(top / 2) : "")</span><span>0</span></div>\
            <svg viewBox="0 0 \(width) 100" preserveAspectRatio="none" role="img" \
            aria-labelledby="chart-title chart-words">\
            <title id="chart-title">\(title)</title><desc id="chart-words">\(description)</desc>\
            <g class="grid">\(grid)</g>\(bars)</svg>\
            <div class="plot-x" aria-hidden="true">\(axis)</div></div>\(table)</figure>
            """
    }

    /// The least of 1, 2 and 5 times a power of ten that is not less than the greatest value.
    static func scale(_ greatest: Int64) -> Int64 {
        var power: Int64 = 1
        while true {
            for factor in [1, 2, 5] as [Int64]
            where power.multipliedReportingOverflow(by: factor).partialValue >= greatest {
                return power * factor
            }
            let (next, isOver) = power.multipliedReportingOverflow(by: 10)
            if isOver || next > .max / 5 { return .max }
            power = next
        }
    }

    private func bar(_ day: Int, _ total: AccountTotal, at index: Int, _ top: Int64) -> HTML {
        let unknown = total.unknown
        let words = l(
            "\(short(day)) 成功 \(Format.count(total.delivered))，失败 \(Format.count(total.failed))，未知 "
                + Format.count(unknown),
            "\(short(day)): delivered \(Format.count(total.delivered)), failed \(Format.count(total.failed)), unknown "
                + Format.count(unknown))
        var from: Int64 = 0
        var pieces: [HTML] = []
        for (style, count) in [("c-good", total.delivered), ("c-bad", total.failed), ("c-wait", unknown)] {
            let start = Self.height(from, of: top)
            from = from.addingReportingOverflow(count).partialValue
            let end = Self.height(from, of: top)
            guard end > start else { continue }
            pieces.append(
                """
                <rect class="\(style)" x="\(index * 10 + 1).5" y="\(Self.decimal(10_000 - end))" width="7" \
                height="\(Self.decimal(end - start))"/>
                """)
        }
        return "<g><title>\(words)</title>\(pieces)</g>"
    }

    /// In hundredths of a percent of the plot.
    private static func height(_ count: Int64, of top: Int64) -> Int64 {
        let (product, isOver) = max(0, count).multipliedReportingOverflow(by: 10_000)
        return isOver ? 10_000 : min(10_000, product / max(1, top))
    }

    /// `44.64` of 4464.
    private static func decimal(_ hundredths: Int64) -> String {
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    private func short(_ day: Int) -> String {
        l("\(day / 100 % 100)月\(day % 100)日", "\(day / 100 % 100)/\(day % 100)")
    }

    private var description: String {
        guard let most = days.max(by: { $0.total.messages < $1.total.messages }), let last = days.last else {
            return ""
        }
        return l(
            "最多 \(short(most.day)) \(Format.count(most.total.messages)) 条，今天到现在 \(Format.count(last.total.messages)) 条",
            "Most on \(short(most.day)): \(Format.count(most.total.messages)); today so far "
                + Format.count(last.total.messages))
    }

    private var axis: HTML {
        guard let first = days.first, days.count > 2 else { return .empty }
        let middle = days[days.count / 2 - 1]
        return "<span>\(short(first.day))</span><span>\(short(middle.day))</span><span>\(l("今天", "today"))</span>"
    }

    private var table: HTML {
        let columns = [
            Table.Column(l("日期", "Day"), "nowrap"), Table.Column(l("发送", "Sent"), "num"),
            Table.Column(l("成功", "Delivered"), "num"), Table.Column(l("失败", "Failed"), "num"),
            Table.Column(l("未知", "Unknown"), "num"),
        ]
        let rows = days.reversed().map { day, total -> [HTML] in
            [HTML(text: Format.day(day))]
                + [total.messages, total.delivered, total.failed, total.unknown].map { HTML(text: Format.count($0)) }
        }
        let table = Table(
            name: l("最近 \(days.count) 天", "The last \(days.count) days"), columns: columns, rows: rows, isCards: false
        ).html
        return "<details><summary>\(l("以表格查看", "As a table"))</summary>\(table)</details>"
    }
}
