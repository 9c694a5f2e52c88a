/// Days, months and quarters of bills, in China.
public enum BillingPeriod: Hashable, Sendable {
    /// As yyyymmdd.
    case day(Int)
    /// - Parameter month: 1 to 12.
    case month(year: Int, month: Int)
    /// - Parameter quarter: 1 to 4.
    case quarter(year: Int, quarter: Int)

    /// Reads what `text` writes; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let separator: Character = "-"
        let parts = text.split(separator: separator, omittingEmptySubsequences: false).map { String($0) }
        guard let first = parts.first, first.utf8.count == 4, let year = Int(first), year >= 1970 else { return nil }
        switch parts.count {
        case 2 where parts[1].hasPrefix("Q"):
            guard let quarter = Int(parts[1].dropFirst()), (1...4).contains(quarter) else { return nil }
            self = .quarter(year: year, quarter: quarter)
        case 2:
            guard parts[1].utf8.count == 2, let month = Int(parts[1]), (1...12).contains(month) else { return nil }
            self = .month(year: year, month: month)
        case 3:
            guard parts[1].utf8.count == 2, parts[2].utf8.count == 2, let month = Int(parts[1]),
                let day = Int(parts[2]), (1...12).contains(month), (1...31).contains(day),
                Timestamp(chinaDay: year * 10_000 + month * 100 + day) != nil
            else { return nil }
            self = .day(year * 10_000 + month * 100 + day)
        default: return nil
        }
    }

    /// `2026-11-28`, `2026-11` or `2026-Q4`.
    public var text: String {
        switch self {
        case .day(let day):
            "\(day / 10_000)-\(Self.two(day / 100 % 100))-\(Self.two(day % 100))"
        case .month(let year, let month): "\(year)-\(Self.two(month))"
        case .quarter(let year, let quarter): "\(year)-Q\(quarter)"
        }
    }

    /// The days of it as yyyymmdd, both ends included; the last may be one that the month does not have.
    public var days: ClosedRange<Int> {
        switch self {
        case .day(let day): day...day
        case .month(let year, let month): (year * 10_000 + month * 100 + 1)...(year * 10_000 + month * 100 + 31)
        case .quarter(let year, let quarter):
            (year * 10_000 + (quarter * 3 - 2) * 100 + 1)...(year * 10_000 + quarter * 3 * 100 + 31)
        }
    }

    /// The month that a day lies in.
    public static func month(of day: Int) -> BillingPeriod {
        .month(year: day / 10_000, month: day / 100 % 100)
    }

    /// The quarter that a day lies in.
    public static func quarter(of day: Int) -> BillingPeriod {
        .quarter(year: day / 10_000, quarter: (day / 100 % 100 + 2) / 3)
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// For how long a balance will last at the pace of the last days.
public struct BalanceOutlook: Hashable, Sendable {
    /// What was spent a day on average, after refunds, in the account's charge unit.
    public var dailySpend: Int64
    /// Whole days; nil when nothing was spent lately.
    public var days: Int64?

    /// Days that the average is taken over.
    public static let spanDays = 7
    /// More are as good as for ever.
    public static let daysMax: Int64 = 3650

    /// - Parameters:
    ///   - balance: what may be spent, credit included, in the account's charge unit.
    ///   - spent: after refunds over the last `spanDays` days, the same unit.
    public init(balance: Int64, spent: Int64) {
        dailySpend = max(0, spent) / Int64(Self.spanDays)
        guard spent > 0 else {
            days = nil
            return
        }
        guard balance > 0 else {
            days = 0
            return
        }
        // balance ÷ (spent ÷ 7), without a product that might not fit.
        let (whole, rest) = balance.quotientAndRemainder(dividingBy: spent)
        let span = Int64(Self.spanDays)
        guard whole < Self.daysMax / span else {
            days = Self.daysMax
            return
        }
        let part = spent.dividingFullWidth(rest.multipliedFullWidth(by: span)).quotient
        days = min(Self.daysMax, whole * span + part)
    }
}
