public import Messaging
import Synchronization

extension Yixintong {
    /// The interface as a server of customers. It remembers the request ids of the last five minutes; all event loops
    /// share one value of it.
    public final class Customers: CustomerDialect {
        /// The four header fields.
        public typealias Credentials = Yixintong.Credentials
        /// What an answer depends on.
        public struct Form: Sendable {
            /// What was asked for.
            public var operation: Operation
            /// Of a request whose headers could be read.
            var requestID: RequestID?
            /// As they are signed.
            var parameters: [Parameter] = []
        }

        private let window = Mutex(ReplayWindow())

        /// No request id is remembered yet.
        public init() {}

        /// The four paths (INTERFACE.md, first table).
        public var routes: [(path: String, route: Operation)] { Operation.allCases.map { ($0.path, $0) } }
        /// Code 2.
        public var unknownAccount: DialectRefusal { Self.refusal(.accountInvalid) }

        /// - Parameter rejection: what the code means in the record of refusals.
        private static func refusal(_ code: ResultCode, _ rejection: Rejection = .credentialsWrong) -> DialectRefusal {
            DialectRefusal(rejection, code: String(code.rawValue))
        }

        // MARK: Requests

        /// Reads the header fields, all of which must be there, then the JSON body. Has a `refusal` for an id that is
        /// none or more than five minutes from `now` (`timestampStale`), and for a body that cannot be read.
        public func read(
            _ operation: Operation, _ message: some HTTPRequestFields, at now: Timestamp
        ) -> CustomerRequest<Form, Credentials> {
            var request = CustomerRequest<Form, Credentials>(Form(operation: operation))
            do throws(DialectRefusal) {
                let credentials = try Self.credentials(message)
                request.credentials = credentials
                request.identity = .login(credentials.appKey)
                guard let id = RequestID(credentials.requestID) else {
                    throw DialectRefusal(.parameterInvalid(HeaderName.requestID))
                }
                guard ReplayWindow.isNear(id, at: now) else { throw DialectRefusal(.timestampStale) }
                request.form.requestID = id
                try Self.readBody(message, credentials.requestID, into: &request)
            } catch {
                request.refusal = error
            }
            return request
        }

        private static func credentials(_ message: some HTTPRequestFields) throws(DialectRefusal) -> Credentials {
            func required(_ name: String) throws(DialectRefusal) -> String {
                guard let value = message.header(name), !value.isEmpty else {
                    throw DialectRefusal(.parameterMissing(name))
                }
                return value
            }
            return Credentials(
                spCode: try required(HeaderName.spCode), appKey: try required(HeaderName.appKey),
                requestID: try required(HeaderName.requestID), signature: try required(HeaderName.signature))
        }

        private static func readBody(
            _ message: some HTTPRequestFields, _ requestID: String,
            into request: inout CustomerRequest<Form, Credentials>
        ) throws(DialectRefusal) {
            let operation = request.form.operation
            let decoded: Yixintong.Request
            do throws(Rejection) {
                decoded = try message.read { bytes throws(Rejection) in try decodeRequest(operation, body: bytes) }
            } catch {
                throw DialectRefusal(error)
            }
            request.form.parameters = decoded.parameters
            request.mobile = decoded.mobile
            request.content = decoded.content.map { content in
                switch content {
                case .send(let send): .send(submission(send, requestID))
                case .fetchReports: .collectReports(limit: reportsMax)
                case .fetchReplies: .queryReplies(limit: repliesMax)
                case .confirmReplies(let last): .confirmReplies(through: last)
                }
            }
        }

        /// Where the customer numbers nothing, its request's id keeps the request from being served twice: the replay
        /// window is as old as the process. The prefix keeps it apart from serialNumbers, which are digits.
        private static func submission(_ send: Send, _ requestID: String) -> Submission {
            let serial = send.serialNumber
            return Submission(
                parts: [send.part], idempotencyKey: serial.isEmpty ? "x-request-id:" + requestID : serial,
                templateID: send.templateID)
        }

        private static func serial(of submission: Submission) -> String { submission.parts.first?.customID ?? "" }

        // MARK: Rules

