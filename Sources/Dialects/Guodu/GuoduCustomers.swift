public import Messaging

extension Guodu {
    /// The interface as a server of customers.
    public struct Customers: CustomerDialect {
        /// `OperID` and `OperPass`.
        public typealias Credentials = Guodu.Credentials
        /// The form of an answer depends on how the request addresses its numbers; `single` where that could not be
        /// read.
        public typealias Form = Variant
        /// The value has no state and no settings.
        public init() {}

        /// The one path.
        public var routes: [(path: String, route: Void)] { [(path, ())] }
        /// True: code 10 (INTERFACE.md, Codes).
        public var refusesExtensionsWithoutRoom: Bool { true }
        /// An unknown user has a code of its own (INTERFACE.md, Codes).
        public var unknownAccount: DialectRefusal { DialectRefusal(.credentialsWrong, code: unknownOperator) }

        /// Reads the JSON body, whatever its Content-Type is. Has a `refusal` where it cannot be read.
        public func read(
            _ route: Void, _ message: some HTTPRequestFields, at now: Timestamp
        ) -> CustomerRequest<Variant, Credentials> {
            var request = CustomerRequest<Variant, Credentials>(.single)
            do throws(Rejection) {
                let decoded = try message.read { bytes throws(Rejection) in try decodeRequest(body: bytes) }
                if case .success(let content) = decoded.content { request.form = content.variant }
                request.credentials = decoded.credentials
                request.identity = .login(decoded.credentials.operatorID)
                request.content = decoded.content.map { .send($0.submission) }
                request.mobile = decoded.mobile
            } catch {
                request.refusal = DialectRefusal(error)
            }
            return request
        }

        /// Nil or `credentialsWrong`: the password has no time, so it is never stale.
        public func verify(
            _ request: CustomerRequest<Variant, Credentials>, account: Account, secrets: AccountSecrets,
            tolerance: TimeTolerance, at now: Timestamp
        ) -> DialectRefusal? {
            request.credentials?.areRight(for: account, secrets: secrets) == true
                ? nil : DialectRefusal(.credentialsWrong)
        }

        /// Outcomes other than `accepted` do not occur in this dialect; they would be answered with code -1.
        public func encode(
            _ outcome: CustomerOutcome, to request: CustomerRequest<Variant, Credentials>, of account: Account,
            balance: Int64
        ) -> EncodedAnswer {
            guard case .accepted(let acceptance, _) = outcome else {
                return encode(DialectRefusal(.storageFailed), to: request, isKnown: true)
            }
            return EncodedAnswer(contentType: contentType, body: encodeAnswer(acceptance, variant: request.form))
        }

        /// A `ResultCode` and no `MsgId`.
        public func encode(_ refusal: DialectRefusal, to request: CustomerRequest<Variant, Credentials>, isKnown: Bool)
            -> EncodedAnswer
        {
            EncodedAnswer(contentType: contentType, body: encodeFailure(code: code(of: refusal, to: request)))
        }

        /// The refusal's own code, else that of its rejection.
        public func code(of refusal: DialectRefusal, to request: CustomerRequest<Variant, Credentials>) -> String {
            refusal.code ?? resultCode(for: refusal.rejection)
        }

        /// "Insufficient balance" is what the dialect has for a refusal of all messages that is certain.
        public func simulatedRefusal(_ rejection: Rejection, code: Int) -> DialectRefusal {
            DialectRefusal(rejection, code: rejection == .tooManyConnections ? "11" : nil)
        }
    }

    /// Pushes, towards customers and from carriers: lists; the status of the answer decides.
    public struct Pushes: PushCodec {
        private static let contentType = "application/json;charset=UTF-8"

        /// The value has no state and no settings.
        public init() {}

        /// A bare array of reports or of replies (INTERFACE.md, Pushes); credentials and format of the context are not
        /// used.
        public func encode(_ content: PushContent, _ context: PushContext) -> (contentType: String, body: [UInt8]) {
            switch content {
            case .reports(let reports): (Self.contentType, encodePush(reports: reports))
            case .replies(let replies): (Self.contentType, encodePush(replies: replies))
            }
        }
    }
}
