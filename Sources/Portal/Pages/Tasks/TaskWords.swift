import Engine
import Messaging
import Sheets

/// What became of tasks, in words that say what to do.
enum TaskWords {
    /// Why a task failed.
    static func failure(_ code: String, _ l: Language) -> String {
        let parts = code.split(separator: " ", maxSplits: 1).map(String.init)
        if let failure = SheetFailure(rawValue: parts.first ?? "") { return words(failure, l) }
        switch parts.first {
        case "insufficientBalance":
            return l("余额不足，其余的没有发送。充值后可以再发未发送的部分。", "The balance ran out; the rest was not sent.")
        case "priceChanged":
            return l(
                "单价或签名在发送途中变了，其余的没有发送；请重新核对。", "The price or the signature changed; check and send the rest again.")
        case "accountDisabled": return l("账户已停用，其余的没有发送。", "The account is disabled; the rest was not sent.")
        case "overloaded":
            return l("系统一直繁忙，其余的没有发送；请稍后再发。", "The system stayed busy; the rest was not sent. Try again later.")
        case "importGone": return l("号码文件已删除，请重新导入。", "The file of numbers is deleted; import it again.")
        case "contentEmpty": return l("请写短信内容。", "Write the text first.")
        case "unknownColumn":
            let name = parts.count > 1 ? parts[1] : ""
            return l("内容里的 {\(name)} 不是表格的列名，请改成表头里的名称。", "{\(name)} in the text is no column of the file.")
        default: return l("没有完成，请再试一次。", "It could not be completed; try again.")
        }
    }

    static func words(_ failure: SheetFailure, _ l: Language) -> String {
        switch failure {
        case .notSpreadsheet:
            l(
                "这不是能读取的表格。请用 Excel 或 WPS 另存为 .xlsx 或 .csv 再上传。",
                "This is no spreadsheet. Save it as .xlsx or .csv and upload it again.")
        case .htmlTable:
            l(
                "这个文件其实是网页（导出程序把 HTML 存成了 .xls）。请用 Excel 打开，另存为 .xlsx 再上传。",
                "This file is a web page named .xls. Open it in Excel and save it as .xlsx.")
        case .xmlSpreadsheet:
            l(
                "这是 Excel 2003 的 XML 表格。请用 Excel 打开，另存为 .xlsx 再上传。",
                "This is XML of Excel 2003. Open it in Excel and save it as .xlsx.")
        case .openDocument: l("这是 .ods 表格。请另存为 .xlsx 再上传。", "This is an .ods file. Save it as .xlsx.")
        case .passwordProtected: l("文件有密码，请另存为没有密码的文件再上传。", "The file has a password. Save it without one.")
        case .damaged:
            l("文件已损坏，读不到结尾。请用 Excel 打开后另存一次再上传。", "The file is damaged. Open it in Excel, save it and upload it again.")
        case .doctype: l("文件里有不允许的 XML 声明（DOCTYPE），已拒绝。", "The file has a DOCTYPE, which is refused.")
        case .tooLarge: l("文件太大，或解压后太大。请分成几个文件上传。", "The file is too large. Split it.")
        case .tooManyRows: l("超过 500,000 行。请分成几个文件上传。", "More than 500,000 rows. Split the file.")
        case .undecodable:
            l("文字编码无法识别。请另存为 UTF-8 的 .csv 或 .xlsx 再上传。", "The charset cannot be recognised. Save it as UTF-8 or .xlsx.")
        case .empty: l("没有读到内容：工作表是空的，或都被隐藏了。", "There is nothing in it: the sheets are empty or hidden.")
        case .readerCrashed:
            l("读取这个文件时读取程序崩溃了。请另存为 .xlsx 或 .csv 再上传。", "The reader failed on this file. Save it as .xlsx or .csv.")
        case .readerExhausted:
            l("读取这个文件需要太多内存或时间，已停止。请另存为 .csv 再上传。", "The file needs too much memory or time. Save it as .csv.")
        case .unavailable: l("服务器暂时读写不了文件，请稍后再试。", "Files cannot be read or written now; try again later.")
        case .cancelled: l("已取消。", "Cancelled.")
        }
    }

