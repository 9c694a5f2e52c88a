import Dialects
import Engine
import Messaging
import Testing

@testable import Portal

@Suite struct InterfacePageTests {
    @Test(arguments: DialectName.allCases)
    func `The page of each interface has its address, its credentials and its samples`(dialect: DialectName)
        async throws
    {
        try await PortalHouse.with { house in
            let answer = await house.get("api/\(dialect.rawValue)")
            #expect(answer.status == 200)
            for endpoint in dialect.description.endpoints {
                #expect(answer.text.contains("<code>\(endpoint.path)</code>"), "\(endpoint.path)")
            }
            for credential in dialect.description.credentials {
                #expect(answer.text.contains("<dt>\(credential.name)</dt>"), "\(credential.name)")
            }
            for language in SampleLanguage.allCases {
                #expect(answer.text.contains(">\(HTML(text: language.name).markup)</label>"), "\(language.name)")
            }
            #expect(!answer.text.contains("Jk3#99xQ"))
            #expect(answer.text.contains("aria-current=\"page\">\(dialect.rawValue)</a>"))
        }
    }

    @Test func `An interface that does not exist, and a user without the right, get no page`() async throws {
        try await PortalHouse.with { house in
            #expect(await house.get("api/nothing").status == 404)
            #expect(await house.get("api", as: .customer([.send, .records])).status == 403)
            #expect(await house.get("api", as: .operators()).status != 200)
            #expect(await house.get("api").status == 200)
        }
    }

    @Test func `What the account lacks for an interface is said in the place of the credential`() async throws {
        try await PortalHouse.with { house in
            let answer = await house.get("api/enterprise-oauth2")
            #expect(answer.text.contains("<dt>client_id</dt><dd><span class=\"tag wait\">未设置，请联系运营方</span></dd>"))
            let english = await house.get("api/enterprise-oauth2", language: .english)
            #expect(english.text.contains("not set: ask the operator"))
        }
    }

    @Test func `Pushes are pushed again only where the account has an address, and for the times offered`() async throws
    {
        try await PortalHouse.with { house in
            #expect(await house.post("api/pushes", [("kind", "reports"), ("hours", "1")]).status == 400)
            #expect(await house.post("api/pushes", [("kind", "reports"), ("hours", "9000")]).status == 400)
            #expect(await house.post("api/pushes", [("kind", "?"), ("hours", "1")]).status == 400)
        }
    }

    private final class OneReply: SubmissionSink {
        private let continuation: CheckedContinuation<Result<Acceptance, Rejection>, Never>

        init(_ continuation: CheckedContinuation<Result<Acceptance, Rejection>, Never>) {
            self.continuation = continuation
        }

        func settle(_ outcomes: [SettledSubmission]) {
            for settled in outcomes { continuation.resume(returning: settled.outcome) }
        }
    }

    private func accept(_ content: String, _ house: PortalHouse) async throws {
        let part = Submission.Part(recipients: [Recipient("13800138000")], content: content)
        let result = await withCheckedContinuation { continuation in
            let sink = OneReply(continuation)
            let refusal = house.engine.billing.submit(
                Submission(parts: [part]), by: house.shop, ticket: 1, sink: sink)
            if let refusal { continuation.resume(returning: .failure(refusal)) }
        }
        _ = try result.get()
    }

    @Test func `A refused request is shown with its code and what to do`() async throws {
        try await PortalHouse.with { house in
            let key = Refusal.Key(
                account: house.shop.key, dialect: "operator-v2", code: "-100003", rule: "balance", address: "10.8.3.21")
            house.engine.refusals.note(key, mobiles: ["13800138000"])
            let text = await house.get("api").text
            #expect(text.contains("<code>-100003</code><small>operator-v2</small>"))
            #expect(text.contains("余额不足，请充值。<small><bdi>138****8000</bdi></small>"))
            #expect(!text.contains("13800138000</bdi>"))
            let others = await house.get("api", as: .stranger)
            #expect(!others.text.contains("-100003</code><small>"))
        }
    }

