import Dialects
import Messaging
import Testing

@testable import Simulator

/// Each special ending, over real sockets.
@Suite struct EndingTests {
    @Test func `any other number is delivered after the delay, and its report is given once`() async throws {
        try await CarrierHarness.with { harness in
            let answer = try await harness.send("13800138000")
            #expect(answer.result == 0)
            #expect(answer.customID == "c1")
            #expect(try await harness.reports().isEmpty)
            harness.time.pass(milliseconds: 199)
            #expect(try await harness.reports().isEmpty)
            harness.time.pass(milliseconds: 1)
            let reports = try await harness.reports()
            #expect(reports.count == 1)
            #expect(reports.first?.customID == "c1")
            #expect(reports.first?.carrierID == answer.firstID)
            #expect(reports.first?.mobile == "13800138000")
            #expect(reports.first?.status == .delivered)
            #expect(reports.first?.segmentNumber == 1)
            #expect(reports.first?.segmentTotal == 1)
            #expect(try await harness.reports().isEmpty)
            #expect(try await harness.replies().isEmpty)
        }
    }

    @Test func `0001 is reported as failed`() async throws {
        try await CarrierHarness.with { harness in
            _ = try await harness.send("13800130001")
            harness.time.pass(milliseconds: 200)
            #expect(try await harness.reports().map(\.status.code) == ["MK:0001"])
        }
    }

    @Test func `0002 is never reported`() async throws {
        try await CarrierHarness.with { harness in
            let answer = try await harness.send("13800130002")
            #expect(answer.result == 0)
            harness.time.pass(milliseconds: 1_000_000_000)
            let reports = try await harness.reports()
            #expect(reports.isEmpty)
            #expect(harness.carrier.statistics.reportsReady == 0)
            #expect(harness.carrier.statistics.messages == 1)
        }
    }

    @Test func `0003 is reported after ten seconds`() async throws {
        try await CarrierHarness.with { harness in
            _ = try await harness.send("13800130003")
            harness.time.pass(milliseconds: 9999)
            #expect(try await harness.reports().isEmpty)
            harness.time.pass(milliseconds: 1)
            #expect(try await harness.reports().map(\.status) == [.delivered])
        }
    }

    @Test func `0004 has its whole submission refused`() async throws {
        try await CarrierHarness.with { harness in
            let single = try await harness.send("13800130004")
            #expect(single.result == -100_012)
            #expect(single.firstID == 0)
            let batch = CarrierHarness.part(["13800138000", "13800130004"])
            #expect(try await harness.send(.batchSend(batch)).result == -100_012)
            let parts = [CarrierHarness.part(["13800138000"]), CarrierHarness.part(["13800130004"])]
            #expect(try await harness.send(.multiSend(parts)).result == -100_012)
            harness.time.pass(milliseconds: 200)
            #expect(try await harness.reports().isEmpty)
            #expect(harness.carrier.statistics.messages == 0)
            #expect(harness.carrier.statistics.refused == 3)
        }
    }

    @Test func `0005 is processed and not answered`() async throws {
        try await CarrierHarness.with { harness in
            let part = CarrierHarness.part(["13800130005", "13800138000"])
            #expect(try await harness.call(.batchSend(part)) == nil)
            harness.time.pass(milliseconds: 200)
            let reports = try await harness.reports()
            #expect(reports.map(\.mobile) == ["13800130005", "13800138000"])
            #expect(reports.map(\.customID) == ["c1", "c1"])
        }
    }

    @Test func `0006 is reported twice`() async throws {
        try await CarrierHarness.with { harness in
            let answer = try await harness.send("13800130006")
            harness.time.pass(milliseconds: 200)
            #expect(harness.carrier.statistics.reportsReady == 2)
            #expect(try await harness.reports(limit: 1).map(\.carrierID) == [answer.firstID])
            #expect(try await harness.reports(limit: 1).map(\.carrierID) == [answer.firstID])
            #expect(try await harness.reports().isEmpty)
        }
    }

    @Test func `0007 is reported before its submission is answered`() async throws {
        try await CarrierHarness.with(settings { $0.lateAnswerDelay = 3_000 }) { harness in
            async let answer = harness.send("13800130007")
            var reports: [CarrierReport] = []
            #expect(
                try await poll {
                    reports += try await harness.reports()
                    return !reports.isEmpty
                })
            #expect(harness.carrier.statistics.reportsGiven == 1)
            let firstID = try await answer.firstID
            #expect(firstID == reports.first?.carrierID)
        }
    }

    @Test func `0008 is delivered and replies T to the whole access number`() async throws {
        try await CarrierHarness.with { harness in
            _ = try await harness.send(.singleSend(CarrierHarness.part(["13800130008"], accessExtension: "42")))
            #expect(try await harness.replies().isEmpty)
            harness.time.pass(milliseconds: 200)
            let replies = try await harness.replies()
            #expect(replies.map(\.content) == ["T"])
            #expect(replies.map(\.mobile) == ["13800130008"])
            #expect(replies.map(\.accessNumber) == ["1069001212242"])
            #expect(try await harness.replies().isEmpty)
            #expect(try await harness.reports().map(\.status) == [.delivered])
        }
    }

    @Test func `what is no number is accepted and reported as failed`() async throws {
        try await CarrierHarness.with { harness in
            #expect(try await harness.send(.batchSend(CarrierHarness.part(["12345", "13800138000"]))).result == 0)
            harness.time.pass(milliseconds: 200)
            let reports = try await harness.reports()
            #expect(reports.map(\.mobile) == ["12345", "13800138000"])
            #expect(reports.map(\.status.isDelivered) == [false, true])
        }
    }
}
