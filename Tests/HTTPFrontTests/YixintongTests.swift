import Dialects
import Engine
import HTTPCore
import HTTPFront
import Logging
import Messaging
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// Dialect 004 at the front: what each code of its table is given for.
struct YixintongTests {
    /// Signs as the dialect says, and may be told to do it wrongly.
    private final class Sender: Sendable {
        private let number = Atomic<UInt64>(0)
        let house: FrontHouse

        init(_ house: FrontHouse) {
            self.house = house
        }

        func id(at time: Timestamp = FrontHouse.now) -> String {
            Yixintong.RequestID.text(at: time, number: number.wrappingAdd(1, ordering: .relaxed).newValue)
        }

        func call(
            _ call: Yixintong.Call, id: String? = nil, spCode: String = "100001", appKey: String = "J10004",
            secret: String = "app-secret", without header: String = "",
            encoding: Yixintong.SignatureEncoding = .java, at address: SocketAddress? = nil
        ) async throws -> String {
            let encoded = Yixintong.encodeCall(
                call, login: Yixintong.Login(spCode: spCode, appKey: appKey, appSecret: secret),
                requestID: id ?? self.id(), encoding: encoding)
            let headers = encoded.headers.filter { $0.name != header }.map { ($0.name, $0.value) }
            return try await post(
                encoded.path, headers, String(decoding: encoded.body, as: UTF8.self), at: address)
        }

        func post(
            _ path: String, _ headers: [(String, String)], _ body: String, at address: SocketAddress? = nil
        ) async throws -> String {
            let answer = try await ask(
                address ?? house.front, "POST", path, contentType: Yixintong.contentType, headers: headers, body)
            #expect(answer.status == 200)
            return answer.body
        }

        /// Posts a body of one's own, rightly signed over `parameters`.
        func raw(
            _ operation: Yixintong.Operation, _ body: String, signing parameters: [Yixintong.Parameter]
        ) async throws -> String {
            var credentials = Yixintong.Credentials(spCode: "100001", appKey: "J10004", requestID: id())
            credentials.signature = Yixintong.Signature.make(
                credentials, parameters: parameters, appSecret: "app-secret")
            return try await post(
                operation.path,
                [
                    ("X-SP-Code", credentials.spCode), ("X-App-Key", credentials.appKey),
                    ("X-Request-Id", credentials.requestID), ("X-Sign", credentials.signature),
                ], body)
        }
    }

    private static func with(
        messages: Int64 = 100,
        _ change: @escaping @Sendable (inout Account, inout AccountSecrets) -> Void = { _, _ in },
        _ body: (Sender) async throws -> Void
    ) async throws {
        try await FrontHouse.with { house in
            _ = try await house.engine.billing.addAccount(
                Account(id: "J10004", chargeUnit: .count, spCode: "100001"),
                secrets: AccountSecrets(apiPassword: "111111", appSecret: "app-secret"), openingBalance: messages)
            _ = try await house.engine.accounts.update(id: "J10004", change)
            try await body(Sender(house))
        }
    }

    private static func send(
        _ numbers: String = "13800138000", _ content: String = "测试 a", serial: String = "", template: String = ""
    ) -> Yixintong.Call {
        let recipients = numbers.split(separator: ",").map { Recipient($0) }
        return .send(
            Yixintong.Send(
                part: Submission.Part(recipients: recipients, content: content, customID: serial),
                templateID: template))
    }

    private func code(_ answer: String) throws -> Int {
        try Array(answer.utf8).withUnsafeBytes { try Yixintong.SendAnswer(decoding: $0) }.code
    }

    private static func balance(_ sender: Sender) throws -> Int64 {
        try #require(sender.house.engine.accounts.directory.account(id: "J10004")).runtime.balance
    }

    @Test func `a send is answered with its task, and charged`() async throws {
        try await Self.with { (sender: Sender) async throws in
            let answer = try await sender.call(Self.send("13800138000,13000130000", serial: "20160803192020000001"))
            #expect(
                answer
                    == #"{"data":{"taskId":"1","succ":true,"failList":""},"code":0,"msg":"OK","ok":true,"succ":true}"#)
            #expect(try Self.balance(sender) == 98)
            #expect(try await code(sender.call(Self.send(), appKey: "j10004", encoding: .javaScript)) == 0)
        }
    }

    @Test func `credentials that are wrong have their codes`() async throws {
        try await Self.with { (sender: Sender) async throws in
            #expect(try await code(sender.call(Self.send(), appKey: "NOBODY")) == 2)
            #expect(try await code(sender.call(Self.send(), appKey: "J10003")) == 2)
            #expect(try await code(sender.call(Self.send(), spCode: "100002")) == 3)
            #expect(try await code(sender.call(Self.send(), secret: "other")) == 35)
            let unsigned = [Yixintong.Parameter("userNumber", "13800138000")]
            let body = #"{"userNumber":"13800138001","messageContent":"a"}"#
            #expect(try await code(sender.raw(.send, body, signing: unsigned)) == 35)
            for name in ["x-sp-code", "x-app-key", "x-request-id", "x-sign"] {
                let answer = try await sender.call(Self.send(), without: name)
                #expect(try code(answer) == 505)
                #expect(answer.contains(name))
            }
            #expect(try Self.balance(sender) == 100)
        }
    }