    @Test func `Accepted requests are among the latest, and those of another account are not`() async throws {
        try await PortalHouse.with { house in
            #expect(await house.get("api").text.contains("还没有请求"))
            try await accept("【测试】<b>接口</b>", house)
            let mine = await house.get("api")
            #expect(mine.text.contains("已受理"))
            #expect(mine.text.contains("&lt;b&gt;接口"))
            #expect(await house.get("api", as: .stranger).text.contains("还没有请求"))
        }
    }

    @Test func `Every phrase of every description has Chinese words`() {
        var phrases: Set<String> = []
        for dialect in DialectName.allCases {
            let description = dialect.description
            phrases.formUnion(description.codes.map(\.meaning))
            for endpoint in description.endpoints {
                phrases.insert(endpoint.meaning)
                phrases.formUnion(endpoint.fields.map(\.meaning))
            }
            for credential in description.credentials {
                switch credential.value {
                case .password(let words), .passwordOrPlain(let words), .appSecret(let words): phrases.insert(words)
                case .login, .clientID, .enterpriseID, .spCode, .clientSecret, .apiKey: break
                }
            }
        }
        // Names in the place of words are the same in both languages.
        let names: Set = ["", "client_credentials", "UTF-8"]
        let plain = Set(phrases.map { $0.filter { $0 != "`" } }).subtracting(names)
        #expect(plain.filter { InterfaceWords.chinese($0) == nil }.sorted() == [])
    }

    @Test func `Every rule that a request may break has words in both languages`() {
        let rejections: [Rejection] = [
            .credentialsWrong, .timestampStale, .lockedOut, .accountDisabled, .addressNotAllowed, .tooManyConnections,
            .malformedJSON, .numberInvalid, .tooManyNumbers, .contentEmpty, .contentTooLong, .contentUndecodable,
            .contentRejected(rule: "template"), .contentRejected(rule: "signature"), .contentRejected(rule: "word"),
            .serviceTypeInvalid, .extensionInvalid, .scheduleInvalid, .submissionRepeated, .insufficientBalance,
            .tooFrequent, .overloaded, .storageFailed, .parameterMissing("mobile"), .parameterInvalid("mobile"),
        ]
        for rejection in rejections {
            for language in [Language.chinese, .english] {
                #expect(RefusalWords(language)(rejection.rule) != rejection.rule, "\(rejection.rule)")
            }
        }
        #expect(RefusalWords(.chinese)("parameter mobile").contains("mobile"))
    }

    @Test(arguments: DialectName.allCases)
    func `A sample reads its secrets from the environment and has no open places`(dialect: DialectName) {
        var account = Account(id: "J10003")
        account.clientID = "demo"
        account.enterpriseID = "1001"
        let program = SampleProgram(dialect, account: account)
        #expect(!program.variables.isEmpty)
        for language in SampleLanguage.allCases {
            let text = language.write(program, base: "http://sms.example.cn:8080")
            #expect(!text.contains("‹") && !text.contains("›"), "\(language.name)")
            #expect(text.contains("http://sms.example.cn:8080/"), "\(language.name)")
            for variable in program.variables { #expect(text.contains(variable), "\(language.name)") }
        }
    }

    @Test func `A text of a sample is quoted as its language wants it`() {
        #expect(CurlSample.literal(#"{"a":"$`\"}"#) == #"{\"a\":\"\$\`\\\"}"#)
        #expect(PythonSample.literal(#"it's \"#) == #"'it\'s \\'"#)
        #expect(JavaSample.literal(#"{"a":1}"#) == #""{\"a\":1}""#)
        #expect(GoSample.literal(#"{"a":1}"#) == #"`{"a":1}`"#)
        #expect(SwiftSample.literal(#"{"a":1}"#) == "#\"{\"a\":1}\"#")
    }
}
