/// How a number is shown, as far as recipients' tables need it.
enum CellFormat: Equatable {
    case general
    /// `0.00`, `#,##0`, `0.0%`.
    case fixed(decimals: Int, isGrouped: Bool, isPercent: Bool)
    case date(DatePattern)

    /// The formats that a file need not define (ECMA-376 part 1, 18.8.30), dates as the simplified Chinese versions
    /// of Excel and WPS show them.
    init(builtIn id: Int) {
        self = Self.numbers[id] ?? Self.dates[id].map { .date(DatePattern($0)) } ?? .general
    }

    private static let numbers: [Int: CellFormat] = [
        1: .fixed(decimals: 0, isGrouped: false, isPercent: false),
        2: .fixed(decimals: 2, isGrouped: false, isPercent: false),
        3: .fixed(decimals: 0, isGrouped: true, isPercent: false),
        4: .fixed(decimals: 2, isGrouped: true, isPercent: false),
        9: .fixed(decimals: 0, isGrouped: false, isPercent: true),
        10: .fixed(decimals: 2, isGrouped: false, isPercent: true),
        37: .fixed(decimals: 0, isGrouped: true, isPercent: false),
        38: .fixed(decimals: 0, isGrouped: true, isPercent: false),
        39: .fixed(decimals: 2, isGrouped: true, isPercent: false),
        40: .fixed(decimals: 2, isGrouped: true, isPercent: false),
    ]

    private static let dates: [Int: String] = [
        14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm",
        21: "h:mm:ss", 22: "yyyy/m/d h:mm", 27: "yyyy年m月", 28: "m月d日", 29: "m月d日", 30: "m-d-yy",
        31: "yyyy年m月d日", 32: "h时mm分", 33: "h时mm分ss秒", 34: "上午/下午h时mm分", 35: "上午/下午h时mm分ss秒",
        36: "yyyy年m月", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 50: "yyyy年m月", 51: "m月d日",
        52: "yyyy年m月", 53: "m月d日", 54: "m月d日", 55: "上午/下午h时mm分", 56: "上午/下午h时mm分ss秒",
        57: "yyyy年m月", 58: "m月d日",
    ]

    /// A format that the file defines.
    init(code: String) {
        // The part for positive numbers.
        let first = DatePattern.section(code)
        let pattern = DatePattern(first)
        if pattern.showsTime {
            self = .date(pattern)
        } else {
            self = Self.fixed(first) ?? .general
        }
    }

    private static func fixed(_ code: String) -> CellFormat? {
        var rest = code[...]
        let isGrouped = rest.hasPrefix("#,##0")
        guard isGrouped || rest.hasPrefix("0") else { return nil }
        rest = rest.dropFirst(isGrouped ? 5 : 1)
        let isPercent = rest.hasSuffix("%")
        if isPercent { rest = rest.dropLast() }
        // The blank as wide as a bracket, which sets off negative numbers.
        if rest.hasSuffix("_ ") || rest.hasSuffix("_)") { rest = rest.dropLast(2) }
        if rest.isEmpty { return .fixed(decimals: 0, isGrouped: isGrouped, isPercent: isPercent) }
        guard rest.first == ".", rest.dropFirst().allSatisfy({ $0 == "0" }), (2...16).contains(rest.count) else {
            return nil
        }
        return .fixed(decimals: rest.count - 1, isGrouped: isGrouped, isPercent: isPercent)
    }

    /// The cell of a number that the file writes as `text`; a text that is no number stays as it is.
    func cell(_ text: some Collection<UInt8>, is1904: Bool) -> SheetCell {
        guard let value = ExactDecimal(text) else {
            return SheetCell(.text, String(decoding: text, as: UTF8.self).cut(toBytes: SheetBounds.cellBytesMax))
        }
        switch self {
        case .general: return SheetCell(.number, value.plain)
        case .fixed(let decimals, let isGrouped, let isPercent):
            return SheetCell(.number, value.text(decimals: decimals, isGrouped: isGrouped, isPercent: isPercent))
        case .date(let pattern):
            guard let shown = pattern.text(serial: value, is1904: is1904) else {
                return SheetCell(.number, value.plain)
            }
            return SheetCell(.date, shown)
        }
    }
}
