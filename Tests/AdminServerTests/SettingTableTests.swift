import AdminProtocol
import AdminServer
import Administration
import Foundation
import Logging
import Messaging
import Synchronization
import Testing

/// The tables of settings, and what is made of their lines.
struct SettingTableTests {
    private static let tables: [(name: String, options: [SettingOption])] = [
        ("AccountAdd, AccountSet", AccountSettings.table.options),
        ("ChannelAdd, ChannelSet", ChannelSettings.table.options),
        ("RouteAdd, RouteSet", RouteSettings.table.options), ("RuleSet", RuleSettings.table.options),
    ]

    /// The part of PROTOCOL.md that is made from the tables.
    private static var page: String {
        tables.map { table in
            let rows = table.options.map { option in
                "| `\(option.key)` | \(option.kind.shape) | \(option.kind.form) | `--\(option.flag)` |"
            }
            let head = ["### \(table.name)", "", "| key | value | takes | flag |", "|---|---|---|---|"]
            return (head + rows).joined(separator: "\n")
        }.joined(separator: "\n\n") + "\n"
    }

    @Test func `PROTOCOL_md has every setting as the tables have it`() throws {
        let path = Program.root + "/Sources/AdminProtocol/PROTOCOL.md"
        var text = try String(contentsOfFile: path, encoding: .utf8)
        if ProcessInfo.processInfo.environment["YIZHAN_WRITE_SETTINGS"] != nil {
            let head = try #require(text.range(of: "## Settings\n\n")).upperBound
            text = text[..<head] + Self.page
            try Data(text.utf8).write(to: URL(filePath: path))
        }
        #expect(text.hasSuffix("## Settings\n\n" + Self.page))
    }

    @Test func `no key and no flag is used twice in a table`() {
        for (name, options) in Self.tables {
            #expect(Set(options.map(\.key)).count == options.count, "\(name)")
            let flags = options.flatMap { [$0.flag] + ($0.oldFlag.map { [$0] } ?? []) }
            #expect(Set(flags).count == flags.count, "\(name)")
        }
    }

    @Test(arguments: [
        (["route", "set", "vip", "--carrier", "unicom"], ["route", "set", "--help"], "--carrier"),
        (["channel", "set", "sim", "--carriers", "unicom"], ["channel", "set", "--help"], "--carriers"),
    ])
    func `an earlier spelling is accepted and not shown`(
        _ arguments: [String], _ help: [String], _ flag: String
    ) async throws {
        try await TestServer.run { test in
            let environment = ["YIZHAN_ADMIN_SOCKET": test.path]
            let outcome = try await Program.run(try Program.yizhan, arguments, environment: environment)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let given =
                arguments[0] == "route"
                ? test.handler.routes.state.withLock { $0.settings } : test.handler.state.withLock { $0.lastChannel }
            #expect(given?["networks"] == .list(["unicom"]))
            let shown = try await Program.run(try Program.yizhan, help)
            #expect(shown.output.contains("--network") && !shown.output.contains(flag))
        }
    }

    @Test func `help shows each setting of the table`() async throws {
        for (noun, options) in [("account", AccountSettings.table.options), ("channel", ChannelSettings.table.options)]
        {
            let shown = try await Program.run(try Program.yizhan, [noun, "set", "--help"]).output
            for option in options { #expect(shown.contains("--\(option.flag)"), "\(noun) \(option.flag)") }
        }
    }

    @Test func `a value that is none is named with the flag and with what it takes`() async throws {
        for (arguments, words) in [
            (["channel", "set", "c", "--weight", "0"], ["'0'", "--weight", "1 to 1000"]),
            (["account", "set", "J1", "--payment", "later"], ["'later'", "--payment", "prepaid, postpaid"]),
            (["route", "set", "r", "--network", "mobile", "--carrier", "any"], ["--carrier", "--network", "one of"]),
            (["account", "set", "J1", "--allow-ip", "any", "--allow-ip", "::1"], ["--allow-ip", "'any' alone"]),
        ] {
            let outcome = try await Program.run(try Program.yizhan, arguments)
            #expect(outcome.status == 64)
            for word in words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
        }
    }

    @Test func `a setting that is none, and a value of another type, are refused with the key`() async throws {
        try await RouteBridgeTests.with { bridge in
            var set = AdminAccountSet()
            set.id = "J10003"
            for (key, value, words) in [
                ("price_micor", .integer(1), "There is no setting 'price_micor'; is 'price_micro' meant?"),
                ("price_micro", .text("1"), "The value '1' is invalid for price_micro"),
                ("api_password", .text(""), "The value '(secret)' is invalid for api_password"),
            ] as [(String, SettingValue, String)] {
                set.settings = [AdminSetting(Setting(key, value))]
                let wrong = set
                let error = await #expect(throws: AdminError.self) { try await bridge.handle(.accountSet(wrong)) }
                #expect(error?.message.hasPrefix(words) == true, "\(error?.message ?? "")")
                #expect(error?.field == "settings." + key)
            }
        }
    }

    // MARK: The record of changes

    /// Keeps what was logged.
    private struct KeptLog: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            let (by, change) = (event.metadata?["by"] ?? "", event.metadata?["change"] ?? "")
            lines.all.withLock { $0.append("\(event.level) \(by) \(change)") }
        }
    }

    private final class LogLines: Sendable {
        let all = Mutex<[String]>([])
    }

    @Test func `a change is recorded with who made it and without secrets, a query and a refusal are not`() async throws
    {
        try await RouteBridgeTests.withEngine { _, engine in
            let lines = LogLines()
            let administration = Administration(
                engine: engine, version: "test", logger: Logger(label: "t", factory: { _ in KeptLog(lines: lines) }),
                residentBytes: { 0 }
            ).asked(by: .localProcess(userID: 7, processID: 12))
            _ = try await administration.account("J10003")
            await #expect(throws: AdministrationError.self) {
                try await administration.setAccount("J10003", [Setting("weight", .integer(1))])
            }
            #expect(lines.all.withLock { $0 }.isEmpty)
            _ = try await administration.setAccount(
                "j10003", [Setting("name", .text("N")), Setting("api_key", .text("vk3TqzRm9w-key"))])
            #expect(
                lines.all.withLock { $0 } == [
                    "notice uid 7 pid 12 account set J10003 name=N api_key=(secret)"
                ])
        }
    }

    // MARK: Status

    @Test func `status has no figures that nothing counts`() async throws {
        try await TestServer.run { test in
            let text = try await Program.run(
                try Program.yizhan, ["status"], environment: ["YIZHAN_ADMIN_SOCKET": test.path])
            let row = try #require(text.output.split(separator: "\n").first { $0.hasPrefix("reports ") })
            #expect(row.hasSuffix(" -"))
        }
        try await RouteBridgeTests.with { bridge in
            guard case .status(let status) = try await bridge.handle(.statusShow(AdminStatusShow())) else { return }
            #expect(status.queues.map(\.hasOldestAgeMs) == [false, true, true])
        }
    }
}
