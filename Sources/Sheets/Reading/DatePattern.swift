/// A format of dates and times: `yyyy"年"m"月"d"日"`, `h:mm AM/PM`.
struct DatePattern: Equatable {
    private enum Item: Equatable {
        case literal(String)
        case year(Int)
        case month(Int)
        case day(Int)
        case hour(Int)
        case minute(Int)
        case second(Int)
        /// Digits of a second's fraction.
        case fraction(Int)
        /// Hours, minutes or seconds of the whole duration.
        case elapsed(Character)
        /// `AM/PM` or `上午/下午`.
        case half(isChinese: Bool)
        /// Chinese: `aaaa` 星期二, `aaa` 二.
        case weekday(isLong: Bool)
    }

    private var items: [Item] = []

    /// Whether the code has a part of a date or time at all.
    var showsTime: Bool {
        items.contains {
            if case .literal = $0 { return false }
            return true
        }
    }

    private static let letters: Set<Character> = ["y", "m", "d", "h", "s", "a"]

    /// - Parameter code: one section of a format code.
    init(_ code: String) {
        var rest = Substring(code)
        while let first = rest.first {
            if first == "\"" {
                rest = rest.dropFirst()
                append(String(rest.prefix { $0 != "\"" }))
                rest = rest.drop { $0 != "\"" }.dropFirst()
            } else if first == "\\" || first == "_" || first == "*" {
                let shown = rest.dropFirst().prefix(1)
                if first == "\\" { append(String(shown)) }
                rest = rest.dropFirst(2)
            } else if first == "[" {
                let inside = rest.dropFirst().prefix { $0 != "]" }
                rest = rest.drop { $0 != "]" }.dropFirst()
                if let letter = inside.lowercased().first, ["h", "m", "s"].contains(letter),
                    inside.lowercased().allSatisfy({ $0 == letter })
                {
                    items.append(.elapsed(letter))
                }
            } else {
                takeToken(&rest)
            }
        }
        settleMinutes()
    }

