import Messaging

/// What a list of sent messages is filtered by, as the form has it.
struct RecordFilter {
    var number: String
    var content: String
    var status: String
    var code: String
    var from: String
    var to: String
    var account: String

    /// Longer texts are not searched for.
    static let contentMax = 200
    /// Every message that has no final report, in the field of the status.
    static let unknown = "unknown"

    /// - Parameter now: today is the window where the fields do not say.
    init(_ fields: FormFields, now: Timestamp) {
        let today = DateField.day(now)
        (number, content) = (fields["n"], fields.raw("c"))
        (status, code, account) = (fields["s"], fields["k"], fields["a"])
        from = fields.has("f") ? fields["f"] : today
        to = fields.has("t") ? fields["t"] : today
    }

    /// Whether it has what must stand in no URL.
    var isPrivate: Bool { !number.isEmpty || !content.isEmpty }

    /// As a query, and as it is saved.
    var fields: [(String, String)] {
        let named = [("n", number), ("c", content), ("s", status), ("k", code), ("a", account)]
        return [("f", from), ("t", to)] + named.filter { !$0.1.isEmpty }
    }

    private var statuses: Set<MessageStatus>? {
        if status.isEmpty { return [] }
        if status == Self.unknown { return MessageStatus.unknown }
        return MessageStatus(rawValue: status).map { [$0] }
    }

    /// - Throws: `FormErrors` of fields that cannot be read.
    func search(_ scope: AccountScope, _ l: Language) throws(FormErrors) -> MessageSearch {
        var errors = FormErrors()
        var search = MessageSearch(scope: scope)
        if !number.isEmpty {
            search.mobile = TidyNumber.read(number)
            if search.mobile == nil {
                errors.add("n", l("手机号不完整或有其他字符，请填写完整号码。", "This is no whole telephone number."))
            }
        }
        if content.utf8.count > Self.contentMax {
            errors.add("c", l("内容太长，请只填其中一段。", "Too long; give a piece of it."))
        }
        search.content = content
        if let statuses {
            search.statuses = statuses
        } else {
            errors.add("s", l("没有这种状态。", "There is no such status."))
        }
        search.code = code.isEmpty ? "" : DeliveryStatus(code).code
        (search.from, search.to) = Self.window(from, to, &errors, l)
        guard errors.isEmpty else { throw errors }
        return search
    }

    /// The moments of two fields of days; an empty one is no bound.
    static func window(
        _ from: String, _ to: String, _ errors: inout FormErrors, _ l: Language
    ) -> (from: Timestamp?, to: Timestamp?) {
        let (first, end) = (DateField.moment(from), DateField.end(to))
        if !from.isEmpty, first == nil { errors.add("f", l("日期不正确。", "This is no date.")) }
        if !to.isEmpty, end == nil { errors.add("t", l("日期不正确。", "This is no date.")) }
        if let first, let end, end <= first {
            errors.add("t", l("结束日期早于开始日期。", "The end is before the beginning."))
        }
        return (first, end)
    }

    // MARK: The form

    /// - Parameter action: where it is posted to, below the root.
    func form(_ page: PageContext, action: String, errors: FormErrors) throws(PageFailure) -> HTML {
        let l = page.l
        let account = try page.accountField(self.account)
        var choices: [(value: String, label: String)] = [("", l("全部", "All"))]
        choices += [MessageStatus.delivered, .failed, .awaitingReport, .uncertain, .queued, .scheduled, .cancelled].map
        {
            ($0.rawValue, $0.words(l))
        }
        choices.append((Self.unknown, l("未知（尚无最终报告）", "Unknown (no final report)")))
        let options = choices.map { choice -> HTML in
            "<option value=\"\(choice.value)\"\(" selected", if: choice.value == self.status)>\(choice.label)</option>"
        }
        let text: HTML = """
            <div><label for="n">\(l("手机号", "Number"))</label><input id="n" name="n" inputmode="tel"\
             autocomplete="off" value="\(number)"\(FilterField.mark("n", errors))>\
            \(FilterField.words("n", errors))</div>\
            <div class="span"><label for="c">\(l("短信内容包含", "Text contains"))</label><input id="c" name="c"\
             autocomplete="off" value="\(content)"\(FilterField.mark("c", errors))>\
            \(FilterField.words("c", errors))</div>
            """
        let status: HTML = """
            <div><label for="s">\(l("发送状态", "Status"))</label>\
            <select id="s" name="s"\(FilterField.mark("s", errors))>\(options)</select></div>
            """
        let dates = FilterField.dates(from, to, errors, l, from: l("发送时间从", "Sent from"))
        let code: HTML? =
            self.code.isEmpty
            ? nil
            : """
            <div><label for="k">\(l("状态报告代码", "Code"))</label><input id="k" name="k" value="\(self.code)"></div>
            """
        return """
            <form class="sheet filters" method="post" action="\(Portal.root)\(action)" \
            aria-label="\(l("查询条件", "Filter"))">\(text)\(status)\(dates)\(account)\(code)\
            <div class="actions"><button>\(l("查询", "Search"))</button>\
            <a href="\(Portal.root)\(action)">\(l("清除", "Clear"))</a></div></form>
            """
    }
}

/// Pieces that forms of filters share.
enum FilterField {
    static func mark(_ name: String, _ errors: FormErrors) -> HTML? {
        errors[name] == nil ? nil : " aria-invalid=\"true\" aria-describedby=\"\(name)-error\""
    }

    static func words(_ name: String, _ errors: FormErrors) -> HTML? {
        errors[name].map { "<p class=\"error\" id=\"\(name)-error\">\($0)</p>" }
    }

    /// Two fields of days.
    static func dates(_ from: String, _ to: String, _ errors: FormErrors, _ l: Language, from label: String) -> HTML {
        """
        <div><label for="f">\(label)</label><input id="f" name="f" type="date" value="\(from.prefix(10))"\
        \(mark("f", errors))>\(words("f", errors))</div>\
        <div><label for="t">\(l("到", "to"))</label><input id="t" name="t" type="date" value="\(to.prefix(10))"\
        \(mark("t", errors))>\(words("t", errors))</div>
        """
    }
}

/// Telephone numbers as people type them.
enum TidyNumber {
    /// Spaces, dashes, brackets and the country's code are taken off; nil for what is no number then.
    static func read(_ text: String) -> PhoneNumber? {
        var digits = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x30...0x39: digits.unicodeScalars.append(scalar)
            case 0xFF10...0xFF19: digits += String(scalar.value - 0xFF10)
            case 0x20, 0x28, 0x29, 0x2B, 0x2D, 0x2E, 0xA0, 0x3000, 0x200B...0x200F, 0x202A...0x202E, 0xFEFF: continue
            default: return nil
            }
        }
        guard digits.utf8.count <= 20 else { return nil }
        for prefix in ["0086", "86"] where digits.hasPrefix(prefix) && digits.utf8.count == prefix.utf8.count + 11 {
            digits.removeFirst(prefix.count)
        }
        return PhoneNumber(digits)
    }
}