        /// Code 2 for an account without an app secret, 3 for another sp code than the account's, 35 for a wrong
        /// signature. `tolerance` is not used: ids have five minutes.
        public func verify(
            _ request: CustomerRequest<Form, Credentials>, account: Account, secrets: AccountSecrets,
            tolerance: TimeTolerance, at now: Timestamp
        ) -> DialectRefusal? {
            guard let credentials = request.credentials, let secret = secrets.appSecret, !secret.isEmpty else {
                return Self.refusal(.accountInvalid)
            }
            guard account.spCode.isEmpty || account.spCode == credentials.spCode else {
                return Self.refusal(.credentialsWrong)
            }
            let isRight = Signature.isRight(credentials, parameters: request.form.parameters, appSecret: secret)
            return isRight ? nil : Self.refusal(.signatureWrong)
        }

        /// Remembers the request id, under a lock that all event loops share.
        /// - Throws: `DialectRefusal`: code 35 for an id that was seen before, `timestampStale` for one that is too old
        ///   by now, `overloaded` when no more ids can be remembered, `parameterInvalid` for a request without one.
        public func admit(
            _ request: CustomerRequest<Form, Credentials>, of account: AccountKey, at now: Timestamp
        ) throws(DialectRefusal) {
            guard let id = request.form.requestID else { throw DialectRefusal(.parameterInvalid(HeaderName.requestID)) }
            switch window.withLock({ $0.admit(id, of: account, at: now) }) {
            case .fresh: return
            case .repeated: throw Self.refusal(.signatureWrong)
            case .tooOld: throw DialectRefusal(.timestampStale)
            case .full: throw DialectRefusal(.overloaded)
            }
        }

        /// - Throws: `DialectRefusal` with the rejection of the content; of an account that is strict about serial
        ///   numbers also `parameterMissing` for none and code 14 for one that has not exactly 20 digits.
        public func action(
            _ request: CustomerRequest<Form, Credentials>, by account: Account
        ) throws(DialectRefusal) -> CustomerAction {
            let action: CustomerAction
            switch request.content {
            case .success(let asked): action = asked
            case .failure(let rejection): throw DialectRefusal(rejection)
            }
            if case .send(let submission) = action, account.smsSerialStrict {
                let serial = Self.serial(of: submission)
                if serial.isEmpty { throw DialectRefusal(.parameterMissing("serialNumber")) }
                if !isStrictSerial(serial) { throw Self.refusal(.serialInvalid, .customIDInvalid) }
            }
            return action
        }

        /// A request without a serialNumber that was served before a restart is answered as the replay window would.
        public func refusal(_ rejection: Rejection, of request: CustomerRequest<Form, Credentials>) -> DialectRefusal {
            if rejection == .submissionRepeated, case .success(.send(let submission)) = request.content,
                Self.serial(of: submission).isEmpty
            {
                return Self.refusal(.signatureWrong)
            }
            return DialectRefusal(rejection)
        }

        // MARK: Answers

        /// Empty lists have code 38 where the account wants that (`noDataCode`). `balance` and `token` do not occur in
        /// this dialect; they would be answered with code 20.
        public func encode(
            _ outcome: CustomerOutcome, to request: CustomerRequest<Form, Credentials>, of account: Account,
            balance: Int64
        ) -> EncodedAnswer {
            let answer: Answer
            switch outcome {
            case .accepted(let acceptance, let submission):
                let invalid = submission.parts.flatMap(\.recipients).compactMap { recipient in
                    if case .invalid(let text) = recipient { text } else { nil }
                }
                return EncodedAnswer(
                    contentType: contentType, body: encodeAnswer(.accepted(acceptance, invalid: invalid)))
            case .reports(let reports): answer = .reports(reports)
            case .replies(let replies): answer = .replies(replies)
            case .confirmed: answer = .confirmed
            case .balance, .token: return encode(DialectRefusal(.storageFailed), to: request, isKnown: true)
            }
            return EncodedAnswer(
                contentType: contentType, body: encodeAnswer(answer, saysNoData: account.noDataCode))
        }

        /// Lists are empty, not null, in a refusal; `data` of a send is null.
        public func encode(
            _ refusal: DialectRefusal, to request: CustomerRequest<Form, Credentials>, isKnown: Bool
        ) -> EncodedAnswer {
            let operation = request.form.operation
            let code = refusal.code.flatMap { Int($0) }.flatMap { ResultCode(rawValue: $0) }
            let body =
                code.map { encodeFailure(code: $0, of: operation) } ?? encodeFailure(refusal.rejection, of: operation)
            return EncodedAnswer(contentType: contentType, body: body)
        }

        /// The refusal's own code, else that of its rejection.
        public func code(of refusal: DialectRefusal, to request: CustomerRequest<Form, Credentials>) -> String {
            refusal.code ?? String(resultCode(for: refusal.rejection).rawValue)
        }
    }
}
