import Messaging
import Testing

struct FrequencyTests {
    private let start = Timestamp(milliseconds: 1_700_000_000_000)
    private let number = PhoneNumber(rawValue: 13_800_138_000)

    private func limits(_ texts: String...) throws -> [FrequencyLimit] {
        try texts.map { try #require(FrequencyLimit($0)) }
    }

    @Test("limits are written as a count and a period", arguments: ["1/1s", "5/1h", "100/1d", "3/90s", "2/30m"])
    func texts(text: String) throws {
        #expect(try #require(FrequencyLimit(text)).description == text)
    }

    @Test(
        "what is no limit is refused",
        arguments: ["", "1", "1/", "/1h", "0/1h", "101/1h", "1/0s", "1/2d", "1/1w", "1/1", "x/1h", "1/1h/1", "-1/1h"])
    func noLimits(text: String) {
        #expect(FrequencyLimit(text) == nil)
    }

    @Test("one a minute and three an hour")
    func both() throws {
        let limits = try limits("1/1m", "3/1h")
        var window = FrequencyWindow()
        func admits(_ seconds: Int64) -> Bool {
            window.admit(number, limits: limits, at: start.adding(milliseconds: seconds * 1000))
        }
        #expect(admits(0))
        #expect(!admits(59))
        #expect(admits(60))
        #expect(admits(120))
        #expect(!admits(180))
        #expect(!admits(3599))
        #expect(admits(3600))
        #expect(!admits(3659))
        #expect(admits(3660))
    }

    @Test("each number has its own count, and without limits nothing is counted")
    func numbers() throws {
        let limits = try limits("1/1h")
        var window = FrequencyWindow()
        #expect(window.admit(number, limits: limits, at: start) == true)
        #expect(window.admit(PhoneNumber(rawValue: 13_800_138_001), limits: limits, at: start) == true)
        #expect(window.admit(number, limits: limits, at: start) == false)
        #expect(window.admit(number, limits: [], at: start) == true)
    }

    @Test("what is taken back was never counted, and nothing else is forgotten with it")
    func forgotten() throws {
        let limits = try limits("1/1m", "3/1h")
        var window = FrequencyWindow()
        func time(_ seconds: Int64) -> Timestamp { start.adding(milliseconds: seconds * 1000) }
        for seconds: Int64 in [0, 60, 120] { #expect(window.admit(number, limits: limits, at: time(seconds)) == true) }
        window.forget(number, at: time(60))
        window.forget(number, at: time(61))
        window.forget(PhoneNumber(rawValue: 13_800_138_001), at: time(0))
        #expect(window.admit(number, limits: limits, at: time(179)) == false)
        #expect(window.admit(number, limits: limits, at: time(180)) == true)
        #expect(window.admit(number, limits: limits, at: time(240)) == false)
        var other = FrequencyWindow()
        #expect(other.admit(number, limits: limits, at: start) == true)
        other.forget(number, at: start)
        #expect(other.count == 0)
    }

    @Test("memory is bounded by time and by number")
    func bounded() throws {
        let limits = try limits("2/1m")
        var window = FrequencyWindow(numbersMax: 100)
        for offset in 0..<10_000 {
            let number = PhoneNumber(rawValue: 13_000_000_000 + Int64(offset))
            #expect(window.admit(number, limits: limits, at: start) == true)
            #expect(window.count <= 100)
        }
        var other = FrequencyWindow()
        for second in Int64(0)..<600 {
            let number = PhoneNumber(rawValue: 13_000_000_000 + second)
            #expect(other.admit(number, limits: limits, at: start.adding(milliseconds: second * 1000)) == true)
        }
        #expect(other.count <= 120)
    }

    @Test("it is exact over time, against a plain count")
    func exact() throws {
        let limits = try limits("2/10s", "5/1m")
        var random = SeededGenerator(seed: 3)
        var window = FrequencyWindow()
        var times: [Int64] = []
        var now = start
        for _ in 0..<2000 {
            now = now.adding(milliseconds: Int64.random(in: 0...9000, using: &random))
            let expected = limits.allSatisfy { limit in
                times.count { now.milliseconds - $0 < limit.period } < limit.count
            }
            #expect(window.admit(number, limits: limits, at: now) == expected)
            if expected { times.append(now.milliseconds) }
        }
    }

    @Test("what was counted before the clock was set back is not held against a number")
    func setBack() throws {
        let limits = try limits("1/1h")
        var window = FrequencyWindow()
        let ahead = start.adding(milliseconds: 5 * 86_400_000)
        #expect(window.admit(number, limits: limits, at: ahead) == true)
        #expect(window.admit(number, limits: limits, at: start) == true)
        #expect(window.admit(number, limits: limits, at: start.adding(milliseconds: 3_599_999)) == false)
        #expect(window.admit(number, limits: limits, at: start.adding(milliseconds: 3_600_000)) == true)
        // Threads look at the clock one after another.
        #expect(window.admit(number, limits: limits, at: start.adding(milliseconds: 3_599_990)) == false)
    }
}
