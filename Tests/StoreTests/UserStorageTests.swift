import Foundation
import GRDB
import Messaging
import Testing

@testable import Store

struct UserStorageTests {
    private static func user(_ name: String = "Zhang.Min", home: User.Home = .operators) -> User {
        User(id: 0, name: name, home: home, rights: home.rights, createdAt: World.noon)
    }

    private static func session(_ digit: Character, of user: UserKey) throws -> StoredSession {
        let id = try #require(SessionID(String(repeating: digit, count: 32)))
        return StoredSession(
            session: UserSession(id: id, user: user, at: World.noon, address: "10.0.0.1", agent: "browser"),
            digest: [UInt8](repeating: 7, count: 32))
    }

    private func stored(_ world: World, _ key: UserKey) async throws -> StoredUser {
        try #require(try await world.store.users().first { $0.user.id == key })
    }

    @Test func `a user comes back as it was stored, and its name is taken in whatever case`() async throws {
        var world = try World()
        let account = try await world.account()
        let added = try await world.store.insert(Self.user(home: .account(account)))
        _ = try await world.store.insert(Self.user("other"))
        await #expect(throws: StoreFailure.alreadyExists) {
            _ = try await world.store.insert(Self.user("ZHANG.min"))
        }
        let login = User.Login(at: World.noon, address: "10.0.0.9")
        try await world.store.change(
            added.id,
            [
                .rights([.send, .bills]), .language(.english), .enabled(false), .password("$hash", mustChange: true),
                .totp([1, 2, 3], step: 77), .login(login),
            ])
        try await world.reopen()
        let read = try await stored(world, added.id)
        #expect(read.password == "$hash" && read.sealedTOTP == [1, 2, 3] && read.totpStep == 77)
        #expect(read.user.name == "Zhang.Min" && read.user.home == .account(account))
        #expect(read.user.rights == [.send, .bills] && read.user.language == .english)
        #expect(!read.user.isEnabled && read.user.mustChangePassword && read.user.hasPassword && read.user.hasTOTP)
        #expect(read.user.lastLogin == login && read.user.createdAt == World.noon)
        #expect(try await world.store.users().count == 2)
    }

    @Test func `a code's step is taken once, and none before it`() async throws {
        let world = try World()
        let key = try await world.store.insert(Self.user()).id
        try await world.store.change(key, [.totp([1], step: 10)])
        for step in [Int64(9), 10] {
            await #expect(throws: StoreFailure.alreadyExists) { try await world.store.change(key, [.totpStep(step)]) }
        }
        try await world.store.change(key, [.totpStep(11)])
        #expect(try await stored(world, key).totpStep == 11)
    }

    @Test func `each recovery code is used once, and new ones take the place of all`() async throws {
        let world = try World()
        let key = try await world.store.insert(Self.user()).id
        try await world.store.change(key, [.recoveryCodes([[1], [2], [3]])])
        try await world.store.change(key, [.useRecoveryCode([2], at: World.noon)])
        #expect(try await world.store.recoveryCodes(of: key) == [[1], [3]])
        for code in [[UInt8(2)], [9]] {
            await #expect(throws: StoreFailure.notFound) {
                try await world.store.change(key, [.useRecoveryCode(code, at: World.noon)])
            }
        }
        try await world.store.change(key, [.recoveryCodes([[4]])])
        #expect(try await world.store.recoveryCodes(of: key) == [[4]])
        try await world.store.change(key, [.totp(nil, step: -1)])
        #expect(try await world.store.recoveryCodes(of: key).isEmpty)
    }

    @Test func `a link is used once, and only the last one is good`() async throws {
        let world = try World()
        let user = try await world.store.insert(Self.user()) { key in
            [.link(StoredUserLink(digest: [1], user: key, expiresAt: World.noon))]
        }
        let second = StoredUserLink(digest: [2], user: user.id, expiresAt: World.noon)
        try await world.store.change(user.id, [.link(second)])
        #expect(try await world.store.userLinks() == [second])
        await #expect(throws: StoreFailure.notFound) {
            try await world.store.change(user.id, [.password("$x", mustChange: false), .useLink([1])])
        }
        #expect(try await stored(world, user.id).password == nil)
        try await world.store.change(user.id, [.useLink([2]), .password("$x", mustChange: false)])
        #expect(try await stored(world, user.id).password == "$x")
        #expect(try await world.store.userLinks().isEmpty)
    }

    @Test func `sessions are kept, renewed, seen and ended, and only by their user`() async throws {
        let world = try World()
        let (one, two) = (
            try await world.store.insert(Self.user()).id, try await world.store.insert(Self.user("two")).id
        )
        let (a, b, c) = (
            try Self.session("a", of: one), try Self.session("b", of: one), try Self.session("c", of: two)
        )
        for session in [a, b, c] { try await world.store.change(session.session.user, [.session(session)]) }
        let later = World.noon.adding(milliseconds: 60_000)
        await #expect(throws: StoreFailure.notFound) {
            try await world.store.change(two, [.renew(a.session.id, digest: [8], authenticatedAt: later)])
        }
        try await world.store.change(two, [.endSession(a.session.id)])
        try await world.store.change(one, [.renew(a.session.id, digest: [9], authenticatedAt: later)])
        try await world.store.keepSessions(
            seen: [b.session.id: later], ended: [c.session.id], linksEndedBy: World.noon)
        let sessions = try await world.store.sessions()
        #expect(sessions.map(\.session.id) == [a.session.id, b.session.id])
        #expect(sessions[0].digest == [9] && sessions[0].session.authenticatedAt == later)
        #expect(sessions[1].session.seenAt == later && sessions[1].session.agent == "browser")
        try await world.store.change(one, [.endSessions(except: b.session.id)])
        #expect(try await world.store.sessions().map(\.session.id) == [b.session.id])
    }

    @Test func `several changes are all made or none`() async throws {
        let world = try World()
        let key = try await world.store.insert(Self.user()).id
        await #expect(throws: StoreFailure.notFound) {
            try await world.store.change(key, [.enabled(false), .language(.english), .useLink([1])])
        }
        let read = try await stored(world, key)
        #expect(read.user.isEnabled && read.user.language == .chinese)
        await #expect(throws: StoreFailure.notFound) { try await world.store.change(99, [.enabled(true)]) }
    }
}

