import Dialects
import Foundation
import Glibc
import Messaging
import Secrets
import Testing

extension EndToEnd {
    /// Settings of the configuration file that only the running program shows, each with a value under which it does
    /// what it would not do under its default.
    @Suite struct RunningSettingsTests {
        /// A world whose `serve` has a configuration file of these settings, `group.name: value`.
        private static func make(
            _ settings: [String: String], account: [String] = [], environment: [String: String] = [:],
            in given: TemporaryDirectory? = nil
        ) async throws -> World {
            let directory = try given ?? TemporaryDirectory()
            var text = ""
            for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
                let names = key.split(separator: ".")
                text += "\(names[0]):\n  \(names[1]): \(value)\n"
            }
            let path = directory.path("yizhan.yaml")
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            return try await World.make(
                account: account, in: directory, environment: environment, serve: ["--config", path])
        }

        // MARK: http

        @Test func `http.body_bytes_max: a larger body is answered 413`() async throws {
            let world = try await Self.make(["http.body_bytes_max": "5000"])
            #expect(try world.customer.post("single_send", [UInt8](repeating: 0x20, count: 4990)).status == 200)
            #expect(try world.customer.post("single_send", [UInt8](repeating: 0x20, count: 5001)).status == 413)
        }

        @Test func `http.connections_max: one more of customers that are known is answered 503`() async throws {
            let world = try await Self.make(["http.connections_max": "3"])
            var clients: [HTTPClient] = []
            var status = 200
            while status == 200, clients.count < 10 {
                let client = try HTTPClient(port: world.appliance.frontPort)
                let body = try Customer.json(world.customer.credentials)
                let headers = [("Content-Type", "application/json")]
                let answer = try? client.perform("POST", "/sms/v2/std/get_balance", headers: headers, body: body)
                // Where the answer does not come through, the connection was closed all the same.
                status = answer?.status ?? 503
                clients.append(client)
            }
            #expect(status == 503)
            #expect(clients.count <= 4)
        }

