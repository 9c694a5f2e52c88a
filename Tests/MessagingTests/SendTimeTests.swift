import Messaging
import Testing

struct SendTimeTests {
    /// 2024-07-09 12:00:00 in China.
    private static let noon = Timestamp(milliseconds: 1_720_497_600_000)

    @Test(
        arguments: [
            ("", nil), ("  ", nil), ("2024-07-09 12:00:01", 1_720_497_601_000), ("20240709120001", 1_720_497_601_000),
            (" 2024/07/09 12:00:00\n", 1_720_497_600_000), ("2024-07-09T12:00:00", 1_720_497_600_000),
        ] as [(String, Int64?)])
    func `the field is a time in China, or empty for now`(text: String, moment: Int64?) throws {
        #expect(try SendTime.read(text) == moment.map { Timestamp(milliseconds: $0) })
    }

    @Test(arguments: [
        "now", "0", "2024-07-09", "2024-02-30 12:00:00", "20240709", "2024-07-09 24:00:00", "2024-07-09 12:00:00 +8",
        "1720497600000", "202407091200001", "明天",
    ])
    func `what is no time is refused`(text: String) {
        #expect(throws: Rejection.scheduleInvalid) { try SendTime.read(text) }
    }

    @Test(
        arguments: [
            (nil, nil), (-1, nil), (0, nil), (-400 * 86_400_000, nil), (1, 1),
            (30 * 86_400_000 - 1, 30 * 86_400_000 - 1),
            (30 * 86_400_000, 30 * 86_400_000),
        ] as [(Int64?, Int64?)])
    func `up to 30 days ahead it is kept, and what has passed goes out now`(asked: Int64?, due: Int64?) throws {
        let asked = asked.map { Self.noon.adding(milliseconds: $0) }
        #expect(try SendTime.due(asked, at: Self.noon) == due.map { Self.noon.adding(milliseconds: $0) })
    }

    @Test(arguments: [30 * 86_400_000 + 1, 31 * 86_400_000, 8000 * 365 * 86_400_000] as [Int64])
    func `beyond 30 days it is refused`(ahead: Int64) {
        #expect(throws: Rejection.scheduleInvalid) {
            try SendTime.due(Self.noon.adding(milliseconds: ahead), at: Self.noon)
        }
    }
}
