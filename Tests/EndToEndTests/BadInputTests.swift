import Foundation
import Testing

extension EndToEnd {
    /// Input that a good customer does not send. Each has its code, costs nothing, leaves nothing behind.
    @Suite struct BadInputTests {
        private static let mobile = "13800138123"

        /// Nothing was charged, accepted or submitted, and the next good message goes through.
        private func expectUntouched(_ world: World, _ note: String = "") async throws {
            #expect(try await world.appliance.balance(of: "J10003") == World.opening, "\(note)")
            #expect(try await world.appliance.counter("accepted_messages") == 0, "\(note)")
            #expect(world.proxy.submissions().isEmpty, "\(note)")
            #expect(world.appliance.process.exitCode == nil, "\(note)")
            let good = try world.customer.sendSingle(Self.mobile)
            #expect(good.result == 0, "\(note)")
            #expect(try await world.customer.reports(1).map(\.msgid) == [good.msgid], "\(note)")
            #expect(try await world.appliance.ledgerIsSound(), "\(note)")
        }

        @Test func `fields that break a rule`() async throws {
            let world = try await World.make()
            let long = { (count: Int) in String(repeating: "a", count: count) }
            let cases: [(String, [String: Any], Int)] = [
                ("single_send", ["mobile": "1380013812a"], -100012),
                ("single_send", ["mobile": "1380013"], -100012),
                ("single_send", ["mobile": "138001381234"], -100012),
                ("single_send", ["mobile": ""], -100012),
                ("single_send", ["mobile": "13800138123,13900139123"], -100014),
                ("batch_send", ["mobile": "abc,12,23800138000"], -100012),
                ("batch_send", ["mobile": Array(repeating: Self.mobile, count: 1001).joined(separator: ",")], -100014),
                ("single_send", ["content": ""], -100106),
                ("single_send", ["content": "%ff%ff"], -100106),
                ("single_send", ["content": "a\u{0}b"], -100106),
                ("single_send", ["content": "a%07b"], -100106),
                ("single_send", ["content": long(1001)], -100011),
                ("single_send", ["exno": "1234567"], -100029),
                ("single_send", ["exno": "12a"], -100029),
                ("single_send", ["custid": "a b"], -100004),
                ("single_send", ["custid": "订单1"], -100004),
                ("single_send", ["custid": long(65)], -100253),
                ("single_send", ["exdata": "x;y"], -100004),
                ("single_send", ["exdata": long(65)], -100253),
                ("single_send", ["svrtype": "A-1"], -100252),
                ("single_send", ["svrtype": long(11)], -100252),
            ]
            for (operation, fields, code) in cases {
                let good: [String: Any] = ["mobile": Self.mobile, "content": "hello"]
                let answer = try world.customer.call(operation, good.merging(fields) { $1 })
                #expect(answer.status == 200, "\(operation) \(fields)")
                #expect(answer.text == #"{"result":\#(code),"msgid":0,"custid":""}"#, "\(operation) \(fields)")
            }
            let entry = ["mobile": Self.mobile, "content": "hello"]
            let many = try world.customer.submit("multi_send", ["multimt": Array(repeating: entry, count: 101)])
            #expect(many.result == -100014)
            try await expectUntouched(world)
        }

