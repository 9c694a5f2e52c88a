import NIOCore
import NIOHTTP1
import Testing

@testable import HTTPCore

/// The machine of a connection, without a channel: what each event does in each state.
@Suite struct ConnectionStateMachineTests {
    enum Place: String, CaseIterable, Sendable {
        case idle, head, body, answering, sendingFile, lingering, closed

        /// A run that is in this state.
        func run() -> MachineRun {
            var run = MachineRun()
            run.answersAtOnce = false
            switch self {
            case .idle: break
            case .head: run.say("GET / HT")
            case .body: run.say("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na")
            case .answering: run.say("GET / HTTP/1.1\r\n\r\n")
            case .sendingFile:
                run.say("GET / HTTP/1.1\r\n\r\n")
                if let file = try? FileBody(path: #filePath) { run.answer(HTTPResponse(contentType: "", file: file)) }
            case .lingering: run.say("GARBAGE\r\n\r\n")
            case .closed: run.event { machine, _ in machine.close() }
            }
            run.clearTrace()
            return run
        }
    }

    enum Event: String, CaseIterable, Sendable {
        case byte, answer, drain, inputClosed, after6s, after11s, after31s, after80s, stalledFor80s, close

        func happen(to run: inout MachineRun) {
            switch self {
            case .byte: run.say("x")
            case .answer: run.answer()
            case .drain: run.event { machine, _ in machine.drain() }
            case .inputClosed: run.event { machine, _ in machine.inputClosed() }
            case .after6s: wait(.seconds(6), &run)
            case .after11s: wait(.seconds(11), &run)
            case .after31s: wait(.seconds(31), &run)
            case .after80s: wait(.seconds(80), &run)
            case .stalledFor80s:
                run.event { machine, now in machine.writabilityChanged(false, now) }
                wait(.seconds(80), &run)
            case .close: run.event { machine, _ in machine.close() }
            }
        }

        private func wait(_ time: TimeAmount, _ run: inout MachineRun) {
            run.now = run.now + time
            run.event { machine, now in machine.checkTime(now) }
        }
    }

    /// A row for each state; its cells in the order of `Event`.
    private static let table: [Place: [String]] = [
        .idle: ["", "", "close", "closeOutput", "close", "close", "close", "close", "close", "close"],
        .head: [
            "", "", "", "closeOutput", "", "408 closeOutput", "408 closeOutput", "408 closeOutput", "close", "close",
        ],
        .body: [
            "", "", "", "closeOutput", "", "408 closeOutput", "408 closeOutput", "408 closeOutput", "close", "close",
        ],
        .answering: ["", "200", "", "", "", "", "", "", "close", "close"],
        .sendingFile: ["", "", "", "", "", "", "", "", "close", "close"],
        .lingering: ["", "", "", "close", "close", "close", "close", "close", "close", "close"],
        .closed: ["", "", "", "", "", "", "", "", "", ""],
    ]

    @Test(arguments: Place.allCases) func `each event does in each state what the table says`(place: Place) throws {
        let row = try #require(Self.table[place])
        #expect(row.count == Event.allCases.count)
        for (event, expected) in zip(Event.allCases, row) {
            var run = place.run()
            event.happen(to: &run)
            #expect(run.trace == expected, "\(place), \(event)")
        }
    }