    @Test func `too many wrong signatures shut out`() async throws {
        try await Self.with { (sender: Sender) async throws in
            for _ in 0..<4 { #expect(try await code(sender.call(Self.send(), secret: "other")) == 35) }
            #expect(try await code(sender.call(Self.send(), secret: "other")) == 11)
            #expect(try await code(sender.call(Self.send())) == 11)
        }
    }

    @Test func `a disabled account, and one from another address`() async throws {
        let disabled: @Sendable (inout Account, inout AccountSecrets) -> Void = { account, _ in
            account.isEnabled = false
        }
        try await Self.with(disabled) { (sender: Sender) async throws in
            #expect(try await code(sender.call(Self.send())) == 2)
        }
        let elsewhere: @Sendable (inout Account, inout AccountSecrets) -> Void = { account, _ in
            account.allowedNetworks = [IPNetwork("192.0.2.0/24")].compactMap { $0 }
        }
        try await Self.with(elsewhere) { (sender: Sender) async throws in
            #expect(try await code(sender.call(Self.send())) == 5)
        }
    }

    @Test func `a request is served once, and only while it is young`() async throws {
        try await Self.with { (sender: Sender) async throws in
            let id = sender.id()
            #expect(try await code(sender.call(Self.send(), id: id)) == 0)
            #expect(try await code(sender.call(Self.send(), id: id)) == 35)
            #expect(try await code(sender.call(.fetchReports, id: id)) == 35)
            // Only requests that were right are remembered.
            let other = sender.id()
            #expect(try await code(sender.call(Self.send(), id: other, secret: "x")) == 35)
            #expect(try await code(sender.call(Self.send(), id: other)) == 0)
            let (old, future) = (
                FrontHouse.now.adding(milliseconds: -300_001), FrontHouse.now.adding(milliseconds: 300_001)
            )
            #expect(try await code(sender.call(Self.send(), id: sender.id(at: old))) == 507)
            #expect(try await code(sender.call(Self.send(), id: sender.id(at: future))) == 507)
            #expect(try await code(sender.call(Self.send(), id: "17000000000001234")) == 1)
            #expect(try Self.balance(sender) == 98)
        }
    }

    @Test func `a send without a serialNumber is served once, also across a restart`() async throws {
        try await Self.with { (sender: Sender) async throws in
            let id = sender.id()
            #expect(try await code(sender.call(Self.send(), id: id)) == 0)
            let served = try await sender.call(Self.send(), id: id)
            // A listener of its own has seen no request: what a restart leaves.
            let other = HTTPFront(
                engine: sender.house.engine, configuration: .init(), group: MultiThreadedEventLoopGroup.singleton,
                logger: Logger(label: "test"))
            let address = try await other.start(on: .bind(host: "127.0.0.1", port: 0))
            #expect(try await sender.call(Self.send(), id: id, at: address) == served)
            #expect(try code(served) == 35)
            #expect(try await code(sender.call(Self.send(), at: address)) == 0)
            // A serialNumber of the same digits is another key.
            #expect(try await code(sender.call(Self.send(serial: id), at: address)) == 0)
            await other.stop(drainTimeout: .zero)
            #expect(try Self.balance(sender) == 97)
        }
    }

    @Test func `without a serialNumber reports have the taskId in twenty digits`() async throws {
        try await Self.with { (sender: Sender) async throws in
            // Ids from 1 on: only from 10 on decimal and hexadecimal differ.
            let many = (0..<12).map { "1380013800\($0)x" }.joined(separator: ",") + ",13800138000"
            #expect(try await code(sender.call(Self.send(many, serial: "5"))) == 0)
            #expect(try await sender.call(Self.send("12x,13800138000")).contains(#""taskId":"14""#))
            let answer = try await sender.call(.fetchReports)
            #expect(answer.contains(#"{"serialNumber":"00000000000000000014","userNumber":"12x","result":1}"#))
            #expect(answer.contains(#"{"serialNumber":"5","#))
        }
    }

    @Test func `a serialNumber is taken once, for good`() async throws {
        try await Self.with { (sender: Sender) async throws in
            #expect(try await code(sender.call(Self.send(serial: "123"))) == 0)
            let again = try await sender.call(Self.send("13900139000", "other", serial: "123"))
            #expect(again == #"{"data":null,"code":15,"msg":"流水号重复","ok":false,"succ":false}"#)
            #expect(try Self.balance(sender) == 99)
            #expect(try await code(sender.call(Self.send(serial: "12-3"))) == 14)
            #expect(try await code(sender.call(Self.send(serial: String(repeating: "1", count: 33)))) == 14)
        }
    }

    @Test func `a strict account wants twenty digits`() async throws {
        let strict: @Sendable (inout Account, inout AccountSecrets) -> Void = { account, _ in
            account.smsSerialStrict = true
        }
        try await Self.with(strict) { (sender: Sender) async throws in
            #expect(try await code(sender.call(Self.send(serial: "1234567890123456"))) == 14)
            #expect(try await code(sender.call(Self.send())) == 505)
            #expect(try await code(sender.call(Self.send(serial: "12345678901234567890"))) == 0)
        }
    }

    @Test func `what a send is made of has its codes`() async throws {
        try await Self.with(messages: 1) { (sender: Sender) async throws in
            let many = (0...1000).map { String(13_800_000_000 + $0) }.joined(separator: ",")
            #expect(try await code(sender.call(Self.send(many))) == 9)
            #expect(try await code(sender.call(Self.send("1,2"))) == 1)
            #expect(try await code(sender.call(Self.send(template: "7"))) == 28)
            let parameters = [Yixintong.Parameter("type", "2"), Yixintong.Parameter("userNumber", "13800138000")]
            let body = #"{"type":"2","userNumber":"13800138000"}"#
            #expect(try await code(sender.raw(.send, body, signing: parameters)) == 39)
            let missing = #"{"userNumber":"13800138000"}"#
            #expect(try await code(sender.raw(.send, missing, signing: [parameters[1]])) == 505)
            #expect(try await code(sender.raw(.send, "{", signing: [])) == 1)
            #expect(try await code(sender.raw(.confirmReplies, "{}", signing: [])) == 505)
            #expect(try await code(sender.call(.confirmReplies(maxID: "x"))) == 1)
            #expect(try await code(sender.call(Self.send("13800138000,13800138001"))) == 13)
            #expect(try Self.balance(sender) == 1)
            #expect(try await code(sender.call(Self.send())) == 0)
        }
    }

    @Test func `reports are collected once, one for each message`() async throws {
        try await Self.with { (sender: Sender) async throws in
            let long = String(repeating: "长", count: 135)
            let call = Self.send("12x,13800138000", long, serial: "77")
            #expect(try await code(sender.call(call)) == 0)
            #expect(try Self.balance(sender) == 97)
            let answer = try await sender.call(.fetchReports)
            #expect(
                answer
                    == #"{"data":[{"serialNumber":"77","userNumber":"12x","result":1}],"code":0,"msg":"ok","#
                    + #""ok":true,"succ":true}"#)
            #expect(try await sender.call(.fetchReports).contains(#""data":[],"code":0"#))
        }
    }

    @Test func `nothing to collect is code 38 for who wants it`() async throws {
        let wants: @Sendable (inout Account, inout AccountSecrets) -> Void = { account, _ in account.noDataCode = true }
        try await Self.with(wants) { (sender: Sender) async throws in
            #expect(try await code(sender.call(.fetchReports)) == 38)
            #expect(try await code(sender.call(.fetchReplies)) == 38)
            #expect(try await code(sender.call(.confirmReplies(maxID: "0"))) == 0)
        }
    }

    @Test func `replies stay until they are confirmed`() async throws {
        try await Self.with { (sender: Sender) async throws in
            let house = sender.house
            _ = try await house.engine.accounts.update(id: "J10004") { account, _ in account.accessExtension = "44" }
            let replies = ["T", "好的", "third"].enumerated().map { index, content in
                #"{"msgid":\#(index + 1),"mobile":"13800138000","spno":"1069001212244","exno":"","#
                    + #""rtime":"2016-08-03 19:20:2\#(index)","content":"\#(content)"}"#
            }
            let push =
                "userid=J10003&pwd=26dad7f364507df18f3841cc9c4ff94d&timestamp=0803192020&cmd=MO_REQ&seqid=1"
                + "&mos=[\(replies.joined(separator: ","))]"
            let path = "/callback/sim/\(house.entry.callbackToken)"
            let pushed = try await ask(
                house.callback, "POST", path, contentType: "application/x-www-form-urlencoded", push)
            #expect(pushed.body.contains("\"result\":0"))

            func query() async throws -> Yixintong.RepliesAnswer {
                let body = try await sender.call(.fetchReplies)
                return try Array(body.utf8).withUnsafeBytes { try Yixintong.RepliesAnswer(decoding: $0) }
            }
            try await house.eventually { try await query().replies.count == 3 }
            let first = try await query()
            #expect(first.replies.map(\.content) == ["T", "好的", "third"])
            #expect(first.replies[0].accessNumber == "1069001212244")
            #expect(try await query() == first)
            let maxID = try #require(Int64(first.maxID))
            #expect(try await code(sender.call(.confirmReplies(maxID: String(maxID - 1)))) == 0)
            #expect(try await query().replies.map(\.content) == ["third"])
            #expect(try await code(sender.call(.confirmReplies(maxID: first.maxID))) == 0)
            #expect(try await query().replies.isEmpty)
            #expect(try await code(sender.call(.confirmReplies(maxID: "9223372036854775807"))) == 0)
        }
    }

    @Test func `other methods are not allowed, other paths not known`() async throws {
        try await Self.with { (sender: Sender) async throws in
            #expect(try await ask(sender.house.front, "GET", "/api/sms/send").status == 405)
            #expect(try await ask(sender.house.front, "POST", "/api/sms/sendx").status == 404)
        }
    }
}