        @Test func `bodies that cannot be read`() async throws {
            let world = try await World.make()
            let json = "application/json"
            let xml = "text/xml"
            let form = "application/x-www-form-urlencoded"
            let stamp = Customer.stamp
            let good =
                #"{"userid":"J10003","pwd":"\#(world.customer.digest(stamp))","mobile":"#
                + #""13800138123","content":"hello","timestamp":"\#(stamp)"}"#
            let fields =
                "<userid>J10003</userid><pwd>\(world.customer.digest(stamp))</pwd><mobile>13800138123</mobile>"
                + "<timestamp>\(stamp)</timestamp>"
            let dtd = "<!DOCTYPE mtreq [<!ENTITY x \"hello\">]>"
            let cases: [(String?, String, Int)] = [
                (nil, good, -100100),
                ("text/plain", good, -100100),
                ("multipart/form-data; boundary=x", good, -100100),
                (json, "", -100093),
                (json, "hello", -100093),
                (json, String(good.dropLast()), -100093),
                (json, String(good.dropLast(20)), -100093),
                (json, good + good, -100093),
                (json, "[" + good + "]", -100093),
                (json, String(repeating: "[", count: 10_000), -100093),
                (
                    json,
                    #"{"mobile":"# + String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
                        + "}", -100093
                ),
                (json, String(repeating: #"{"a":"#, count: 10_000), -100093),
                (xml, "", -100091),
                (xml, good, -100091),
                (xml, "<mtreq>\(fields)<content>hello</content>", -100091),
                (xml, "<mtreq>\(fields)<content>hello</mtreq></content>", -100091),
                (xml, "\(dtd)<mtreq>\(fields)<content>hello</content></mtreq>", -100091),
                (xml, "<mtreq>\(fields)<content>&x;</content></mtreq>", -100091),
                (xml, String(repeating: "<a>", count: 10_000), -100091),
                (json, "userid=J10003&pwd=x", -100093),
                // A form without a single field with a value is none.
                (form, "hello", -100093), (form, good, -100093), (form, "&&userid&pwd", -100093),
            ]
            for (type, body, code) in cases {
                let answer = try world.customer.post("single_send", Array(body.utf8), contentType: type)
                let note = "\(type ?? "no type"): \(body.prefix(60))"
                #expect(answer.status == 200, "\(note)")
                if type == xml {
                    #expect(answer.text.contains("<result>\(code)</result>"), "\(note): \(answer.text)")
                } else {
                    #expect(answer.text == #"{"result":\#(code),"msgid":0,"custid":""}"#, "\(note): \(answer.text)")
                }
            }
            try await expectUntouched(world)
        }

        @Test func `the wrong charset is understood all the same`() async throws {
            let world = try await World.make()
            let utf8InGBKsPlace = try world.customer.submit(
                "single_send", ["mobile": Self.mobile, "content": "%e6%b5%8b%e8%af%95%e7%9f%ad%e4%bf%a1%e3%80%82"])
            let gbkInUTF8sPlace = try world.customer.submit(
                "send_single", ["mobile": Self.mobile, "content": "%b2%e2%ca%d4%b6%cc%d0%c5"])
            #expect(utf8InGBKsPlace.result == 0)
            #expect(gbkInUTF8sPlace.result == 0)
            let message = try await world.appliance.report("message", "show", String(gbkInUTF8sPlace.msgid))
            #expect(try message.string("content") == "测试短信")
        }

        @Test func `what is not HTTP, or not ours`() async throws {
            let world = try await World.make()
            let port = world.appliance.frontPort
            #expect(try HTTPClient(port: port).perform("GET", "/nothing").status == 404)
            #expect(try HTTPClient(port: port).perform("POST", "/sms/v2/std/", body: []).status == 404)
            #expect(try HTTPClient(port: port).perform("PUT", "/sms/v2/std/single_send", body: []).status == 405)
            for garbage in [
                "hello\r\n\r\n", "GET\r\n\r\n", "POST /sms/v2/std/single_send HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            ] {
                let client = try HTTPClient(port: port)
                try client.socket.send(Array(garbage.utf8))
                #expect(try client.nextAnswer().status == 400, "\(garbage)")
                #expect(try client.isClosed())
            }
            let noise = try HTTPClient(port: port)
            try? noise.socket.send((0..<5000).map { _ in UInt8.random(in: 0...255) } + Array("\r\n\r\n".utf8))
            noise.socket.shutdownWriting()
            _ = try? noise.isClosed()
            try await expectUntouched(world)
        }

        @Test func `ten megabytes are refused with 413`() async throws {
            let world = try await World.make()
            let client = try HTTPClient(port: world.appliance.frontPort)
            let head = "POST /sms/v2/std/single_send HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            try client.socket.send(Array((head + "Content-Length: 10485760\r\n\r\n").utf8))
            // Sending may be cut short, for the answer need not wait for it.
            try? client.socket.send([UInt8](repeating: 0x20, count: 10_485_760))
            #expect(try client.nextAnswer().status == 413)

            let chunked = try HTTPClient(port: world.appliance.frontPort)
            try chunked.socket.send(Array((head + "Transfer-Encoding: chunked\r\n\r\n").utf8))
            let chunk = Array("10000\r\n".utf8) + [UInt8](repeating: 0x20, count: 65_536) + Array("\r\n".utf8)
            for _ in 0..<160 where (try? chunked.socket.send(chunk)) == nil { break }
            #expect(try chunked.nextAnswer().status == 413)
            try await expectUntouched(world)
        }

        @Test func `connections that send slowly or not to the end`() async throws {
            let world = try await World.make()
            let body = try Customer.json(
                world.customer.credentials.merging(["mobile": Self.mobile, "content": "hello"]) { $1 })
            let whole = HTTPClient.request(
                "POST", "/sms/v2/std/single_send", headers: [("Content-Type", "application/json")], body: body)
            var slow: [HTTPClient] = []
            for length in stride(from: 1, to: whole.count, by: max(1, whole.count / 100)) {
                let client = try HTTPClient(port: world.appliance.frontPort)
                try client.socket.send(whole[..<length])
                slow.append(client)
            }
            // They are still open while others are served.
            #expect(try Customer.result(world.customer.call("get_balance", [:])) == 0)
            slow.removeAll()
            try await expectUntouched(world)
        }

        @Test func `ten thousand pipelined requests are answered in order`() async throws {
            let world = try await World.make()
            let client = try HTTPClient(port: world.appliance.frontPort)
            let socket = client.socket
            let balance = HTTPClient.request(
                "POST", "/sms/v2/std/get_balance", headers: [("Content-Type", "application/json")],
                body: try Customer.json(world.customer.credentials))
            let unknown = HTTPClient.request("GET", "/nothing")
            Thread.detachNewThread {
                for place in 0..<10_000 {
                    guard (try? socket.send(place % 10 == 9 ? unknown : balance)) != nil else { return }
                }
            }
            for place in 0..<10_000 {
                let answer = try client.nextAnswer()
                guard answer.status == (place % 10 == 9 ? 404 : 200) else {
                    Issue.record("answer \(place): \(answer.status)")
                    break
                }
            }
            try await expectUntouched(world)
        }
    }
}
