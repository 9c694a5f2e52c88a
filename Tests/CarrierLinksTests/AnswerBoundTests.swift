import CarrierLinks
import Engine
import Messaging
import Testing

/// What a carrier's answer cannot make us do: go elsewhere, or hold more than a bound.
struct AnswerBoundTests {
    private static let answerBytesMax = 8 << 20

    @Test(arguments: ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect"])
    func `a redirect is not followed: what it leads to hears nothing`(status: String) async throws {
        let success = ScriptedServer.ok(#"{"result":0,"msgid":7,"custid":"m","rpts":[]}"#)
        let elsewhere = try await ScriptedServer { _ in .say(success) }
        let location = elsewhere.url + "/sms/v2/std/single_send"
        // swift-format-ignore: OnlyOneTrailingClosureArgument
        let heard = try await withCarrier({ request in
            // Also to another path of its own.
            let target = request.contains("get_mo") ? "/elsewhere" : location
            return .say("HTTP/1.1 \(status)\r\nLocation: \(target)\r\nContent-Length: 0\r\n\r\n")
        }) { link in
            guard case .uncertain = await link.submit(call()) else {
                Issue.record("a redirected submission is not uncertain")
                return
            }
            for kind in [InboundKind.polledReports, .polledReplies] {
                let failure = await #expect(throws: CarrierFailure.self) { try await link.fetch(kind) }
                #expect(failure?.reason.contains(status.prefix(3)) == true, "\(failure?.reason ?? "")")
            }
        }
        await elsewhere.stop()
        #expect(elsewhere.heard.isEmpty)
        #expect(heard.count == 3)
        #expect(heard.allSatisfy { !$0.hasPrefix("POST /elsewhere") && !$0.hasPrefix("GET") })
    }

    @Test(arguments: [false, true])
    func `an answer has a bound of 8 MiB, whether it says its length or not`(isChunked: Bool) async throws {
        for (count, fits) in [(Self.answerBytesMax, true), (Self.answerBytesMax + 1, false)] {
            let body = String(repeating: "x", count: count)
            let answer =
                isChunked
                ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(String(count, radix: 16))\r\n\(body)\r\n"
                    + "0\r\n\r\n" : ScriptedServer.ok(body)
            // swift-format-ignore: OnlyOneTrailingClosureArgument
            try await withCarrier({ _ in .say(answer) }) { link in
                if fits {
                    let fetched = try await link.fetch(.polledReports)
                    #expect(fetched?.count == count)
                } else {
                    await #expect(throws: CarrierFailure.self) { try await link.fetch(.polledReports) }
                }
                // It cannot be read, and may have been carried out.
                guard case .uncertain = await link.submit(call()) else {
                    Issue.record("an answer of \(count) bytes to a submission is not uncertain")
                    return
                }
            }
        }
    }
}
