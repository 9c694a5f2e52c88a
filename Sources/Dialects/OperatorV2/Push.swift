public import Messaging

extension OperatorV2 {
    /// What we push to a customer, at most 500 reports or 100 replies at a time (seed 002 §2.7, §2.8).
    public enum Push: Hashable, Sendable {
        case reports([CustomerReport])
        case replies([CustomerReply])

        public var command: PushCommand {
            switch self {
            case .reports: .reports
            case .replies: .replies
            }
        }
    }

    public enum PushCommand: String, Hashable, Sendable {
        case reports = "RPT_REQ"
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
        /// Form fields with the JSON text as it is, the way that the samples print it (seed 002 §2.7.5, §2.8.5).
        case printedForm
        /// One JSON object.
        case json

        public var contentType: String {
            switch self {
            case .form, .printedForm: BodyFormat.form.contentType
            // A receiver that is told no charset may take the text for Latin-1.
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
        public var content: Content

        public enum Content: Hashable, Sendable {
            case reports([CarrierReport])
            case replies([CarrierReply])
        }

        public var command: PushCommand {
            switch content {
            case .reports: .reports
            case .replies: .replies
            }
        }

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

        public init(sequence: String, result: Int) {
            self.sequence = sequence
            self.result = result
        }
    }
}
