import Dialects
import Messaging
import Testing

@testable import Simulator

/// The simulator in dialect 004.
@Suite struct YixintongCarrierTests {
    private struct Client {
        let harness: CarrierHarness
        private static let login = Yixintong.Login(spCode: "100001", appKey: "SIM001", appSecret: "sim-secret")

        func call(
            _ call: Yixintong.Call, number: UInt64 = .random(in: 0...UInt64.max), login: Yixintong.Login = login
        ) async throws -> [UInt8] {
            let encoded = Yixintong.encodeCall(
                call, login: login,
                requestID: Yixintong.RequestID.text(at: harness.time.now, number: number))
            let answer = try #require(
                try await HTTPProbe.ask(
                    harness.address, encoded.path, contentType: encoded.contentType,
                    headers: encoded.headers.map { ($0.name, $0.value) }, body: encoded.body))
            #expect(answer.status == 200)
            return answer.body
        }

        func code(_ body: [UInt8]) throws -> Int {
            try body.withUnsafeBytes { try Yixintong.SendAnswer(decoding: $0) }.code
        }

        func send(_ numbers: [String], serial: String, content: String = "测试") async throws -> Int {
            let part = Submission.Part(
                recipients: numbers.map { Recipient($0) }, content: content, customID: serial)
            return try code(try await call(.send(Yixintong.Send(part: part))))
        }

        func reports() async throws -> [CarrierReport] {
            try await call(.fetchReports).withUnsafeBytes { try Yixintong.ReportsAnswer(decoding: $0) }.reports
        }

        func replies() async throws -> Yixintong.RepliesAnswer {
            try await call(.fetchReplies).withUnsafeBytes { try Yixintong.RepliesAnswer(decoding: $0) }
        }
    }

    @Test func `a send is reported once for each message, under its serialNumber`() async throws {
        try await CarrierHarness.with { (harness: CarrierHarness) async throws in
            let client = Client(harness: harness)
            let long = String(repeating: "长", count: 135)
            #expect(try await client.send(["13800138000", "13800130001"], serial: "12345", content: long) == 0)
            #expect(try await client.reports().isEmpty)
            harness.time.pass(milliseconds: 200)
            let reports = try await client.reports()
            #expect(reports.map(\.mobile) == ["13800138000", "13800130001"])
            #expect(reports.map(\.status) == [.delivered, .undeliverable])
            #expect(Set(reports.map(\.customID)) == ["12345"])
            #expect(try await client.reports().isEmpty)
        }
    }

    @Test func `a serialNumber or a request that comes again is refused`() async throws {
        try await CarrierHarness.with { (harness: CarrierHarness) async throws in
            let client = Client(harness: harness)
            #expect(try await client.send(["13800138000"], serial: "1") == 0)
            #expect(try await client.send(["13800138001"], serial: "1") == 15)
            #expect(try await client.code(client.call(.fetchReports, number: 5)) == 0)
            #expect(try await client.code(client.call(.fetchReports, number: 5)) == 35)
        }
    }

    @Test func `wrong credentials are refused`() async throws {
        try await CarrierHarness.with { (harness: CarrierHarness) async throws in
            let client = Client(harness: harness)
            for (login, code) in [
                (Yixintong.Login(spCode: "100001", appKey: "SIM001", appSecret: "x"), 35),
                (Yixintong.Login(spCode: "100001", appKey: "SIM002", appSecret: "sim-secret"), 2),
                (Yixintong.Login(spCode: "1", appKey: "SIM001", appSecret: "sim-secret"), 3),
            ] {
                #expect(try await client.code(client.call(.fetchReports, login: login)) == code)
            }
        }
    }

    @Test func `a number that is refused, and replies that stay until they are confirmed`() async throws {
        try await CarrierHarness.with { (harness: CarrierHarness) async throws in
            let client = Client(harness: harness)
            #expect(try await client.send(["13800130004"], serial: "1") == 1)
            let replying = "13800130008"
            #expect(try await client.send([replying], serial: "2") == 0)
            harness.time.pass(milliseconds: 200)
            let first = try await client.replies()
            #expect(first.replies.map(\.mobile) == [replying])
            #expect(try await client.replies() == first)
            let confirmed = try await client.call(.confirmReplies(maxID: first.maxID))
            #expect(try client.code(confirmed) == 0)
            #expect(try await client.replies().replies.isEmpty)
        }
    }
}
