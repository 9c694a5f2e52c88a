import Dialects
import Messaging
import Testing

@testable import Simulator

@Suite struct SimulatedCarrierTests {
    @Test(arguments: OperatorV2.BodyFormat.allCases)
    func `every way to write a call is understood`(format: OperatorV2.BodyFormat) async throws {
        try await CarrierHarness.with { harness in
            let numbers = ["13800138000", "13000130000", "18900189000"]
            let single = try await harness.send(.singleSend(CarrierHarness.part(["13800138000"])), format: format)
            let batch = try await harness.send(.batchSend(CarrierHarness.part(numbers)), format: format)
            let multi = try await harness.send(
                .multiSend(numbers.map { CarrierHarness.part([$0], content: "你好 \($0)", customID: "m-\($0)") }),
                format: format)
            #expect([single.result, batch.result, multi.result] == [0, 0, 0])
            #expect(multi.customID == "m-13800138000")
            harness.time.pass(milliseconds: 200)
            let reports = try await harness.reports()
            #expect(
                reports.map(\.carrierID) == [
                    single.firstID, batch.firstID, batch.firstID + 1, batch.firstID + 2, multi.firstID,
                    multi.firstID + 1, multi.firstID + 2,
                ])
            #expect(reports.suffix(3).map(\.customID) == numbers.map { "m-\($0)" })
            let balance = try #require(try await harness.call(.balance, format: format))
            #expect(balance.text.contains("99885514"))
        }
    }

    @Test func `GET with a query is understood`() async throws {
        try await CarrierHarness.with { harness in
            let call = OperatorV2.encodeCall(
                .singleSend(CarrierHarness.part(["13800138000"])), login: harness.login, at: harness.time.now,
                format: .form)
            let target = call.path + "?" + String(decoding: call.body, as: UTF8.self)
            let answer = try #require(try await HTTPProbe.ask(harness.address, method: "GET", target))
            #expect(answer.text.hasPrefix("{\"result\":0,"))
        }
    }

    @Test func `every segment is reported, in as many answers as it takes`() async throws {
        try await CarrierHarness.with { harness in
            let text = String(repeating: "长", count: 135)
            let answer = try await harness.send("13800138000", content: text)
            harness.time.pass(milliseconds: 200)
            let reports = try await harness.reports(limit: 2) + harness.reports(limit: 2)
            #expect(reports.map(\.segmentNumber) == [1, 2, 3])
            #expect(reports.map(\.segmentTotal) == [3, 3, 3])
            #expect(reports.map(\.carrierID) == (0..<3).map { answer.firstID + $0 * 17_179_869_184 })
            #expect(try await harness.reports().isEmpty)
        }
    }

    @Test func `a custid is made where none was given`() async throws {
        try await CarrierHarness.with { harness in
            let answer = try await harness.send("13800138000", customID: "")
            #expect(!answer.customID.isEmpty)
            harness.time.pass(milliseconds: 200)
            #expect(try await harness.reports().map(\.customID) == [answer.customID])
        }
    }

    @Test func `wrong credentials are refused`() async throws {
        try await CarrierHarness.with { harness in
            var other = harness
            for login in [
                OperatorV2.Login.digest(userID: "SIM001", password: "guess"),
                .digest(userID: "SIM002", password: "sim-secret"),
                .plain(userID: "SIM001", password: "sim-secret"), .apiKey("sim-secret"),
            ] {
                other.login = login
                #expect(try await other.send("13800138000").result == -100_001)
            }
            let call = OperatorV2.encodeCall(
                .singleSend(CarrierHarness.part(["13800138000"])), login: harness.login, at: harness.time.now)
            harness.time.pass(milliseconds: 601_000)
            let answer = try await HTTPProbe.ask(
                harness.address, call.path, contentType: call.contentType, body: call.body)
            #expect(answer?.text.contains("-100001") == true)
            #expect(harness.carrier.statistics.messages == 0)
            #expect(harness.carrier.statistics.refused == 5)
        }
    }

    @Test func `what is no request of the dialect is told so`() async throws {
        try await CarrierHarness.with { harness in
            let path = "/sms/v2/std/single_send"
            #expect(try await HTTPProbe.ask(harness.address, "/sms/v2/std/other")?.status == 404)
            #expect(try await HTTPProbe.ask(harness.address, method: "PUT", path)?.status == 405)
            #expect(try await HTTPProbe.ask(harness.address, path)?.text.contains("-100100") == true)
            let broken = try await HTTPProbe.ask(
                harness.address, path, contentType: "application/json", body: Array("{".utf8))
            #expect(broken?.text.contains("-100093") == true)
        }
    }

    @Test func `statistics and log tell what was received`() async throws {
        try await CarrierHarness.with(settings { $0.logEntriesMax = 3 }) { harness in
            let first = try await harness.send("13800138000", customID: "a")
            _ = try await harness.send("13800130004", customID: "b")
            _ = try await harness.send(.batchSend(CarrierHarness.part(["13800130002", "bad\"one"], customID: "c")))
            harness.time.pass(milliseconds: 200)
            let statistics = try #require(try await HTTPProbe.ask(harness.address, method: "GET", "/simulator/stats"))
            #expect(
                statistics.text == "{\"calls\":3,\"messages\":3,\"refused\":1,\"messages_waiting\":0,"
                    + "\"reports_ready\":2,\"reports_given\":0,\"replies_ready\":0,\"replies_given\":0}")
            let log = try #require(try await HTTPProbe.ask(harness.address, method: "GET", "/simulator/log?after=2"))
            #expect(
                log.text == "[{\"seq\":3,\"call\":\"batch_send\",\"mobile\":\"13800130002\",\"custid\":\"c\",\"msgid\":"
                    + "\(first.firstID + 1),\"outcome\":\"accepted\"},{\"seq\":4,\"call\":\"batch_send\",\"mobile\":"
                    + "\"bad\\\"one\",\"custid\":\"c\",\"msgid\":\(first.firstID + 2),\"outcome\":\"accepted\"}]")
            let all = try #require(try await HTTPProbe.ask(harness.address, method: "GET", "/simulator/log"))
            #expect(all.text.hasPrefix("[{\"seq\":2,\"call\":\"single_send\",\"mobile\":\"13800130004\""))
            #expect(all.text.contains("\"msgid\":0,\"outcome\":\"refused\""))
        }
    }

    @Test func `a hundred batches of a thousand are all reported once`() async throws {
        try await CarrierHarness.with { harness in
            var expected: Set<Int64> = []
            for batch in 0..<100 {
                let numbers = (0..<1000).map { "139" + String(10_000_000 + (batch * 1000 + $0) * 10_000 % 80_000_000) }
                let answer = try await harness.send(.batchSend(CarrierHarness.part(numbers, customID: "b\(batch)")))
                try #require(answer.result == 0)
                expected.formUnion(answer.firstID..<answer.firstID + 1000)
            }
            harness.time.pass(milliseconds: 200)
            #expect(harness.carrier.statistics.reportsReady == 100_000)
            var given: Set<Int64> = []
            var count = 0
            while true {
                let reports = harness.carrier.takeReports(limit: 500)
                if reports.isEmpty { break }
                count += reports.count
                given.formUnion(reports.map(\.id.rawValue))
            }
            #expect(count == 100_000)
            #expect(given == expected)
        }
    }

    @Test func `the same seed gives the same ids`() async throws {
        var ids: [Int64] = []
        for seed: UInt64 in [7, 7, 8] {
            try await CarrierHarness.with(settings { $0.seed = seed }) {
                ids.append(try await $0.send("13800138000").firstID)
            }
        }
        #expect(ids[0] == ids[1])
        #expect(ids[0] != ids[2])
    }

    @Test func `a queue gives everything back in order`() {
        var queue = ChunkedQueue<Int>()
        var next = 0
        for round in 0..<300 {
            for number in 0..<3000 { queue.append(round * 3000 + number) }
            for _ in 0..<2900 {
                #expect(queue.popFirst() == next)
                next += 1
            }
        }
        #expect(queue.count == 30_000)
        while let number = queue.popFirst() {
            #expect(number == next)
            next += 1
        }
        #expect(next == 900_000)
        #expect(queue.count == 0)
    }

    @Test func `push addresses are read`() throws {
        let target = try #require(PushTarget("http://127.0.0.1:8081/push?a=b"))
        #expect(target.host == "127.0.0.1")
        #expect(target.port == 8081)
        #expect(target.target == "/push?a=b")
        #expect(PushTarget("http://[::1]:9/")?.host == "::1")
        #expect(PushTarget("HTTP://localhost")?.target == "/")
        #expect(PushTarget("http://localhost")?.port == 80)
        for bad in [
            "", "https://h/", "ftp://h", "http://", "http://h:0/", "http://h:x/", "http://h/a b", "http://u@h/",
        ] {
            #expect(PushTarget(bad) == nil)
        }
    }
}
