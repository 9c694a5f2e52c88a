public import Messaging

extension Yixintong {
    /// A request whose body could be read. Its parameters are known even where one breaks a rule, so that the
    /// signature over them can be judged first.
    public struct Request: Hashable, Sendable {
        /// As they are signed: each name once, unknown ones too.
        public var parameters: [Parameter]
        /// What is asked, or the first rule that a parameter breaks.
        public var content: Result<Content, Rejection>
        /// The number, or the first of them, as it was written and cut; only where the content breaks a rule.
        public var mobile = ""

        /// `mobile` is left empty.
        public init(parameters: [Parameter], content: Result<Content, Rejection>) {
            self.parameters = parameters
            self.content = content
        }
    }

    /// What is asked.
    public enum Content: Hashable, Sendable {
        case send(Send)
        case fetchReports
        case fetchReplies
        /// Everything up to and with this id has arrived.
        case confirmReplies(through: MessageID)
    }

    /// A send: one content to at most 1000 numbers.
    public struct Send: Hashable, Sendable {
        /// Its custom id is the `serialNumber`, perhaps empty.
        public var part: Submission.Part
        /// The approved text that the content has to match; empty for free text.
        public var templateID: String

        /// - Parameter templateID: empty for free text, which is `0` on the wire.
        public init(part: Submission.Part, templateID: String = "") {
            self.part = part
            self.templateID = templateID
        }

        /// The customer's own number of the request: 1 to 32 digits, or empty.
        public var serialNumber: String { part.customID }
    }

    /// Whether a serialNumber is what the document demands to the letter: 20 digits.
    public static func isStrictSerial(_ serial: String) -> Bool {
        serial.utf8.count == serialDigitsStrict && serial.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
