import Dialects
import Engine
import HTTPFront
import Messaging
import NIOCore
import Testing

/// Codes that an account's rules, its connections and our own trouble are told with, in each dialect, by requests.
struct CodeTests {
    /// Each dialect's success.
    private static let success: [Tongue: String] = [
        .token: "0", .plain: "0", .apiV1: "00", .operatorV2: "0", .guodu: "03", .yixintong: "0",
    ]

    /// At 2016-08-03 19:20:20 in China.
    @Test(
        arguments: [
            ("20160803192520", "0"), ("", "0"), ("0", "0"), ("20160803192020", "-100126"), ("soon", "-100126"),
            ("20160806192020", "0"), ("20160806192021", "-100126"),
        ])
    func `the validity of dialect 002`(_ validtime: String, _ code: String) async throws {
        try await FrontHouse.with { house in
            let body = FrontHouse.send().dropLast() + ",\"validtime\":\"\(validtime)\"}"
            let answer = try await ask(house.front, "POST", "/sms/v2/std/single_send", String(body))
            #expect(answer.body.hasPrefix("{\"result\":\(code),"), "\(answer.body)")
            guard code == "0" else { return }
            let message = try await house.engine.records.timeline(of: MessageID(rawValue: 1))
            let end = validtime.utf8.count == 14 ? Timestamp(chinaText: validtime) : nil
            #expect(message.validUntil == end)
        }
    }

    @Test func `a content with a forbidden word`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            _ = try await speaker.house.engine.rules.changeWords(add: ["赌博"], remove: [], of: try speaker.entry)
            let codes: [Tongue: String] = [
                .token: "8", .plain: "8", .apiV1: "10", .operatorV2: "-100998", .guodu: "06", .yixintong: "1",
            ]
            for tongue in Tongue.allCases {
                #expect(try await speaker.send(tongue, "来赌博吧") == codes[tongue], "\(tongue)")
                #expect(try await speaker.send(tongue) == Self.success[tongue], "\(tongue)")
            }
            #expect(try speaker.balance == 100 - Int64(Tongue.allCases.count))
        }
    }

    @Test func `a number too often`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            let limit = try #require(FrequencyLimit("1/1d"))
            _ = try await speaker.house.engine.rules.update(try speaker.entry) { $0.limits = [limit] }
            let codes: [Tongue: String] = [
                .token: "9", .plain: "9", .apiV1: "09", .operatorV2: "-100998", .guodu: "06", .yixintong: "11",
            ]
            for (place, tongue) in Tongue.allCases.enumerated() {
                let mobile = "1380013800\(place)"
                #expect(try await speaker.send(tongue, to: mobile) == Self.success[tongue], "\(tongue)")
                #expect(try await speaker.send(tongue, to: mobile) == codes[tongue], "\(tongue)")
            }
            #expect(try speaker.balance == 100 - Int64(Tongue.allCases.count))
        }
    }

    @Test func `a free text where a template is required`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            let entry = try speaker.entry
            try await speaker.house.engine.rules.add(
                try #require(Template(id: "1", text: "您的验证码是{1}")), to: entry)
            _ = try await speaker.house.engine.rules.update(entry) { $0.requiresTemplate = true }
            let codes: [Tongue: String] = [
                .token: "8", .plain: "8", .apiV1: "10", .operatorV2: "-100998", .guodu: "06",
                // Its templateId is 0.
                .yixintong: "28",
            ]
            for tongue in Tongue.allCases {
                #expect(try await speaker.send(tongue, "free text") == codes[tongue], "\(tongue)")
                #expect(try await speaker.send(tongue, "您的验证码是66") == Self.success[tongue], "\(tongue)")
            }
        }
    }

    @Test func `one connection too many`() async throws {
        try await Speaker.with(connectionLimit: 1) { (speaker: Speaker) async throws in
            let first = try await WebClient(speaker.house.front)
            #expect(try await speaker.send(.plain, on: first) == "0")
            let codes: [Tongue: String] = [
                .token: "9", .plain: "9", .apiV1: "09", .operatorV2: "-100056",
                .guodu: "12", .yixintong: "11",
            ]
            for tongue in Tongue.allCases {
                #expect(try await speaker.send(tongue) == codes[tongue], "\(tongue)")
                if tongue == .guodu { continue }
                for replies in [false, true] {
                    #expect(try await speaker.fetch(tongue, replies: replies) == codes[tongue], "\(tongue)")
                }
            }
            #expect(try await Self.tokenError(speaker) == "temporarily_unavailable")
            #expect(try await Self.tokenError(speaker, on: first) == "")
            #expect(try speaker.balance == 99)
            await first.close()
        }
    }

    private static func tokenError(_ speaker: Speaker, on client: WebClient? = nil) async throws -> String {
        let encoded = Enterprise.encodeCall(
            .token, login: .client(id: "client", secret: "s3cret"), at: FrontHouse.now)
        let answer = try await speaker.post(
            Speaker.Posted(path: encoded.path, contentType: encoded.contentType, body: encoded.body), on: client)
        return try answer.withUnsafeBytes { try Enterprise.TokenAnswer(decoding: $0) }.error
    }

    /// That a send cannot be stored takes a disk that fails: EndToEndTests has one.
    @Test func `an engine that stops takes no message, and gives nothing out`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            await speaker.house.engine.stop(drain: .zero)
            // Nothing was taken: the same request may pass later.
            let busy: [Tongue: String] = [
                .token: "9", .plain: "9", .apiV1: "09", .operatorV2: "-100056", .guodu: "12", .yixintong: "11",
            ]
            for tongue in Tongue.allCases {
                #expect(try await speaker.send(tongue) == busy[tongue], "\(tongue)")
            }
            let codes: [Tongue: String] = [
                .token: "99", .plain: "99", .apiV1: "99", .operatorV2: "-100999", .yixintong: "20",
            ]
            for tongue in Tongue.fetching {
                for replies in [false, true] {
                    #expect(try await speaker.fetch(tongue, replies: replies) == codes[tongue], "\(tongue)")
                }
            }
            let confirmed = try await speaker.post(speaker.yixintong(.confirmReplies(maxID: "1")))
            #expect(try Speaker.code(.yixintong, confirmed) == "20")
            #expect(try await Self.tokenError(speaker) == "server_error")
            #expect(try speaker.balance == 100)
        }
    }
}
