/// A moment: milliseconds since 1970-01-01 00:00 UTC. On the wire it is China Standard Time (UTC+8, no summer time).
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Since 1970-01-01 00:00 UTC; negative before.
    public var milliseconds: Int64

    /// - Parameter milliseconds: since 1970-01-01 00:00 UTC.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Whether `left` is earlier.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    /// As far as a number reaches: a time from outside may be any.
    public func adding(milliseconds delta: Int64) -> Timestamp {
        let (sum, isOver) = milliseconds.addingReportingOverflow(delta)
        return Timestamp(milliseconds: isOver ? (delta < 0 ? .min : .max) : sum)
    }

    /// How much later this is than `other`, in milliseconds; negative when it is earlier, and as far as a number
    /// reaches.
    public func milliseconds(since other: Timestamp) -> Int64 {
        let (difference, isOver) = milliseconds.subtractingReportingOverflow(other.milliseconds)
        return isOver ? (milliseconds < 0 ? .min : .max) : difference
    }

    /// A civil date and time of day in China.
    public struct China: Hashable, Sendable {
        /// 1970 to 9999 where a `Timestamp` is made of it.
        public var year: Int
        /// 1 to 12.
        public var month: Int
        /// 1 to 31.
        public var day: Int
        /// 0 to 23.
        public var hour: Int
        /// 0 to 59.
        public var minute: Int
        /// 0 to 59: there are no leap seconds.
        public var second: Int

        /// The fields are not checked; `Timestamp(china:)` does that.
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

    /// The date and time in China, rounded down to the second.
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

    /// The first moment of a day in China that is given as `chinaDay` gives it; nil when there is no such day.
    public init?(chinaDay day: Int) {
        self.init(china: China(year: day / 10_000, month: day / 100 % 100, day: day % 100))
    }

    /// `yyyy-MM-dd HH:mm:ss` in China; years outside 0–9999 are shown as the nearest of these.
    public var chinaText: String {
        let date = china
        return String(unsafeUninitializedCapacity: 19) { buffer in
            let year = min(max(date.year, 0), 9999)
            Self.put(year / 100, at: 0, in: buffer)
            Self.put(year % 100, at: 2, in: buffer)
            buffer[4] = UInt8(ascii: "-")
            Self.put(date.month, at: 5, in: buffer)
            buffer[7] = UInt8(ascii: "-")
            Self.put(date.day, at: 8, in: buffer)
            buffer[10] = UInt8(ascii: " ")
            Self.put(date.hour, at: 11, in: buffer)
            buffer[13] = UInt8(ascii: ":")
            Self.put(date.minute, at: 14, in: buffer)
            buffer[16] = UInt8(ascii: ":")
            Self.put(date.second, at: 17, in: buffer)
            return 19
        }
    }

    /// `MMDDHHMMSS` in China, the time stamp of OperatorV2 (its INTERFACE.md, "Setting up an account").
    public var monthDayTime: String {
        let date = china
        return String(unsafeUninitializedCapacity: 10) { buffer in
            Self.put(date.month, at: 0, in: buffer)
            Self.put(date.day, at: 2, in: buffer)
            Self.put(date.hour, at: 4, in: buffer)
            Self.put(date.minute, at: 6, in: buffer)
            Self.put(date.second, at: 8, in: buffer)
            return 10
        }
    }

    /// Reads `yyyy-MM-dd HH:mm:ss`, the same with `/` for `-` or `T` for the blank, and `yyyyMMddHHmmss`, in China.
    public init?(chinaText text: some StringProtocol) {
        guard let china = text.withUTF8Bytes({ Self.china(fromText: $0) }) else { return nil }
        self.init(china: china)
    }

    /// Reads `MMDDHHMMSS`, which has no year: the year that brings it nearest to `now` is taken, so that a stamp made
    /// just before New Year is understood just after it.
    public init?(monthDayTime text: some StringProtocol, near now: Timestamp) {
        let thisYear = now.china.year
        guard var date = text.withUTF8Bytes({ Self.china(fromMonthDayTime: $0) }) else { return nil }
        var nearest: Timestamp?
        for year in thisYear - 1...thisYear + 1 {
            date.year = year
            guard let candidate = Timestamp(china: date) else { continue }
            if let known = nearest, known.distance(to: now) <= candidate.distance(to: now) { continue }
            nearest = candidate
        }
        guard let nearest else { return nil }
        self = nearest
    }

    private func distance(to other: Timestamp) -> UInt64 { milliseconds(since: other).magnitude }

    /// Two decimal digits of `value`, which is below 100.
    private static func put(_ value: Int, at offset: Int, in buffer: UnsafeMutableBufferPointer<UInt8>) {
        buffer[offset] = 0x30 + UInt8(value / 10)
        buffer[offset + 1] = 0x30 + UInt8(value % 10)
    }

    /// The two decimal digits at `offset`, which must be inside; nil when they are none.
    private static func twoDigits(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int) -> Int? {
        let tens = bytes[offset] &- 0x30
        let ones = bytes[offset + 1] &- 0x30
        return tens <= 9 && ones <= 9 ? Int(tens) * 10 + Int(ones) : nil
    }

    private static func china(fromText bytes: UnsafeBufferPointer<UInt8>) -> China? {
        // The width of a separator.
        let gap = bytes.count == 19 ? 1 : 0
        guard bytes.count == 14 + 5 * gap else { return nil }
        if gap == 1 {
            let dash = bytes[4] == UInt8(ascii: "-") || bytes[4] == UInt8(ascii: "/")
            let blank = bytes[10] == UInt8(ascii: " ") || bytes[10] == UInt8(ascii: "T")
            guard dash, bytes[7] == bytes[4], blank, bytes[13] == UInt8(ascii: ":"), bytes[16] == bytes[13] else {
                return nil
            }
        }
        guard let century = twoDigits(bytes, 0), let year = twoDigits(bytes, 2),
            let month = twoDigits(bytes, 4 + gap), let day = twoDigits(bytes, 6 + 2 * gap),
            let hour = twoDigits(bytes, 8 + 3 * gap), let minute = twoDigits(bytes, 10 + 4 * gap),
            let second = twoDigits(bytes, 12 + 5 * gap)
        else { return nil }
        return China(
            year: century * 100 + year, month: month, day: day, hour: hour, minute: minute, second: second)
    }

    /// Without a year.
    private static func china(fromMonthDayTime bytes: UnsafeBufferPointer<UInt8>) -> China? {
        guard bytes.count == 10, let month = twoDigits(bytes, 0), let day = twoDigits(bytes, 2),
            let hour = twoDigits(bytes, 4), let minute = twoDigits(bytes, 6), let second = twoDigits(bytes, 8)
        else { return nil }
        return China(year: 0, month: month, day: day, hour: hour, minute: minute, second: second)
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
    /// The wall clock, which can be set forwards and backwards.
    public let now: @Sendable () -> Timestamp
    /// Milliseconds since some moment before the start; never set, never goes back.
    public let uptime: @Sendable () -> Int64

    /// A clock whose uptime runs with its wall clock.
    public init(now: @escaping @Sendable () -> Timestamp) {
        self.now = now
        uptime = { now().milliseconds }
    }

    /// Both may be called from any thread, and must not block.
    public init(now: @escaping @Sendable () -> Timestamp, uptime: @escaping @Sendable () -> Int64) {
        self.now = now
        self.uptime = uptime
    }
}
