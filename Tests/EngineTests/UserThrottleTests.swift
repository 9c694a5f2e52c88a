import Messaging
import Testing

@testable import Engine

struct UserThrottleTests {
    private static let here = AddressBlock([10, 0, 0, 1])
    private static let there = AddressBlock([10, 0, 0, 2])

    private static func target(_ name: String, _ address: AddressBlock = here, isKnown: Bool = false)
        -> UserThrottle.Target
    {
        UserThrottle.Target(name: name, at: address, isKnown: isKnown)
    }

    @Test func `each further wrong try waits twice as long, up to five minutes, and none is shut out for good`() {
        var throttle = UserThrottle()
        var now: Int64 = 0
        var waits: [Int64] = []
        for _ in 0..<16 {
            throttle.begin(Self.target("a"), Self.here, at: now)
            let wait = throttle.wait(Self.target("a"), Self.there, at: now)
            waits.append(wait)
            now += wait
            #expect(throttle.wait(Self.target("a"), Self.there, at: now) == 0)
        }
        #expect(waits.prefix(6) == [0, 0, 1_000, 2_000, 4_000, 8_000])
        #expect(waits.suffix(3) == [300_000, 300_000, 300_000])
    }

    @Test func `a right one, and an hour without a wrong one, forget what was wrong`() {
        var throttle = UserThrottle()
        for _ in 0..<5 { throttle.begin(Self.target("a"), Self.here, at: 0) }
        #expect(throttle.wait(Self.target("a"), Self.there, at: 0) == 4_000)
        var other = throttle
        throttle.succeed(Self.target("a"), Self.here)
        #expect(throttle.wait(Self.target("a"), Self.there, at: 0) == 0)
        other.begin(Self.target("a"), Self.there, at: UserThrottle.memory)
        #expect(other.wait(Self.target("a"), Self.there, at: UserThrottle.memory) == 0)
    }

    @Test func `names that differ in case are one, and a known address counts alone`() {
        var throttle = UserThrottle()
        for _ in 0..<10 { throttle.begin(Self.target("LiWei", Self.there), Self.there, at: 0) }
        #expect(throttle.wait(Self.target("liwei", Self.here), Self.here, at: 0) == 128_000)
        #expect(throttle.wait(Self.target("liwei", Self.here, isKnown: true), Self.here, at: 0) == 0)
        for _ in 0..<4 { throttle.begin(Self.target("liwei", Self.here, isKnown: true), Self.here, at: 0) }
        #expect(throttle.wait(Self.target("liwei", Self.here, isKnown: true), Self.here, at: 0) == 2_000)
    }

    @Test func `an address has a budget that fills up`() {
        var throttle = UserThrottle()
        for number in 0..<20 {
            #expect(throttle.wait(Self.target("n\(number)"), Self.here, at: 0) == 0)
            throttle.begin(Self.target("n\(number)"), Self.here, at: 0)
        }
        #expect(throttle.wait(Self.target("x"), Self.here, at: 0) == 10_000)
        #expect(throttle.wait(Self.target("x"), Self.there, at: 0) == 0)
        #expect(throttle.wait(Self.target("x"), Self.here, at: 10_000) == 0)
    }

    @Test func `a flood of names and addresses fills no memory`() {
        var throttle = UserThrottle()
        var looked = 0
        for number in 0..<200_000 {
            let now = Int64(number) * 20
            let address = AddressBlock([UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255), 1])
            let target = Self.target("name\(number)", address)
            guard throttle.wait(target, address, at: now) == 0 else { continue }
            throttle.begin(target, address, at: now)
            looked += 1
        }
        #expect(looked > 10_000 && looked < 20_000)
        #expect(throttle.count < 2 * UserThrottle.entriesMax)
    }
}