    @Test(
        arguments: [
            (true, "", ""), (false, "close", ""), (true, "", "drain"), (true, "", "closing request"),
        ] as [(Bool, String, String)])
    func `after its file a connection goes on, or ends when the file was cut short`(
        isWhole: Bool, expected: String, circumstance: String
    ) throws {
        var run = MachineRun()
        run.answersAtOnce = false
        let close = circumstance == "closing request" ? "Connection: close\r\n" : ""
        run.say("GET / HTTP/1.1\r\n\(close)\r\n")
        let file = try FileBody(path: #filePath)
        run.answer(HTTPResponse(contentType: "text/plain", file: file))
        #expect(run.trace == "request 200 file \(file.length)")
        if circumstance == "drain" { run.event { machine, _ in machine.drain() } }
        run.clearTrace()
        run.event { machine, now in machine.fileSent(whole: isWhole, now) }
        #expect(run.trace == (circumstance.isEmpty ? expected : "closeOutput"))
        if circumstance.isEmpty, isWhole {
            run.clearTrace()
            run.say("GET / HTTP/1.1\r\n\r\n")
            #expect(run.trace == "request")
        }
    }

    @Test func `a request that comes while a file is sent waits for its end`() throws {
        var run = MachineRun()
        run.answersAtOnce = false
        run.say("GET / HTTP/1.1\r\n\r\n")
        run.answer(HTTPResponse(contentType: "text/plain", file: try FileBody(path: #filePath)))
        run.clearTrace()
        run.say("GET / HTTP/1.1\r\n\r\n")
        #expect(run.trace.isEmpty)
        #expect(!run.machine.wantsRead)
        run.event { machine, now in machine.fileSent(whole: true, now) }
        #expect(run.trace == "request")
    }

    @Test func `the answer to HEAD names the file's length and sends nothing of it`() throws {
        var run = MachineRun()
        run.answersAtOnce = false
        run.say("HEAD / HTTP/1.1\r\n\r\n")
        let file = try FileBody(path: #filePath)
        run.answer(HTTPResponse(contentType: "text/plain", file: file))
        #expect(run.trace == "request 200")
        #expect(String(buffer: run.written).contains("Content-Length: \(file.length)\r\n"))
    }

    @Test(arguments: [(3_000_000, "head /a 100", true), (3_000_000, "head /a 413 closeOutput", false)])
    func `a path may take larger bodies than the others`(length: Int, expected: String, isAllowed: Bool) {
        var run = MachineRun()
        run.answersAtOnce = false
        if isAllowed { run.allowance = BodyAllowance(bytesMax: 4_000_000, timeout: .minutes(10)) }
        run.say("POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: \(length)\r\n\r\n")
        #expect(run.trace == expected)
        guard isAllowed else { return }
        run.clearTrace()
        run.say([UInt8](repeating: 0x61, count: 1000))
        run.now = run.now + .seconds(45)
        // Longer than the listener's limit, and not slower than bodies may come.
        run.say([UInt8](repeating: 0x61, count: 100_000))
        run.event { machine, now in machine.checkTime(now) }
        run.say([UInt8](repeating: 0x61, count: length - 101_000))
        #expect(run.trace.hasSuffix("request"))
        #expect(run.requests.last?.body.readableBytes == length)
        // The next one is an ordinary request again.
        run.allowance = nil
        run.answer()
        run.clearTrace()
        run.say("POST /b HTTP/1.1\r\nContent-Length: \(length)\r\n\r\n")
        #expect(run.trace == "head /b 413 closeOutput")
    }

    @Test(
        arguments: [
            // The input closes, the server drains, or both, while a request is under way and another one waits.
            ([.inputClosed, .answer, .answer], "200 request 200 closeOutput"), ([.drain, .answer], "200 closeOutput"),
            ([.drain, .inputClosed, .answer], "200 closeOutput"), ([.close, .answer], "close"),
            ([.answer, .drain, .answer], "200 request 200 closeOutput"),
        ] as [([Event], String)])
    func `a pipelined request is answered unless the server stops`(events: [Event], expected: String) {
        var run = MachineRun()
        run.answersAtOnce = false
        run.say("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n")
        #expect(!run.machine.wantsRead)
        run.clearTrace()
        for event in events { event.happen(to: &run) }
        #expect(
            run.trace.split(separator: " ").filter { $0 != "request" }
                == expected.split(separator: " ").filter { $0 != "request" })
        #expect(run.requests.count == (expected.contains("request") ? 2 : 1))
    }

    @Test func `a peer that does not take its answers gets no further request read`() {
        var run = MachineRun()
        run.event { machine, now in machine.writabilityChanged(false, now) }
        run.say("GET / HTTP/1.1\r\n\r\n")
        #expect(run.requests.isEmpty && !run.machine.wantsRead)
        run.event { machine, now in machine.writabilityChanged(true, now) }
        #expect(run.requests.count == 1 && run.machine.wantsRead)
    }

    @Test func `a head whose body is missing, or that comes through a proxy, may be refused`() {
        let whole = "POST /a HTTP/1.1\r\nContent-Length: 1\r\n\r\nx"
        for (text, isBehindProxy, isShown) in [
            (whole, false, false), (whole, true, true), (String(whole.dropLast()), false, true),
            ("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", false, true),
        ] {
            var run = MachineRun(isBehindProxy: isBehindProxy)
            run.refusal = .notFound
            run.say(text)
            #expect(run.trace == (isShown ? "head /a 404 closeOutput" : "request 200"))
        }
    }

    @Test func `what has arrived of a request is reserved from 8 KiB on, and once`() {
        for head in ["Content-Length: 100000", "Transfer-Encoding: chunked"] {
            var run = MachineRun()
            run.say("POST /a HTTP/1.1\r\n\(head)\r\n\r\n" + (head.hasPrefix("T") ? "186a0\r\n" : ""))
            run.clearTrace()
            run.say(String(repeating: "x", count: 8192))
            #expect(run.trace == "")
            run.say("xx")
            #expect(run.trace == "reserve 8194")
            run.refusal = .overloaded
            run.say("x")
            #expect(run.trace == "reserve 8194 reserve 8195 503 closeOutput")
        }
    }

    @Test func `a large answer leaves with its body apart, a burst of small ones in pieces of some 64 KiB`() {
        var run = MachineRun()
        run.answersAtOnce = false
        run.say("GET / HTTP/1.1\r\n\r\n")
        run.clearTrace()
        run.answer(HTTPResponse(contentType: "a/b", body: ByteBuffer(repeating: 0x78, count: 1 << 20)))
        #expect(run.trace == "200")
        #expect(
            String(buffer: run.written).hasPrefix(
                "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 1048576\r\n\r\nxxx"))
        #expect(run.written.readableBytes == 63 + (1 << 20))
        var burst = MachineRun()
        burst.writesEach = false
        burst.say(String(repeating: "GET / HTTP/1.1\r\n\r\n", count: 5000))
        #expect(burst.requests.count == 5000)
        #expect((3...5).contains(burst.trace.split(separator: " ").count { $0 == "200" }))
    }

    // MARK: Cuts and mutations

    private static let samples = [
        "GET /a?b=c HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n",
        "POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Type: a/b\r\nContent-Length: 3\r\n\r\nabc",
        "POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\ndef\r\n0A \r\n0123456789\r\n0\r\nT: t\r\n\r\n",
        "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nokGET /e HTTP/1.0\r\n\r\n",
        "\r\nGET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 1\r\n\r\nx\r\n"
            + "GET /3 HTTP/1.1\r\nConnection: x, close\r\n\r\nGET /4 HTTP/1.1\r\n\r\n",
        "GET http://h/p?q HTTP/1.1\r\nX-Forwarded-For: 192.0.2.1\r\nA:\r\n\r\nHEAD /h HTTP/1.1\r\n\r\n",
    ]

    /// What was written and whether the connection goes on, wherever the bytes were cut.
    private static func outcome(_ parts: [ArraySlice<UInt8>]) -> (written: ByteBuffer, isOpen: Bool, requests: Int) {
        var run = MachineRun()
        run.keepsTrace = false
        for part in parts where !part.isEmpty { run.say(part) }
        return (run.written, !run.isEnded, run.requests.count)
    }

    @Test(arguments: samples) func `every sample is answered the same wherever it is cut`(sample: String) {
        let bytes = Array(sample.utf8)
        let whole = Self.outcome([bytes[...]])
        #expect(whole.requests > 0)
        for cut in 0...bytes.count {
            #expect(Self.outcome([bytes[..<cut], bytes[cut...]]) == whole, "\(cut)")
        }
        #expect(Self.outcome(bytes.indices.map { bytes[$0...$0] }) == whole)
    }

    /// A case is a mutated input cut at one place, or at every place. For ten million of them, some 20 minutes:
    /// YIZHAN_HTTP_CASES=10000000 packaging/test --filter ConnectionStateMachineTests
    @Test(arguments: [1, 2, 3, 4])
    func `mutated requests and pipelines are answered or refused the same wherever they are cut`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var answered = 0
        var refused = 0
        for round in 0..<SeededGenerator.cases(200_000) / (4 * Self.cutsEach) {
            let bytes = random.mutatedRequest(of: Self.shortSamples)
            let whole = Self.outcome([bytes[...]])
            answered += whole.requests
            if !whole.isOpen { refused += 1 }
            for number in 0..<Self.cutsEach {
                let cut = Int.random(in: 0...bytes.count, using: &random)
                let parts =
                    number == 0 && round % 16 == 0
                    ? bytes.indices.map { bytes[$0...$0] } : [bytes[..<cut], bytes[cut...]]
                guard Self.outcome(parts) != whole else { continue }
                Issue.record("seed \(seed), round \(round), cut at \(cut): \(String(decoding: bytes, as: UTF8.self))")
                return
            }
        }
        #expect(answered > 100 && refused > 100)
    }

    private static let cutsEach = 8

    private static let shortSamples = [
        "GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n", "POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\ndef\r\n0A \r\n0123456789\r\n0\r\nT:\r\n\r\n",
        "PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nxGET / HTTP/1.0\r\n\r\n",
        "\r\nHEAD /1 HTTP/1.1\r\n\r\nGET http://h/3 HTTP/1.1\r\nConnection: x, close\r\n\r\nGET /4",
    ]
}
