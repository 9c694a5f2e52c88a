import Foundation
import Testing

extension EndToEnd {
    /// The same request in every form that dialect 002 takes.
    @Suite struct FormatTests {
        private static let form = "application/x-www-form-urlencoded"

        private func formBody(_ customer: Customer, _ mobile: String) -> String {
            let stamp = Customer.stamp
            return "userid=\(customer.account)&pwd=\(customer.digest(stamp))&mobile=\(mobile)"
                + "&content=%b2%e2%ca%d4%b6%cc%d0%c5&timestamp=\(stamp)&svrtype=SMS001&exno=0006&custid=b3d0&exdata=e2"
        }

        private func xmlBody(_ customer: Customer, _ mobile: String) -> String {
            let stamp = Customer.stamp
            return """
                <?xml version=1.0 encoding=utf-8?>
                <mtreq>
                \t<userid>\(customer.account)</userid>
                <pwd>\(customer.digest(stamp)) </pwd>
                <mobile>\(mobile)</mobile>
                <content>%b2%e2%ca%d4%b6%cc%d0%c5</content>
                <timestamp>\(stamp)</timestamp>
                <svrtype>SMS001</svrtype>
                <exno>0006</exno>
                <custid>b3d0</custid>
                <exdata>e2</exdata>
                </mtreq>
                """
        }

        @Test func `JSON, XML, form and GET say the same`() async throws {
            let world = try await World.make()
            let customer = world.customer
            let stamp = Customer.stamp
            let json =
                #"{"userid":"J10003","pwd":"\#(customer.digest(stamp))","mobile":"#
                + #""13800138101","content":"%b2%e2%ca%d4%b6%cc%d0%c5","timestamp":"\#(stamp)","custid":"b3d0""#
                + #","unknown":[1]}"#
            let byJSON = try customer.post("single_send", Array(json.utf8))
            #expect(byJSON.text.hasPrefix(#"{"result":0,"msgid":"#))
            #expect(byJSON.text.hasSuffix(#","custid":"b3d0"}"#))

            let byForm = try customer.post(
                "single_send", Array(formBody(customer, "13800138102").utf8), contentType: Self.form)
            #expect(byForm.text.hasPrefix(#"{"result":0,"msgid":"#))

            let byXML = try customer.post(
                "single_send", Array(xmlBody(customer, "13800138103").utf8),
                contentType: "application/xml; charset=utf-8")
            #expect(byXML.text.contains("<result>0</result>"))
            #expect(byXML.text.contains("<custid>b3d0</custid>"))

            let client = try HTTPClient(port: world.appliance.frontPort)
            let byGET = try client.perform("GET", "/sms/v2/std/single_send?" + formBody(customer, "13800138104"))
            #expect(try Customer.result(byGET) == 0)

            let reports = try await customer.reports(4)
            #expect(reports.map(\.mobile).sorted() == (1...4).map { "1380013810\($0)" })
            #expect(Set(reports.map(\.errcode)) == ["DELIVRD"])
            for report in reports {
                let message = try await world.appliance.report("message", "show", String(report.msgid))
                #expect(try message.string("content") == "测试短信")
            }
        }

        @Test func `the newer names take UTF-8`() async throws {
            let world = try await World.make()
            let fields: [String: Any] = ["mobile": "13800138105", "content": "%e6%b5%8b%e8%af%95"]
            let answer = try world.customer.submit("send_single", fields)
            #expect(answer.result == 0)
            let message = try await world.appliance.report("message", "show", String(answer.msgid))
            #expect(try message.string("content") == "测试")
        }

        @Test func `get_balance tells what is left`() async throws {
            let world = try await World.make()
            let before = try world.customer.call("get_balance", [:])
            #expect(try Customer.result(before) == 0)
            #expect(before.text.contains(#""money":"1000.000000""#))
            _ = try world.customer.sendSingle("13800138106")
            #expect(try world.customer.call("get_balance", [:]).text.contains(#""money":"999.971000""#))

            try await world.addAccount("COUNT1", "333333", ["--charge-by", "count", "--balance", "5"])
            let counted = Customer(account: "COUNT1", password: "333333", port: world.appliance.frontPort)
            _ = try counted.sendSingle("13800138107", String(repeating: "字", count: 71))
            #expect(try counted.call("get_balance", [:]).text.contains(#""balance":3"#))
        }

        @Test func `lists are empty arrays, and the text of a failure is empty`() async throws {
            let world = try await World.make()
            #expect(try world.customer.call("get_rpt", [:]).text == #"{"result":0,"rpts":[]}"#)
            #expect(try world.customer.call("get_mo", [:]).text == #"{"result":0,"mos":[]}"#)
            let stranger = Customer(account: "J10003", password: "wrong", port: world.appliance.frontPort)
            #expect(try stranger.call("get_rpt", [:]).text == #"{"result":-100001,"rpts":""}"#)
        }

        @Test func `times are those of China, whatever zone the server is in`() async throws {
            let world = try await World.make(environment: ["TZ": "America/New_York"])
            #expect(try world.customer.sendSingle("13800138108").result == 0)
            let report = try #require(try await world.customer.reports(1).first)
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.timeZone = TimeZone(secondsFromGMT: 8 * 3600)
            formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
            for text in [report.stime, report.rtime] {
                let time = try #require(formatter.date(from: text))
                #expect(abs(time.timeIntervalSinceNow) < 3600, "\(text)")
            }
            let later = formatter.string(from: Date().addingTimeInterval(7200))
            let guodu = GuoduCustomer(port: world.appliance.frontPort)
            let stamp = later.filter(\.isNumber)
            let scheduled = try guodu.send(["13800138110"], "later", ["SendTime": stamp])
            let id = try #require(scheduled.msgID.flatMap { Int($0) })
            #expect(try await world.appliance.state(of: id) == "scheduled")
        }
    }
}
