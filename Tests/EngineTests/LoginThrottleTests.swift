import Messaging
import Testing

@testable import Engine

struct LoginThrottleTests {
    private static func address(_ number: Int) -> AddressBlock {
        AddressBlock([10, UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)])
    }

    private let here = LoginThrottleTests.address(1)
    private let account = LoginThrottle.Who.account(7)

    /// Shows wrong credentials if they are looked at.
    /// - Returns: whether they were.
    private func guess(
        _ throttle: inout LoginThrottle, _ who: LoginThrottle.Who, _ address: AddressBlock, at now: Int64
    ) -> Bool {
        guard throttle.verdict(who, address, at: now) == .open else { return false }
        _ = throttle.fail(who, address, isKnown: false, at: now)
        return true
    }

    @Test(
        arguments: [
            // When five wrong ones come, in seconds; when the pair is asked about; what is said.
            ([0, 0, 0, 0, 299], 299, true), ([0, 0, 0, 0, 299], 598, true), ([0, 0, 0, 0, 299], 599, false),
            ([0, 0, 0, 0, 300], 300, false), ([0, 60, 120, 180, 240], 241, true), ([0, 0, 0, 0], 0, false),
        ] as [([Int64], Int64, Bool)])
    func `the fifth within five minutes locks, for five minutes`(_ times: [Int64], _ asked: Int64, _ isLocked: Bool) {
        var throttle = LoginThrottle()
        for time in times { _ = throttle.fail(account, here, isKnown: false, at: time * 1_000) }
        #expect((throttle.verdict(account, here, at: asked * 1_000) == .locked) == isLocked)
        #expect(throttle.verdict(.account(8), here, at: asked * 1_000) == .open)
        #expect(throttle.verdict(account, Self.address(2), at: asked * 1_000) == .open)
        #expect(throttle.locks(of: account, at: asked * 1_000).count == (isLocked ? 1 : 0))
    }

    @Test func `11,800 guesses at as many names in 12 s from one address: 21 are looked at`() {
        var throttle = LoginThrottle()
        let looked = (0..<11_800).count { number in
            guess(&throttle, .name("N\(number)"), here, at: Int64(number) * 12_000 / 11_800)
        }
        #expect(looked == 21)
        #expect(throttle.count < 100)
    }

    @Test func `an account that is guessed from many addresses is looked at 30 times, and then each 20 s`() {
        var throttle = LoginThrottle()
        let looked = (0..<10_000).count { guess(&throttle, account, Self.address($0 + 10), at: Int64($0)) }
        #expect(looked == 30)
        let later = (0..<1_000).count {
            guess(&throttle, account, Self.address($0 + 20_000), at: 10_000 + Int64($0) * 60)
        }
        #expect(later == 3)
    }

    @Test func `everybody's guesses are slowed as a whole, and memory is bounded without forgetting a lock`() {
        var throttle = LoginThrottle()
        for _ in 0..<5 { _ = throttle.fail(account, here, isKnown: false, at: 0) }
        // A million addresses with a name each within a hundred seconds.
        var looked = 0
        for number in 0..<1_000_000 {
            let now = Int64(number) / 10
            if guess(&throttle, .name("N\(number)"), Self.address(number), at: now) { looked += 1 }
        }
        #expect(looked <= 2_000 && looked >= 1_900)
        #expect(throttle.count <= LoginThrottle.entriesMax)
        #expect(throttle.verdict(account, here, at: 100_000) == .locked)
    }

    @Test func `a budget is whole again when nothing came for a while`() {
        var throttle = LoginThrottle()
        for number in 0..<100 { _ = guess(&throttle, .name("N\(number)"), here, at: 0) }
        #expect(throttle.verdict(.name("other"), here, at: 9_999) == .slowed)
        #expect(throttle.verdict(.name("other"), here, at: 10_000) == .open)
        #expect(throttle.busyUntil > 10_000)
        let rested = throttle.busyUntil
        #expect((0..<100).count { guess(&throttle, .name("M\($0)"), here, at: rested) } == 20)
    }

    @Test func `a known address counts for its own pair only`() {
        var throttle = LoginThrottle()
        for _ in 0..<1_000 { _ = throttle.fail(account, here, isKnown: true, at: 0) }
        #expect(throttle.verdict(account, here, at: 0) == .locked)
        #expect(throttle.verdict(.account(8), here, at: 0) == .open)
        #expect(throttle.verdict(account, Self.address(2), at: 0) == .open)
    }

    @Test func `an unlocked account may try again at once from where it was shut out`() {
        var throttle = LoginThrottle()
        for number in 0..<30 { _ = throttle.fail(account, Self.address(number / 5), isKnown: false, at: 0) }
        _ = throttle.fail(.account(8), here, isKnown: false, at: 0)
        #expect(throttle.locks(of: account, at: 1_000).count == 6)
        #expect(throttle.locks(of: account, at: 1_000).allSatisfy { $0.remaining == 299_000 })
        throttle.unlock(account)
        #expect(throttle.locks(of: account, at: 1_000).isEmpty)
        for number in 0..<6 { #expect(throttle.verdict(account, Self.address(number), at: 1_000) == .open) }
    }

    @Test func `of a name the first 64 bytes count, and no more is kept of it`() {
        let long = String(repeating: "k", count: 64)
        #expect(LoginThrottle.Who.unknown(long + "1") == .unknown(long + String(repeating: "z", count: 70_000)))
        #expect(LoginThrottle.Who.unknown(long) != .unknown(String(repeating: "k", count: 63)))
        // The sixty-fourth byte is in the middle of a character.
        let cut = String(repeating: "k", count: 63) + "测"
        #expect(LoginThrottle.Who.unknown(cut) == .unknown(cut + "试"))
    }
}

