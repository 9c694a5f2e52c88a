import Messaging

extension MessageStatus {
    /// As lists and filters name it.
    func words(_ l: Language) -> String {
        switch self {
        case .scheduled: l("已定时", "Scheduled")
        case .queued: l("待发送", "Waiting")
        case .awaitingReport: l("等待报告", "Awaiting report")
        case .uncertain: l("结果未知", "Uncertain")
        case .delivered: l("已送达", "Delivered")
        case .failed: l("失败", "Failed")
        case .cancelled: l("已取消", "Cancelled")
        }
    }

    /// Shape and words.
    func mark(_ l: Language) -> HTML {
        let style =
            switch self {
            case .scheduled: ""
            case .queued, .awaitingReport, .uncertain: " wait"
            case .delivered: " good"
            case .failed: " bad"
            case .cancelled: " off"
            }
        return "<span class=\"state\(style)\">\(words(l))</span>"
    }
}

/// What the codes of reports mean, as far as they mean the same everywhere.
enum CodeWords {
    /// Nil for a code that a carrier made up.
    static func meaning(_ code: String, _ l: Language) -> String? {
        switch code {
        case "DELIVRD": l("已送达手机", "arrived")
        case "UNDELIV": l("未送达：空号、停机或拒收", "not delivered: no such number, suspended or refused")
        case "EXPIRED": l("有效期内未送达：关机或不在服务区", "not delivered in time: switched off or out of reach")
        case "REJECTD": l("被拒绝：号码无效，或内容、号码不合规则", "refused: the number or the content breaks a rule")
        case "DELETED": l("发送前已取消", "taken out before it was sent")
        case "MBBLACK": l("号码在黑名单中", "the number is on a blacklist")
        case "NOROUTE": l("没有可用的通道", "no channel takes it")
        case "UNKNOWN": l("运营商没有给出原因", "the carrier gave no reason")
        case "MK:0001": l("空号", "no such number")
        default: nil
        }
    }

    /// The code with what it means below it.
    static func cell(_ code: String?, _ l: Language) -> HTML {
        guard let code else { return "–" }
        let words: HTML? = meaning(code, l).map { "<small>\($0)</small>" }
        return "\(HTML.foreign(code))\(words)"
    }

    /// A table of failures by code with their sum.
    static func table(_ failures: [FailureCount], total: Int64, _ l: Language, links: (String) -> String?) -> HTML {
        var rows = failures.map { failure -> [HTML] in
            let words = meaning(failure.code, l)
            let code = HTML.foreign(failure.code)
            let text: HTML = words.map { "\($0)<small>\(code)</small>" } ?? code
            let cell: HTML = links(failure.code).map { "<a href=\"\($0)\">\(text)</a>" } ?? text
            return [cell, HTML(text: Format.count(failure.count))]
        }
        let rest = total - failures.reduce(0) { $0 + $1.count }
        if rest > 0 {
            rows.append([HTML(text: l("其他", "others")), HTML(text: Format.count(rest))])
        }
        let columns = [Table.Column(l("原因", "Reason")), Table.Column(l("条数", "Messages"), "num")]
        let sums: [HTML] = [HTML(text: l("合计", "Sum")), HTML(text: Format.count(total))]
        return Table(
            name: l("失败原因", "Reasons of failures"), columns: columns, rows: rows, totals: sums, isCards: false
        ).html
    }
}
