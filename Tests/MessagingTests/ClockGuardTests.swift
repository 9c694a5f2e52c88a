import Messaging
import Testing

struct ClockGuardTests {
    private static let minute: Int64 = 60_000
    private static let day: Int64 = 86_400_000
    private static let noon: Int64 = 1_720_497_600_000

    /// What is done at an uptime: the wall clock is so far ahead of what it said at the beginning.
    struct Step: Sendable {
        var uptime: Int64
        var shift: Int64
        var accepts = false
    }

    struct Story: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var steps: [Step]
        var state: ClockGuard.State
        /// House time, ahead of what it would be without any shift.
        var shift: Int64

        init(_ name: String, _ steps: [Step], _ state: ClockGuard.State, _ shift: Int64) {
            (testDescription, self.steps, self.state, self.shift) = (name, steps, state, shift)
        }
    }

    private static func steps(_ pairs: (Int64, Int64)...) -> [Step] { pairs.map { Step(uptime: $0, shift: $1) } }

    static let stories = [
        Story("a clock that runs well", steps((1000, 0), (100_000, 3), (200_000, -3)), .agreed, -3),
        Story("a minute ahead is followed slowly", steps((1000, 60_000)), .agreed, 100),
        Story("a minute back is followed slowly", steps((1000, -60_000)), .agreed, -100),
        Story("five days ahead for 12 s", steps((1000, 5 * day), (13_000, 5 * day)), .parted, 0),
        Story("five days ahead, and back", steps((1000, 5 * day), (13_000, 5 * day), (14_000, 0)), .agreed, 0),
        Story("a day back", steps((1000, -day), (3_600_000, -day)), .parted, 0),
        Story("just over a minute", steps((1000, 60_001)), .parted, 0),
        Story(
            "accepted", [Step(uptime: 1000, shift: day), Step(uptime: 2000, shift: day, accepts: true)], .agreed, day),
        Story(
            "accepted, and then set back",
            [
                Step(uptime: 1000, shift: day), Step(uptime: 2000, shift: day, accepts: true),
                Step(uptime: 3000, shift: 0),
            ],
            .parted, day),
        Story("a look after long", steps((10 * day, 59_000)), .agreed, 6_000),
    ]

    @Test(arguments: stories)
    func `house time follows a clock that is slewed and not one that jumps`(story: Story) {
        let before: Int64 = 5_000_000
        var guarded = ClockGuard(wall: Self.noon, uptime: before)
        for step in story.steps {
            let uptime = before + step.uptime
            let wall = Self.noon + step.uptime + step.shift
            if step.accepts {
                guarded.accept(wall: wall, uptime: uptime)
            } else {
                guarded.note(wall: wall, uptime: uptime)
            }
        }
        let last = story.steps.last?.uptime ?? 0
        #expect(guarded.state == story.state)
        #expect(guarded.isHeld == (story.state != .agreed))
        #expect(guarded.time(atUptime: before + last) == Self.noon + last + story.shift)
    }

    @Test func `a clock that is slewed by 8 percent for an hour is followed and never held`() {
        var guarded = ClockGuard(wall: Self.noon, uptime: 0)
        var before = Self.noon
        for direction: Int64 in [1, -1] {
            let start: Int64 = direction == 1 ? 0 : 3600
            for second in 1...Int64(3600) {
                let slewed = direction == 1 ? second * 80 : (3600 - second) * 80
                let uptime = (start + second) * 1000
                guarded.note(wall: Self.noon + uptime + slewed, uptime: uptime)
                #expect(!guarded.isHeld)
                let time = guarded.time(atUptime: uptime)
                #expect(time == Self.noon + uptime + slewed)
                #expect(time > before)
                before = time
            }
        }
    }

    @Test func `house time never goes back while a minute is taken back`() {
        var guarded = ClockGuard(wall: Self.noon, uptime: 0)
        var before = Self.noon
        for second in 1...Int64(700) {
            guarded.note(wall: Self.noon + second * 1000 - 59_000, uptime: second * 1000)
            let time = guarded.time(atUptime: second * 1000)
            #expect(time > before)
            before = time
        }
        #expect(before == Self.noon + 700_000 - 59_000)
    }

    // MARK: The start

    struct Start: Sendable {
        /// The wall clock, ahead of the newest record.
        var lead: Int64
        var aheadMax: Int64?
        var state: ClockGuard.State
        /// House time, ahead of the newest record.
        var house: Int64
    }

    @Test(arguments: [
        Start(lead: 0, aheadMax: 3 * day, state: .agreed, house: 0),
        Start(lead: -minute, aheadMax: nil, state: .agreed, house: -minute),
        Start(lead: -minute - 1, aheadMax: nil, state: .behindRecords, house: 0),
        Start(lead: -9000 * day, aheadMax: nil, state: .behindRecords, house: 0),
        Start(lead: 3 * day, aheadMax: 3 * day, state: .agreed, house: 3 * day),
        Start(lead: 3 * day + 1, aheadMax: 3 * day, state: .aheadOfRecords, house: 3 * day + 1),
        Start(lead: 900 * day, aheadMax: nil, state: .agreed, house: 900 * day),
    ])
    func `at the start the newest record is the check`(start: Start) {
        let guarded = ClockGuard(
            wall: Self.noon + start.lead, uptime: 77, newest: Self.noon, aheadMax: start.aheadMax)
        #expect(guarded.state == start.state)
        #expect(guarded.time(atUptime: 77) == Self.noon + start.house)
    }

    @Test func `a clock that was behind at the start is believed when it has passed the newest record`() {
        var guarded = ClockGuard(wall: 0, uptime: 0, newest: Self.noon)
        guarded.note(wall: 10_000, uptime: 10_000)
        #expect(guarded.state == .behindRecords)
        #expect(guarded.time(atUptime: 10_000) == Self.noon + 10_000)
        guarded.note(wall: Self.noon + 2 * Self.day, uptime: 20_000)
        #expect(guarded.state == .agreed)
        #expect(guarded.time(atUptime: 20_000) == Self.noon + 2 * Self.day)
        // From then on the records do not count any more.
        guarded.note(wall: Self.noon + Self.day, uptime: 21_000)
        #expect(guarded.state == .parted)
    }

    @Test func `a clock that was ahead at the start is believed when it is put right, or by somebody's word`() {
        var guarded = ClockGuard(wall: Self.noon + 9 * Self.day, uptime: 0, newest: Self.noon, aheadMax: 3 * Self.day)
        #expect(guarded.lead(wall: Self.noon + 9 * Self.day, uptime: 0) == 9 * Self.day)
        var other = guarded
        guarded.note(wall: Self.noon + 1000, uptime: 1000)
        #expect(guarded.state == .agreed)
        #expect(guarded.time(atUptime: 1000) == Self.noon + 1000)
        other.accept(wall: Self.noon + 9 * Self.day + 5, uptime: 5)
        other.note(wall: Self.noon + 9 * Self.day + 1000, uptime: 1000)
        #expect(other.state == .agreed)
        #expect(other.time(atUptime: 1000) == Self.noon + 9 * Self.day + 1000)
    }

    @Test(arguments: [Int64.min, -1, Int64.max])
    func `a record that is no time holds and traps nothing`(newest: Int64) {
        var guarded = ClockGuard(wall: Self.noon, uptime: 3, newest: newest, aheadMax: Self.day)
        guarded.note(wall: Self.noon + 1, uptime: 4)
        #expect(guarded.isHeld)
    }
}
