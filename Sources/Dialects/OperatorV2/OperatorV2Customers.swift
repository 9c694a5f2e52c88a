public import Messaging

extension OperatorV2 {
    /// The interface as a server of customers.
    public struct Customers: CustomerDialect {
        /// `userid`, `pwd` and `timestamp`, or `apikey`.
        public typealias Credentials = OperatorV2.Credentials
        /// What an answer depends on.
        public struct Form: Hashable, Sendable {
            /// What was asked for.
            public var operation: Operation
            /// Of the request; JSON where its Content-Type is unknown.
            public var format: BodyFormat
        }

        /// The value has no state and no settings.
        public init() {}

        /// Nine paths: six operations, the sends under two names each (INTERFACE.md, first table).
        public var routes: [(path: String, route: Endpoint)] { Endpoint.all.map { ($0.path, $0) } }
        /// True: the fields of a GET are in its query.
        public var allowsGet: Bool { true }
        /// One report for each segment.
        public var reportGrain: ReportGrain { .segment }

        /// Reads the body as its Content-Type says, or the query of a GET, or of a POST without a body, as a form. Has
        /// a `refusal` where it cannot be read.
        public func read(
            _ endpoint: Endpoint, _ message: some HTTPRequestFields, at now: Timestamp
        ) -> CustomerRequest<Form, Credentials> {
            var request = CustomerRequest<Form, Credentials>(Form(operation: endpoint.operation, format: .json))
            let isInQuery = message.isInQuery
            do throws(Rejection) {
                let format = isInQuery ? .form : try BodyFormat(contentType: message.contentType)
                request.form.format = format
                let decoded = try message.read(ofQuery: isInQuery) { bytes throws(Rejection) in
                    try decodeRequest(endpoint, format: format, body: bytes)
                }
                let (userID, apiKey) = (decoded.credentials.userID, decoded.credentials.apiKey)
                request.credentials = decoded.credentials
                request.identity = apiKey.isEmpty ? .login(userID) : .apiKey(apiKey)
                request.content = decoded.content.map { content in
                    switch content {
                    case .send(let submission): .send(submission)
                    case .fetch(let limit) where endpoint.operation == .fetchReports: .collectReports(limit: limit)
                    case .fetch(let limit): .collectReplies(limit: limit)
                    case .balance: .balance
                    }
                }
                request.mobile = decoded.mobile
            } catch {
                request.refusal = DialectRefusal(error)
            }
            return request
        }

        /// A digest is right within `tolerance.timestamp` only; else `timestampStale`. An API key or a plain password
        /// has no time.
        public func verify(
            _ request: CustomerRequest<Form, Credentials>, account: Account, secrets: AccountSecrets,
            tolerance: TimeTolerance, at now: Timestamp
        ) -> DialectRefusal? {
            guard let credentials = request.credentials else { return DialectRefusal(.credentialsWrong) }
            do throws(Rejection) {
                try Authentication.verify(
                    credentials, account: account, secrets: secrets, at: now,
                    toleranceMilliseconds: tolerance.timestamp)
                return nil
            } catch {
                return error == .accountDisabled ? nil : DialectRefusal(error)
            }
        }

        /// In the format of the request. `confirmed` and `token` do not occur in this dialect; they would be answered
        /// with -100999.
        public func encode(
            _ outcome: CustomerOutcome, to request: CustomerRequest<Form, Credentials>, of account: Account,
            balance: Int64
        ) -> EncodedAnswer {
            let answer: Answer
            switch outcome {
            case .accepted(let acceptance, _): answer = .accepted(acceptance)
            case .reports(let reports): answer = .reports(reports)
            case .replies(let replies): answer = .replies(replies)
            case .balance: answer = .balance(Balance(unit: account.chargeUnit, amount: balance))
            case .confirmed, .token: return encode(DialectRefusal(.storageFailed), to: request, isKnown: true)
            }
            let format = request.form.format
            return EncodedAnswer(contentType: format.answerContentType, body: encodeAnswer(answer, format: format))
        }

        /// In the format of the request; lists are empty texts (INTERFACE.md, What we settled).
        public func encode(_ refusal: DialectRefusal, to request: CustomerRequest<Form, Credentials>, isKnown: Bool)
            -> EncodedAnswer
        {
            let (operation, format) = (request.form.operation, request.form.format)
            let code = refusal.code.flatMap { Int($0) } ?? resultCode(for: refusal.rejection)
            return EncodedAnswer(
                contentType: format.answerContentType, body: encodeFailure(code: code, of: operation, format: format))
        }

        /// The refusal's own code, else that of its rejection.
        public func code(of refusal: DialectRefusal, to request: CustomerRequest<Form, Credentials>) -> String {
            refusal.code ?? String(resultCode(for: refusal.rejection))
        }

        /// The rejection with `code` as the `result`.
        public func simulatedRefusal(_ rejection: Rejection, code: Int) -> DialectRefusal {
            DialectRefusal(rejection, code: String(code))
        }
    }

    /// Pushes, towards customers and from carriers.
    public struct Pushes: PushCodec {
        /// The value has no state and no settings.
        public init() {}

        /// A form, or JSON where `context.format` is `json`; with a digest for `context.now` (INTERFACE.md, Pushes).
        public func encode(_ content: PushContent, _ context: PushContext) -> (contentType: String, body: [UInt8]) {
            let format: PushFormat = context.format == .json ? .json : .form
            let push: Push =
                switch content {
                case .reports(let reports): .reports(reports)
                case .replies(let replies): .replies(replies)
                }
            let body = encodePush(
                push, sequence: context.sequence, login: .digest(userID: context.userID, password: context.password),
                at: context.now, format: format)
            return (format.contentType, body)
        }

        /// Accepted is HTTP 200 with `result` 0; an answer that cannot be read is none.
        public func judge(status: Int, _ body: UnsafeRawBufferPointer) -> Messaging.PushAnswer {
            guard status == 200 else { return Messaging.PushAnswer(isAccepted: false, words: "HTTP \(status)") }
            guard let answer = try? OperatorV2.PushAnswer(decoding: body) else {
                return Messaging.PushAnswer(isAccepted: false, words: "HTTP 200, an answer that cannot be read")
            }
            return Messaging.PushAnswer(isAccepted: answer.result == 0, words: "HTTP 200, result \(answer.result)")
        }
    }
}
