import Engine
import Messaging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import CarrierLinks

/// Pushes to customers' addresses.
struct PushLinkTests {
    private static let report = CustomerReport(
        id: MessageID(sequence: 7), customID: "c7", segmentNumber: 1, segmentTotal: 1, mobile: "13800138000",
        accessNumber: "10690012122", accessExtension: "", submittedAt: seedTime, reportedAt: seedTime,
        status: DeliveryStatus("DELIVRD"), customData: "")
    private static let reports = PushContent.reports([report])

    /// Runs `body` with a driver whose names lead where `names` says.
    private static func with<R>(
        _ url: String, allowsPrivate: Bool = true, dialect: PushDialect = .operatorV2,
        format: PushSettings.Format = .form,
        timeout: TimeAmount = .seconds(120), names: @escaping HostResolver.Look = HostResolver.system,
        _ body: (any PushLink) async throws -> R
    ) async throws -> R {
        let links = CarrierLinks(
            group: MultiThreadedEventLoopGroup.singleton, clock: Clock { seedTime }, callTimeout: .seconds(5),
            pushTimeout: timeout, resolver: HostResolver(look: names))
        let settings = PushSettings(
            reportURL: url, dialect: dialect, format: format, allowsPrivateTargets: allowsPrivate)
        let target = PushTarget(url: url, settings: settings, userID: "J10003", password: "111111")
        let result: Result<R, any Error>
        do {
            let link = try links.makePushLink(target)
            do {
                result = .success(try await body(link))
            } catch {
                result = .failure(error)
            }
            await link.close()
        } catch {
            result = .failure(error)
        }
        await links.shutdown()
        return try result.get()
    }

    /// Pushes one report to a scripted server, and gives the answer and what the server heard.
    private static func push(
        format: PushSettings.Format = .form, timeout: TimeAmount = .seconds(120),
        _ script: @escaping @Sendable (String) -> ScriptedServer.Act
    ) async throws -> (answer: PushAnswer, heard: [String]) {
        let server = try await ScriptedServer(script)
        let answer = try await with(server.url + "/reports?to=me", format: format, timeout: timeout) { link in
            await link.push(reports, sequence: 1003)
        }
        await server.stop()
        return (answer, server.heard)
    }

    // MARK: The wire

