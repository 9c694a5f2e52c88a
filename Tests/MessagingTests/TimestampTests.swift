import Messaging
import Testing

/// WIRE.md "General": wall-clock times on the wire are UTC+8 without summer time.
struct TimestampTests {
    /// The seconds were computed with another implementation (CPython's `datetime`).
    private static let known: [(text: String, seconds: Int64)] = [
        ("1970-01-01 08:00:00", 0), ("1999-12-31 23:59:59", 946_655_999), ("2000-02-29 23:59:59", 951_839_999),
        ("2016-08-04 17:38:59", 1_470_303_539), ("2016-12-31 23:59:59", 1_483_199_999),
        ("2017-01-01 00:00:00", 1_483_200_000), ("2024-02-29 12:00:00", 1_709_179_200),
        ("2038-01-19 11:14:08", 2_147_483_648), ("2100-03-01 00:00:00", 4_107_513_600),
        ("9999-12-31 23:59:59", 253_402_271_999),
    ]

    @Test func `known moments are printed and read`() {
        for row in Self.known {
            let moment = Timestamp(milliseconds: row.seconds * 1000)
            #expect(moment.chinaText == row.text)
            #expect(moment.adding(milliseconds: 999).chinaText == row.text)
            #expect(Timestamp(chinaText: row.text) == moment)
            #expect(Timestamp(chinaText: row.text.replacing("-", with: "/")) == moment)
            #expect(Timestamp(chinaText: row.text.replacing(" ", with: "T")) == moment)
            #expect(Timestamp(chinaText: row.text.filter(\.isNumber)) == moment)
            #expect(moment.monthDayTime == String(row.text.filter(\.isNumber).dropFirst(4)))
        }
    }

    @Test func `every day from 1970 to 2110 is where a calendar on paper has it`() {
        var days: Int64 = 0
        for year in 1970...2110 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            for (index, length) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
                for day in 1...length {
                    let date = Timestamp.China(year: year, month: index + 1, day: day, hour: 23, minute: 1, second: 59)
                    let moment = Timestamp(china: date)
                    let expected = (days * 86400 + 15 * 3600 + 60 + 59) * 1000
                    if moment?.milliseconds != expected || moment?.china != date { Issue.record("\(date)") }
                    if moment?.chinaDay != year * 10000 + (index + 1) * 100 + day { Issue.record("\(date)") }
                    days += 1
                }
                #expect(Timestamp(china: .init(year: year, month: index + 1, day: length + 1)) == nil)
            }
        }
    }

    @Test(arguments: [
        "", "2016", "2016-08-04", "2016-08-04 17:38", "2016-08-04 17:38:5", "2016-8-4 17:38:59", "2016-08-04 17:38:60",
        "2016-08-04 24:00:00", "2016-13-01 00:00:00", "2016-00-01 00:00:00", "2016-01-00 00:00:00",
        "2015-02-29 00:00:00", "1900-02-29 00:00:00", "2100-02-29 00:00:00", "2016-04-31 00:00:00",
        "1969-12-31 23:59:59", "2016-08/04 17:38:59", "2016 08-04 17:38:59", "2016-08-04 17-38-59", "20160804173859 ",
        "2016080417385", "201608041738590", "-----20160804173859", "2016-08-04 17:38:59Z", "2o16-08-04 17:38:59",
        "２０16-08-04 17:38", "+016-08-04 17:38:59",
    ])
    func `what is not a date and time is none`(_ text: String) {
        #expect(Timestamp(chinaText: text) == nil)
    }

    @Test(arguments: [
        // The seed's own stamp, with its year.
        ("0803192020", "2016-08-03 19:21:00", "2016-08-03 19:20:20"),
        // Across New Year, both ways.
        ("1231235959", "2017-01-01 00:05:00", "2016-12-31 23:59:59"),
        ("0101000100", "2016-12-31 23:59:00", "2017-01-01 00:01:00"),
        ("0101000000", "2017-01-01 00:00:00", "2017-01-01 00:00:00"),
        // The leap day takes the nearest year that has one.
        ("0229120000", "2024-02-29 12:00:00", "2024-02-29 12:00:00"),
        ("0229120000", "2017-01-01 00:00:00", "2016-02-29 12:00:00"),
        ("0229120000", "2023-02-28 12:00:00", "2024-02-29 12:00:00"),
        // Half a year off, either side.
        ("0630000000", "2017-01-01 00:00:00", "2017-06-30 00:00:00"),
        ("0705000000", "2017-01-01 00:00:00", "2016-07-05 00:00:00"),
    ])
    func `a stamp without a year takes the year nearest to now`(_ stamp: String, _ now: String, _ expected: String)
        throws
    {
        let now = try #require(Timestamp(chinaText: now))
        #expect(Timestamp(monthDayTime: stamp, near: now)?.chinaText == expected)
        #expect(Timestamp(monthDayTime: stamp, near: now)?.monthDayTime == stamp)
    }

    @Test(arguments: [
        "", "080319202", "08031920200", "0803192x20", "x803192020", "1301000000", "0001000000", "0800000000",
        "0832000000", "0803240000", "0803196000", "0803192060", "0431000000", "-803192020", "+803192020", " 803192020",
        "９", "0803 19202", "9999999999",
    ])
    func `a stamp that is no moment is none`(_ stamp: String) throws {
        let now = try #require(Timestamp(chinaText: "2016-08-03 19:20:20"))
        #expect(Timestamp(monthDayTime: stamp, near: now) == nil)
    }

    @Test(arguments: ["2026-02-28 12:00:00", "2026-03-01 00:00:00", "2100-02-28 00:00:00"])
    func `29 February is no moment when no year near has one`(_ now: String) throws {
        let now = try #require(Timestamp(chinaText: now))
        #expect(Timestamp(monthDayTime: "0229120000", near: now) == nil)
    }

    @Test(arguments: [Int64.min, -1, Int64.max])
    func `moments outside every calendar are printed without a crash`(_ milliseconds: Int64) {
        let moment = Timestamp(milliseconds: milliseconds)
        #expect(moment.chinaText.utf8.count == 19)
        #expect(moment.monthDayTime.utf8.count == 10)
    }

    @Test func `what is printed reads back`() {
        var random = SeededGenerator(seed: 6)
        for _ in 0..<2000 {
            let moment = Timestamp(milliseconds: Int64.random(in: 0...253_402_271_999, using: &random) * 1000)
            #expect(Timestamp(chinaText: moment.chinaText) == moment)
            #expect(Timestamp(monthDayTime: moment.monthDayTime, near: moment) == moment)
        }
    }
}
