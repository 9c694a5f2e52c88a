import CarrierLinks
import Engine
import Glibc
import Messaging
import NIOCore
import Testing

/// What each way in which a call can end is told to be. Told wrong, a message would be lost or sent twice.
struct SubmitTests {
    @Test(arguments: ["api-v1", "enterprise-json", "enterprise-oauth2", "yixintong"])
    func `where a call has one content, different ones are not sent`(dialect: String) async throws {
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        let heard = try await withCarrier({ _ in .nothing }, dialect: dialect) { link in
            guard case .notSent = await link.submit(call(2)) else {
                Issue.record("two contents were sent in one call")
                return
            }
        }
        #expect(heard.isEmpty)
    }

    private func outcome(_ act: ScriptedServer.Act) async throws -> SubmitOutcome {
        var outcome = SubmitOutcome.notSent(reason: "not called")
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        let heard = try await withCarrier({ _ in act }) { link in outcome = await link.submit(call()) }
        #expect(heard.count == 1, "a request must never be sent twice")
        return outcome
    }

    private func isUncertain(_ outcome: SubmitOutcome) -> Bool {
        if case .uncertain = outcome { true } else { false }
    }

    /// A bound socket that does not listen, and its port.
    private static func silentPort() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let wanted = try SocketAddress(ipAddress: "127.0.0.1", port: 0)
        let isBound = wanted.withSockAddr { bind(descriptor, $0, socklen_t($1)) == 0 }
        // As the kernel writes it: the port is in the third and fourth byte, the higher first.
        var bytes = [UInt8](repeating: 0, count: 128)
        var length = socklen_t(bytes.count)
        let isNamed = bytes.withUnsafeMutableBytes { raw in
            raw.withMemoryRebound(to: sockaddr.self) { getsockname(descriptor, $0.baseAddress, &length) == 0 }
        }
        try #require(descriptor >= 0 && isBound && isNamed)
        return (descriptor, UInt16(bytes[2]) << 8 | UInt16(bytes[3]))
    }

    // MARK: It did not leave

    @Test func `nobody listens: not sent`() async throws {
        // A port that is taken and does not listen: nobody else can get it meanwhile.
        let (descriptor, port) = try Self.silentPort()
        defer { close(descriptor) }
        try await withLink("http://127.0.0.1:\(port)") { link in
            let told = await link.submit(call())
            guard case .notSent(let reason) = told else {
                Issue.record("\(told)")
                return
            }
            #expect(reason.contains("127.0.0.1"))
        }
    }

    // MARK: It may have arrived

    @Test func `closed after the request: uncertain`() async throws {
        #expect(isUncertain(try await outcome(.close)))
    }

    @Test func `no answer in time: uncertain`() async throws {
        var told: SubmitOutcome?
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        let heard = try await withCarrier({ _ in .nothing }, callTimeout: .milliseconds(500)) { link in
            told = await link.submit(call())
        }
        #expect(isUncertain(try #require(told)))
        // On a busy machine the time may be over before the request was even read; twice it never comes.
        #expect(heard.count <= 1)
    }

    @Test(arguments: ["500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable", "302 Found"])
    func `a server's own trouble: uncertain`(status: String) async throws {
        #expect(isUncertain(try await outcome(.say(ScriptedServer.ok("no", status: status)))))
    }

    @Test(arguments: [
        "", "OK", "<html></html>", #"{"result":"#, "{}", #"{"result":"zero"}"#, "[]", "null", #"{"msgid":1}"#,
        "<response><result>0", "\u{0}\u{1}",
    ])
    func `an answer that cannot be read: uncertain`(body: String) async throws {
        #expect(isUncertain(try await outcome(.say(ScriptedServer.ok(body)))))
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"result\":0,\"msgid\":5}", "HTTP/1.1 200",
        "not HTTP at all\r\n\r\n",
    ])
    func `an answer that breaks off: uncertain`(answer: String) async throws {
        #expect(isUncertain(try await outcome(.sayAndClose(answer))))
    }

    @Test func `the carrier's own database error: uncertain`() async throws {
        let body = #"{"result":-100999,"msgid":0,"custid":""}"#
        #expect(isUncertain(try await outcome(.say(ScriptedServer.ok(body)))))
    }

    // MARK: It was refused

    @Test(arguments: ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "429 Too Many Requests"])
    func `a client error: the channel is refused`(status: String) async throws {
        let told = try await outcome(.say(ScriptedServer.ok("no", status: status)))
        #expect(told == .channelRefused(code: "HTTP \(status.prefix(3))"))
    }

    @Test(arguments: [-100_001, -100_002, -100_003, -100_056, -100_057])
    func `codes that speak of us refuse the channel`(code: Int) async throws {
        let body = #"{"result":\#(code),"msgid":0,"custid":""}"#
        #expect(try await outcome(.say(ScriptedServer.ok(body))) == .channelRefused(code: "\(code)"))
    }

    @Test(arguments: [-100_004, -100_011, -100_012, -100_014, -100_029, -100_126, -100_252, -100_253, -100_998])
    func `codes that speak of a message refuse the message`(code: Int) async throws {
        let body = #"{"result":\#(code),"msgid":0,"custid":""}"#
        #expect(try await outcome(.say(ScriptedServer.ok(body))) == .messageRefused(code: "\(code)"))
    }

    // MARK: It was taken

    @Test(arguments: [
        #"{"result":0,"msgid":9223372036,"custid":"m100"}"#, #"{"custid":"m100","msgid":"9223372036","result":"0"}"#,
        "<?xml version=\"1.0\"?><response><result>0</result><msgid>9223372036</msgid><custid>m100</custid></response>",
    ])
    func `success tells the carrier's number`(body: String) async throws {
        #expect(try await outcome(.say(ScriptedServer.ok(body))) == .accepted(.consecutive(from: 9_223_372_036)))
    }

    @Test func `success without a number is success`() async throws {
        #expect(try await outcome(.say(ScriptedServer.ok(#"{"result":0}"#))) == .accepted(nil))
    }

    @Test func `a connection that the carrier closed between two calls costs at most certainty`() async throws {
        let body = ScriptedServer.ok(#"{"result":0,"msgid":7,"custid":"m"}"#)
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        let heard = try await withCarrier({ _ in .sayAndClose(body) }) { link in
            for _ in 0..<20 {
                let told = await link.submit(call())
                #expect(told == .accepted(.consecutive(from: 7)) || isUncertain(told))
            }
        }
        #expect(heard.count <= 20)
    }

    @Test func `calls at the same time each have their own answer`() async throws {
        let script: @Sendable (String) -> ScriptedServer.Act = { request in
            let digits = request.firstRange(of: "\"custid\":\"m")
                .map { request[$0.upperBound...].prefix { $0 != "\"" } }
            return .say(ScriptedServer.ok(#"{"result":0,"msgid":\#(digits ?? "0"),"custid":""}"#))
        }
        try await withCarrier(script) { link in
            await withTaskGroup(of: Void.self) { group in
                for number in 1...40 {
                    group.addTask {
                        var one = call()
                        one.messages[0].sequence = MessageSequence(Int64(number))
                        #expect(await link.submit(one) == .accepted(.consecutive(from: Int64(number))))
                    }
                }
            }
        }
    }
}
