import Foundation
import Testing

extension EndToEnd {
    /// Messages that wait for a paused channel, some of them for a time only.
    @Suite struct PauseTests {
        @Test func `a pause outlives a kill; what is late by then is paid back, the rest goes out`() async throws {
            let world = try await World.make(account: ["--valid-for", "10s", "--refund", "never"])
            try await world.addAccount("PATIEN", "222222", ["--price", "0.029", "--balance", "10"])
            try await world.run("channel", "pause", "sim")
            let late = try world.customer.sendSingle("13800138100")
            let patient = Customer(account: "PATIEN", password: "222222", port: world.appliance.frontPort)
            _ = try patient.sendSingle("13800138101")
            #expect(try await world.segmentsCharged() == 1)
            try await world.appliance.stop(with: SIGKILL)
            try await world.appliance.startAgain()
            #expect(try await world.appliance.report("channel", "show", "sim")["paused"] as? Bool == true)
            let reports = try await world.customer.reports(1)
            #expect(reports.map(\.msgid) == [late.msgid] && reports.map(\.errcode) == ["EXPIRED"])
            #expect(try await world.segmentsCharged() == 0)
            let shown = try await world.appliance.command("status", "--check")
            #expect(shown.exitCode == 0)
            #expect(shown.output.contains("Channel sim is paused since"))
            #expect(try world.carrier.received().isEmpty)
            try await world.run("channel", "resume", "sim")
            let again = Customer(account: "PATIEN", password: "222222", port: world.appliance.frontPort)
            #expect(try await again.reports(1).map(\.errcode) == ["DELIVRD"])
            #expect(try world.carrier.received() == ["13800138101": 1])
            #expect(try await world.appliance.ledgerIsSound())
        }
    }
}
