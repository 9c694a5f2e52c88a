public import Messaging

extension Guodu {
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
    public struct Content: Hashable, Sendable {
        /// A personalised one has a part for each number.
        public var submission: Submission
        /// How it addresses its numbers; decides the answer's code.
        public var variant: Variant

        /// - Parameter submission: with a part for each number where `variant` is `personalised`, else with one part.
        public init(_ submission: Submission, variant: Variant) {
            self.submission = submission
            self.variant = variant
        }
    }

    /// The request in a JSON body; the Content-Type does not matter.
    ///
    /// A rule that a field breaks is in the request's `content`, in the order DesMobile, Content, SendTime, AppendID.
    /// - Throws: `malformedJSON`.
    public static func decodeRequest(body: UnsafeRawBufferPointer) throws(Rejection) -> Request {
        let fields = try SubmitFields(WireBytes(body))
        let content = Result { () throws(Rejection) -> Content in try fields.content() }
        var request = Request(credentials: fields.credentials, content: content)
        if case .failure = content { request.mobile = fields.firstNumber }
        return request
    }

    /// As `decodeRequest(body:)`, of bytes in an array.
    /// - Throws: `malformedJSON`.
    public static func decodeRequest(body: [UInt8]) throws(Rejection) -> Request {
        try body.withRawBytes { bytes throws(Rejection) in try decodeRequest(body: bytes) }
    }
}

/// The fields of a request (INTERFACE.md, first table).
private struct SubmitFields {
    private(set) var credentials = Guodu.Credentials()
    private var sendTime = WireText.empty
    private var appendID = WireText.empty
    private var mobiles = WireText.empty
    private var text = WireText.empty

    init(_ bytes: WireBytes) throws(Rejection) {
        var reader = JSONReader(bytes)
        try reader.enterRecord()
        while let name = try reader.nextName() {
            if name.equals("OperID") {
                credentials.operatorID = try reader.value().accountID
            } else if name.equals("OperPass") {
                credentials.password = try reader.value().trimmedText
            } else if name.equals("SendTime") {
                sendTime = try reader.value()
            } else if name.equals("AppendID") {
                appendID = try reader.value()
            } else if name.equals("DesMobile") {
                mobiles = try reader.value()
            } else if name.equals("Content") {
                text = try reader.value()
            } else {
                try reader.skipValue()
            }
        }
        try reader.finish()
    }

    var firstNumber: String { mobiles.firstNumber }

    func content() throws(Rejection) -> Guodu.Content {
        let recipients = try NumberList.recipients(
            mobiles, max: Guodu.numbersMax, whenEmpty: .parameterMissing(Guodu.mobileField))
        let texts = try GuoduText.read(text, numbers: recipients.count)
        let scheduledAt = try SendTime.read(sendTime.trimmedText)
        let appendID = try appendID.accessExtension(max: Guodu.extensionDigitsMax)
        func part(_ recipients: [Recipient], _ text: String) -> Submission.Part {
            Submission.Part(recipients: recipients, content: text, accessExtension: appendID)
        }
        switch texts {
        case .shared(let text):
            let submission = Submission(parts: [part(recipients, text)], scheduledAt: scheduledAt)
            return Guodu.Content(submission, variant: recipients.count == 1 ? .single : .batch)
        case .each(let texts):
            let parts = zip(recipients, texts).map { part([$0], $1) }
            return Guodu.Content(Submission(parts: parts, scheduledAt: scheduledAt), variant: .personalised)
        }
    }
}

extension Guodu {
    static let mobileField = "DesMobile"
    static let contentField = "Content"
}
