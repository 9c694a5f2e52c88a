public import Messaging

extension OperatorV2 {
    /// What we push to a customer, at most 500 reports or 100 replies at a time.
    public enum Push: Hashable, Sendable {
        /// At most 500.
        case reports([CustomerReport])
        /// At most 100.
        case replies([CustomerReply])

        /// `cmd` of the push.
        public var command: PushCommand {
            switch self {
            case .reports: .reports
            case .replies: .replies
            }
        }
    }

    /// `cmd` of a push; the raw value is what is written.
    public enum PushCommand: String, Hashable, Sendable {
        /// `rpts` holds reports.
        case reports = "RPT_REQ"
        /// `mos` holds replies.
        case replies = "MO_REQ"

        /// `cmd` of the answer.
        public var answer: String {
            switch self {
            case .reports: "RPT_RESP"
            case .replies: "MO_RESP"
            }
        }
    }

    /// How a push is written.
    public enum PushFormat: Hashable, Sendable, CaseIterable {
        /// Form fields; `rpts` and `mos` are JSON text, percent-encoded as the media type wants it.
        case form
        /// Form fields with the JSON text as it is, the way that the samples print it.
        case printedForm
        /// One JSON object.
        case json

        /// The Content-Type of the push.
        public var contentType: String {
            switch self {
            case .form, .printedForm: BodyFormat.form.contentType
            // Without a charset, a receiver may take the text for Latin-1.
            case .json: "application/json;charset=UTF-8"
            }
        }
    }

    /// What a carrier pushed to us.
    public struct ReceivedPush: Hashable, Sendable {
        /// To be checked by `Authentication.hasDigest` against the channel's user and password.
        public var credentials: Credentials
        /// `seqid` as it came; to be returned in the answer.
        public var sequence: String
        /// Reports or replies, as `cmd` says.
        public var content: Content

        /// What a push holds; either list may be empty.
        public enum Content: Hashable, Sendable {
            case reports([CarrierReport])
            case replies([CarrierReply])
        }

        /// `cmd` of the push.
        public var command: PushCommand {
            switch content {
            case .reports: .reports
            case .replies: .replies
            }
        }

        /// - Parameter sequence: `seqid`, at most 64 bytes; empty when missing.
        public init(credentials: Credentials, sequence: String, content: Content) {
            self.credentials = credentials
            self.sequence = sequence
            self.content = content
        }
    }

    /// What the receiver of a push answers.
    public struct PushAnswer: Hashable, Sendable {
        /// `seqid` (or `seqId`), a number or a text; empty when missing.
        public var sequence: String
        /// 0 is accepted; anything else is pushed again.
        public var result: Int

        /// - Parameter result: 0 for accepted.
        public init(sequence: String, result: Int) {
            self.sequence = sequence
            self.result = result
        }
    }
}
