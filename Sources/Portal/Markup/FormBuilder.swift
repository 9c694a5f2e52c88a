/// Makes the fields of one form: what was typed is kept, and each field that was refused says why, in the words of the
/// summary on top.
struct FormBuilder {
    let l: Language
    /// What was typed, or what is to be changed.
    let values: FormFields
    let errors: FormErrors

    init(_ l: Language, values: FormFields = FormFields(), errors: FormErrors = FormErrors()) {
        (self.l, self.values, self.errors) = (l, values, errors)
    }

    /// How wide a field is.
    enum Width: String {
        case short, medium, long
        case full = ""
    }

    /// All that was refused, on top of the form; nil when nothing was.
    var summary: HTML? {
        guard !errors.isEmpty else { return nil }
        let count = errors.entries.count
        let items = errors.entries.map { entry -> HTML in
            entry.field.isEmpty
                ? "<li>\(entry.message)</li>" : "<li><a href=\"#\(entry.field)\">\(entry.message)</a></li>"
        }
        return """
            <div class="notice bad" id="errors" role="alert" tabindex="-1">\
            <h2>\(l("有 \(count) 处需要改正", "\(count) to be put right"))</h2><ul>\(items)</ul></div>
            """
    }

    /// One line of text.
    /// - Parameters:
    ///   - type: of the input: `text`, `password`, `date`, `number`, `tel`, `url`.
    ///   - unit: shown behind it.
    ///   - attributes: more of them, for example `" inputmode=\"decimal\""`.
    func input(
        _ name: String, _ label: String, hint: String = "", type: String = "text", width: Width = .medium,
        unit: String = "", isOptional: Bool = false, attributes: HTML = .empty
    ) -> HTML {
        let value: HTML = type == "password" ? .empty : " value=\"\(values.raw(name))\""
        let size: HTML = width == .full ? .empty : " class=\"\(width.rawValue)\""
        let input: HTML = """
            <input id="\(name)" name="\(name)" type="\(type)"\(size)\(value)\(describing(name, hint))\(attributes)>
            """
        let control = unit.isEmpty ? input : "<div class=\"unit\">\(input)<span>\(unit)</span></div>"
        return field(name, label, hint, isOptional, control)
    }

    /// Several lines of text.
    func textarea(
        _ name: String, _ label: String, hint: String = "", rows: Int = 6, isOptional: Bool = false,
        attributes: HTML = .empty
    ) -> HTML {
        field(
            name, label, hint, isOptional,
            """
            <textarea id="\(name)" name="\(name)" rows="\(rows)"\(describing(name, hint))\(attributes)>
            \(values.raw(name))</textarea>
            """)
    }

    /// One of several; values with their labels.
    func select(
        _ name: String, _ label: String, hint: String = "", width: Width = .medium,
        _ choices: [(value: String, label: String)]
    ) -> HTML {
        let chosen = values.raw(name)
        let options = choices.map { choice -> HTML in
            "<option value=\"\(choice.value)\"\(" selected", if: choice.value == chosen)>\(choice.label)</option>"
        }
        let size: HTML = width == .full ? .empty : " class=\"\(width.rawValue)\""
        return field(
            name, label, hint, false,
            "<select id=\"\(name)\" name=\"\(name)\"\(size)\(describing(name, hint))>\(options)</select>")
    }

    /// One or any of several, each with a hint of its own.
    /// - Parameter type: `checkbox` or `radio`.
    func choices(
        _ name: String, _ legend: String, type: String, _ choices: [(value: String, label: String, hint: String)]
    ) -> HTML {
        let chosen = Set(values.all(name))
        let items = choices.map { choice -> HTML in
            let hint: HTML? = choice.hint.isEmpty ? nil : "<small>\(choice.hint)</small>"
            return """
                <label class="choice"><input type="\(type)" name="\(name)" value="\(choice.value)"\
                \(" checked", if: chosen.contains(choice.value))><span>\(choice.label)\(hint)</span></label>
                """
        }
        let error: HTML? = errors[name].map { "<p class=\"error\" id=\"\(name)-error\">\($0)</p>" }
        return """
            <fieldset class="field\(" wrong", if: errors[name] != nil)" id="\(name)"><legend>\(legend)</legend>\(error)\
            <div class="choices">\(items)</div></fieldset>
            """
    }

    private func field(
        _ name: String, _ label: String, _ hint: String, _ isOptional: Bool, _ control: HTML
    ) -> HTML {
        let optional: HTML? = isOptional ? "<span class=\"optional\">\(l("选填", "optional"))</span>" : nil
        let hintLine: HTML? = hint.isEmpty ? nil : "<p class=\"hint\" id=\"\(name)-hint\">\(hint)</p>"
        let error: HTML? = errors[name].map { "<p class=\"error\" id=\"\(name)-error\">\($0)</p>" }
        return """
            <div class="field\(" wrong", if: errors[name] != nil)"><label for="\(name)">\(label)\(optional)</label>\
            \(hintLine)\(error)\(control)</div>
            """
    }

    private func describing(_ name: String, _ hint: String) -> HTML {
        let isWrong = errors[name] != nil
        let ids = [hint.isEmpty ? nil : "\(name)-hint", isWrong ? "\(name)-error" : nil].compactMap(\.self)
        let described: HTML = ids.isEmpty ? .empty : " aria-describedby=\"\(ids.joined(separator: " "))\""
        return "\(" aria-invalid=\"true\"", if: isWrong)\(described)"
    }
}
