import Foundation
import Testing

extension EndToEnd {
    @Suite struct CommandLineTests {
        @Test(arguments: [
            [], ["account"], ["account", "add"], ["account", "add", "J10003"],
            ["account", "add", "TOO/LONG", "--api-password", "x", "--price", "1"],
            ["account", "recharge", "J10003", "much"], ["channel", "add", "x", "--dialect", "morse"],
            ["message", "show", "abc"],
            ["serve", "--listen", "front=nowhere"], ["serve", "--listen", "127.0.0.1:0"], ["simulate"],
            ["simulate", "--listen", "127.0.0.1:0", "--report-delay", "soon"], ["bench", "--url", "nowhere"],
            ["simulate", "--listen", "127.0.0.1:0", "--dialect", "morse"],
            ["simulate", "--listen", "127.0.0.1:0", "--push-dialect", "yixintong"],
            ["bench", "--url", "http://127.0.0.1:1", "--batch-size", "1001"], ["nonsense"], ["status", "--nonsense"],
        ])
        func `wrong arguments: a sentence and exit 64`(arguments: [String]) async throws {
            // Without a subcommand there is nothing wrong: help is shown.
            let isGroup = arguments.isEmpty || arguments == ["account"]
            let result = try await yizhan(arguments)
            #expect(result.exitCode == (isGroup ? 0 : 64), "\(result.output)\(result.errorOutput)")
            if !isGroup { #expect(!result.errorOutput.isEmpty) }
        }

        @Test func `without an appliance a command says so`() async throws {
            let result = try await yizhan(["status"], environment: ["YIZHAN_ADMIN_SOCKET": "/nonexistent/admin.sock"])
            #expect(result.exitCode == 69)
            #expect(result.errorOutput.contains("/nonexistent/admin.sock"))
        }

        @Test func `what does not exist, or exists already, is refused with 1`() async throws {
            let world = try await World.make()
            for arguments in [
                ["account", "show", "NOBODY"], ["account", "recharge", "NOBODY", "1"], ["channel", "show", "none"],
                ["channel", "disable", "none"], ["message", "show", "1"], ["account", "disable", "NOBODY"],
                ["account", "add", "J10003", "--api-password", "x", "--price", "1"],
            ] {
                let result = try await yizhan(
                    arguments, environment: ["YIZHAN_ADMIN_SOCKET": world.appliance.adminSocket])
                #expect(result.exitCode == 1, "\(arguments)")
                #expect(!result.errorOutput.isEmpty, "\(arguments)")
            }
            #expect(try await world.appliance.balance(of: "J10003") == World.opening)
        }

        @Test func `no secret comes back out`() async throws {
            let world = try await World.make(account: ["--api-key", "abade5589e2798f82f006bbc36d269ce"])
            for arguments in [
                ["account", "show", "J10003"], ["account", "list"], ["channel", "show", "sim"], ["status"],
            ] {
                for form in [[], ["--json"]] {
                    let result = try await yizhan(
                        arguments + form, environment: ["YIZHAN_ADMIN_SOCKET": world.appliance.adminSocket])
                    #expect(result.exitCode == 0)
                    for secret in ["111111", "sim-secret", "abade5589e"] {
                        #expect(!result.output.contains(secret), "\(arguments)")
                    }
                }
            }
        }

        @Test func `bench measures a small run to its end`() async throws {
            let world = try await World.make()
            let report = try await yizhan(
                [
                    "bench", "--url", "http://127.0.0.1:\(world.appliance.frontPort)", "--messages", "300", "--mode",
                    "batch", "--batch-size", "50", "--concurrency", "2", "--json",
                ], environment: ["YIZHAN_ADMIN_SOCKET": world.appliance.adminSocket]
            ).json()
            #expect(try report.integer("accepted_messages") == 300)
            #expect(try report.integer("appliance_final_messages") == 300)
            #expect(try report.object("errors").isEmpty)
            #expect(try report.integer("rss_peak_bytes") > 1 << 20)
            #expect(try await world.segmentsCharged() == 300)
        }
    }
}
