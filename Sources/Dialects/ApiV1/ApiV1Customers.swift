public import Messaging

extension ApiV1 {
    /// The interface as a server of customers.
    public struct Customers: CustomerDialect {
        /// `account` and `pwd`.
        public typealias Credentials = ApiV1.Credentials
        /// The form of an answer depends on the operation only.
        public typealias Form = Operation
        /// The value has no state and no settings.
        public init() {}

        /// The four paths (INTERFACE.md, first table).
        public var routes: [(path: String, route: Operation)] { Operation.allCases.map { ($0.path, $0) } }
        /// 200,000 segments.
        public var simulatedBalance: Int64 { 200_000 }

        /// Reads the form of the body or, where there is no body, of the query. Has a `refusal` where no form can be
        /// read.
        public func read(
            _ operation: Operation, _ message: some HTTPRequestFields, at now: Timestamp
        ) -> CustomerRequest<Operation, Credentials> {
            var request = CustomerRequest<Operation, Credentials>(operation)
            let isInQuery = message.isInQuery
            let contentType = isInQuery ? nil : message.contentType
            do throws(Rejection) {
                let decoded = try message.read(ofQuery: isInQuery) { bytes throws(Rejection) in
                    try decodeRequest(operation, contentType: contentType, body: bytes)
                }
                request.credentials = decoded.credentials
                request.identity = .login(decoded.credentials.account)
                request.content = decoded.content.map { content in
                    switch content {
                    case .send(let submission): .send(submission)
                    case .fetch where operation == .fetchReports: .collectReports(limit: fetchMax)
                    case .fetch: .collectReplies(limit: fetchMax)
                    case .balance: .balance
                    }
                }
                request.mobile = decoded.mobile
            } catch {
                request.refusal = DialectRefusal(error)
            }
            return request
        }

        /// Nil or `credentialsWrong`: `pwd` is a digest without a time, so it is never stale.
        public func verify(
            _ request: CustomerRequest<Operation, Credentials>, account: Account, secrets: AccountSecrets,
            tolerance: TimeTolerance, at now: Timestamp
        ) -> DialectRefusal? {
            request.credentials?.areRight(for: account, secrets: secrets) == true
                ? nil : DialectRefusal(.credentialsWrong)
        }

        /// `confirmed` and `token` do not occur in this dialect; they would be answered with code 99.
        public func encode(
            _ outcome: CustomerOutcome, to request: CustomerRequest<Operation, Credentials>, of account: Account,
            balance: Int64
        ) -> EncodedAnswer {
            let answer: Answer
            switch outcome {
            case .accepted(let acceptance, _): answer = .accepted(acceptance)
            case .reports(let reports): answer = .reports(reports)
            case .replies(let replies): answer = .replies(replies)
            case .balance:
                answer = .balance(Balance(unit: account.chargeUnit, amount: balance, payment: account.payment))
            case .confirmed, .token: return encode(DialectRefusal(.storageFailed), to: request, isKnown: true)
            }
            return EncodedAnswer(contentType: answerContentType, body: encodeAnswer(answer))
        }

        /// `data` is null in every refusal (INTERFACE.md, Codes).
        public func encode(
            _ refusal: DialectRefusal, to request: CustomerRequest<Operation, Credentials>, isKnown: Bool
        ) -> EncodedAnswer {
            EncodedAnswer(contentType: answerContentType, body: encodeFailure(code: code(of: refusal, to: request)))
        }

        /// The refusal's own code, else that of its rejection.
        public func code(of refusal: DialectRefusal, to request: CustomerRequest<Operation, Credentials>) -> String {
            refusal.code ?? resultCode(for: refusal.rejection)
        }
    }
}

extension ApiV1 {
    /// Pushes, towards customers and from carriers: one entry a request; the status of the answer decides.
    public struct Pushes: PushCodec {
        private static let contentType = "application/json;charset=UTF-8"

        /// The value has no state and no settings.
        public init() {}

        /// The body for the first entry, as one request carries one; empty where there is none.
        public func encode(_ content: PushContent, _ context: PushContext) -> (contentType: String, body: [UInt8]) {
            let body: [UInt8]? =
                switch content {
                case .reports(let reports): reports.first.map { encodePush(report: $0) }
                case .replies(let replies): replies.first.map { encodePush(reply: $0) }
                }
            return (Self.contentType, body ?? [])
        }
    }
}