        /// Far from the defaults of 10 s and 60 s, and far more time than it takes.
        @Test(arguments: [("http.header_timeout", "GET / HTTP/1.1\r\nHo", 9.0), ("http.idle_timeout", "", 50)])
        func `http.header_timeout, http.idle_timeout: who is silent is closed`(
            key: String, start: String, secondsMax: Double
        ) async throws {
            let world = try await Self.make([key: "200ms"])
            let client = try HTTPClient(port: world.appliance.frontPort)
            if start.isEmpty {
                let body = try Customer.json(world.customer.credentials)
                let headers = [("Content-Type", "application/json")]
                _ = try client.perform("POST", "/sms/v2/std/get_balance", headers: headers, body: body)
            } else {
                try client.socket.send(Array(start.utf8))
            }
            let begin = ContinuousClock.now
            if !start.isEmpty { #expect(try client.nextAnswer().status == 408) }
            #expect(try client.isClosed())
            #expect(ContinuousClock.now - begin < .seconds(secondsMax))
        }

        // MARK: auth

        @Test func `auth.timestamp_tolerance: a timestamp may be so far off`() async throws {
            let world = try await Self.make(["auth.timestamp_tolerance": "30m"])
            for (minutes, isTaken) in [(20, true), (40, false)] {
                let moment = Date().addingTimeInterval(Double(-60 * minutes)).timeIntervalSince1970
                let stamp = Timestamp(milliseconds: Int64(moment * 1000)).monthDayTime
                let fields: [String: Any] = [
                    "userid": "J10003", "pwd": world.customer.digest(stamp), "timestamp": stamp,
                ]
                let answer = try world.customer.post("get_balance", try Customer.json(fields))
                #expect(try (Customer.result(answer) == 0) == isTaken, "\(minutes) minutes: \(answer.text)")
            }
        }

        @Test func `auth.signature_tolerance: a signed timestamp may be so far off`() async throws {
            let world = try await Self.make(
                ["auth.signature_tolerance": "30m"], account: EnterpriseCustomer.accountArguments)
            let customer = try EnterpriseCustomer(.token, port: world.appliance.frontPort)
            for (minutes, isTaken) in [(20, true), (40, false)] {
                let stamp = String(Int(Date().timeIntervalSince1970 * 1000) - 60_000 * minutes)
                let signature = MD5Digest.hex("J10003|\(customer.password)|\(stamp)")
                let answer = try customer.call(
                    "send", ["mobile": "13800138123", "content": "x"],
                    changes: ["timeStamp": stamp, "signature": signature])
                #expect(try (answer.string("code") == "0") == isTaken, "\(minutes) minutes: \(answer)")
            }
        }

        @Test func `auth.token_lifetime: a token is good for so long`() async throws {
            let world = try await Self.make(
                ["auth.token_lifetime": "1234s"], account: EnterpriseCustomer.accountArguments)
            let customer = try EnterpriseCustomer(.token, port: world.appliance.frontPort)
            #expect(try customer.requestToken().string("expires_in") == "1234")
        }

        // MARK: queue

        /// On a disk on which a commit takes so long that others come meanwhile.
        @Test(arguments: [("queue.submissions_max", "1", 20_000), ("queue.wait_max", "10ms", 300_000)])
        func `queue.submissions_max, queue.wait_max: who would wait beyond it is refused`(
            key: String, value: String, syncMicroseconds: Int
        ) async throws {
            let directory = try TemporaryDirectory()
            let disk = try FaultyDisk(
                folder: directory.path("state"), in: directory, syncMicroseconds: syncMicroseconds)
            let world = try await Self.make([key: value], environment: disk.environment, in: directory)
            let load = LoadThreads(4, customer: world.customer, prefix: "138")
            try await eventually("refusals") { load.refused.count >= 5 && load.acknowledged.count >= 5 }
            load.stop()
            try await eventually("the load's end") { !load.areRunning }
            #expect(Set(load.refused) == [-100_056])
            #expect(try await world.segmentsCharged() == load.acknowledged.count)
        }

        // MARK: Carriers and customers

        @Test func `report.poll_interval: a carrier that has nothing is asked again so soon`() async throws {
            let world = try await Self.make(["report.poll_interval": "100ms"])
            // At the default of 5 s, and with the pauses growing up to it, some twenty in this time.
            try await eventually("60 polls", within: .seconds(30)) { world.proxy.count(of: "/get_rpt ") >= 60 }
        }

        @Test func `inbound.keep_for: what waits for the operator only is deleted after it`() async throws {
            let world = try await Self.make(["inbound.keep_for": "3s"])
            let path = try await world.appliance.report("channel", "show", "sim").string("callback_path")
            let push = try HTTPClient(port: world.appliance.callbackPort).perform(
                "POST", path, headers: [("Content-Type", "application/json")], body: Array("{".utf8))
            #expect(push.status == 200)
            #expect(try await world.appliance.report("status").integer("inbound_unreadable") <= 1)
            try await eventually("its end") {
                try await world.appliance.report("status").integer("inbound_unreadable") == 0
            }
            #expect(world.appliance.process.errorOutput.contains("a push was refused; its body is kept"))
        }

        @Test func `push.give_up_after: what a customer does not take is given up after it`() async throws {
            let receiver = try PushReceiver { _ in .refused }
            let world = try await Self.make(
                ["push.give_up_after": "1s"], account: ["--push-report", receiver.url(), "--allow-private-push"],
                environment: ["YIZHAN_PUSH_PAUSE_MIN": "100ms", "YIZHAN_PUSH_PAUSE_MAX": "200ms"])
            #expect(try world.customer.sendSingle("13800138123").result == 0)
            try await eventually("tries") { receiver.pushes.count >= 2 }
            try await eventually("nothing waits any more") {
                let lanes = try await world.appliance.report("push", "list", "J10003").objects("lanes")
                let reports = lanes.first { $0["kind"] as? String == "reports" }
                return try reports?.integer("waiting") == 0
            }
            // It was given up, not taken: the receiver never said so.
            #expect(receiver.pushes.allSatisfy { $0.mobiles == ["13800138123"] })
        }

        // MARK: log

        @Test(arguments: [("error", false), ("warning", true)])
        func `log.level: what is below it is not logged`(level: String, isLogged: Bool) async throws {
            let world = try await Self.make(["log.level": level])
            let path = try await world.appliance.report("channel", "show", "sim").string("callback_path")
            let push = try HTTPClient(port: world.appliance.callbackPort).perform(
                "POST", path, headers: [("Content-Type", "application/json")], body: Array("{".utf8))
            #expect(push.status == 200)
            try await world.appliance.stop()
            let log = world.appliance.process.errorOutput
            #expect(log.contains("a push was refused; its body is kept") == isLogged, "\(log)")
        }
    }
}
