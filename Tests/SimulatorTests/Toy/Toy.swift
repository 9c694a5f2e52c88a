import Dialects
import Messaging

/// A sixth dialect, as small as one can be: lines of text, `user password number content` to send, `user password` to
/// collect reports. It shows what an interface has to bring along, and that nothing else has to know it.
enum Toy {
    static let sendPath = "/toy/send"
    static let reportPath = "/toy/report"

    static func words(_ body: UnsafeRawBufferPointer) -> [String] {
        String(decoding: body, as: UTF8.self).split(separator: " ", maxSplits: 3).map(String.init)
    }

    struct Customers: CustomerDialect {
        struct Credentials: Sendable {
            var user: String
            var password: String
        }

        var routes: [(path: String, route: String)] { [(sendPath, sendPath), (reportPath, reportPath)] }

        var description: InterfaceDescription {
            InterfaceDescription(
                endpoints: [.init(sendPath, "one text"), .init(reportPath, "reports")],
                credentials: [.init("user", .login), .init("password", .password("the interface password"))],
                codes: [.init("OK", "ok"), .init("NO", "anything else")])
        }

        func read(
            _ path: String, _ message: some HTTPRequestFields, at now: Timestamp
        ) -> CustomerRequest<String, Credentials> {
            var request = CustomerRequest<String, Credentials>(path)
            let words = message.withBytes(ofQuery: false) { Toy.words($0) }
            guard words.count == (path == sendPath ? 4 : 2) else {
                request.refusal = DialectRefusal(.malformedForm)
                return request
            }
            request.credentials = Credentials(user: words[0], password: words[1])
            request.identity = .login(words[0])
            request.content = .success(
                path == sendPath
                    ? .send(Submission(parts: [.init(recipients: [Recipient(words[2])], content: words[3])]))
                    : .collectReports(limit: 10))
            return request
        }

        func verify(
            _ request: CustomerRequest<String, Credentials>, account: Account, secrets: AccountSecrets,
            tolerance: TimeTolerance, at now: Timestamp
        ) -> DialectRefusal? {
            request.credentials?.password == secrets.apiPassword ? nil : DialectRefusal(.credentialsWrong)
        }

        func encode(
            _ outcome: CustomerOutcome, to request: CustomerRequest<String, Credentials>, of account: Account,
            balance: Int64
        ) -> EncodedAnswer {
            let text =
                switch outcome {
                case .accepted(let acceptance, _): "OK \(acceptance.firstID.rawValue)"
                case .reports(let reports):
                    reports.map { "\($0.id.rawValue) \($0.mobile) \($0.status.code)" }.joined(separator: "\n")
                default: "OK"
                }
            return EncodedAnswer(contentType: "text/plain", body: Array(text.utf8))
        }

        func encode(
            _ refusal: DialectRefusal, to request: CustomerRequest<String, Credentials>, isKnown: Bool
        ) -> EncodedAnswer {
            EncodedAnswer(contentType: "text/plain", body: Array("NO \(code(of: refusal, to: request))".utf8))
        }

        func code(of refusal: DialectRefusal, to request: CustomerRequest<String, Credentials>) -> String {
            refusal.rejection.rule
        }
    }

    struct Carrier: CarrierDialect {
        private let endpoint: ChannelEndpoint

        init(_ endpoint: ChannelEndpoint) throws(CarrierFailure) { self.endpoint = endpoint }

        var limits: CallLimits { CallLimits(sameContentMax: 1, distinctMax: 1) }
        var polls: [InboundKind] { [.polledReports] }

        func encode(_ request: CarrierRequest, _ context: CarrierRequestContext) -> EncodedRequest {
            var (path, text) = (reportPath, "\(endpoint.user) \(endpoint.password)")
            if case .submit(let call) = request, let message = call.messages.first {
                (path, text) = (sendPath, text + " \(message.mobile.text) \(message.content)")
            }
            return EncodedRequest(path: path, contentType: "text/plain", body: Array(text.utf8))
        }

        func outcome(_ answer: UnsafeRawBufferPointer, of call: CarrierCall) -> SubmitOutcome {
            let words = Toy.words(answer)
            guard words.count == 2 else { return .uncertain(reason: "the answer cannot be read") }
            return words[0] == "OK" ? .accepted(.shared(words[1])) : .channelRefused(code: words[1])
        }

        func fetched(_ kind: InboundKind, _ answer: UnsafeRawBufferPointer) -> FetchedBody {
            answer.isEmpty ? .nothing : Toy.words(answer).first == "NO" ? .refused(Toy.words(answer).last ?? "") : .kept
        }

        func decode(_ kind: InboundKind, _ body: UnsafeRawBufferPointer) throws(Rejection) -> InboundItems {
            let lines = String(decoding: body, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
            return InboundItems(
                reports: lines.filter { $0.count == 3 }.map { line in
                    CarrierReport(
                        customID: "", carrierID: nil, segmentNumber: nil, mobile: String(line[1]),
                        status: DeliveryStatus(String(line[2])), reportedAt: nil)
                })
        }
    }

    /// Its one line of registration.
    static let dialect = Dialect(.guodu, Customers(), Carrier.self)
}
