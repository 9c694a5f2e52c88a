import Foundation
import Messaging
import Secrets
import Store
import Testing

@testable import Engine

struct TokenTests {
    @Test func `a token belongs to its account until it ends`() async throws {
        try await House.with { house in
            let entry = try await house.account()
            let tokens = house.engine.tokens
            let token = try await tokens.issue(to: entry)
            let other = try await tokens.issue(to: entry)
            #expect(token != other)
            #expect(token.utf8.count == 64)
            #expect(tokens.seconds == 7200)
            for text in [token, other] { #expect(tokens.account(of: text) == entry.key) }
            for text in ["", "x", String(token.dropLast()), token + "0", String(repeating: "0", count: 64)] {
                #expect(tokens.account(of: text) == nil)
            }
            house.clock.advance(milliseconds: 7_199_999)
            #expect(tokens.account(of: token) == entry.key)
            house.clock.advance(milliseconds: 1)
            #expect(tokens.account(of: token) == nil)
            try await tokens.sweep()
            #expect(tokens.count == 0)
            #expect(try await house.engine.store.tokens().isEmpty)
        }
    }

    @Test func `tokens outlive a restart, and those that ended do not`() async throws {
        let house = try await House.open { $0.tokenLifetime = 60_000 }
        let entry = try await house.account()
        let early = try await house.engine.tokens.issue(to: entry)
        house.clock.advance(milliseconds: 30_000)
        let late = try await house.engine.tokens.issue(to: entry)
        let second = try await house.again()
        #expect(second.engine.tokens.account(of: early) == entry.key)
        second.clock.advance(milliseconds: 30_000)
        let third = try await second.again()
        #expect(third.engine.tokens.account(of: early) == nil)
        #expect(third.engine.tokens.account(of: late) == entry.key)
        #expect(try await third.engine.store.tokens().count == 1)
        await third.stop()
    }

    @Test func `a token of a clock that was ahead ends when one of now would`() async throws {
        let house = try await House.open { $0.tokenLifetime = 60_000 }
        let entry = try await house.account()
        let token = String(repeating: "0", count: 64)
        let stored = StoredToken(
            digest: SHA256Digest.bytes(Array(token.utf8)), account: entry.key,
            expiresAt: house.clock.now.adding(milliseconds: 5 * 86_400_000))
        try await house.engine.store.add([stored])
        let second = try await house.again { $0.tokenLifetime = 60_000 }
        #expect(second.engine.tokens.account(of: token) == entry.key)
        second.clock.advance(milliseconds: 60_000)
        #expect(second.engine.tokens.account(of: token) == nil)
        await second.stop()
    }

    @Test func `the file holds no token, only its digest`() async throws {
        let house = try await House.open()
        let token = try await house.engine.tokens.issue(to: try await house.account())
        let stored = try await house.engine.store.tokens()
        #expect(stored.map(\.digest) == [SHA256Digest.bytes(Array(token.utf8))])
        await house.stop()
        let raw = try #require(Hexadecimal.bytes(token))
        for name in try FileManager.default.contentsOfDirectory(atPath: house.directory.path) where name != "portal" {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: house.directory.path + "/" + name))
            #expect(bytes.range(of: Data(token.utf8)) == nil)
            #expect(bytes.range(of: Data(raw)) == nil)
        }
    }

    @Test func `an account that asks all the time loses its oldest tokens, and no other's`() async throws {
        try await House.with { house in
            let tokens = house.engine.tokens
            let (greedy, modest) = (try await house.account("GREEDY"), try await house.account("MODEST"))
            let kept = try await tokens.issue(to: modest)
            var all: [String] = []
            for _ in 0..<TokenStore.tokensPerAccountMax + 3 { all.append(try await tokens.issue(to: greedy)) }
            #expect(all.map { tokens.account(of: $0) == nil } == all.indices.map { $0 < 3 })
            #expect(tokens.account(of: kept) == modest.key)
            #expect(tokens.count == TokenStore.tokensPerAccountMax + 1)
            #expect(try await house.engine.store.tokens().count == TokenStore.tokensPerAccountMax + 1)
        }
    }
}
