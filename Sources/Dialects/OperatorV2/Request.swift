public import Messaging

extension OperatorV2 {
    /// The credentials of a request, not yet verified.
    public struct Credentials: Hashable, Sendable {
        /// `userid`, trimmed and in upper case; cut off after 64 bytes. Empty when missing.
        public var userID: String
        /// `pwd`, trimmed: a digest, or the password itself. Empty when missing.
        public var password: String
        /// `timestamp` as it came, trimmed.
        public var timestamp: String
        /// `apikey`, trimmed; empty when missing. Where there is one, userid and pwd say nothing.
        public var apiKey: String

        /// Takes all texts trimmed, and `userID` in upper case.
        public init(userID: String = "", password: String = "", timestamp: String = "", apiKey: String = "") {
            self.userID = userID
            self.password = password
            self.timestamp = timestamp
            self.apiKey = apiKey
        }
    }

    /// A request whose body could be read. Who asks is known even where what is asked breaks a rule, so that the
    /// credentials can be judged first.
    public struct Request: Hashable, Sendable {
        /// Present, perhaps with empty fields, in every request that could be read.
        public var credentials: Credentials
        /// What is asked, or the first rule that a field breaks.
        public var content: Result<Content, Rejection>
        /// The number, or the first of them, as it was written and cut; only where the content breaks a rule.
        public var mobile = ""

        /// `mobile` is left empty.
        public init(credentials: Credentials, content: Result<Content, Rejection>) {
            self.credentials = credentials
            self.content = content
        }
    }

    /// What is asked.
    public enum Content: Hashable, Sendable {
        /// single_send and batch_send have one part; multi_send has one for each entry, of one recipient each.
        case send(Submission)
        /// get_mo or get_rpt: at most so many entries, already capped.
        case fetch(limit: Int)
        case balance
    }
}