struct KnownAddressesTests {
    private static func address(_ number: Int) -> AddressBlock {
        AddressBlock([10, 0, UInt8(number >> 8), UInt8(number & 255)])
    }

    @Test func `an address is fresh for its hour and known beyond it`() {
        let known = KnownAddresses()
        let address = Self.address(1)
        let hour: Int64 = 3_600_000
        #expect(!known.isFresh(.init(address, uptime: 0)) && !known.contains(address))
        let noted = known.note(address, .init(address, uptime: 0), at: TestClock.noon)
        #expect(noted.isNews && noted.forgotten == nil)
        #expect(known.isFresh(.init(address, uptime: 0)) && known.isFresh(.init(address, uptime: hour - 1)))
        #expect(!known.isFresh(.init(address, uptime: hour)) && known.contains(address))
        #expect(!known.isFresh(.init(Self.address(2), uptime: 0)))
    }

    @Test func `addresses that take each other's place are stored once an hour, not once a request`() {
        let known = KnownAddresses()
        var stored = 0
        for round in 0..<100 {
            for number in 1...8 {
                let address = Self.address(number)
                let mark = KnownAddresses.Mark(address, uptime: Int64(round))
                if known.isFresh(mark) { continue }
                let now = TestClock.noon.adding(milliseconds: Int64(round))
                if known.note(address, mark, at: now).isNews { stored += 1 }
            }
        }
        #expect(stored == 8)
    }

    @Test func `only so many are known, and the one that was seen longest ago goes`() {
        let known = KnownAddresses()
        for number in 0..<KnownAddresses.countMax {
            #expect(known.put(Self.address(number), at: TestClock.noon.adding(milliseconds: Int64(number))) == nil)
        }
        _ = known.put(Self.address(0), at: TestClock.noon.adding(milliseconds: 1_000))
        #expect(known.put(Self.address(99), at: TestClock.noon.adding(milliseconds: 1_001)) == Self.address(1))
        #expect(known.count == KnownAddresses.countMax && known.contains(Self.address(0)))
    }
}
