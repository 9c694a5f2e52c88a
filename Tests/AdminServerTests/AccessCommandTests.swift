import AdminProtocol
import AdminServer
import Administration
import Engine
import Foundation
import Messaging
import Synchronization
import Testing

@Suite("Who may come in, and who was not let in")
struct AccessCommandTests {
    // MARK: The command line

    private static func run(
        _ test: TestServer, _ arguments: [String], input: String = ""
    ) async throws -> Program.Outcome {
        try await Program.run(
            try Program.yizhan, arguments, input: input, environment: ["YIZHAN_ADMIN_SOCKET": test.path])
    }

    @Test func `an account without a password gets a strong one, which is printed once`() async throws {
        try await TestServer.run { test in
            let text = try await Self.run(test, ["account", "add", "new.one", "--price", "1"])
            #expect(text.status == 0, "\(text.errors)")
            let first = try #require(test.handler.state.withLock { $0.lastSettings?.text("api_password") })
            #expect(text.output.hasPrefix("interface password, shown only now: \(first)\n"))
            #expect(text.output.components(separatedBy: first).count == 2)
            #expect(first.count == 20 && PasswordRule.weakness(of: first, account: "new.one") == nil)
            let json = try await Self.run(test, ["account", "add", "new.two", "--price", "1", "--json"])
            let second = try #require(test.handler.state.withLock { $0.lastSettings?.text("api_password") })
            #expect(try JSONNode(json.output)["api_password"].string == second && second != first)
            let given = try await Self.run(
                test, ["account", "add", "new3", "--price", "1", "--api-password", "-", "--json"],
                input: "secret word\n")
            #expect(given.status == 0 && !given.output.contains("api_password"))
        }
    }

