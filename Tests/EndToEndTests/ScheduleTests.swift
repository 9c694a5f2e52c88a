import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Messages for later, through a dialect that has a field for it.
    @Suite struct ScheduleTests {
        /// A moment so many seconds from now as `sendTime` has it, in China.
        private static func text(in seconds: TimeInterval) -> String {
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.timeZone = TimeZone(secondsFromGMT: 8 * 3600)
            formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
            return formatter.string(from: Date().addingTimeInterval(seconds))
        }

        @Test func `a scheduled message survives a kill, and goes out when it is due or is cancelled`() async throws {
            let world = try await World.make(account: EnterpriseCustomer.accountArguments + ["--refund", "never"])
            let first = try EnterpriseCustomer(.plain, port: world.appliance.frontPort)
            let tooLate = try first.send("13800138123", "hello", ["sendTime": Self.text(in: 31 * 86_400)])
            #expect(try tooLate.string("code") == "4")
            #expect(try await world.segmentsCharged() == 0)
            let soon = try first.send("13800138124", "hello", ["sendTime": Self.text(in: 3)])
            #expect(try soon.string("code") == "0")
            let far = try first.send(
                "13800138125,13800138126,13800138127", "hello", ["sendTime": Self.text(in: 30 * 86_400 - 60)])
            let msgid = try #require(Int(try far.string("taskID")))
            // Charged at acceptance.
            #expect(try await world.segmentsCharged() == 4)
            #expect(try await world.appliance.state(of: msgid) == "scheduled")
            try await world.appliance.stop(with: SIGKILL)
            try await world.appliance.startAgain()

            let customer = try EnterpriseCustomer(.plain, port: world.appliance.frontPort)
            let report = try #require(try await customer.collect("report", 1).first)
            #expect((report["mobile"], report["status"]) == ("13800138124", "10"))
            let passed = try await world.appliance.command("message", "cancel", try soon.string("taskID"))
            #expect(passed.exitCode == 1)
            #expect(passed.errorOutput.contains("it is delivered (DELIVRD), not scheduled"))
            let cancelled = try await world.appliance.report("message", "cancel", "\(msgid + 1)")
            #expect(try cancelled.integer("cancelled") == 1)
            let rest = try await world.appliance.report("message", "cancel", "\(msgid + 1)", "--all-of-request")
            #expect(try (rest.integer("cancelled"), rest.integer("left")) == (2, 1))
            let reports = try await customer.collect("report", 3)
            #expect(reports.compactMap { $0["mobile"] }.sorted() == ["13800138125", "13800138126", "13800138127"])
            #expect(reports.allSatisfy { $0["status"] == "20" && $0["errorcode"] == "DELETED" })
            #expect(try customer.take("report").isEmpty)
            #expect(try await world.segmentsCharged() == 1)
            #expect(try world.carrier.received() == ["13800138124": 1])
            #expect(try await world.appliance.ledgerIsSound())
        }
    }
}
