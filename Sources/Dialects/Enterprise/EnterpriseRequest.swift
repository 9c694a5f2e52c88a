public import Messaging

extension Enterprise {
    /// The credentials of a request, not yet verified. Texts are trimmed; empty when missing.
    public enum Credentials: Hashable, Sendable {
        /// Of a request for a token.
        case client(id: String, secret: String)
        /// Token mode. `account` is as it was written, for the signature is over that.
        case signed(token: String, signature: String, timestamp: String, account: String)
        /// Plain mode.
        case plain(enterpriseID: String, account: String, password: String)

        /// The account's id: in upper case, cut off after 64 bytes; empty where the account is found by its client id.
        public var accountID: String {
            switch self {
            case .client: ""
            case .signed(_, _, _, let account), .plain(_, let account, _):
                String(decoding: account.utf8.prefix(Self.accountBytesMax), as: UTF8.self).uppercased()
            }
        }

        private static let accountBytesMax = 64

        /// Checks what is missing or malformed, before the account is looked up.
        /// - Throws: `parameterMissing`, `parameterInvalid`, each with the field's name, which has its own code;
        ///   `credentialsWrong` for a client without id or secret.
        public func check() throws(Rejection) {
            switch self {
            case .client(let id, let secret):
                if id.isEmpty || secret.isEmpty { throw .credentialsWrong }
            case .signed(let token, let signature, let timestamp, let account):
                if token.isEmpty { throw .parameterMissing(Header.authorization) }
                if account.isEmpty { throw .parameterMissing(Header.account) }
                if signature.isEmpty { throw .parameterMissing(Header.signature) }
                if timestamp.isEmpty { throw .parameterMissing(Header.timestamp) }
                if Authentication.moment(timestamp) == nil { throw .parameterInvalid(Header.timestamp) }
            case .plain(let enterpriseID, let account, let password):
                if enterpriseID.isEmpty { throw .parameterMissing(Header.enterpriseID) }
                if account.isEmpty { throw .parameterMissing(Header.account) }
                if password.isEmpty { throw .parameterMissing(Header.password) }
            }
        }
    }

    /// A request. Who asks is known even where what is asked breaks a rule, so that the credentials can be judged
    /// first; a request for a token has its credentials in the body, and is judged the other way round.
    public struct Request: Hashable, Sendable {
        /// From the header fields; of a token request from the body. Its texts may be empty (`check`).
        public var credentials: Credentials
        /// What is asked, or why the body cannot be read, or the first rule that a field breaks.
        public var content: Result<Content, Rejection>
        /// What a send names in which something breaks a rule.
        private let refused: Named

        /// - Parameter refused: of a send whose `content` is a failure.
        public init(credentials: Credentials, content: Result<Content, Rejection>, refused: Named = Named()) {
            self.credentials = credentials
            self.content = content
            self.refused = refused
        }

        /// Whom a send is to, for its refusal.
        /// - Parameter isKnown: whether it is known who asks. Else only the first number is named: a small request
        ///   would have a large answer.
        public func named(isKnown: Bool) -> Named {
            var named = refused
            if case .success(.send(let submission)) = content { named = Named(submission) }
            if !isKnown { named.recipients = Array(named.recipients.prefix(1)) }
            return named
        }

        /// The first number of a send, for the record of a refusal.
        var firstRecipient: Recipient? {
            if case .success(.send(let submission)) = content { return submission.parts.first?.recipients.first }
            return refused.recipients.first
        }
    }

    /// Whom a send is to, and what the customer calls it.
    public struct Named: Hashable, Sendable {
        /// At most 1000, as they were written.
        public var recipients: [Recipient]
        /// `smsid`; empty where it is missing or cannot be one.
        public var customID: String

        /// - Parameter recipients: at most 1000.
        public init(recipients: [Recipient] = [], customID: String = "") {
            self.recipients = recipients
            self.customID = customID
        }

        /// All numbers of a submission, and the custom id of its first part.
        public init(_ submission: Submission) {
            self.init(
                recipients: submission.parts.flatMap(\.recipients), customID: submission.parts.first?.customID ?? "")
        }
    }

    /// What is asked.
    public enum Content: Hashable, Sendable {
        case token
        /// One part.
        case send(Submission)
        /// At most so many entries, already capped.
        case fetch(limit: Int)
    }
}
