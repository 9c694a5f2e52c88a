import AdminProtocol
import AdminServer
import Administration
import Synchronization
import Testing

@Suite("The command line against a running appliance")
struct CommandLineTests {
    private static func run(
        _ test: TestServer, _ arguments: [String], input: String = ""
    ) async throws -> Program.Outcome {
        try await Program.run(
            try Program.yizhan, arguments, input: input, environment: ["YIZHAN_ADMIN_SOCKET": test.path])
    }

    @Test func `accounts are listed for people and for programs`() async throws {
        try await TestServer.run { test in
            let text = try await Self.run(test, ["account", "list"])
            #expect(text.status == 0)
            #expect(
                text.output == """
                    ACCOUNT  STATE       BALANCE  UNIT        CREDIT     PRICE  TODAY  MONTH  NAME
                    J10003   enabled  100.000000  yuan      0.000000  0.029000      3      0  驿站
                    J10004   enabled   100000000  segments         0  0.029000      3      0  驿站

                    """)
            let list = try JSONNode(try await Self.run(test, ["account", "list", "--json"]).output)
            let accounts = list["accounts"].array
            try #require(accounts.count == 2)
            #expect(accounts.map { $0["id"].string } == ["J10003", "J10004"])
            #expect(accounts[0]["balance"].string == "100.000000")
            #expect(accounts[0]["balance_units"].integer == 100_000_000)
            #expect(accounts[0]["price_micro"].integer == 29_000)
            #expect(accounts[0]["today"]["messages"].integer == 3)
            #expect(accounts[1]["balance"].string == "100000000")
        }
    }

    @Test func `an account is added with all its settings`() async throws {
        try await TestServer.run { test in
            let outcome = try await Self.run(
                test,
                [
                    "account", "add", "j10005", "--api-password", "-", "--name", "N", "--price", "0.029",
                    "--payment", "postpaid", "--charge-by", "money", "--balance", "100.5", "--credit", "20",
                    "--api-key", "K", "--allow-plain-password", "--allow-ip", "10.0.0.0/8", "--allow-ip", "::1",
                    "--extension", "12", "--signature", "【驿站】", "--refund", "failed", "--json",
                ], input: "secret word\n")
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try JSONNode(outcome.output)["id"].string == "j10005")
            let settings = try #require(test.handler.state.withLock { $0.lastSettings })
            #expect(settings["api_password"] == .text("secret word"))
            #expect(settings["api_key"] == .text("K"))
            #expect(settings["price_micro"] == .integer(29_000))
            #expect(settings["payment"] == .text("postpaid"))
            #expect(settings["charge_by"] == .text("money"))
            #expect(settings["credit_units"] == .integer(20_000_000))
            #expect(settings["allow_plain_password"] == .flag(true))
            #expect(settings["allow_ip"] == .list(["10.0.0.0/8", "::1/128"]))
            #expect(settings["extension"] == .text("12"))
            #expect(settings["signature"] == .text("【驿站】"))
            #expect(settings["refund"] == .text("failed"))
            #expect(settings["connection_limit"] == nil)
        }
    }

    @Test func `setting sends only what was given`() async throws {
        try await TestServer.run { test in
            let outcome = try await Self.run(
                test, ["account", "set", "J10004", "--credit", "500", "--no-allow-plain-password", "--allow-ip", "any"])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let settings = try #require(test.handler.state.withLock { $0.lastSettings })
            // J10004 is charged by count.
            #expect(settings["credit_units"] == .integer(500))
            #expect(settings["allow_plain_password"] == .flag(false))
            #expect(settings["allow_ip"] == .list([]))
            #expect(
                settings["name"] == nil && settings["charge_by"] == nil && settings["api_password"] == nil
                    && settings["signature"] == nil)
        }
    }

    @Test func `a recharge may be negative`() async throws {
        try await TestServer.run { test in
            let outcome = try await Self.run(
                test, ["account", "recharge", "J10003", "-0.5", "--note", "-1 by mistake", "--json"])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try JSONNode(outcome.output)["balance"].string == "99.500000")
            #expect(test.handler.state.withLock { $0.note } == "-1 by mistake")
            let fraction = try await Self.run(test, ["account", "recharge", "J10004", "0.5"])
            #expect(fraction.status == 64)
            #expect(fraction.errors.contains("a whole number of segments"))
        }
    }

    @Test func `a channel is added, set and shown`() async throws {
        try await TestServer.run { test in
            let add = try await Self.run(
                test,
                [
                    "channel", "add", "sim", "--dialect", "operator-v2", "--url", "http://127.0.0.1:1", "--user", "U",
                    "--password", "P", "--number", "10690012122", "--rate", "500", "--connections", "4",
                    "--priority", "-1", "--carriers", "unicom,mobile",
                ])
            #expect(add.status == 0, "\(add.errors)")
            let settings = try #require(test.handler.state.withLock { $0.lastChannel })
            #expect(
                settings["dialect"] == .text("operator-v2") && settings["password"] == .text("P")
                    && settings["rate"] == .integer(500))
            #expect(settings["priority"] == .integer(-1) && settings["networks"] == .list(["mobile", "unicom"]))
            let set = try await Self.run(test, ["channel", "set", "sim", "--rate", "0", "--json"])
            #expect(try JSONNode(set.output)["health"].string == "healthy")
            #expect(test.handler.state.withLock { $0.lastChannel?["url"] } == nil)
            #expect(test.handler.state.withLock { $0.lastChannel?["rate"] } == .integer(0))
            for arguments in [["list"], ["show", "sim"], ["disable", "sim"], ["enable", "sim"]] {
                #expect(try await Self.run(test, ["channel"] + arguments).output.contains("10690012122"))
            }
        }
    }

    @Test func `a message's timeline is shown whole, and cannot drive a terminal`() async throws {
        try await TestServer.run { test in
            let text = try await Self.run(test, ["message", "show", "17179869185"])
            #expect(text.output.contains("2017-01-01 00:00:00.456  report    UNDELIV"))
            #expect(text.output.contains("hello\u{FFFD}[31m"))
            let json = try JSONNode(try await Self.run(test, ["message", "show", "17179869185", "--json"]).output)
            #expect(json["msgid"].integer == 17_179_869_185)
            #expect(json["charged"].string == "0.029000")
            #expect(json["content"].string == "hello\u{1B}[31m")
            #expect(json["events"].array.map { $0["kind"].string } == ["accepted", "report"])
        }
    }

    @Test func `the ledger is sound with exit 0 and a line, or not with exit 1 and each difference`() async throws {
        try await TestServer.run { test in
            let sound = try await Self.run(test, ["ledger", "verify"])
            #expect(sound.status == 0)
            #expect(sound.output == "ledger sound: 2 accounts, 5 entries, 99.971000 yuan, 7 segments\n")
            test.handler.state.withLock { $0.isLedgerSound = false }
            let unsound = try await Self.run(test, ["ledger", "verify"])
            #expect(unsound.status == 1)
            #expect(unsound.output.hasPrefix("J10003: balance 1.000000 yuan, ledger 2.000000 yuan\nand 1 more\n"))
            let json = try await Self.run(test, ["ledger", "verify", "--json"])
            #expect(json.status == 1)
            #expect(try JSONNode(json.output)["sound"].bool == false)
        }
    }

    @Test func `the status is shown`() async throws {
        try await TestServer.run { test in
            let text = try await Self.run(test, ["status"])
            #expect(text.output.hasPrefix("yizhan    0.1.0, pid 42, up 1d 02:03:04\nhealth    healthy\n"))
            let json = try JSONNode(try await Self.run(test, ["status", "--json"]).output)
            #expect(json["rss_bytes"].integer == 64 << 20)
            #expect(json["channels"].array.first?["name"].string == "sim")
            #expect(json["ever"]["accepted_messages"].natural == .max)
        }
    }

    @Test func `what the server refuses is a sentence and exit 1`() async throws {
        try await TestServer.run { test in
            let outcome = try await Self.run(test, ["account", "show", "NOBODY"])
            #expect(outcome.status == 1)
            #expect(outcome.errors == "yizhan: there is no account NOBODY\n")
            #expect(outcome.output.isEmpty)
        }
    }

    @Test func `a socket that nobody serves is named, with exit 69`() async throws {
        try await TestServer.withFolder { folder in
            let path = folder + "/none.sock"
            let outcome = try await Program.run(try Program.yizhan, ["status", "--admin-socket", path])
            #expect(outcome.status == 69)
            #expect(
                outcome.errors
                    == "yizhan: cannot connect to \(path): there is no such socket; is yizhan running? "
                    + "(systemctl status yizhan)\n")
        }
    }

    @Test(arguments: [
        ["nonsense"], ["account"], ["account", "add"], ["account", "add", "J10003"],
        ["account", "add", "J1", "--api-password", "x"], ["account", "show", "J/1"],
        ["account", "add", "A234567890123456789012345678901234", "--api-password", "x", "--price", "1"],
        ["account", "set", "J1", "--login", "J1"], ["account", "set", "J1", "--login", "telex=J1"],
        ["account", "set", "J1", "--login", "operator-v2=TOOLONG"], ["account", "set", "J1", "--allow-weak-password"],
        ["message", "list", "--refused", "--state", "uncertain"],
        ["account", "add", "J1", "--api-password", "x", "--price", "-1"],
        ["account", "add", "J1", "--api-password", "x", "--price", "0.0000001"],
        ["account", "add", "J1", "--api-password", "x", "--price", "1", "--payment", "never"],
        ["account", "add", "J1", "--api-password", "x", "--charge-by", "count", "--balance", "0.5"],
        ["account", "add", "J1", "--api-password", "x", "--price", "1", "--credit=-1"],
        ["account", "add", "J1", "--api-password", "x", "--price", "1", "--allow-ip", "10.0.0.0/33"],
        ["account", "add", "J1", "--api-password", "x", "--price", "1", "--extension", "12a"],
        ["account", "add", "J1", "--api-password", "x", "--price", "1", "--signature", "驿站"],
        ["account", "set", "J1"], ["account", "recharge", "J1", "much"], ["account", "recharge", "J1"],
        ["channel", "add", "x"], ["channel", "set", "x"], ["channel", "set", "x", "--carriers", "pigeon"],
        ["channel", "set", "x", "--url", "ftp://h"], ["channel", "set", "x", "--connections", "0"],
        ["route", "set", "x", "--account", ""], ["route", "set", "x", "--prefix", "138,"],
        ["route", "set", "x", "--retry-on", "none,MK:0001"], ["rule", "set", "J1", "--frequency", ""],
        ["message", "show", "abc"], ["message", "show", "99999999999999999999"], ["ledger", "verify", "extra"],
        ["status", "--admin-socket"],
    ])
    func `wrong arguments are a sentence and exit 64`(_ arguments: [String]) async throws {
        let outcome = try await Program.run(
            try Program.yizhan, arguments, environment: ["YIZHAN_ADMIN_SOCKET": "/nonexistent/socket"])
        if arguments == ["account"] {
            #expect(outcome.status == 0, "a family alone shows its help")
        } else {
            #expect(outcome.status == 64, "\(outcome.errors)")
            #expect(outcome.errors.hasPrefix("Error: "))
        }
    }
}
