extension String {
    /// Fit for one line of a log, an audit entry or a terminal: control characters and line separators are written as
    /// `\u{a}`, and `…` stands for what is beyond `limit` characters.
    /// - Parameter limit: in Unicode scalars.
    public func shown(limit: Int = 200) -> String {
        var shown = ""
        for (count, scalar) in unicodeScalars.enumerated() {
            if count == limit { return shown + "…" }
            switch scalar {
            case "\u{0}"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }
}
