import Foundation
import Testing

extension EndToEnd {
    /// Settings of carriers and pushes that cannot work, on the real program: none ends it, at any start.
    @Suite struct CarrierSettingsTests {
        private static let bad = "http://127.0.0.1:99999"

        /// Writes into the file of a service that is stopped, as another program might have.
        private static func write(_ sql: String, _ values: [String], to appliance: Appliance) async throws {
            let program = """
                import sqlite3, sys
                with sqlite3.connect(sys.argv[1]) as db: db.execute(sys.argv[2], sys.argv[3:])
                """
            let path = appliance.directory.path("state") + "/yizhan.sqlite"
            let python = try ChildProcess(
                ["-c", program, path, sql] + values, name: "sql", in: appliance.directory,
                running: PythonCustomer.python)
            #expect(try await python.waitForExit() == 0, "\(python.errorOutput)")
        }

        private static func problems(_ appliance: Appliance) async throws -> String {
            let problems = try await appliance.report("status")["problems"] as? [String] ?? []
            return problems.joined(separator: "\n")
        }

        @Test func `an address that cannot be called is refused with a sentence`() async throws {
            let world = try await World.make()
            for arguments in [
                ["channel", "set", "sim", "--url", Self.bad], ["account", "set", "J10003", "--push-report", Self.bad],
                ["account", "set", "J10003", "--push-reply", "http://u:p@127.0.0.1/"],
                [
                    "channel", "add", "two", "--dialect", "operator-v2", "--url", Self.bad, "--user", "u",
                    "--password", "p", "--number", "1",
                ],
                ["simulate", "--listen", "127.0.0.1:0", "--push", Self.bad],
            ] {
                let environment = ["YIZHAN_ADMIN_SOCKET": world.appliance.adminSocket]
                let result = try await yizhan(arguments, environment: environment)
                #expect(result.exitCode == 64, "\(arguments): \(result.errorOutput)")
                #expect(result.errorOutput.contains("127.0.0.1"), "\(result.errorOutput)")
            }
            _ = try world.customer.sendSingle("13800138000")
            #expect(try await world.customer.reports(1).count == 1)
        }

        @Test func `stored addresses that cannot be called are off with a sentence, and the rest works`() async throws {
            let world = try await World.make()
            let appliance = world.appliance
            try await appliance.run([
                "channel", "add", "bad", "--dialect", "operator-v2", "--url", "http://127.0.0.1:1", "--user", "u",
                "--password", "p", "--number", "10690012123", "--priority", "9",
            ])
            try await world.addAccount("BAD", "111111")
            try await appliance.stop()
            try await Self.write("UPDATE channel SET url = ? WHERE name = 'bad'", [Self.bad], to: appliance)
            try await Self.write(
                "UPDATE account SET push_report_url = ?, push_private = 1 WHERE id = 'BAD'",
                ["http://localhost:99999/"], to: appliance)
            try await appliance.startAgain()
            let customer = Customer(account: "BAD", port: appliance.frontPort)
            _ = try customer.sendSingle("13800138000")
            _ = try world.customer.sendSingle("13800138001")
            #expect(try await world.customer.reports(1).count == 1)
            let words = try await Self.problems(appliance)
            #expect(words.contains("Channel bad takes nothing since "))
            #expect(words.contains(": '\(Self.bad)' is no http:// or https:// address"))
            #expect(words.contains("Account BAD is pushed nothing: 'http://localhost:99999/' is no"))
            let channel = try await appliance.report("channel", "show", "bad")
            #expect(try channel.string("problem").contains("'99999'"))
            let lanes = try await appliance.report("push", "list").objects("lanes")
            #expect(try lanes.first?.string("state") == "off")
            try await appliance.run(["channel", "set", "bad", "--url", "http://127.0.0.1:\(world.proxy.port)"])
            try await appliance.run(["account", "set", "BAD", "--push-report", ""])
            #expect(try await !Self.problems(appliance).contains("99999"))
        }

        @Test func `serve --safe sends and asks nothing until it is started without`() async throws {
            let world = try await World.make()
            let appliance = world.appliance
            try await appliance.stop()
            try await appliance.startAgain(settings: ["YIZHAN_SAFE": "true"])
            let before = world.proxy.connectionCount
            let msgid = try world.customer.sendSingle("13800138000").msgid
            let status = try await appliance.report("status")
            #expect(status["safe_mode"] as? Bool == true && status["healthy"] as? Bool == false)
            #expect(try await Self.problems(appliance).contains("Safe mode"))
            try await appliance.run([
                "channel", "set", "sim", "--new-callback-token", "--callback-allow-ip", "10.0.0.0/8",
            ])
            #expect(try await appliance.state(of: msgid) == "queued")
            #expect(world.proxy.connectionCount == before)
            try await appliance.stop()
            try await appliance.startAgain()
            #expect(try await world.customer.reports(1).count == 1)
            let channel = try await appliance.report("channel", "show", "sim")
            #expect(try channel.string("callback_path_before").hasPrefix("/callback/sim/"))
            #expect(channel["callback_allow_ip"] as? [String] == ["10.0.0.0/8"])
        }
    }
}
