import CarrierLinks
import Engine
import Messaging
import NIOPosix
import Testing

/// What is asked of the carrier.
struct RequestTests {
    private static let success = ScriptedServer.ok(#"{"result":0,"msgid":7,"custid":"m"}"#)

    private func request(_ call: CarrierCall) async throws -> String {
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        let heard = try await withCarrier({ _ in .say(Self.success) }) { link in
            #expect(await link.submit(call) == .accepted(.consecutive(from: 7)))
        }
        return try #require(heard.first)
    }

    @Test func `one message is a single_send with the seed's digest`() async throws {
        let text = try await request(call(accessExtension: "0006"))
        #expect(text.hasPrefix("POST /sms/v2/std/single_send HTTP/1.1\r\n"))
        for piece in [
            #""userid":"J10003""#, #""pwd":"26dad7f364507df18f3841cc9c4ff94d""#, #""timestamp":"0803192020""#,
            #""mobile":"13800138000""#, #""content":"%b2%e2%ca%d4%b6%cc%d0%c5""#, #""exno":"0006""#,
            #""custid":"m100""#,
        ] { #expect(text.contains(piece), "\(piece) is missing in \(text)") }
        #expect(!text.contains("111111"))
    }

    @Test func `one content to many is a batch_send that names the call`() async throws {
        let text = try await request(call(3, isUniform: true))
        #expect(text.hasPrefix("POST /sms/v2/std/batch_send HTTP/1.1\r\n"))
        #expect(text.contains(#""mobile":"13800138000,13800138001,13800138002""#))
        #expect(text.contains(#""custid":"m100a9""#))
    }

    @Test func `different messages are a multi_send in which each names itself`() async throws {
        let text = try await request(call(3))
        #expect(text.hasPrefix("POST /sms/v2/std/multi_send HTTP/1.1\r\n"))
        for name in ["m100", "m101", "m102"] { #expect(text.contains(#""custid":"\#(name)""#)) }
    }

    @Test func `an extension goes out as it is: what has no room was left out before`() async throws {
        let text = try await request(call(accessExtension: "1234567"))
        #expect(text.contains(#""exno":"1234567""#))
    }

    @Test func `each dialect says which extensions it has room for`() async throws {
        let links = CarrierLinks(group: MultiThreadedEventLoopGroup.singleton, clock: Clock { seedTime })
        let rooms: [(String, ExtensionRoom)] = [
            ("operator-v2", ExtensionRoom(digitsMax: 6)), ("api-v1", ExtensionRoom(digitsMax: 20, isInteger: true)),
            ("enterprise-oauth2", .widest), ("enterprise-json", .widest), ("guodu", .widest), ("yixintong", .widest),
        ]
        for (dialect, room) in rooms {
            let endpoint = ChannelEndpoint(
                dialect: dialect, url: "http://127.0.0.1:1", user: "U", password: "p", clientID: "c",
                clientSecret: "s", spCode: "1", enterpriseID: "1")
            let link = try? links.makeLink(endpoint, connectionLimit: 1)
            #expect(link?.limits.extensions == room, "\(dialect)")
        }
        await links.shutdown()
    }

    @Test func `a URL may end in a slash or have a path`() async throws {
        for (suffix, path) in [("/", "/sms/v2/std/single_send"), ("/gate", "/gate/sms/v2/std/single_send")] {
            let server = try await ScriptedServer { _ in .say(Self.success) }
            _ = try await withLink(server.url + suffix) { link in await link.submit(call()) }
            await server.stop()
            #expect(server.heard.first?.hasPrefix("POST \(path) ") == true)
        }
    }

    @Test func `the limits are the dialect's`() async throws {
        try await withLink("http://127.0.0.1:1") { link in
            #expect(
                link.limits
                    == CallLimits(
                        sameContentMax: 1000, distinctMax: 100, durationMax: 120_000,
                        extensions: ExtensionRoom(digitsMax: 6)))
            #expect(Set(link.polls) == [.polledReports, .polledReplies])
        }
    }

    @Test(arguments: ["", "127.0.0.1:80", "ftp://127.0.0.1", "http://", "https:///x", "http://bad host/"])
    func `what is no http URL is refused in words`(url: String) async {
        await #expect(throws: CarrierFailure.self) { try await withLink(url) { _ in } }
    }

    @Test func `an unknown dialect is refused with the known ones named`() async {
        let links = CarrierLinks(group: MultiThreadedEventLoopGroup.singleton, clock: Clock { seedTime })
        let endpoint = ChannelEndpoint(dialect: "smpp", url: "http://127.0.0.1:1", user: "", password: "")
        let failure = #expect(throws: CarrierFailure.self) { try links.makeLink(endpoint, connectionLimit: 1) }
        #expect(failure?.reason.contains("smpp") == true)
        #expect(failure?.reason.contains("operator-v2") == true)
        await links.shutdown()
    }
}
