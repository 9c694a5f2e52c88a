import Administration
import Messaging

/// The fields of settings, made from the table that the command line and the protocol have too: what a field takes is
/// the table's, and here are only the words.
struct SettingForm {
    let l: Language
    /// Those that the form shows, in this order.
    let options: [SettingOption]
    /// What amounts are counted in.
    var unit = ChargeUnit.money

    /// Secrets are left as they are while their field is empty.
    init(_ l: Language, _ options: [SettingOption], only keys: [String], unit: ChargeUnit = .money) {
        self.l = l
        self.options = keys.compactMap { key in options.first { $0.key == key } }
        self.unit = unit
    }

    /// Marks a form whose boxes mean "off" when they are not ticked.
    private static let presence = "_"

    // MARK: As it is shown

    /// What is set now, as the fields show it.
    func values(_ settings: [Setting]) -> FormFields {
        var fields = FormFields()
        for option in options {
            guard let value = settings[option.key], option.kind.shape != .secret else { continue }
            switch value {
            case .text(let text): fields.append(option.key, text)
            case .integer(let number): fields.append(option.key, text(number, of: option))
            case .flag(let isOn): if isOn { fields.append(option.key, "on") }
            case .list(let items) where !option.kind.choices.isEmpty:
                for item in items { fields.append(option.key, item) }
            case .list(let items): fields.append(option.key, items.joined(separator: "\n"))
            }
        }
        return fields
    }

    private func text(_ number: Int64, of option: SettingOption) -> String {
        switch option.kind.unit {
        case .plain: String(number)
        case .price: Self.short(Money(microYuan: number).description)
        case .amount: number == 0 ? "" : unit == .money ? Self.short(unit.text(number)) : unit.text(number)
        case .seconds: number == 0 ? "none" : number % 3600 == 0 ? "\(number / 3600)h" : "\(number)s"
        }
    }

    /// Without zeros at the end.
    private static func short(_ decimal: String) -> String {
        guard decimal.contains(".") else { return decimal }
        var text = decimal
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    /// The fields; the form around them is the page's.
    func html(_ form: FormBuilder) -> HTML {
        let fields = options.filter { $0.kind.shape != .flag }.map { field($0, form) }
        let flags = options.filter { $0.kind.shape == .flag }.map { flag($0, form) }
        let group: HTML? =
            flags.isEmpty
            ? nil
            : """
            <fieldset class="field"><legend>\(l("选项", "Options"))</legend><div class="choices">\(flags)</div></fieldset>
            """
        return "<input type=\"hidden\" name=\"\(Self.presence)\" value=\"1\">\(fields)\(group)"
    }

    /// One box; all boxes of the form stand together.
    private func flag(_ option: SettingOption, _ form: FormBuilder) -> HTML {
        let words = SettingWords.of(option)
        let hint = l(words.chineseHint, words.englishHint)
        let small: HTML? = hint.isEmpty ? nil : "<small>\(hint)</small>"
        let error: HTML? = form.errors[option.key].map { "<p class=\"error\">\($0)</p>" }
        return """
            <label class="choice"><input type="checkbox" id="\(option.key)" name="\(option.key)" value="on"\
            \(" checked", if: form.values.has(option.key))><span>\(l(words.chinese, words.english))\(small)</span>\
            </label>\(error)
            """
    }

    private func field(_ option: SettingOption, _ form: FormBuilder) -> HTML {
        let words = SettingWords.of(option)
        let (label, hint) = (l(words.chinese, words.english), l(words.chineseHint, words.englishHint))
        switch option.kind.shape {
        case .permission, .flag: return .empty
        case .secret:
            let keep = l("留空则不变。", "Left as it is while empty.")
            return form.input(
                option.key, label, hint: hint.isEmpty ? keep : hint + keep, type: "password", isOptional: true,
                attributes: " autocomplete=\"new-password\"")
        case .list where !option.kind.choices.isEmpty:
            let choices = option.kind.choices.map {
                (value: $0, label: SettingWords.choice($0, l), hint: "")
            }
            return form.choices(option.key, label, type: "checkbox", choices)
        case .list:
            let each = l("每行一个。", "One a line.")
            return form.textarea(option.key, label, hint: hint + each, rows: 3, isOptional: true)
        case .text where !option.kind.choices.isEmpty:
            return form.select(
                option.key, label, hint: hint,
                option.kind.choices.map { (value: $0, label: SettingWords.choice($0, l)) })
        case .text:
            return form.input(option.key, label, hint: hint, width: .long)
        case .integer:
            return form.input(
                option.key, label, hint: hint, width: .short, unit: unitWords(option),
                attributes: " inputmode=\"decimal\"")
        }
    }

    private func unitWords(_ option: SettingOption) -> String {
        switch option.kind.unit {
        case .plain, .seconds: ""
        case .price: l("元/条", "yuan a segment")
        case .amount: unit == .money ? l("元", "yuan") : l("条", "segments")
        }
    }

    // MARK: As it was sent

    /// What was typed, as settings; those that are as they were are left out.
    /// - Parameter current: as they are set now; nil for something new, where empty fields keep their defaults.
    func settings(_ form: FormFields, current: [Setting]?) -> (settings: [Setting], errors: FormErrors) {
        var settings: [Setting] = []
        var errors = FormErrors()
        guard form.has(Self.presence) else { return ([], FormErrors([("", l("表单不完整。", "The form is not whole."))])) }
        for option in options {
            guard let value = value(of: option, form, isNew: current == nil) else { continue }
            guard let value, option.kind.allows(value) else {
                let words = SettingWords.of(option)
                let name = l(words.chinese, words.english)
                errors.add(
                    option.key,
                    l("“\(name)”填写不正确。\(words.chineseHint)", "\(name): it takes \(option.kind.form)."))
                continue
            }
            if let current, current[option.key] == value, option.kind.shape != .secret { continue }
            settings.append(Setting(option.key, value))
        }
        return (settings, errors)
    }

    /// - Returns: nil: the field says nothing; `.some(nil)`: what it says is no value.
    private func value(of option: SettingOption, _ form: FormFields, isNew: Bool) -> SettingValue?? {
        let text = form[option.key]
        switch option.kind.shape {
        case .permission: return nil
        case .flag: return .some(.flag(form.has(option.key)))
        case .secret: return form.raw(option.key).isEmpty ? nil : .some(.text(form.raw(option.key)))
        case .list:
            let items = form.all(option.key).flatMap { value in
                value.split { $0.isWhitespace || $0 == "," || $0 == "，" || $0 == "、" }.map(String.init)
            }
            return isNew && items.isEmpty ? nil : .some(.list(items))
        case .text: return isNew && text.isEmpty ? nil : .some(.text(text))
        case .integer:
            if text.isEmpty, isNew { return nil }
            switch option.kind.unit {
            case .amount: return .some(text.isEmpty ? .integer(0) : unit.amount(text).map { .integer($0) })
            default: return .some(option.kind.read(text))
            }
        }
    }

    /// What administration refused, in the page's language where the field says enough.
    func errors(_ error: AdministrationError, _ page: PageContext) throws(PageFailure) -> FormErrors {
        var errors = FormErrors()
        for (field, message) in try page.formErrors(error).entries {
            let isShown = options.contains { $0.key == field }
            let words = l(SettingWords.refusal(of: field, kind: error.kind) ?? message, message)
            errors.add(isShown || ["id", "name", "amount_units"].contains(field) ? field : "", words)
        }
        return errors
    }
}
