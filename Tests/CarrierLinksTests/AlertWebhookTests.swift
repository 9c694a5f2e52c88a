import Engine
import Messaging
import NIOCore
import NIOPosix
import Testing

@testable import CarrierLinks

/// Balance alerts to customers' webhooks.
struct AlertWebhookTests {
    private static let notice = BalanceNotice(
        kind: .low, account: "J10003", name: "甲\"公司\"", unit: .money, balance: 12_500_000, threshold: 100_000_000,
        at: seedTime)

    private static func links(_ names: @escaping HostResolver.Look = HostResolver.system) -> CarrierLinks {
        CarrierLinks(
            group: MultiThreadedEventLoopGroup.singleton, clock: Clock { seedTime }, callTimeout: .seconds(5),
            pushTimeout: .seconds(20), resolver: HostResolver(look: names))
    }

    /// Sends the notice to a scripted server.
    private static func send(
        _ form: BalanceAlertSettings.Form, answer: String
    ) async throws -> (answer: PushAnswer, heard: String) {
        let server = try await ScriptedServer { _ in .say(answer) }
        let links = links()
        let answer = await links.send(
            notice, to: AlertTarget(url: server.url + "/hook?key=1", form: form, allowsPrivate: true))
        await links.shutdown()
        await server.stop()
        #expect(server.heard.count == 1)
        return (answer, server.heard.first ?? "")
    }

    private static let text = #"账户 J10003（甲\"公司\"） 余额 12.5 元，低于预警值 100 元，请及时充值。"#

    @Test(
        arguments: [
            (.wecom, #"{"msgtype":"text","text":{"content":"\#(text)"}}"#),
            (.dingtalk, #"{"msgtype":"text","text":{"content":"\#(text)"},"at":{"isAtAll":false}}"#),
        ] as [(BalanceAlertSettings.Form, String)])
    func `a robot is sent a text message, and its errcode is what counts`(
        _ form: BalanceAlertSettings.Form, _ body: String
    ) async throws {
        let (answer, heard) = try await Self.send(form, answer: ScriptedServer.ok(#"{"errmsg":"ok","errcode":0}"#))
        #expect(answer == PushAnswer(isAccepted: true, words: "HTTP 200, errcode 0"))
        #expect(heard.hasPrefix("POST /hook?key=1 HTTP/1.1\r\n"))
        #expect(heard.lowercased().contains("content-type: application/json;charset=utf-8\r\n"))
        #expect(heard.hasSuffix("\r\n\r\n" + body))
        let refused = try await Self.send(form, answer: ScriptedServer.ok(#"{"errcode":310000,"errmsg":"sign"}"#))
            .answer
        #expect(refused == PushAnswer(isAccepted: false, words: "HTTP 200, errcode 310000"))
        let odd = try await Self.send(form, answer: ScriptedServer.ok("ok")).answer
        #expect(odd == PushAnswer(isAccepted: false, words: "HTTP 200, no errcode"))
    }

    @Test func `the plain form has every figure, and any answer of 2xx is yes`() async throws {
        let (answer, heard) = try await Self.send(.json, answer: ScriptedServer.ok("", status: "204 No Content"))
        #expect(answer == PushAnswer(isAccepted: true, words: "HTTP 204"))
        let body =
            #"{"event":"balance_low","account":"J10003","name":"甲\"公司\"","unit":"money","balance":"12.500000","#
            + #""threshold":"100.000000","time":"\#(seedTime.chinaText)","text":"\#(Self.text)"}"#
        #expect(heard.hasSuffix("\r\n\r\n" + body))
        let failed = try await Self.send(.json, answer: ScriptedServer.ok("", status: "500 Oops")).answer
        #expect(failed == PushAnswer(isAccepted: false, words: "HTTP 500"))
    }

    @Test func `no private address is called, by its number or by a name, unless that is allowed`() async throws {
        let server = try await ScriptedServer(answering: #"{"errcode":0}"#)
        let links = Self.links { _ in [IPAddress("127.0.0.1")].compactMap(\.self) }
        for url in [server.url + "/", "http://hook.example.com:\(server.port)/"] {
            let shut = AlertTarget(url: url, form: .wecom, allowsPrivate: false)
            let answer = await links.send(Self.notice, to: shut)
            #expect(!answer.isAccepted && answer.words.contains("is not a public address"), "\(answer.words)")
        }
        #expect(server.heard.isEmpty)
        let open = AlertTarget(url: "http://hook.example.com:\(server.port)/", form: .wecom, allowsPrivate: true)
        #expect(await links.send(Self.notice, to: open).isAccepted)
        #expect(throws: CarrierFailure.self) {
            try links.check(AlertTarget(url: "http://10.0.0.1/", form: .json, allowsPrivate: false))
        }
        #expect(throws: CarrierFailure.self) {
            try links.check(AlertTarget(url: "ftp://example.com/", form: .json, allowsPrivate: true))
        }
        await links.shutdown()
        await server.stop()
    }
}
