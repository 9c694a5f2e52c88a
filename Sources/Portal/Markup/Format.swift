import Messaging

/// How figures, times and numbers are written on the pages.
enum Format {
    /// With a comma for each three digits: `48,210`.
    static func count(_ number: some BinaryInteger) -> String { grouped(String(number)) }

    /// Yuan with three decimals, more where they are not 0: `8,612.450`, `0.0295`.
    static func yuan(_ microYuan: Int64) -> String {
        let magnitude = microYuan.magnitude
        var fraction = String(magnitude % 1_000_000)
        fraction = String(repeating: "0", count: 6 - fraction.count) + fraction
        while fraction.count > 3, fraction.hasSuffix("0") { fraction.removeLast() }
        return (microYuan < 0 ? "-" : "") + grouped(String(magnitude / 1_000_000)) + "." + fraction
    }

    /// An amount in the unit of its account: yuan, or segments.
    static func amount(_ amount: Int64, _ unit: ChargeUnit) -> String {
        unit == .money ? yuan(amount) : count(amount)
    }

    /// The amount with its unit, for sentences: `43.848 元`, `1,512 条`.
    static func amount(_ amount: Int64, _ unit: ChargeUnit, _ language: Language) -> String {
        switch unit {
        case .money: language("\(yuan(amount)) 元", "¥\(yuan(amount))")
        case .count: language("\(count(amount)) 条", "\(count(amount)) segments")
        }
    }

    /// A share of a whole with one decimal, rounded down except for all of it: `98.9%`; a dash without a whole. So that
    /// no failure hides, 100.0% is said of the whole only.
    static func share(_ part: Int64, of whole: Int64) -> String {
        guard whole > 0 else { return "–" }
        let (product, isOver) = part.multipliedReportingOverflow(by: 1000)
        let thousandths = isOver ? 1000 : max(0, min(1000, product / whole))
        return "\(thousandths / 10).\(thousandths % 10)%"
    }

    /// `138****8000`; what has fewer than seven characters is hidden whole.
    static func masked(_ number: String) -> String {
        let characters = Array(number)
        guard characters.count >= 7 else { return String(repeating: "*", count: characters.count) }
        return String(characters.prefix(3)) + "****" + String(characters.suffix(4))
    }

    /// `11-27 16:02:11` in China, with the year when it is not `now`'s.
    static func time(_ time: Timestamp, now: Timestamp) -> String {
        let text = time.chinaText
        return time.china.year == now.china.year ? String(text.dropFirst(5)) : text
    }

    /// `2026-11-27` of a day like 20261127.
    static func day(_ day: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(day / 10_000)-\(two(day / 100 % 100))-\(two(day % 100))"
    }

    /// A length of time in its largest fitting unit: `0.3 秒`, `31 分`, `2 小时`, `3 天`.
    static func duration(milliseconds: Int64, _ language: Language) -> String {
        let value = max(0, milliseconds)
        switch value {
        case ..<60_000:
            let tenths = value / 100
            return language("\(tenths / 10).\(tenths % 10) 秒", "\(tenths / 10).\(tenths % 10) s")
        case ..<3_600_000: return language("\(value / 60_000) 分", "\(value / 60_000) min")
        case ..<172_800_000: return language("\(value / 3_600_000) 小时", "\(value / 3_600_000) h")
        default: return language("\(value / 86_400_000) 天", "\(value / 86_400_000) days")
        }
    }

    private static func grouped(_ digits: String) -> String {
        let isNegative = digits.hasPrefix("-")
        let plain = isNegative ? digits.dropFirst() : digits[...]
        var grouped = ""
        for (index, digit) in plain.enumerated() {
            if index > 0, (plain.count - index) % 3 == 0 { grouped.append(",") }
            grouped.append(digit)
        }
        return (isNegative ? "-" : "") + grouped
    }
}
