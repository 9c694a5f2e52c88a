import Dialects
import Engine
import HTTPFront
import Messaging
import NIOCore
import Testing

/// What is on record of a refused request, in each dialect.
struct RefusalRecordTests {
    private static let mobile = "13800138000"
    private static let names: [Tongue: String] = [
        .token: "enterprise-oauth2", .plain: "enterprise-json", .apiV1: "api-v1", .operatorV2: "operator-v2",
        .guodu: "guodu", .yixintong: "yixintong",
    ]

    private static func refusals(_ speaker: Speaker, rule: String) async throws -> [Refusal] {
        try await speaker.house.engine.refusals.list(RefusalQuery(limit: 1_000)).refusals
            .filter { $0.key.rule == rule }
    }

    /// That each dialect has one of `rule`, with the code that it was answered.
    private static func expect(
        _ rule: String, _ codes: [Tongue: String], in speaker: Speaker, mobile: String = mobile
    ) async throws {
        let refusals = try await refusals(speaker, rule: rule)
        #expect(refusals.count == codes.count, "\(refusals.map(\.key))")
        let number = try speaker.entry.key
        for (tongue, code) in codes {
            let found = refusals.filter { $0.key.dialect == names[tongue] }
            #expect(found.map(\.key.code) == [code], "\(tongue)")
            #expect(found.map(\.key.mobile) == [mobile], "\(tongue)")
            #expect(found.map(\.key.account) == [number] && found.map(\.key.address) == ["127.0.0.1"], "\(tongue)")
            #expect(found.map(\.times) == [1], "\(tongue)")
        }
    }

    @Test func `a forbidden word, with the number it was for`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            _ = try await speaker.house.engine.rules.changeWords(add: ["赌博"], remove: [], of: try speaker.entry)
            var codes: [Tongue: String] = [:]
            for tongue in Tongue.allCases { codes[tongue] = try await speaker.send(tongue, "来赌博吧") }
            try await Self.expect("word", codes, in: speaker)
        }
    }

    @Test func `a number too often`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            let limit = try #require(FrequencyLimit("1/1d"))
            _ = try await speaker.house.engine.rules.update(try speaker.entry) { $0.limits = [limit] }
            _ = try await speaker.send(.apiV1)
            var codes: [Tongue: String] = [:]
            for tongue in Tongue.allCases { codes[tongue] = try await speaker.send(tongue) }
            try await Self.expect("frequency", codes, in: speaker)
        }
    }

    @Test func `a balance that does not reach`() async throws {
        try await Speaker.with(messages: 0) { (speaker: Speaker) async throws in
            var codes: [Tongue: String] = [:]
            for tongue in Tongue.allCases { codes[tongue] = try await speaker.send(tongue) }
            try await Self.expect("balance", codes, in: speaker)
        }
    }

    @Test func `a number that is none, as it was written`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            var codes: [Tongue: String] = [:]
            // Where a number alone may be invalid, the message is accepted and reported.
            for tongue in Tongue.allCases {
                let code = try await speaker.send(tongue, to: "138x")
                if try await !Self.refusals(speaker, rule: "number").filter({ $0.key.dialect == Self.names[tongue] })
                    .isEmpty
                {
                    codes[tongue] = code
                }
            }
            #expect(codes[.operatorV2] == "-100012")
            try await Self.expect("number", codes, in: speaker, mobile: "138x")
        }
    }

    @Test func `wrong passwords, and the lock-out behind them`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            for _ in 0..<7 {
                _ = try await ask(
                    speaker.house.front, "POST", "/api/v1/mo", contentType: "application/x-www-form-urlencoded",
                    "account=j10003&pwd=wrong")
                _ = try await ask(
                    speaker.house.front, "POST", "/api/v1/mo", contentType: "application/x-www-form-urlencoded",
                    "account=Nobody%0A&pwd=wrong")
            }
            let number = try speaker.entry.key
            for (rule, times) in [("password", 4), ("lock-out", 3)] as [(String, Int64)] {
                let found = try await Self.refusals(speaker, rule: rule).sorted { $0.key.account < $1.key.account }
                #expect(found.map(\.times) == [times, times], "\(rule)")
                #expect(found.map(\.key.account) == [0, number])
                #expect(found.map(\.key.name) == ["NOBODY", ""])
            }
            #expect(speaker.house.engine.counters.snapshot.failedLogins == 10)
            #expect(speaker.house.engine.counters.snapshot.slowedLogins == 4)
        }
    }

    @Test func `a wrong client secret is on record for its account, and an unknown client by its name`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            for id in ["client", "nobody"] {
                let call = Enterprise.encodeCall(.token, login: .client(id: id, secret: "wrong"), at: FrontHouse.now)
                _ = try await speaker.post(
                    Speaker.Posted(path: call.path, contentType: call.contentType, body: call.body))
            }
            let found = try await Self.refusals(speaker, rule: "password").sorted { $0.key.account < $1.key.account }
            let number = try speaker.entry.key
            #expect(found.map(\.key.account) == [0, number] && found.map(\.key.name) == ["NOBODY", ""])
            #expect(found.map(\.key.code) == ["invalid_client", "invalid_client"])
            #expect(found.map(\.key.dialect) == ["enterprise-oauth2", "enterprise-oauth2"])
        }
    }

    @Test func `an API key that nobody has is not on record`() async throws {
        try await FrontHouse.with { house async throws in
            let answer = try await ask(
                house.front, "POST", "/sms/v2/std/get_balance", contentType: "application/json",
                #"{"apikey":"abade5589e2798f82f006bbc36d269ce"}"#)
            #expect(answer.body.hasPrefix(#"{"result":-100001"#))
            let refusals = try await house.engine.refusals.list(RefusalQuery()).refusals
            #expect(refusals.map(\.key.rule) == ["password"])
            #expect(refusals.map(\.key.account) == [0] && refusals.map(\.key.name) == [""])
        }
    }
}

