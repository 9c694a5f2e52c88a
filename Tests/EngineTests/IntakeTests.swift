import Messaging
import Store
import Testing

@testable import Engine

/// Carriers that hand out the same again and again, or more than anybody wants.
struct IntakeTests {
    private static func reports(_ range: Range<Int>) -> String {
        range.map { "R|m\(900_000 + $0)|13800138000|DELIVRD" }.joined(separator: "\n")
    }

    @Test(arguments: ["R|m900001|13800138000|DELIVRD\nR|m900002|13800138000|DELIVRD", "P|13800138000|1|T", "garbage"])
    func `a carrier that repeats itself is asked with pauses, and what it says is kept once`(
        body: String
    ) async throws {
        let carrier = FakeCarrier(isParrot: true)
        let configure: (inout EngineConfiguration) -> Void = {
            ($0.pollIntervalMin, $0.pollIntervalMax) = (3_600_000, 3_600_000)
        }
        try await House.with(["one": carrier], channels: false, configure: configure) { house in
            carrier.put(body, as: .polledReports)
            try await house.channel("one")
            try await eventually("two fetches") { carrier.fetches >= 3 }
            // Time enough for thousands of fetches, if there were no pause.
            for _ in 0..<50 { try await house.engine.proveAlive() }
            #expect(carrier.fetches < 40)
            let items = try await house.engine.unmatched.list(ParkedFilter(), after: nil, limit: 100)
            #expect(items.count <= (body.hasPrefix("P") ? 20 : 2))
        }
    }

    @Test func `at the bound a carrier is asked for no more, and again when there is room`() async throws {
        let carrier = FakeCarrier()
        let configure: (inout EngineConfiguration) -> Void = {
            $0.intake = IntakeRule(parkedMax: 10)
            $0.sweepInterval = 10
        }
        try await House.with(["one": carrier], channels: false, configure: configure) { house in
            carrier.put(Self.reports(0..<12), as: .polledReports)
            let number = try await house.channel("one").key
            try await eventually("suspended") { house.engine.intake.suspension(of: number) != nil }
            #expect(house.engine.intake.suspension(of: number)?.contains("inbound.parked_max 10") == true)
            let before = carrier.fetches
            carrier.put(Self.reports(20..<21), as: .polledReports)
            for _ in 0..<50 { try await house.engine.proveAlive() }
            // One may have been on its way.
            #expect(carrier.fetches <= before + 3)
            let rest = carrier.fetchable
            #expect(try await house.engine.unmatched.discardSome(ParkedFilter(channel: number)) >= 12)
            #expect(house.engine.intake.suspension(of: number) == nil)
            try await eventually("it is fetched") { carrier.fetchable == 0 }
            #expect(rest == 0 || carrier.fetches > before)
        }
    }

    @Test func `it is still full after a restart`() async throws {
        let carrier = FakeCarrier()
        let configure: (inout EngineConfiguration) -> Void = { $0.intake = IntakeRule(parkedMax: 3) }
        let house = try await House.open(["one": carrier], configure)
        let number = try await house.channel("one").key
        carrier.put(Self.reports(0..<3), as: .polledReports)
        try await eventually("suspended") { house.engine.intake.suspension(of: number) != nil }
        let again = try await house.again(nil, configure)
        #expect(again.engine.intake.suspension(of: number) != nil)
        #expect(again.engine.intake.load(of: number) == IntakeLoad(parked: 3))
        await again.stop()
    }

    @Test(
        arguments: [
            (IntakeLoad(parked: 9, unreadable: 9, bytes: 99), nil, true, false),
            (IntakeLoad(parked: 10), "inbound.parked_max 10", false, false),
            (IntakeLoad(unreadable: 10), "inbound.unreadable_max 10", false, false),
            (IntakeLoad(bytes: 100), "inbound.bytes_max 100", false, false),
            (IntakeLoad(parked: .max, unreadable: .max, bytes: .max), "inbound.parked_max 10", false, false),
            (IntakeLoad(parked: 8, unreadable: 4, bytes: 10), nil, true, false),
            (IntakeLoad(parked: 4, unreadable: 4, bytes: 49), nil, true, true), (IntakeLoad(), nil, true, true),
        ] as [(IntakeLoad, String?, Bool, Bool)])
    func `what is full, and when there is room again`(
        load: IntakeLoad, words: String?, hasRoom: Bool, keepsRefused: Bool
    ) {
        let rule = IntakeRule(parkedMax: 10, unreadableMax: 10, bytesMax: 100)
        let excess = rule.excess(of: load)
        #expect(words.map { excess?.contains($0) == true } ?? (excess == nil))
        if excess != nil { #expect(!rule.hasRoomAgain(for: load)) }
        #expect(rule.keepsRefused(at: load) == keepsRefused)
        var sum = load
        sum += IntakeLoad(parked: .max, unreadable: .max, bytes: .max)
        #expect(sum == IntakeLoad(parked: .max, unreadable: .max, bytes: .max))
    }
}
