import AdminProtocol
import AdminServer
import Engine
import Messaging
import Testing

struct QuotaBridgeTests {
    @Test func `a bound that is reached is named, and no database is blamed`() async throws {
        try await RouteBridgeTests.withEngine { bridge, engine in
            let entry = try #require(engine.accounts.directory.account(id: "J10003"))
            let words = (0..<WordFilter.wordsMax).map { "word \($0)" }
            _ = try await engine.rules.changeWords(add: words, remove: [], of: entry)
            var change = AdminWordsChange()
            change.account = "J10003"
            change.add = ["one more"]
            let error = await #expect(throws: AdminError.self) { try await bridge.handle(.wordsChange(change)) }
            #expect(error == .unavailable("An account has at most 10000 blocked words."))
            change.add = []
            change.remove = ["word 7"]
            _ = try await bridge.handle(.wordsChange(change))
            #expect(entry.runtime.screening.rules.words.count == WordFilter.wordsMax - 1)
        }
    }
}