/// The names that customers call themselves by.
struct LoginTests {
    @Test func `each door knows its own login, in any case, and no other`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            for tongue in Tongue.allCases { #expect(try await speaker.send(tongue) == Self.success[tongue]) }
            // Another login in each dialect: the old name is nobody's any more.
            _ = try await speaker.house.engine.accounts.update(id: "J10003") { account, _ in
                for dialect in DialectName.allCases { account.logins[dialect] = "L-9" }
                account.logins[.operatorV2] = "L9"
            }
            for tongue in Tongue.allCases {
                #expect(try await speaker.send(tongue) != Self.success[tongue], "\(tongue)")
            }
            // One whose id does not fit dialect 002 has the old name there, as a login.
            _ = try await speaker.house.engine.billing.addAccount(
                Self.longAccount, secrets: AccountSecrets(apiPassword: "111111"), openingBalance: 1_000_000)
            #expect(try await speaker.send(.operatorV2) == "0")
            #expect(try await speaker.send(.apiV1) != "00")
            let answer = try await ask(
                speaker.house.front, "POST", "/api/v1/queryBalance", contentType: "application/x-www-form-urlencoded",
                "account=SHOP.main-branch_7&pwd=96e79218965eb72c92a549dd5a330112")
            #expect(answer.body.hasPrefix(#"{"code":"00""#))
        }
    }

    private static let success: [Tongue: String] = [
        .token: "0", .plain: "0", .apiV1: "00", .operatorV2: "0", .guodu: "03", .yixintong: "0",
    ]

    private static var longAccount: Account {
        var account = Account(id: "shop.main-branch_7")
        account.logins[.operatorV2] = "J10003"
        return account
    }
}

/// A digest that is right for its own time stamp, which is too far from now.
struct StaleTests {
    @Test func `dialect 000 says that it is the timeStamp, and shuts nobody out`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            let call = Enterprise.encodeCall(
                .fetchReports(limit: 1),
                login: .signed(token: try await speaker.token(), account: "J10003", password: "111111"),
                at: FrontHouse.now.adding(milliseconds: -300_001))
            let posted = Speaker.Posted(
                path: call.path, contentType: call.contentType, headers: call.headers.map { ($0.name, $0.value) },
                body: call.body)
            for _ in 0..<20 {
                let answer = String(decoding: try await speaker.post(posted), as: UTF8.self)
                #expect(answer.hasPrefix(#"{"error":"2","remark":"账号或密码错误: timeStamp"#), "\(answer)")
            }
            #expect(try await speaker.send(.token) == "0")
            #expect(speaker.house.engine.counters.snapshot.failedLogins == 0)
        }
    }

    @Test func `dialect 002 shuts nobody out for a stale timestamp, whatever it is`() async throws {
        try await FrontHouse.with { house async throws in
            for stamp in ["0803190000", "0803193221", "1332250000", "", "abc"] {
                let digest = OperatorV2.Authentication.digest(userID: "J10003", password: "111111", timestamp: stamp)
                for _ in 0..<3 {
                    let answer = try await ask(
                        house.front, "POST", "/sms/v2/std/get_balance", contentType: "application/json",
                        #"{"userid":"J10003","pwd":"\#(digest)","timestamp":"\#(stamp)"}"#)
                    #expect(answer.body.hasPrefix(#"{"result":-100001"#), "\(stamp)")
                }
            }
            let answer = try await ask(
                house.front, "POST", "/sms/v2/std/get_balance", contentType: "application/json", "{\(FrontHouse.login)}"
            )
            #expect(answer.body.hasPrefix(#"{"result":0"#))
            let refusals = try await house.engine.refusals.list(RefusalQuery()).refusals
            #expect(refusals.map(\.key.rule) == ["timestamp"] && refusals.map(\.times) == [15])
        }
    }

    @Test func `dialect 004 says 507, and shuts nobody out`() async throws {
        try await Speaker.with { (speaker: Speaker) async throws in
            for number in 0..<20 {
                let call = Yixintong.encodeCall(
                    .fetchReports, login: .init(spCode: "100001", appKey: "J10003", appSecret: "app-secret"),
                    requestID: Yixintong.RequestID.text(
                        at: FrontHouse.now.adding(milliseconds: -300_001), number: UInt64(number)))
                let posted = Speaker.Posted(
                    path: call.path, contentType: call.contentType, headers: call.headers.map { ($0.name, $0.value) },
                    body: call.body)
                #expect(try Speaker.code(.yixintong, try await speaker.post(posted)) == "507")
            }
            #expect(try await speaker.send(.yixintong) == "0")
        }
    }
}
