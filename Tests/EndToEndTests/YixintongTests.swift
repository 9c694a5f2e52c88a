import Foundation
import Testing

extension EndToEnd {
    /// Dialect 004 in both directions: the customer's and the carrier's.
    @Suite struct YixintongTests {
        private struct House {
            let directory: TemporaryDirectory
            let appliance: Appliance
            let carrier: SimulatedCarrier
            let customer: YixintongCustomer

            static func make(_ account: [String] = []) async throws -> House {
                let directory = try TemporaryDirectory()
                let appliance = try await Appliance.start(in: directory)
                let carrier = try await SimulatedCarrier.start(
                    ["--report-delay", "20ms", "--dialect", "yixintong"], in: directory)
                try await appliance.run(
                    [
                        "account", "add", "J10003", "--api-password", "111111", "--allow-weak-password", "--charge-by",
                        "count", "--balance",
                        "100", "--app-secret", "app-secret", "--sp-code", "100001", "--extension", "66",
                    ] + account)
                try await appliance.run([
                    "channel", "add", "sim", "--dialect", "yixintong", "--url", "http://127.0.0.1:\(carrier.port)",
                    "--user", SimulatedCarrier.user, "--password", SimulatedCarrier.password, "--sp-code", "100001",
                    "--number", "10690012122",
                ])
                return House(
                    directory: directory, appliance: appliance, carrier: carrier,
                    customer: YixintongCustomer(port: appliance.frontPort))
            }

            func reports(_ count: Int) async throws -> [YixintongCustomer.Report] {
                var all: [YixintongCustomer.Report] = []
                try await eventually("\(count) reports") {
                    all += try customer.takeReports()
                    return all.count >= count
                }
                return all
            }
        }

        @Test func `messages, reports and replies go all the way`() async throws {
            let house = try await House.make()
            let numbers = ["13800138123", "13900130001", "13700130008"]
            let serial = "20161231235959000001"
            let sent = try house.customer.send(numbers.joined(separator: ","), "验证码 6666", ["serialNumber": serial])
            #expect(sent.code == 0)
            #expect(sent.ok)
            #expect(Int(sent.data?.taskId ?? "") != nil)
            let reports = try await house.reports(3).sorted { $0.userNumber < $1.userNumber }
            #expect(reports.map(\.userNumber) == ["13700130008", "13800138123", "13900130001"])
            #expect(reports.map(\.result) == [0, 0, 1])
            #expect(Set(reports.map(\.serialNumber)) == [serial])
            #expect(try house.customer.takeReports().isEmpty)

            let replies = try await eventually("the reply") { () -> YixintongCustomer.Replies? in
                let replies = try house.customer.queryReplies()
                return replies?.apiSmsReplyBoList.isEmpty == false ? replies : nil
            }
            #expect(replies.apiSmsReplyBoList.map(\.userNumber) == ["13700130008"])
            #expect(replies.apiSmsReplyBoList.map(\.content) == ["T"])
            #expect(replies.apiSmsReplyBoList.map(\.callMdn) == ["1069001212266"])
            #expect(try house.customer.queryReplies()?.apiSmsReplyBoList == replies.apiSmsReplyBoList)
            #expect(try house.customer.confirmReplies(replies.maxId) == 0)
            #expect(try house.customer.queryReplies()?.apiSmsReplyBoList.isEmpty == true)
            // The carrier was told, too: nothing comes a second time.
            try await eventually("the carrier has no reply left") {
                let answer = try HTTPClient(port: house.carrier.port).perform("GET", "/simulator/stats")
                return answer.text.contains("\"replies_given\":1")
            }
            #expect(try house.customer.queryReplies()?.apiSmsReplyBoList.isEmpty == true)
            #expect(try await house.appliance.balance(of: "J10003") == 97)
            #expect(try await house.appliance.ledgerIsSound())
        }

        @Test func `different contents and a long batch arrive, each once`() async throws {
            let house = try await House.make()
            for place in 0..<5 {
                #expect(try house.customer.send("1380013810\(place)", "text \(place)").code == 0)
            }
            let batch = Numbers.ordinary("139", 40)
            #expect(try house.customer.send(batch.joined(separator: ",")).code == 0)
            let reports = try await house.reports(45)
            #expect(Set(reports.map(\.userNumber)).count == 45)
            #expect(reports.allSatisfy { $0.result == 0 })
            #expect(try house.carrier.received().values.allSatisfy { $0 == 1 })
        }

        @Test func `every code of the table that can occur`() async throws {
            let house = try await House.make()
            let customer = house.customer
            func code(_ numbers: String = "13800138123", _ more: [String: String] = [:]) throws -> Int {
                try customer.send(numbers, "测试 a", more).code
            }
            #expect(try code() == 0)
            #expect(try code("1") == 1)
            customer.appKey = "NOBODY"
            #expect(try code() == 2)
            customer.appKey = "J10003"
            customer.spCode = "100002"
            #expect(try code() == 3)
            customer.spCode = "100001"
            #expect(try code(Numbers.ordinary("139", 1001).joined(separator: ",")) == 9)
            #expect(try code(Numbers.ordinary("139", 200).joined(separator: ",")) == 13)
            #expect(try code("13800138123", ["serialNumber": "x"]) == 14)
            #expect(try code("13800138123", ["serialNumber": "5"]) == 0)
            #expect(try code("13800138123", ["serialNumber": "5"]) == 15)
            #expect(try code("13800138123", ["templateId": "9"]) == 28)
            #expect(try code("13800138123", ["type": "2"]) == 39)
            let id = customer.requestID()
            #expect(try customer.code(try customer.post("/info/sms/report", id: id)) == 0)
            #expect(try customer.code(try customer.post("/info/sms/report", id: id)) == 35)
            let changed = try customer.post(
                "/info/sms/reply/confirm", ["maxId": "1"], sent: ["maxId": "2"])
            #expect(try customer.code(changed) == 35)
            let old = try customer.post("/info/sms/report", id: customer.requestID(secondsAgo: 301))
            #expect(try customer.code(old) == 507)
            customer.without = "x-sign"
            #expect(try customer.code(try customer.post("/info/sms/report")) == 505)
            customer.without = ""
            try await house.appliance.run(["account", "set", "J10003", "--allow-ip", "192.0.2.1"])
            #expect(try code() == 5)
            try await house.appliance.run(["account", "set", "J10003", "--allow-ip", "any"])
            try await house.appliance.run(["account", "disable", "J10003"])
            #expect(try code() == 2)
            try await house.appliance.run(["account", "enable", "J10003"])
            // From an address that was right before, right credentials are never shut out.
            customer.appSecret = "guessed"
            for _ in 0..<6 { #expect(try code() != 0) }
            customer.appSecret = "app-secret"
            #expect(try code() == 0)
            try await house.appliance.run([
                "account", "add", "FRESH1", "--charge-by", "count", "--price", "0.03", "--balance", "5", "--sp-code",
                "100003", "--app-secret", "Vq7-kettle-31",
            ])
            (customer.appKey, customer.spCode, customer.appSecret) = ("FRESH1", "100003", "guessed")
            for _ in 0..<5 { _ = try code() }
            customer.appSecret = "Vq7-kettle-31"
            #expect(try code() == 11)
        }
    }
}
