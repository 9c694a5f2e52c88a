import Foundation
import Secrets
import Synchronization
import Testing

extension EndToEnd {
    /// Customers that have reports and replies pushed to their own address.
    @Suite struct CustomerPushTests {
        private static let quick = ["YIZHAN_PUSH_PAUSE_MIN": "50ms", "YIZHAN_PUSH_PAUSE_MAX": "400ms"]

        private static func pushing(to receiver: PushReceiver, _ more: [String] = []) -> [String] {
            ["--push-report", receiver.url(), "--allow-private-push"] + more
        }

        private static func lane(_ world: World, _ kind: String = "reports") async throws -> [String: Any] {
            let lanes = try await world.appliance.report("push", "list", "J10003").objects("lanes")
            return try #require(lanes.first { $0["kind"] as? String == kind })
        }

        @Test func `reports are pushed in order under numbers that count, and not polled`() async throws {
            let receiver = try PushReceiver()
            let world = try await World.make(account: Self.pushing(to: receiver))
            let mobiles = Numbers.ordinary("138", 1500)
            for start in stride(from: 0, to: 1500, by: 500) {
                _ = try world.customer.sendBatch(Array(mobiles[start..<start + 500]))
            }
            try await eventually("all reports") { receiver.mobiles.count >= 1500 }
            #expect(receiver.mobiles.sorted() == mobiles.sorted())
            let pushes = receiver.pushes
            #expect(pushes.map(\.sequence) == (1...pushes.count).map { $0 })
            #expect(pushes.allSatisfy { $0.path == "/reports" && $0.field("cmd") == "RPT_REQ" })
            #expect(pushes.allSatisfy { $0.mobiles.count <= 500 && $0.contentType.hasSuffix("form-urlencoded") })
            let first = try #require(pushes.first)
            let stamp = try #require(first.field("timestamp"))
            #expect(first.field("userid") == "J10003")
            #expect(first.field("pwd") == MD5Digest.hex("J10003", "00000000", "111111", stamp))
            #expect(try world.customer.takeReports().isEmpty)
            let waiting = try await Self.lane(world).integer("waiting")
            #expect(waiting == 0)
        }