    @Test func `a push is a POST of a form, with the account's own login`() async throws {
        let (answer, heard) = try await Self.push { _ in
            .say(ScriptedServer.ok(#"{"cmd":"RPT_RESP","seqid":1003,"result":0}"#))
        }
        #expect(answer == PushAnswer(isAccepted: true, words: "HTTP 200, result 0"))
        let request = try #require(heard.first)
        #expect(heard.count == 1)
        #expect(request.hasPrefix("POST /reports?to=me HTTP/1.1\r\n"))
        #expect(request.lowercased().contains("content-type: application/x-www-form-urlencoded"))
        // The seed's own vector: J10003, 111111 at 0803192020.
        #expect(
            request.contains(
                "userid=J10003&pwd=26dad7f364507df18f3841cc9c4ff94d&timestamp=0803192020&cmd=RPT_REQ&seqid=1003&rpts="))
    }

    @Test func `a push can be JSON`() async throws {
        let (answer, heard) = try await Self.push(format: .json) { _ in
            .say(ScriptedServer.ok(#"{"cmd":"RPT_RESP","seqId":"1003","result":"0"}"#))
        }
        #expect(answer.isAccepted)
        #expect(heard.first?.lowercased().contains("content-type: application/json;charset=utf-8\r\n") == true)
        #expect(heard.first?.contains(#""cmd":"RPT_REQ","seqid":1003,"rpts":[{"msgid":7,"#) == true)
    }

    @Test(arguments: [
        (
            PushDialect.apiV1,
            #"{"sendId":"c7","mobile":"13800138000","times":"2016-08-03 19:20:20","status":"DELIVRD"}"#
        ),
        (.guodu, #"[{"msg":""#),
    ])
    func `dialects 001 and 003 push JSON, and HTTP 200 accepts it`(_ dialect: PushDialect, _ body: String) async throws
    {
        let answers = Mutex(0)
        let server = try await ScriptedServer { _ in
            let isFirst = answers.withLock { answers in
                answers += 1
                return answers == 1
            }
            return .say(ScriptedServer.ok("", status: isFirst ? "500 Oops" : "200 OK"))
        }
        let said = try await Self.with(server.url, dialect: dialect) { link in
            [await link.push(Self.reports, sequence: 1), await link.push(Self.reports, sequence: 2)]
        }
        await server.stop()
        #expect(said.map(\.isAccepted) == [false, true])
        #expect(said.map(\.words) == ["HTTP 500", "HTTP 200"])
        let request = try #require(server.heard.first)
        #expect(request.lowercased().contains("content-type: application/json;charset=utf-8\r\n"))
        #expect(request.contains("\r\n\r\n" + body))
    }

    private static let answers: [(ScriptedServer.Act, String)] = [
        (.say(ScriptedServer.ok(#"{"cmd":"RPT_RESP","seqid":1,"result":-100999}"#)), "HTTP 200, result -100999"),
        (.say(ScriptedServer.ok("OK")), "HTTP 200, an answer that cannot be read"),
        (.say(ScriptedServer.ok("")), "HTTP 200, an answer that cannot be read"),
        (.say(ScriptedServer.ok(#"{"result":0}"#, status: "500 Oops")), "HTTP 500"),
        (.say(ScriptedServer.ok(#"{"result":0}"#, status: "201 Created")), "HTTP 201"),
        (.close, "the connection was closed without an answer"),
    ]

    @Test(arguments: Self.answers.indices) func `all else is not accepted`(_ row: Int) async throws {
        let (act, words) = Self.answers[row]
        let (answer, heard) = try await Self.push { _ in act }
        #expect(answer == PushAnswer(isAccepted: false, words: words))
        #expect(heard.count == 1)
    }

    @Test func `a redirect is not followed`() async throws {
        let other = try await ScriptedServer(answering: #"{"result":0}"#)
        let (answer, heard) = try await Self.push { [url = other.url] _ in
            .say("HTTP/1.1 307 Elsewhere\r\nLocation: \(url)/\r\nContent-Length: 0\r\n\r\n")
        }
        #expect(answer == PushAnswer(isAccepted: false, words: "HTTP 307"))
        #expect(heard.count == 1)
        #expect(other.heard.isEmpty)
        await other.stop()
    }

    @Test func `no answer, and half an answer, end in time`() async throws {
        let (silent, _) = try await Self.push(timeout: .milliseconds(100)) { _ in .nothing }
        #expect(!silent.isAccepted)
        #expect(silent.words.contains("in time"))
        let (half, _) = try await Self.push(timeout: .milliseconds(100)) { _ in
            .say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"result\":0")
        }
        #expect(!half.isAccepted)
    }

    @Test func `an answer without end is cut off`() async throws {
        let (answer, _) = try await Self.push { _ in
            .say(ScriptedServer.ok(String(repeating: " ", count: 100_000) + #"{"result":0}"#))
        }
        #expect(!answer.isAccepted)
    }

    @Test func `nobody listens, and a name that leads nowhere`() async throws {
        let server = try await ScriptedServer(answering: "")
        await server.stop()
        let answer = try await Self.with(server.url) { await $0.push(Self.reports, sequence: 1) }
        #expect(!answer.isAccepted)
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        let nowhere = try await Self.with("http://nowhere.example/", names: { _ in [] }) {
            await $0.push(Self.reports, sequence: 1)
        }
        #expect(nowhere == PushAnswer(isAccepted: false, words: "nowhere.example has no address"))
    }

    @Test func `a server that does not speak TLS gets nothing`() async throws {
        let server = try await ScriptedServer(answering: #"{"result":0}"#)
        let url = "https://127.0.0.1:\(server.port)/"
        let answer = try await Self.with(url) { await $0.push(Self.reports, sequence: 1) }
        #expect(!answer.isAccepted)
        await server.stop()
        #expect(!server.heard.joined().contains("J10003"))
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func `a server whose certificate nobody vouches for gets nothing`(_ host: String) async throws {
        let server = try await ScriptedServer(tls: OwnCertificate.serverContext()) { _ in
            .say(ScriptedServer.ok(#"{"result":0}"#))
        }
        let names: HostResolver.Look = { _ in [IPAddress("127.0.0.1")].compactMap { $0 } }
        let answer = try await Self.with("https://\(host):\(server.port)/", names: names) {
            await $0.push(Self.reports, sequence: 1)
        }
        #expect(!answer.isAccepted)
        #expect(answer.words.contains("CERTIFICATE_VERIFY_FAILED"))
        await server.stop()
        #expect(server.heard.isEmpty)
    }

    // MARK: Where a push may lead

    @Test(arguments: [
        "http://127.0.0.1:PORT/", "http://127.1:PORT/", "http://2130706433:PORT/", "http://0x7f000001:PORT/",
        "http://0177.0.0.1:PORT/", "http://localhost:PORT/", "http://[::ffff:127.0.0.1]:PORT/", "http://[::1]:PORT/",
        "http://0.0.0.0:PORT/", "http://0:PORT/", "http://public.example@127.0.0.1:PORT/",
        "http://127.0.0.1.:PORT/", "http://10.0.0.1:PORT/", "http://169.254.169.254:PORT/latest/meta-data/",
        "http://[fe80::1]:PORT/", "http://[fd00::1]:PORT/", "http://100.64.0.1:PORT/", "http://224.0.0.1:PORT/",
        "http://[::127.0.0.1]:PORT/", "http://[64:ff9b::7f00:1]:PORT/",
    ])
    func `an address inside is refused, however it is written`(_ url: String) async throws {
        let server = try await ScriptedServer(answering: #"{"result":0}"#)
        let url = url.replacing("PORT", with: "\(server.port)")
        do {
            let answer = try await Self.with(url, allowsPrivate: false) { await $0.push(Self.reports, sequence: 1) }
            #expect(!answer.isAccepted)
        } catch let error as CarrierFailure {
            #expect(!error.reason.isEmpty)
        }
        await server.stop()
        #expect(server.heard.isEmpty)
    }

    @Test func `a name that leads inside is refused, and the reason says where`() async throws {
        let names: HostResolver.Look = { _ in [IPAddress("10.1.2.3"), IPAddress("::1")].compactMap { $0 } }
        let answer = try await Self.with("http://inside.example/", allowsPrivate: false, names: names) {
            await $0.push(Self.reports, sequence: 1)
        }
        #expect(!answer.isAccepted)
        #expect(answer.words.hasPrefix("10.1.2.3 is not a public address"))
    }

    @Test func `a name is looked up once for a request, and the connection goes where that look led`() async throws {
        let server = try await ScriptedServer(answering: #"{"result":0}"#)
        let looks = Mutex(0)
        // The first look leads to this machine, each later one elsewhere; nothing but the first may count.
        let names: HostResolver.Look = { _ in
            let isFirst = looks.withLock { looks in
                looks += 1
                return looks == 1
            }
            return [IPAddress(isFirst ? "127.0.0.1" : "127.0.0.2")].compactMap { $0 }
        }
        let answer = try await Self.with("http://changing.example:\(server.port)/", names: names) {
            await $0.push(Self.reports, sequence: 1)
        }
        await server.stop()
        #expect(answer.isAccepted)
        #expect(looks.withLock { $0 } == 1)
        // The host that was asked for is still named.
        #expect(server.heard.first?.lowercased().contains("host: changing.example:\(server.port)") == true)
    }

    @Test func `a name that changes to an address inside is refused from then on`() async throws {
        let server = try await ScriptedServer(answering: #"{"result":0}"#)
        let looks = Mutex(0)
        // 192.0.2.1 is nobody's, so that nothing is reached; then the name leads to this machine.
        let names: HostResolver.Look = { _ in
            let isFirst = looks.withLock { looks in
                looks += 1
                return looks == 1
            }
            return [IPAddress(isFirst ? "2001:4860::1" : "127.0.0.1")].compactMap { $0 }
        }
        let url = "http://rebinding.example:\(server.port)/"
        try await Self.with(url, allowsPrivate: false, timeout: .milliseconds(200), names: names) { link in
            for sequence in 1...3 {
                let answer = await link.push(Self.reports, sequence: Int64(sequence))
                #expect(!answer.isAccepted)
            }
        }
        await server.stop()
        #expect(server.heard.isEmpty)
    }

    @Test func `another address of the name is tried after one that cannot be reached`() async throws {
        let server = try await ScriptedServer(answering: #"{"result":0}"#)
        let names: HostResolver.Look = { _ in
            [IPAddress("127.0.0.9"), IPAddress("127.0.0.1")].compactMap { $0 }
        }
        let answers = try await Self.with("http://two.example:\(server.port)/", names: names) { link in
            [await link.push(Self.reports, sequence: 1), await link.push(Self.reports, sequence: 2)]
        }
        await server.stop()
        #expect(answers.map(\.isAccepted) == [false, true])
    }

    @Test(arguments: ["ftp://a/", "a.example/", "", "http://", "http:///x", "unix:///run/x", "http+unix://x/y"])
    func `what is no http or https URL is refused when it is given`(_ url: String) async throws {
        await #expect(throws: CarrierFailure.self) { try await Self.with(url) { _ in } }
    }

    @Test func `many pushes at once go out over one look`() async throws {
        let server = try await ScriptedServer(answering: #"{"result":0}"#)
        let answers = try await Self.with(server.url) { link in
            await withTaskGroup(of: PushAnswer.self) { group in
                for sequence in 0..<16 { group.addTask { await link.push(Self.reports, sequence: Int64(sequence)) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
        await server.stop()
        #expect(answers.count(where: \.isAccepted) == 16)
        #expect(server.heard.count == 16)
    }
}
