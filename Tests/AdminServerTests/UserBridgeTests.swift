import AdminProtocol
import AdminServer
import Administration
import Engine
import Messaging
import Store
import Synchronization
import Testing

/// Users and the audit trail, asked as the protocol asks, of a real engine.
@Suite("What the administration says of users")
struct UserBridgeTests {
    private static func add(
        _ bridge: TestBridge, _ name: String, account: String = "", rights: [String] = []
    ) async throws -> AdminUserLink {
        var add = AdminUserAdd()
        (add.name, add.account, add.rights) = (name, account, rights)
        guard case .userLink(let link) = try await bridge.handle(.userAdd(add)) else { throw StoreFailure.closed }
        return link
    }

    @Test func `a user is added with a link, listed, changed, disabled and reset`() async throws {
        try await RouteBridgeTests.with { bridge in
            let link = try await Self.add(bridge, "Zhang.Min", account: "j10003")
            #expect(link.path.hasPrefix("/portal/welcome/") && link.path.utf8.count == 48)
            #expect(link.expiresAtMs == 1_720_497_600_000 + 1_800_000)
            #expect(link.user.account == "J10003" && !link.user.hasPassword_p && link.user.enabled)
            #expect(link.user.rights == ["send", "records", "bills", "manage", "full-numbers"])
            _ = try await Self.add(bridge, "op", rights: ["view"])

            var list = AdminUserList()
            list.limit = 1
            guard case .users(let first) = try await bridge.handle(.userList(list)) else { return }
            list.cursor = first.nextCursor
            guard case .users(let second) = try await bridge.handle(.userList(list)) else { return }
            #expect(first.users.map(\.name) == ["op"] && second.users.map(\.name) == ["Zhang.Min"])
            #expect(first.users[0].account.isEmpty && second.nextCursor.isEmpty)

            var set = AdminUserSet()
            set.name = "ZHANG.MIN"
            set.rights.texts = ["send"]
            set.language = "en"
            set.mustChangePassword = true
            guard case .user(let changed) = try await bridge.handle(.userSet(set)) else { return }
            #expect(changed.rights == ["send"] && changed.language == "en" && changed.mustChangePassword)

            var enable = AdminUserEnable()
            enable.name = "zhang.min"
            guard case .user(let disabled) = try await bridge.handle(.userEnable(enable)) else { return }
            #expect(!disabled.enabled)
            var reset = AdminUserResetPassword()
            reset.name = "zhang.min"
            guard case .userLink(let again) = try await bridge.handle(.userResetPassword(reset)) else { return }
            #expect(again.path != link.path)
        }
    }

    @Test func `what is not allowed is refused with the field to blame`() async throws {
        try await RouteBridgeTests.with { bridge in
            _ = try await Self.add(bridge, "taken")
            func code(_ call: AdminRequest.OneOf_Call) async -> String {
                do {
                    _ = try await bridge.handle(call)
                    return "done"
                } catch {
                    return "\(error.code) \(error.field)"
                }
            }
            func adding(_ name: String, _ account: String = "", _ rights: [String] = []) -> AdminRequest.OneOf_Call {
                var add = AdminUserAdd()
                (add.name, add.account, add.rights) = (name, account, rights)
                return .userAdd(add)
            }
            #expect(await code(adding("a b")) == "invalidArgument name")
            #expect(await code(adding("TAKEN")) == "alreadyExists ")
            #expect(await code(adding("new1", "NOBODY")) == "notFound ")
            #expect(await code(adding("new1", "J10003", ["users"])) == "invalidArgument rights")
            #expect(await code(adding("new1", "", ["send"])) == "invalidArgument rights")
            var set = AdminUserSet()
            set.name = "taken"
            set.language = "fr"
            #expect(await code(.userSet(set)) == "invalidArgument language")
            set.name = "nobody"
            #expect(await code(.userSet(set)) == "notFound ")
            var end = AdminUserSessionEnd()
            (end.name, end.session) = ("taken", String(repeating: "0", count: 32))
            #expect(await code(.userSessionEnd(end)) == "notFound ")
            var list = AdminAuditList()
            list.cursor = "x"
            #expect(await code(.auditList(list)) == "invalidArgument cursor")
        }
    }