    /// Why a row is left out.
    static func words(_ reason: RecipientRejection, _ l: Language) -> String {
        switch reason {
        case .blank: l("没有号码", "no number")
        case .scientific:
            l(
                "该号码已被 Excel 改成 1.38E+10 这样的形式，请用文本格式重新导出",
                "Excel changed the number to a form like 1.38E+10; export it as text")
        case .notNumber: l("不是手机号码", "not a number")
        case .wrongLength: l("号码位数不对", "wrong number of digits")
        case .cellError: l("单元格是错误值（如 #N/A）", "the cell is an error such as #N/A")
        case .duplicate: l("与前面的行重复", "a duplicate of an earlier row")
        case .blacklisted: l("在黑名单", "on the blacklist")
        case .variableEmpty: l("内容的变量在这一行是空的", "a variable of the text is empty in this row")
        case .textTooLong: l("这一行的内容太长", "the text of this row is too long")
        case .textForbidden: l("这一行的内容不符合账户的规则（模板、签名或敏感词）", "the account's rules forbid the text of this row")
        case .partly: l("同一格里有一部分不是号码，其余已采用", "part of the cell is no number; the rest is used")
        }
    }

    /// Why the engine refused recipients, by `Rejection.rule`.
    static func refusal(_ rule: String, _ l: Language) -> String {
        switch rule {
        case "frequency": l("超过频次限制", "over the frequency limit")
        case "template": l("不符合模板", "no approved template")
        case "word": l("含敏感词", "a forbidden word")
        case "signature": l("签名不符", "the signature is not allowed")
        case "number": l("号码无效", "invalid numbers")
        case "send time": l("定时时间无效", "the time is not possible")
        default: l("被规则拒绝（\(rule)）", "refused (\(rule))")
        }
    }

    static func title(_ task: TaskRecord, _ l: Language) -> HTML {
        let name: HTML = task.fileName.isEmpty ? .empty : " \(HTML.foreign(task.fileName))"
        switch task.kind {
        case .import:
            let isTyped = task.importParameters?.isTyped == true
            return isTyped ? "\(l("整理输入的号码", "Numbers that were typed"))" : "\(l("导入", "Import"))\(name)"
        case .quote: return "\(l("核对", "Check"))\(name)"
        case .batch: return "\(l("发送", "Send"))\(name)"
        case .export: return "\(l("导出", "Export"))\(name)"
        }
    }

    static func state(_ task: TaskRecord, _ l: Language) -> HTML {
        switch task.state {
        case .waiting: "<span class=\"state wait\">\(l("排队中", "Waiting"))</span>"
        case .running: "<span class=\"state wait\">\(l("进行中", "Running"))</span>"
        case .done: "<span class=\"state good\">\(l("完成", "Done"))</span>"
        case .failed: "<span class=\"state bad\">\(l("失败", "Failed"))</span>"
        case .cancelled: "<span class=\"state off\">\(l("已取消", "Cancelled"))</span>"
        }
    }

    /// Done of total, with a bar while it runs.
    static func progress(_ task: TaskRecord, _ l: Language) -> HTML {
        if task.total == 0 { return task.done == 0 ? "–" : "\(Format.count(task.done))" }
        let figures: HTML = "<small>\(Format.count(task.done)) / \(Format.count(task.total))</small>"
        if task.state.isFinal { return figures }
        let share = max(0, min(100, task.done * 100 / task.total))
        return """
            <progress max="100" value="\(share)" aria-label="\(l("进度", "Progress")) \(share)%"></progress>\(figures)
            """
    }
}

extension HTML.Interpolation {
    /// Digits only, so nothing of it is escaped.
    mutating func appendInterpolation(_ id: TaskID) { appendInterpolation(id.rawValue) }
}
