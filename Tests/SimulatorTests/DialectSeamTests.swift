import Dialects
import Messaging
import Testing

@testable import Simulator

/// What the simulator's dialects share.
@Suite struct DialectSeamTests {
    private static func submission(_ parts: [(content: String, numbers: [String])]) -> Submission {
        Submission(parts: parts.map { CarrierHarness.part($0.numbers, content: $0.content, customID: "c") })
    }

    @Test func `by message, a message is reported once and as a whole`() async throws {
        try await CarrierHarness.with { harness in
            let long = String(repeating: "长", count: 135)
            _ = harness.carrier.receive(
                Self.submission([(long, ["13800138000", "13800130001"]), ("短", ["13800130006"])]), call: "send")
            harness.time.pass(milliseconds: 200)
            let first = harness.carrier.takeReports(limit: 2, grain: .message)
            let rest = harness.carrier.takeReports(limit: 9, grain: .message)
            #expect((first + rest).map(\.mobile) == ["13800138000", "13800130001", "13800130006", "13800130006"])
            #expect(first.map(\.status.code) == ["DELIVRD", "MK:0001"])
            #expect(first.allSatisfy { $0.segmentNumber == 1 && $0.segmentTotal == 1 })
            #expect(Set((first + rest).map(\.requestID)).count == 1)
            #expect((first + rest).allSatisfy { $0.requestID == first[0].id })
            #expect(harness.carrier.takeReports(limit: 9).isEmpty)
            #expect(harness.carrier.statistics.reportsGiven == 4)
        }
    }

    @Test func `by segment, every segment names its request too`() async throws {
        try await CarrierHarness.with { harness in
            _ = harness.carrier.receive(Self.submission([("短", ["13800138000"])]), call: "send")
            let long = String(repeating: "长", count: 71)
            let verdict = harness.carrier.receive(
                Self.submission([("短", ["13800138000"]), (long, ["13800138001"])]), call: "send")
            guard case .accepted(let acceptance) = verdict.decision else {
                Issue.record("refused")
                return
            }
            harness.time.pass(milliseconds: 200)
            let reports = harness.carrier.takeReports(limit: 9).dropFirst()
            #expect(reports.map(\.segmentTotal) == [1, 2, 2])
            #expect(reports.allSatisfy { $0.requestID == acceptance.firstID })
        }
    }

    @Test func `a refusal says why in words that every dialect has`() async throws {
        try await CarrierHarness.with(
            settings {
                $0.faults.failShare = 1
                $0.faults.failCode = -100_003
            }
        ) { harness in
            let verdicts = ["13800130004", "13800138000"].map {
                harness.carrier.receive(Self.submission([("x", [$0])]), call: "send").decision
            }
            guard case .refused(.numberInvalid, -100_012) = verdicts[0],
                case .refused(.tooManyConnections, -100_003) = verdicts[1]
            else {
                Issue.record("\(verdicts)")
                return
            }
        }
    }

    @Test func `only what it is told to speak is understood`() async throws {
        try await CarrierHarness.with(settings { $0.dialects = [.apiV1] }) { harness in
            let answer = try await harness.call(.singleSend(CarrierHarness.part(["13800138000"])))
            #expect(answer?.status == 404)
        }
    }

    @Test func `it can push in the dialects that have pushes`() {
        #expect(SimulatorConfiguration.canPush(.operatorV2))
        #expect(!SimulatorConfiguration.canPush(.yixintong))
        #expect(!SimulatorConfiguration.canPush(.enterpriseJSON))
    }

    @Test func `its account has the credentials of every dialect`() async throws {
        try await CarrierHarness.with { harness in
            let (account, secrets) = (harness.carrier.account, harness.carrier.secrets)
            #expect(
                [account.id, account.clientID, account.enterpriseID, account.spCode] == [
                    "SIM001", "client", "1001", "100001",
                ])
            #expect(secrets.apiPassword == "sim-secret" && secrets.appSecret == "sim-secret")
            #expect(secrets.clientSecret == "secret")
        }
    }
}