        @Test func `what the receiver does not accept is pushed again, before what comes later`() async throws {
            let receiver = try PushReceiver { _ in .refused }
            let world = try await World.make(account: Self.pushing(to: receiver), settings: Self.quick)
            _ = try world.customer.sendSingle("13800138001")
            try await eventually("three failures") { receiver.pushes.count >= 3 }
            _ = try world.customer.sendSingle("13800138002")
            try await eventually("the second is there") {
                try await world.appliance.counter("outbox_stored") == 2
            }
            let failing = try await Self.lane(world)
            #expect(try failing.string("state") == "failing")
            #expect(try failing.string("answer") == "HTTP 503")
            #expect(try failing.integer("waiting") == 2)
            #expect(try failing.integer("failing_since_ms") > 0)
            receiver.answer { _ in PushReceiver.Answer(body: #"{"cmd":"RPT_RESP","seqid":1,"result":-1}"#) }
            let count = receiver.pushes.count
            try await eventually("another refusal") { receiver.pushes.count > count }
            let accepted = Mutex<[String]>([])
            receiver.answer { push in
                accepted.withLock { $0 += push.mobiles }
                return .accepted
            }
            try await eventually("accepted") { accepted.withLock { $0.count } >= 2 }
            #expect(accepted.withLock { $0 } == ["13800138001", "13800138002"])
            #expect(receiver.pushes.map(\.sequence) == (1...receiver.pushes.count).map { $0 })
        }

        @Test func `a stop and a kill in between lose nothing, and numbers are never used twice`() async throws {
            let receiver = try PushReceiver { _ in .refused }
            let world = try await World.make(account: Self.pushing(to: receiver), environment: Self.quick)
            let mobiles = Numbers.ordinary("138", 600)
            _ = try world.customer.sendBatch(mobiles)
            try await world.waitUntilAllFinal()
            try await eventually("a failure") { !receiver.pushes.isEmpty }
            try await world.appliance.stop()
            try await world.appliance.startAgain()
            let count = receiver.pushes.count
            try await eventually("tried again") { receiver.pushes.count > count }
            try await world.appliance.stop(with: SIGKILL)
            let accepted = Mutex<[String]>([])
            receiver.answer { push in
                accepted.withLock { $0 += push.mobiles }
                return .accepted
            }
            try await world.appliance.startAgain()
            try await eventually("all") { accepted.withLock { $0.count } >= 600 }
            #expect(accepted.withLock { $0 }.sorted() == mobiles.sorted())
            let numbers = receiver.pushes.compactMap(\.sequence)
            #expect(Set(numbers).count == numbers.count)
            #expect(numbers == numbers.sorted())
            try await world.appliance.stop()
            try await world.appliance.startAgain()
            _ = try world.customer.sendSingle("13900139000")
            try await eventually("only what is new") { receiver.mobiles.last == "13900139000" }
            #expect(accepted.withLock { $0.count } == 601)
        }

        @Test func `an endpoint that is dead delays nobody else's`() async throws {
            let gate = Mutex(false)
            let dead = try PushReceiver { _ in
                while !gate.withLock({ $0 }) { Thread.sleep(forTimeInterval: 0.01) }
                return .accepted
            }
            let alive = try PushReceiver()
            let world = try await World.make(account: Self.pushing(to: dead))
            try await world.addAccount(
                "J10004", "222222", ["--price", "0.029", "--balance", "10"] + Self.pushing(to: alive))
            _ = try world.customer.sendSingle("13800138001")
            try await eventually("it hangs") { !dead.pushes.isEmpty }
            let other = Customer(account: "J10004", password: "222222", port: world.appliance.frontPort)
            for index in 0..<5 { _ = try other.sendSingle("1390013900\(index)") }
            try await eventually("the other's") { alive.mobiles.count == 5 }
            #expect(dead.pushes.count == 1)
            gate.withLock { $0 = true }
        }

        @Test func `replies are pushed to their own address, as JSON if the account wants it`() async throws {
            let receiver = try PushReceiver()
            let world = try await World.make(account: [
                "--push-reply", receiver.url("/replies"), "--push-format", "json", "--allow-private-push",
            ])
            _ = try world.customer.sendSingle("13800130008", "退订回T", ["exno": "12"])
            try await eventually("the reply") { !receiver.pushes.isEmpty }
            let push = try #require(receiver.pushes.first)
            #expect(push.path == "/replies")
            #expect(push.contentType.hasPrefix("application/json"))
            #expect(push.body.contains(#""cmd":"MO_REQ","seqid":1,"mos":[{"#))
            #expect(push.mobiles == ["13800130008"])
            #expect(try world.customer.takeReplies().isEmpty)
            // The other kind has no address: it is polled.
            #expect(try await world.customer.reports(1).count == 1)
        }

        @Test func `an address inside is refused unless the account may be pushed to there`() async throws {
            let receiver = try PushReceiver()
            let world = try await World.make(settings: Self.quick)
            let literal = try await world.appliance.command(
                "account", "set", "J10003", "--push-report", receiver.url())
            #expect(literal.exitCode == 1)
            #expect(literal.errorOutput.contains("127.0.0.1 is not a public address"))
            // A name is judged when it is looked up.
            try await world.run(
                "account", "set", "J10003", "--push-report", "http://localhost:\(receiver.port)/reports")
            _ = try world.customer.sendSingle("13800138001")
            try await eventually("the refusal") {
                try await Self.lane(world)["answer"] as? String ?? "" != ""
            }
            #expect(try await Self.lane(world).string("answer").contains("is not a public address"))
            #expect(receiver.pushes.isEmpty)
            try await world.run("account", "set", "J10003", "--allow-private-push")
            try await eventually("pushed") { receiver.mobiles == ["13800138001"] }
        }

        @Test func `what was pushed is pushed once more when the operator asks`() async throws {
            let receiver = try PushReceiver()
            let world = try await World.make(account: Self.pushing(to: receiver))
            _ = try world.customer.sendBatch(["13800138001", "13800138002"])
            try await eventually("both") { receiver.mobiles.count == 2 }
            try await eventually("settled") { try await world.appliance.counter("outbox_collected") == 2 }
            let nothing = try await world.appliance.report(
                "push", "replay", "J10003", "--from", "2020-01-01 00:00:00", "--to", "2020-12-31 23:59:59")
            #expect(try nothing.integer("reports") == 0)
            let again = try await world.appliance.report(
                "push", "replay", "J10003", "--from", "2020-01-01 00:00:00", "--to", "2099-12-31T23:59:59")
            #expect(try again.integer("reports") == 2)
            try await eventually("again") { receiver.mobiles.count == 4 }
            #expect(receiver.mobiles.prefix(2).sorted() == receiver.mobiles.suffix(2).sorted())
            let refused = try await world.appliance.command(
                "push", "replay", "J10003", "--from", "2020-01-01 00:00:00", "--to", "2021-01-01 00:00:00",
                "--kind", "replies")
            #expect(refused.exitCode == 1)
        }
    }
}
