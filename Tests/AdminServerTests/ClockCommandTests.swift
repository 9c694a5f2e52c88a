import AdminProtocol
import AdminServer
import Testing

@Suite("The clock and the ledger over the administration")
struct ClockCommandTests {
    @Test func `accepting the clock says what time it is, and what was held goes on`() async throws {
        try await TestServer.run { test in
            let environment = ["YIZHAN_ADMIN_SOCKET": test.path]
            let accept = try await Program.run(
                try Program.yizhan, ["clock", "accept"], input: "", environment: environment)
            #expect(accept.status == 0, "\(accept.errors)")
            #expect(accept.output == "accepted: it is 2024-07-09 12:00:00 in China; what waited for its time goes on\n")
            let json = try await Program.run(
                try Program.yizhan, ["clock", "accept", "--json"], input: "", environment: environment)
            #expect(try JSONNode(json.output)["lead_ms"].integer == 432_000_000)
        }
    }

    @Test func `a real engine accepts, and tells of its clock and its proofs`() async throws {
        try await RouteBridgeTests.with { bridge in
            guard case .clock(let clock) = try await bridge.handle(.clockAccept(AdminClockAccept())),
                case .status(let status) = try await bridge.handle(.statusShow(AdminStatusShow())),
                case .ledger(let first) = try await bridge.handle(.ledgerVerify(AdminLedgerVerify())),
                case .ledger(let second) = try await bridge.handle(.ledgerVerify(AdminLedgerVerify()))
            else {
                Issue.record("another answer")
                return
            }
            #expect(!clock.held)
            #expect(clock.wallMs == 1_720_497_600_000)
            #expect(!status.clock.held)
            #expect(status.clock.houseMs == 1_720_497_600_000)
            #expect(status.clock.reason.isEmpty)
            #expect(status.commitTakingMs == 0)
            #expect(!first.full)
            #expect(second.provedBefore == first.entries)
        }
    }
}
