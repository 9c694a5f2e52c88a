import Messaging
import Testing

struct UserTests {
    @Test func `each right has a name of its own and is somebody's`() {
        let all = UserRights.ofCustomers.union(.ofOperators)
        #expect(all.names.count == 9 && Set(all.names).count == 9)
        for name in all.names { #expect(UserRights(name: name)?.names == [name]) }
        #expect(UserRights(name: "root") == nil && UserRights(name: "") == nil)
        #expect(UserRights.ofCustomers.intersection(.ofOperators) == .fullNumbers)
        #expect(UserRights([.send, .bills]).names == ["send", "bills"])
    }

    @Test func `a user never has rights of the other kind`() {
        let all = UserRights.ofCustomers.union(.ofOperators)
        func rights(_ home: User.Home) -> UserRights {
            User(id: 1, name: "ab", home: home, rights: all, createdAt: Timestamp(milliseconds: 0)).rights
        }
        #expect(rights(.operators) == .ofOperators && rights(.account(1)) == .ofCustomers)
    }

    @Test(arguments: ["ab", "Zhang.Min", "a_b-c@d.example", String(repeating: "x", count: 64)])
    func `names`(name: String) { #expect(User.isValidName(name)) }

    @Test(arguments: ["", "a", "a b", "张敏", "a/b", "a\0b", "a:b", String(repeating: "x", count: 65)])
    func `no names`(name: String) { #expect(!User.isValidName(name)) }

    typealias Weakness = UserPasswordRule.Weakness

    @Test(
        arguments: [
            ("", .tooShort), ("vk3Tqzs", .tooShort), ("vk3TqzRm", nil), (String(repeating: "密", count: 90), .tooLong),
            ("password", .common), ("Password1!", .common), ("admin@12345", .common), ("88888888", .common),
            ("aaaaaaaaa", .pattern), ("ababababab", .pattern), ("23456789", .pattern), ("hgfedcba", .pattern),
            ("zhangmin", .hasName), ("xZHANGMINx1", .hasName), ("zhangmi_n77", nil), ("密码不在表里面的", nil),
        ] as [(String, Weakness?)])
    func `a password that people guess is not taken`(password: String, weakness: Weakness?) {
        #expect(UserPasswordRule.weakness(of: password, name: "ZhangMin") == weakness, "\(password)")
    }

    @Test func `a name of two letters may be in a password`() {
        #expect(UserPasswordRule.weakness(of: "vk3TlqzRm", name: "lq") == nil)
    }

    // MARK: Sessions

    private static func session(_ at: Int64 = 0) throws -> UserSession {
        let id = try #require(SessionID("00112233445566778899aabbccddeeff"))
        return UserSession(
            id: id, user: 1, at: Timestamp(milliseconds: at), address: "10.0.0.1",
            agent: String(repeating: "好", count: 300))
    }

    @Test func `a session lasts for 30 minutes without a request and for 12 hours at most`() throws {
        let minute: Int64 = 60_000
        var session = try Self.session()
        func isAlive(_ at: Int64) -> Bool { session.isAlive(at: Timestamp(milliseconds: at)) }
        #expect(session.agent.unicodeScalars.count == 200)
        #expect(isAlive(0) && isAlive(30 * minute - 1) && !isAlive(30 * minute))
        session.seenAt = Timestamp(milliseconds: 11 * 60 * minute + 59 * minute)
        #expect(isAlive(12 * 60 * minute - 1) && !isAlive(12 * 60 * minute))
        // One that was made by a clock which was ahead does not last for ever.
        #expect(!isAlive(-10 * minute))
    }

    @Test func `the password counts as just shown for 30 minutes`() throws {
        let session = try Self.session()
        #expect(session.isAuthenticated(at: Timestamp(milliseconds: 30 * 60_000 - 1)))
        #expect(!session.isAuthenticated(at: Timestamp(milliseconds: 30 * 60_000)))
    }

    @Test(arguments: [
        "", "00112233445566778899aabbccddeef", "00112233445566778899AABBCCDDEEFF", "0011223344556677'899aabbccddeef",
    ])
    func `no session ids`(text: String) { #expect(SessionID(text) == nil) }

    // MARK: Audit

    private static func entry(
        user: String = "u", target: String = "t", before: String = "", after: String = ""
    ) -> AuditEntry {
        AuditEntry(
            at: Timestamp(milliseconds: 5), user: user, address: "a", action: "account set", target: target,
            before: before, after: after)
    }

    @Test func `what is digested of an entry differs with each of its parts and with their borders`() {
        let entries = [
            Self.entry(), Self.entry(user: "ut", target: ""), Self.entry(user: "", target: "ut"),
            Self.entry(before: "x"), Self.entry(after: "x"),
        ]
        var all = entries.map { $0.chained(to: [], id: 1) }
        all.append(Self.entry().chained(to: [0], id: 1))
        all.append(Self.entry().chained(to: [], id: 2))
        #expect(Set(all).count == all.count)
        #expect(Self.entry().chained(to: [7], id: 1) == Self.entry().chained(to: [7], id: 1))
    }

    @Test func `fields have a bound, and cutting twice is cutting once`() {
        let long = String(repeating: "长", count: 5_000)
        let entry = Self.entry(after: long)
        #expect(entry.after.unicodeScalars.count == 4_001 && entry.after.hasSuffix("…"))
        #expect(Self.entry(after: entry.after).after == entry.after)
        #expect(Self.entry(user: "a\0b").user == "a\u{FFFD}b")
    }
}
