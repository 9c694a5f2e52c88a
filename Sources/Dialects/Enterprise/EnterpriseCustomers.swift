public import Messaging
import Secrets

extension Enterprise {
    /// The interface as a server of customers, in one of its modes.
    public struct Customers: CustomerDialect {
        /// Of a token request its client; else the header fields of the mode.
        public typealias Credentials = Enterprise.Credentials
        /// What an answer depends on: a refusal names the numbers of the request.
        public struct Form: Sendable {
            /// What was asked for.
            public var operation: Operation
            var request: Request
        }

        let mode: Mode

        /// - Parameter mode: the only one whose paths are served.
        public init(mode: Mode) { self.mode = mode }

        /// The paths of the mode: four in token mode, three in plain mode.
        public var routes: [(path: String, route: Endpoint)] {
            Endpoint.all.filter { $0.mode == mode }.map { ($0.path, $0) }
        }

        /// A token cannot be guessed, so one that is wrong has ended, and does not count as a wrong credential.
        public var tokenRefusal: DialectRefusal { DialectRefusal(Enterprise.tokenRejection) }
        /// 9,999 segments.
        public var simulatedBalance: Int64 { 9_999 }

        /// Reads the header fields and the JSON body; `refusal` says which credential is missing. A token request that
        /// cannot be read is refused at once, as its body has the credentials.
        public func read(
            _ endpoint: Endpoint, _ message: some HTTPRequestFields, at now: Timestamp
        ) -> CustomerRequest<Form, Credentials> {
            let operation = endpoint.operation
            let decoded = message.withBytes(ofQuery: false) { bytes in
                decodeRequest(endpoint, body: bytes) { message.header($0) }
            }
            var request = CustomerRequest<Form, Credentials>(Form(operation: operation, request: decoded))
            let credentials = decoded.credentials
            request.credentials = credentials
            request.identity =
                switch credentials {
                case .client(let id, _): .clientID(id)
                case .signed(let token, _, _, _): .token(token, login: credentials.accountID)
                case .plain: .login(credentials.accountID)
                }
            request.content = decoded.content.map { content in
                switch content {
                case .token: .token
                case .send(let submission): .send(submission)
                case .fetch(let limit) where operation == .fetchReports: .collectReports(limit: limit)
                case .fetch(let limit): .collectReplies(limit: limit)
                }
            }
            request.mobile = decoded.firstRecipient?.text ?? ""
            do throws(Rejection) {
                // A token's request has its credentials in the body, which must be understood first.
                if operation == .token { _ = try decoded.content.get() }
                try credentials.check()
            } catch {
                request.refusal = DialectRefusal(error)
            }
            return request
        }

        /// A signature is right within `tolerance.signature` only; else `timestampStale`. Client secret and plain-mode
        /// password have no time.
        public func verify(
            _ request: CustomerRequest<Form, Credentials>, account: Account, secrets: AccountSecrets,
            tolerance: TimeTolerance, at now: Timestamp
        ) -> DialectRefusal? {
            switch request.credentials {
            case .client(_, let secret):
                let known = secrets.clientSecret ?? ""
                return !known.isEmpty && constantTimeEqual(secret, known) ? nil : DialectRefusal(.credentialsWrong)
            case .signed(_, let signature, let timestamp, let user):
                do throws(Rejection) {
                    try Authentication.prove(
                        signature, account: user, timestamp: timestamp, password: secrets.apiPassword, at: now,
                        toleranceMilliseconds: tolerance.signature)
                    return nil
                } catch {
                    return DialectRefusal(error)
                }
            case .plain(let enterpriseID, _, let password):
                let isRight = Authentication.isPassword(
                    password, password: secrets.apiPassword, allowsPlain: account.allowsPlainPassword)
                return isRight && enterpriseID == account.enterpriseID ? nil : DialectRefusal(.credentialsWrong)
            case nil: return DialectRefusal(.credentialsWrong)
            }
        }

        /// `confirmed` and `balance` do not occur in this dialect; they would be answered with code 99.
        public func encode(
            _ outcome: CustomerOutcome, to request: CustomerRequest<Form, Credentials>, of account: Account,
            balance: Int64
        ) -> EncodedAnswer {
            let answer: Answer
            switch outcome {
            case .accepted(let acceptance, let submission):
                let remaining = mode == .plain ? Self.remaining(of: account, balance: balance) : nil
                answer = .accepted(acceptance, of: submission, remaining: remaining)
            case .reports(let reports): answer = .reports(reports)
            case .replies(let replies): answer = .replies(replies)
            case .token(let token, let seconds): answer = .token(token, seconds: seconds)
            case .confirmed, .balance: return encode(DialectRefusal(.storageFailed), to: request, isKnown: true)
            }
            return EncodedAnswer(contentType: answerContentType, body: encodeAnswer(answer))
        }

        /// Segments that the account can still send.
        private static func remaining(of account: Account, balance: Int64) -> Int64 {
            let spendable = max(0, balance - account.balanceFloor)
            switch account.chargeUnit {
            case .count: return spendable
            // What costs nothing can be sent without end; clients read the figure as a 32-bit number.
            case .money: return account.price > .zero ? spendable / account.price.microYuan : Int64(Int32.max)
            }
        }

        /// Of a send: an entry for each of its numbers, for the first one only unless `isKnown`.
        public func encode(
            _ refusal: DialectRefusal, to request: CustomerRequest<Form, Credentials>, isKnown: Bool
        ) -> EncodedAnswer {
            let body = encodeFailure(
                refusal.rejection, of: request.form.operation, named: request.form.request.named(isKnown: isKnown))
            return EncodedAnswer(contentType: answerContentType, body: body)
        }

        /// The number of `ResultCode`; of a token request the `error` of RFC 6749.
        public func code(of refusal: DialectRefusal, to request: CustomerRequest<Form, Credentials>) -> String {
            request.form.operation == .token
                ? tokenError(for: refusal.rejection) : String(resultCode(for: refusal.rejection).rawValue)
        }
    }
}