    /// The section for positive numbers, without its semicolon.
    static func section(_ code: String) -> String {
        var isQuoted = false
        var result = ""
        var isEscaped = false
        for character in code {
            if isEscaped {
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if character == ";", !isQuoted {
                return result
            }
            result.append(character)
        }
        return result
    }

    private mutating func append(_ literal: String) {
        if literal.isEmpty { return }
        if case .literal(let before)? = items.last {
            items[items.count - 1] = .literal(before + literal)
        } else {
            items.append(.literal(literal))
        }
    }

    private mutating func takeToken(_ rest: inout Substring) {
        for (marker, isChinese) in [("am/pm", false), ("a/p", false), ("上午/下午", true)]
        where rest.prefix(marker.count).lowercased() == marker {
            items.append(.half(isChinese: isChinese))
            rest = rest.dropFirst(marker.count)
            return
        }
        if rest.prefix(7).lowercased() == "general" {
            rest = rest.dropFirst(7)
            return
        }
        let letter = Character(rest.prefix(1).lowercased())
        guard Self.letters.contains(letter) else {
            if letter == ".", case .second? = items.last, rest.dropFirst().first == "0" {
                let zeros = rest.dropFirst().prefix { $0 == "0" }
                items.append(.fraction(min(zeros.count, 3)))
                rest = rest.dropFirst(1 + zeros.count)
                return
            }
            if !["#", "?", "@", "%"].contains(letter) { append(String(rest.prefix(1))) }
            rest = rest.dropFirst()
            return
        }
        let run = rest.prefix { $0.lowercased() == String(letter) }
        rest = rest.dropFirst(run.count)
        switch letter {
        case "y": items.append(.year(run.count))
        case "m": items.append(.month(run.count))
        case "d": items.append(.day(run.count))
        case "h": items.append(.hour(run.count))
        case "s": items.append(.second(run.count))
        default: if run.count >= 3 { items.append(.weekday(isLong: run.count > 3)) } else { append(String(run)) }
        }
    }

    /// An m behind hours or before seconds is of minutes.
    private mutating func settleMinutes() {
        let marked = items.indices.filter {
            if case .literal = items[$0] { return false }
            return true
        }
        for (order, index) in marked.enumerated() {
            guard case .month(let width) = items[index], width <= 2 else { continue }
            var isMinute = false
            if order > 0 {
                switch items[marked[order - 1]] {
                case .hour, .elapsed("h"): isMinute = true
                default: break
                }
            }
            if order + 1 < marked.count, case .second = items[marked[order + 1]] { isMinute = true }
            if isMinute { items[index] = .minute(width) }
        }
    }

    // MARK: Showing

    private static let millisecondsPerDay: Int64 = 86_400_000
    /// 31.12.9999, the last day that spreadsheet programs know.
    private static let dayMax: Int64 = 2_958_465
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let weekdays = ["日", "一", "二", "三", "四", "五", "六"]

    /// What the cell shows; nil when the number is no date.
    /// - Parameter serial: days since the end of 1899, or since the begin of 1904.
    func text(serial: ExactDecimal, is1904: Bool) -> String? {
        guard !serial.isNegative, serial.point <= 7 else { return nil }
        var day: Int64 = 0
        for index in 0..<max(serial.point, 0) {
            day = day * 10 + Int64(index < serial.digits.count ? serial.digits[index] : 0)
        }
        // The fraction in milliseconds, of as many digits as fit.
        var (part, scale): (Int64, Int64) = (0, 1)
        if serial.point > -9, serial.digits.count > serial.point {
            scale = (0..<max(-serial.point, 0)).reduce(1) { product, _ in product * 10 }
            for digit in serial.digits[max(serial.point, 0)...].prefix(9) where scale < 1_000_000_000 {
                part = part * 10 + Int64(digit)
                scale *= 10
            }
        }
        var milliseconds = (part * Self.millisecondsPerDay + scale / 2) / scale
        if !showsFraction { milliseconds = (milliseconds + 500) / 1000 * 1000 }
        if milliseconds >= Self.millisecondsPerDay {
            milliseconds -= Self.millisecondsPerDay
            day += 1
        }
        guard day <= Self.dayMax else { return nil }
        return show(Moment(serialDay: day, milliseconds: milliseconds, is1904: is1904))
    }

    private var showsFraction: Bool {
        items.contains {
            if case .fraction = $0 { return true }
            return false
        }
    }

    private struct Moment {
        let serialDay: Int64
        let milliseconds: Int64
        let year: Int64
        let month: Int64
        let day: Int64
        let weekday: Int

        init(serialDay: Int64, milliseconds: Int64, is1904: Bool) {
            self.serialDay = serialDay
            self.milliseconds = milliseconds
            // 25569: 1970-01-01. Excel counts a 29.2.1900 that was none, so days before it are one off.
            let offset: Int64 = is1904 ? -24_107 : serialDay < 60 ? -25_568 : -25_569
            let days = serialDay + offset
            // Howard Hinnant's civil_from_days.
            let shifted = days + 719_468
            let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
            let dayOfEra = shifted - era * 146_097
            let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
            let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let shiftedMonth = (5 * dayOfYear + 2) / 153
            day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
            month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
            year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
            weekday = Int((((days + 4) % 7) + 7) % 7)
        }
    }

    private func show(_ moment: Moment) -> String {
        let isHalf = items.contains {
            if case .half = $0 { return true }
            return false
        }
        let hours = moment.milliseconds / 3_600_000
        let all = moment.serialDay * Self.millisecondsPerDay + moment.milliseconds
        var text = ""
        for item in items {
            switch item {
            case .literal(let literal): text += literal
            case .year(let width): text += width > 2 ? String(moment.year) : Self.padded(moment.year % 100, 2)
            case .month(let width):
                text += width > 2 ? Self.months[Int(moment.month) - 1] : Self.padded(moment.month, width)
            case .day(let width):
                text += width > 2 ? "周" + Self.weekdays[moment.weekday] : Self.padded(moment.day, width)
            case .hour(let width): text += Self.padded(isHalf ? (hours + 11) % 12 + 1 : hours, width)
            case .minute(let width): text += Self.padded(moment.milliseconds / 60_000 % 60, width)
            case .second(let width): text += Self.padded(moment.milliseconds / 1000 % 60, width)
            case .fraction(let width):
                text += "." + String(Self.padded(moment.milliseconds % 1000, 3).prefix(width))
            case .elapsed(let unit):
                text += String(all / (unit == "h" ? 3_600_000 : unit == "m" ? 60_000 : 1000))
            case .half(let isChinese): text += isChinese ? (hours < 12 ? "上午" : "下午") : hours < 12 ? "AM" : "PM"
            case .weekday(let isLong): text += (isLong ? "星期" : "") + Self.weekdays[moment.weekday]
            }
        }
        return text
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, min(width, 3) - digits.utf8.count)) + digits
    }
}
