import Messaging

/// What a store that is filled for a benchmark holds: units of one batch and a few single messages, one after the
/// other, over the hours of trade of the days before `today`. Pure.
struct FillPlan: Sendable {
    /// One request: so many recipients, from message `first` of the plan on.
    struct Request: Hashable, Sendable {
        var first: Int
        var count: Int
    }

    var messages: Int
    var accounts: Int
    var days: Int
    /// Any moment of the day that is not filled any more.
    var today: Timestamp

    static let batchSize = 1000
    /// A fifth of all messages is sent alone.
    static let singlesOfUnit = 250
    static let unitMessages = batchSize + singlesOfUnit
    private static let millisecondsOfDay: Int64 = 86_400_000
    /// 08:00 to 20:00 in China.
    private static let opening: Int64 = 8 * 3_600_000
    private static let openFor: Int64 = 12 * 3_600_000

    /// When a message was accepted; never earlier than the one before it.
    func acceptedAt(_ message: Int) -> Timestamp {
        let midnight = today.chinaMidnight.milliseconds - Int64(days) * Self.millisecondsOfDay
        let (day, rest) = (message * days).quotientAndRemainder(dividingBy: max(1, messages))
        let ofDay = Int64(Double(rest) / Double(max(1, messages)) * Double(Self.openFor))
        return Timestamp(milliseconds: midnight + Int64(day) * Self.millisecondsOfDay + Self.opening + ofDay)
    }

    /// The requests of some units, in order; a unit that passes the end of the plan is cut.
    func requests(ofUnits units: Range<Int>) -> [Request] {
        units.flatMap { unit in
            let first = unit * Self.unitMessages
            let count = min(Self.unitMessages, max(0, messages - first))
            let batch = min(Self.batchSize, count)
            return (batch > 0 ? [Request(first: first, count: batch)] : [])
                + (first + batch..<first + count).map { Request(first: $0, count: 1) }
        }
    }

    var unitCount: Int { (messages + Self.unitMessages - 1) / Self.unitMessages }

    /// Which account a request is of, from 0.
    func account(of request: Request) -> Int { (request.first / Self.unitMessages + request.first) % accounts }

    /// `J10003` and what follows it.
    static func accountID(_ index: Int) -> String { "J" + String(10_003 + index) }
    static let accountsMax = 1000

    /// Every fiftieth message did not arrive.
    static func isDelivered(_ message: Int) -> Bool { message % 50 != 49 }

    func content(of request: Request) -> String {
        if request.count == 1 {
            return "【驿站】您的验证码是\(100_000 + request.first % 900_000)，五分钟内有效，请勿告诉他人。"
        }
        return "【驿站】尊敬的会员，第\(request.first / Self.unitMessages)期会员日今日十点开始，全场满二百减三十，回复T退订。"
    }
}

extension Timestamp {
    /// The beginning of its day in China.
    fileprivate var chinaMidnight: Timestamp {
        let date = china
        let midnight = China(year: date.year, month: date.month, day: date.day)
        return Timestamp(china: midnight) ?? self
    }
}
