/// A table of the pages.
struct Table {
    /// One column.
    struct Column {
        var title: HTML
        /// `num` for figures, `nowrap`, `grow` for the one that takes the room, `pick` for boxes.
        var style: String
        /// Said again in front of the value on narrow screens.
        var label: String

        init(_ title: String, _ style: String = "", isLabelled: Bool? = nil) {
            self.title = HTML(text: title)
            self.style = style
            label = isLabelled ?? (style == "num") ? title : ""
        }

        init(html: HTML, _ style: String) { (title, self.style, label) = (html, style, "") }
    }

    /// What the table is, for those who do not see it.
    var name: String
    var columns: [Column]
    /// A cell for each column.
    var rows: [[HTML]]
    /// A last row of sums; empty for none.
    var totals: [HTML] = []
    /// Whether each row becomes a card on narrow screens; not for two or three short columns.
    var isCards = true

    var html: HTML {
        let head = columns.map { column -> HTML in "<th scope=\"col\"\(style(column))>\(column.title)</th>" }
        let foot: HTML? = totals.isEmpty ? nil : "<tfoot>\(row(totals))</tfoot>"
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="\(name)">\
            <table\(" class=\"cards\"", if: isCards)>\
            <thead><tr>\(head)</tr></thead><tbody>\(rows.map(row))</tbody>\(foot)</table></div>
            """
    }

    private func row(_ cells: [HTML]) -> HTML {
        let cells = zip(columns, cells).map { column, cell -> HTML in
            let label: HTML? = column.label.isEmpty ? nil : " data-label=\"\(column.label)\""
            return "<td\(style(column))\(label)>\(cell)</td>"
        }
        return "<tr>\(cells)</tr>"
    }

    private func style(_ column: Column) -> HTML? { column.style.isEmpty ? nil : " class=\"\(column.style)\"" }
}
