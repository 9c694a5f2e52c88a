/// A moment: milliseconds since 1970-01-01 00:00 UTC. On the wire it is China Standard Time (UTC+8, no summer time).
public struct Timestamp: Hashable, Comparable, Sendable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    public func adding(milliseconds delta: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds + delta) }

    /// A civil date and time of day in China.
    public struct China: Hashable, Sendable {
        public var year: Int
        public var month: Int
        public var day: Int
        public var hour: Int
        public var minute: Int
        public var second: Int

        public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
            self.year = year
            self.month = month
            self.day = day
            self.hour = hour
            self.minute = minute
            self.second = second
        }
    }

    private static let chinaOffset: Int64 = 8 * 3600

    public var china: China {
        let seconds = Self.floorDivide(milliseconds, 1000) + Self.chinaOffset
        let days = Self.floorDivide(seconds, 86400)
        let time = Int(seconds - days * 86400)
        let (year, month, day) = Self.civil(fromDays: days)
        return China(
            year: year, month: month, day: day, hour: time / 3600, minute: time / 60 % 60, second: time % 60)
    }

    /// Nil when the fields do not name a real date and time.
    public init?(china: China) {
        guard (1970...9999).contains(china.year), (1...12).contains(china.month), (1...31).contains(china.day),
            (0...23).contains(china.hour), (0...59).contains(china.minute), (0...59).contains(china.second)
        else { return nil }
        let days = Self.days(year: china.year, month: china.month, day: china.day)
        guard Self.civil(fromDays: days) == (china.year, china.month, china.day) else { return nil }
        let time = Int64(china.hour * 3600 + china.minute * 60 + china.second)
        self.milliseconds = (days * 86400 + time - Self.chinaOffset) * 1000
    }

    /// The day in China as a number like 20161231; totals are kept by it.
    public var chinaDay: Int {
        let date = china
        return date.year * 10000 + date.month * 100 + date.day
    }

    /// `yyyy-MM-dd HH:mm:ss` in China.
    public var chinaText: String {
        let c = china
        return "\(Self.padded(c.year, 4))-\(Self.padded(c.month, 2))-\(Self.padded(c.day, 2)) "
            + "\(Self.padded(c.hour, 2)):\(Self.padded(c.minute, 2)):\(Self.padded(c.second, 2))"
    }

    /// `MMDDHHMMSS` in China, the time stamp of dialect 002 (seed 002 §3.1).
    public var monthDayTime: String {
        let c = china
        return [c.month, c.day, c.hour, c.minute, c.second].map { Self.padded($0, 2) }.joined()
    }

    /// Reads `yyyy-MM-dd HH:mm:ss`, `yyyy/MM/dd HH:mm:ss` and `yyyyMMddHHmmss`, all in China.
    public init?(chinaText text: some StringProtocol) {
        let digits = text.utf8.filter { (0x30...0x39).contains($0) }.map { Int($0) - 0x30 }
        let others = text.utf8.filter { !(0x30...0x39).contains($0) }
        guard digits.count == 14, others.isEmpty || others.count == 5, others.allSatisfy("-/: T".utf8.contains) else {
            return nil
        }
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
        let china = China(
            year: number(0..<4), month: number(4..<6), day: number(6..<8), hour: number(8..<10),
            minute: number(10..<12), second: number(12..<14))
        self.init(china: china)
    }

    /// Reads `MMDDHHMMSS`, which has no year: the year that brings it nearest to `now` is taken, so that a stamp made
    /// just before New Year is understood just after it.
    public init?(monthDayTime text: some StringProtocol, near now: Timestamp) {
        let digits = text.utf8.map { Int($0) - 0x30 }
        guard digits.count == 10, digits.allSatisfy((0...9).contains) else { return nil }
        func number(_ at: Int) -> Int { digits[at] * 10 + digits[at + 1] }
        let year = now.china.year
        let candidates = [year - 1, year, year + 1].compactMap { year in
            Timestamp(
                china: China(
                    year: year, month: number(0), day: number(2), hour: number(4), minute: number(6),
                    second: number(8)))
        }
        func distance(_ candidate: Timestamp) -> UInt64 { (candidate.milliseconds - now.milliseconds).magnitude }
        guard let nearest = candidates.min(by: { distance($0) < distance($1) }) else { return nil }
        self = nearest
    }

    static func padded(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return text.count >= width ? text : String(repeating: "0", count: width - text.count) + text
    }

    private static func floorDivide(_ value: Int64, _ by: Int64) -> Int64 {
        let quotient = value / by
        return value % by < 0 ? quotient - 1 : quotient
    }

    /// Days since 1970-01-01 of a proleptic Gregorian date.
    private static func days(year: Int, month: Int, day: Int) -> Int64 {
        let y = Int64(month <= 2 ? year - 1 : year)
        let era = floorDivide(y, 400)
        let yearOfEra = y - era * 400
        let shifted = Int64((month + 9) % 12)
        let dayOfYear = (153 * shifted + 2) / 5 + Int64(day) - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(fromDays days: Int64) -> (Int, Int, Int) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5) + 1
        let month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        let year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
        return (year, month, day)
    }
}

/// Where the time comes from; tests hand in their own.
public struct Clock: Sendable {
    public let now: @Sendable () -> Timestamp

    public init(now: @escaping @Sendable () -> Timestamp) {
        self.now = now
    }
}
