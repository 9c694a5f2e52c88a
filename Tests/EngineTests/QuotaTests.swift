import Messaging
import Testing

@testable import Engine

/// Bounds on what is kept are refused as what they are, and say nothing of the disk.
struct QuotaTests {
    @Test func `a word too many is refused by name, and the database counts as sound`() async throws {
        try await House.with { (house: House) async throws in
            let entry = try await house.account()
            let words = (0...WordFilter.wordsMax).map { "word \($0)" }
            await #expect(throws: StoreFailure.limitReached("an account has at most 10000 blocked words")) {
                try await house.engine.rules.changeWords(add: words, remove: [], of: entry)
            }
            #expect(entry.runtime.screening.rules.words.isEmpty)
            #expect(house.engine.storage.problem == nil)
            let kept = try await house.engine.rules.changeWords(add: Array(words.dropLast()), remove: [], of: entry)
            #expect(kept.words.count == WordFilter.wordsMax)
        }
    }

    @Test func `a blacklist that memory does not hold is refused whole`() async throws {
        try await House.with { (house: House) async throws in
            let entry = try await house.account()
            let numbers = (0...RuleStore.blacklistMax).map { PhoneNumber(rawValue: 13_000_000_000 + Int64($0)) }
            await #expect(throws: StoreFailure.limitReached("a blacklist has at most 1000000 numbers")) {
                try await house.engine.rules.changeBlacklist(add: numbers, reason: "", of: entry)
            }
            #expect(entry.runtime.screening.blacklistCount == 0)
            #expect(house.engine.storage.problem == nil)
        }
    }
}