    @Test func `logins are sent, and the permission for weak passwords`() async throws {
        try await TestServer.run { test in
            let set = try await Self.run(
                test, ["account", "set", "J10003", "--login", "operator-v2=AB12", "--login", "guodu="])
            #expect(set.status == 0, "\(set.errors)")
            let settings = try #require(test.handler.state.withLock { $0.lastSettings })
            #expect(
                settings["logins"] == .list(["operator-v2=AB12", "guodu="])
                    && settings["allow_weak_password"] == nil)
            _ = try await Self.run(
                test, ["account", "set", "J10003", "--api-password", "111111", "--allow-weak-password"])
            #expect(test.handler.state.withLock { $0.lastSettings?["allow_weak_password"] } == .flag(true))
        }
    }

    @Test func `refusals are listed for people and for programs`() async throws {
        try await TestServer.run { test in
            let text = try await Self.run(test, ["message", "list", "--refused", "--number", "13800138000"])
            #expect(text.status == 0, "\(text.errors)")
            let lines = text.output.split(separator: "\n").map { line in
                line.split(separator: " ").joined(separator: " ")
            }
            let rest = "13800138000 frequency -100998 operator-v2 10.0.0.1 2024-07-09 12:00:00.000"
            #expect(
                lines == [
                    "LAST (CHINA) TIMES ACCOUNT MOBILE RULE CODE DIALECT FROM FIRST (CHINA)",
                    "2024-07-09 12:01:00.000 3 J10003 " + rest, "2024-07-09 12:01:00.000 3 'NOBODY' " + rest,
                ])
            let json = try JSONNode(
                try await Self.run(test, ["message", "list", "--refused", "--limit", "1", "--json"]).output)
            #expect(json["refusals"].array.count == 1)
            #expect(json["refusals"].array.first?["rule"].string == "frequency")
            #expect(json["refusals"].array.first?["times"].integer == 3)
        }
    }

    // MARK: A real engine

    private static func account(
        _ bridge: TestBridge, _ call: AdminRequest.OneOf_Call
    ) async throws -> AdminAccount {
        guard case .account(let account) = try await bridge.handle(call) else { throw AdminClient.unexpected }
        return account
    }

    private static func refuses(_ bridge: TestBridge, _ call: AdminRequest.OneOf_Call) async -> Bool {
        do {
            _ = try await bridge.handle(call)
            return false
        } catch {
            return true
        }
    }

    private static func set(
        _ bridge: TestBridge, _ change: (inout [AdminSetting]) -> Void
    ) async throws -> AdminAccount {
        var set = AdminAccountSet()
        set.id = "j10003"
        change(&set.settings)
        return try await account(bridge, .accountSet(set))
    }

    @Test func `weak secrets are refused, with what to do`() async throws {
        try await RouteBridgeTests.with { bridge in
            let weak = [
                ("api_password", "111111"), ("api_key", "shortkey"), ("client_secret", "password123"),
                ("app_secret", "J10003J10003"),
            ]
            for (key, secret) in weak {
                var set = AdminAccountSet()
                set.id = "j10003"
                set.settings[key] = .text(secret)
                do {
                    _ = try await Self.account(bridge, .accountSet(set))
                    Issue.record("a weak secret was taken")
                } catch {
                    #expect("\(error)".contains("--allow-weak-password"))
                }
                set.settings["allow_weak_password"] = .flag(true)
                _ = try await Self.account(bridge, .accountSet(set))
            }
            _ = try await Self.set(bridge) { $0["api_password"] = .text("vk3TqzRm9w") }
            // What is not given is not judged, and an empty one removes it.
            _ = try await Self.set(bridge) { $0["name"] = .text("N") }
            #expect(try await Self.set(bridge) { $0["api_key"] = .text("") }.settings["api_key"] == .flag(false))
            var add = AdminAccountAdd()
            add.id = "OTHER"
            add.settings["api_password"] = .text("1234567890")
            #expect(await Self.refuses(bridge, .accountAdd(add)))
        }
    }

    @Test func `logins are kept, shown for each dialect, and unique in it`() async throws {
        try await RouteBridgeTests.with { bridge in
            var add = AdminAccountAdd()
            add.id = "shop.main"
            add.settings["api_password"] = .text("vk3TqzRm9w")
            add.settings["logins"] = .list(["operator-v2=J10003"])
            #expect(await Self.refuses(bridge, .accountAdd(add)))
            add.settings["logins"] = nil
            let added = try await Self.account(bridge, .accountAdd(add))
            #expect(added.settings.logins["operator-v2"] == nil && added.settings.logins["guodu"] == "shop.main")
            let changed = try await Self.set(bridge) { $0["logins"] = .list(["operator-v2=ab12", "api-v1=old.name"]) }
            #expect(changed.settings.logins["operator-v2"] == "AB12" && changed.settings.logins["api-v1"] == "old.name")
            #expect(changed.settings.logins["guodu"] == "J10003")
            let emptied = try await Self.set(bridge) { $0["logins"] = .list(["api-v1="]) }
            #expect(emptied.settings.logins["operator-v2"] == "AB12" && emptied.settings.logins["api-v1"] == "J10003")
            for logins in ["telex=A", "operator-v2=TOOLONG", "guodu=a b", "guodu=shop.MAIN"] {
                var set = AdminAccountSet()
                set.id = "J10003"
                set.settings["logins"] = .list([logins])
                #expect(await Self.refuses(bridge, .accountSet(set)), "\(logins)")
            }
        }
    }

    @Test func `a lock-out is shown with where and until when, listed, and lifted`() async throws {
        try await RouteBridgeTests.withEngine { bridge, engine in
            func guess() -> Rejection? {
                do throws(Rejection) {
                    _ = try engine.authenticator.admit(
                        id: "J10003", address: [10, 0, 0, 1], find: { $0.account(login: "J10003", in: .guodu) },
                        verify: { _, _ in .credentialsWrong })
                    return nil
                } catch {
                    return error
                }
            }
            for _ in 0..<5 { _ = guess() }
            #expect(guess() == .lockedOut)
            var show = AdminAccountShow()
            show.id = "J10003"
            let locked = try await Self.account(bridge, .accountShow(show))
            #expect(locked.locks.map(\.address) == ["10.0.0.1"])
            #expect(locked.locks.map(\.untilMs) == [1_720_497_600_000 + 300_000])
            guard case .status(let status) = try await bridge.handle(.statusShow(AdminStatusShow())) else {
                throw AdminClient.unexpected
            }
            #expect(status.sinceStart.failedLogins == 5 && status.sinceStart.slowedLogins == 1)
            var unlock = AdminAccountUnlock()
            unlock.id = "J10003"
            #expect(try await Self.account(bridge, .accountUnlock(unlock)).locks.isEmpty)
            #expect(guess() == .credentialsWrong)
            unlock.id = "NOBODY"
            #expect(await Self.refuses(bridge, .accountUnlock(unlock)))
        }
    }

    @Test func `refusals are found by account, by a name that was tried, by number and day`() async throws {
        try await RouteBridgeTests.withEngine { bridge, engine in
            let number = try #require(engine.accounts.directory.account(id: "J10003")).key
            let key = Refusal.Key(account: number, dialect: "guodu", code: "06", rule: "frequency")
            engine.refusals.note(key, mobiles: ["13800138000"])
            engine.refusals.note(
                Refusal.Key(account: 0, name: "NOBODY", dialect: "guodu", code: "04", rule: "password"), mobiles: [])
            func list(_ change: (inout AdminRefusalList) -> Void) async throws -> [AdminRefusal] {
                var list = AdminRefusalList()
                change(&list)
                guard case .refusals(let refusals) = try await bridge.handle(.refusalList(list)) else {
                    throw AdminClient.unexpected
                }
                return refusals.refusals
            }
            #expect(try await list { _ in }.count == 2)
            #expect(try await list { $0.account = "j10003" }.map(\.rule) == ["frequency"])
            #expect(try await list { $0.account = "nobody" }.map(\.name) == ["NOBODY"])
            #expect(try await list { $0.number = "+8613800138000" }.map(\.account) == ["J10003"])
            #expect(try await list { $0.day = 20_240_708 }.isEmpty)
            var wrong = AdminRefusalList()
            wrong.day = 7
            #expect(await Self.refuses(bridge, .refusalList(wrong)))
            wrong.day = 0
            wrong.cursor = "x"
            #expect(await Self.refuses(bridge, .refusalList(wrong)))
        }
    }
}
