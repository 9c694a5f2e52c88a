import Foundation
import Testing

extension EndToEnd {
    @Suite struct UserTests {
        @Test func `users are made, shown, changed and kept over a restart, and the trail says by whom`() async throws {
            let world = try await World.make()
            let appliance = world.appliance
            let link = try await appliance.report("user", "add", "zhang.min", "--account", "J10003", "--rights", "send")
            let path = try link.string("path")
            #expect(path.hasPrefix("/portal/welcome/") && path.utf8.count == 48)
            let text = try await yizhan(
                ["user", "add", "liwei", "--operator"], environment: ["YIZHAN_ADMIN_SOCKET": appliance.adminSocket])
            #expect(text.exitCode == 0)
            #expect(text.output.split(separator: "\n").first?.hasPrefix("/portal/welcome/") == true)
            for (arguments, code) in [
                (["user", "add", "LIWEI", "--operator"], 1), (["user", "disable", "nobody"], 1),
                (["user", "add", "x2", "--account", "NOBODY"], 1), (["user", "set", "liwei", "--rights", "send"], 1),
                (["user", "set", "liwei", "--rights", "view,users", "--language", "en"], 0),
                (["user", "disable", "zhang.min"], 0), (["user", "enable", "zhang.min"], 0),
                (["user", "reset-totp", "zhang.min"], 0), (["user", "reset-password", "zhang.min"], 0),
                (["user", "sessions", "zhang.min"], 0), (["user", "sessions", "zhang.min", "--end-all"], 0),
                (["audit", "verify"], 0),
            ] as [([String], Int32)] {
                let result = try await yizhan(
                    arguments, environment: ["YIZHAN_ADMIN_SOCKET": appliance.adminSocket])
                #expect(result.exitCode == code, "\(arguments): \(result.output)\(result.errorOutput)")
                #expect(code == 0 || !result.errorOutput.isEmpty, "\(arguments)")
            }
            let list = try await yizhan(
                ["user", "list"], environment: ["YIZHAN_ADMIN_SOCKET": appliance.adminSocket])
            #expect(list.output.contains("liwei") && list.output.contains("account J10003"))
            let audit = try await yizhan(
                ["audit", "list", "--target", "zhang.min"],
                environment: ["YIZHAN_ADMIN_SOCKET": appliance.adminSocket])
            #expect(audit.output.contains("user reset-password") && !audit.output.contains(path.suffix(32)))
        }

        @Test func `the first start says in the log how to make a user`() async throws {
            let world = try await World.make()
            #expect(world.appliance.process.errorOutput.contains("yizhan user add NAME --operator"))
        }
    }
}