    @Test func `one account's manager reaches no other's users, and nobody shuts out the own user`() async throws {
        try await RouteBridgeTests.withEngine { bridge, engine in
            _ = try await Self.add(bridge, "zhangmin", account: "J10003")
            _ = try await Self.add(bridge, "op")
            let manager = Administration(engine: engine, version: "t", logger: TestServer.logger, residentBytes: { 0 })
                .asked(by: .portalUser("ZhangMin", address: "10.0.0.1"))
            #expect(try manager.user("zhangmin", within: "J10003").user.name == "zhangmin")
            func kind(_ body: () async throws -> Void) async -> AdministrationError.Kind? {
                do {
                    try await body()
                    return nil
                } catch {
                    return (error as? AdministrationError)?.kind
                }
            }
            #expect(await kind { _ = try manager.user("op", within: "J10003") } == .notFound)
            #expect(await kind { _ = try await manager.enableUser("op", false, within: "J10003") } == .notFound)
            #expect(await kind { _ = try await manager.resetPassword("op", within: "J10003") } == .notFound)
            #expect(await kind { _ = try manager.sessions(of: "op", within: "J10003") } == .notFound)
            #expect(await kind { _ = try await manager.enableUser("zhangmin", false, within: "J10003") } == .invalid)
            #expect(await kind { _ = try await manager.setUser("zhangmin", rights: ["send"]) } == .invalid)
            #expect(await kind { _ = try await manager.resetPassword("zhangmin") } == .invalid)
        }
    }

    @Test func `every change is in the audit trail with who, from where, what, before and after, without secrets`()
        async throws
    {
        try await RouteBridgeTests.withEngine { bridge, engine in
            let administration = Administration(
                engine: engine, version: "t", logger: TestServer.logger, residentBytes: { 0 })
            let asked = administration.asked(by: .portalUser("liwei", address: "10.0.0.2"))
            _ = try await asked.setAccount(
                "J10003", [Setting("name", .text("New")), Setting("api_password", .text("vk3TqzRm9w-next"))])
            _ = try await asked.recharge("J10003", amount: 5_000, unit: nil, note: "invoice")
            _ = try await asked.changeBlacklist(of: "J10003", add: ["13800138000"], remove: [], reason: "")
            let link = try await Self.add(bridge, "zhangmin", account: "J10003")
            try await engine.proveAlive()
            let page = try await administration.audit(AuditQuery())
            let entries = page.entries.map(\.entry)
            #expect(
                entries.prefix(4).map { "\($0.user) \($0.address) \($0.action) \($0.target)" } == [
                    "uid 0 local pid 1 user add zhangmin", "liwei 10.0.0.2 blacklist change J10003",
                    "liwei 10.0.0.2 account recharge J10003", "liwei 10.0.0.2 account set J10003",
                ])
            #expect(entries[3].after == "name=New api_password=(secret)")
            #expect(entries[3].before.hasPrefix("name=") && !entries[3].before.contains("New"))
            #expect(entries[2].after == "amount_units=5000" && entries[2].before.hasPrefix("balance_units="))
            let all = entries.map { "\($0)" }.joined()
            #expect(!all.contains("vk3TqzRm9w") && !all.contains(link.path.suffix(32)))
            let (rows, wrong) = try await administration.verifyAudit()
            #expect(rows == entries.count && wrong == nil)
            #expect(try await administration.audit(AuditQuery(user: "LIWEI", limit: 2)).entries.count == 2)
        }
    }

    private static let senseless = [
        ["user", "add", "zhangmin"], ["user", "add", "zhangmin", "--operator", "--account", "J10003"],
        ["user", "add", "a b", "--operator"], ["user", "add", "zhangmin", "--operator", "--rights", "root"],
        ["user", "add", "zhangmin", "--operator", "--rights", ""], ["user", "set", "zhangmin"],
        ["user", "set", "zhangmin", "--language", "fr"], ["user", "sessions", "zhangmin", "--end", "x"],
        ["user", "sessions", "zhangmin", "--end-all", "--end", "00112233445566778899aabbccddeeff"],
        ["user", "disable"], ["audit", "list", "--limit", "-1"],
    ]

    @Test func `arguments that make no sense are refused before anything is asked`() async throws {
        try await TestServer.run { test in
            for arguments in Self.senseless {
                let outcome = try await Program.run(
                    try Program.yizhan, arguments, environment: ["YIZHAN_ADMIN_SOCKET": test.path])
                #expect(outcome.status == 64, "\(arguments): \(outcome.errors)")
            }
            #expect(test.handler.state.withLock { $0.begun } == 0)
        }
    }
}