struct AuditStorageTests {
    /// Any function will do: the chain is what is tested.
    private static let digest: @Sendable ([UInt8]) -> [UInt8] = { bytes in
        var sum: UInt64 = 14_695_981_039_346_656_037
        for byte in bytes { sum = (sum ^ UInt64(byte)) &* 1_099_511_628_211 }
        return withUnsafeBytes(of: sum) { Array($0) }
    }

    private func add(_ world: World, _ entries: AuditEntry...) async throws {
        let failure = await withCheckedContinuation { done in
            world.store.add(entries, digest: Self.digest) { done.resume(returning: $0) }
        }
        if let failure { throw failure }
    }

    private static func entry(_ user: String, _ action: String, _ target: String) -> AuditEntry {
        AuditEntry(at: World.noon, user: user, address: "10.0.0.1", action: action, target: target, after: "x=1")
    }

    private func filled() async throws -> World {
        let world = try World()
        try await add(
            world, Self.entry("liwei", "account set", "J10003"), Self.entry("zhang", "account add", "J10004"))
        try await add(
            world, Self.entry("LiWei", "accountant set", "x"), Self.entry("liwei", "route set", "j10003"))
        return world
    }

    @Test func `entries are listed the latest first, by user, target and action, page after page`() async throws {
        let world = try await filled()
        func ids(_ query: AuditQuery) async throws -> [Int64] {
            try await world.store.audit(query).entries.map(\.id.rawValue)
        }
        #expect(try await ids(AuditQuery()) == [4, 3, 2, 1])
        #expect(try await ids(AuditQuery(user: "liwei")) == [4, 3, 1])
        #expect(try await ids(AuditQuery(target: "J10003")) == [4, 1])
        #expect(try await ids(AuditQuery(action: "account")) == [2, 1])
        #expect(try await ids(AuditQuery(action: "account add")) == [2])
        #expect(try await ids(AuditQuery(user: "liwei", action: "route")) == [4])
        let first = try await world.store.audit(AuditQuery(limit: 3))
        #expect(first.entries.map(\.id) == [4, 3, 2] && first.next == 2)
        let second = try await world.store.audit(AuditQuery(before: first.next, limit: 3))
        #expect(second.entries.map(\.id) == [1] && second.next == nil)
        #expect(second.entries.first?.entry == Self.entry("liwei", "account set", "J10003"))
    }

    @Test func `no row can be changed or removed by a statement`() async throws {
        let world = try await filled()
        for statement in ["UPDATE audit SET user = 'x' WHERE id = 1", "DELETE FROM audit WHERE id = 1"] {
            #expect(throws: (any Error).self) { try world.sql { try $0.execute(sql: statement) } }
        }
        #expect(try world.count("SELECT COUNT(*) FROM audit") == 4)
    }

    @Test(arguments: [
        ("UPDATE audit SET after = 'x=2' WHERE id = 2", 2), ("UPDATE audit SET at = at + 1 WHERE id = 4", 4),
        ("DELETE FROM audit WHERE id = 2", 3), ("DELETE FROM audit WHERE id = 1", 2),
        ("UPDATE audit SET digest = x'00' WHERE id = 3", 3),
    ])
    func `who tampers with the file is found out at the row`(statement: String, wrong: Int) async throws {
        let world = try await filled()
        func check() async throws -> AuditEntryID? {
            var (last, digest) = (AuditEntryID(0), [UInt8]())
            while let read = try await world.store.checkAudit(
                after: last, previous: digest, limit: 3, digest: Self.digest)
            {
                if let wrong = read.wrong { return wrong }
                (last, digest) = (read.last, read.digest)
            }
            #expect(last == 4)
            return nil
        }
        #expect(try await check() == nil)
        try world.sql { db in
            try db.execute(sql: "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete")
            try db.execute(sql: statement)
        }
        #expect(try await check() == AuditEntryID(Int64(wrong)))
    }
}
