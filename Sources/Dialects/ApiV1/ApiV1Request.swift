public import Messaging

extension ApiV1 {
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
        /// One part; its custom id and the submission's idempotency key are the taskId, where there is one.
        case send(Submission)
        /// Reports or replies, as the operation says.
        case fetch
        case balance
    }

    /// The request in a form body.
    ///
    /// A rule that a field breaks is in the request's `content`, in the order mobiles, content, taskId, extNo.
    /// - Throws: `unsupportedContentType` for anything that is not a form (no Content-Type counts as one);
    ///   `malformedForm` for a body that holds no field at all.
    public static func decodeRequest(
        _ operation: Operation, contentType: String?, body: UnsafeRawBufferPointer
    ) throws(Rejection) -> Request {
        let type = (contentType ?? "").prefix { $0 != ";" }.trimmed().lowercased()
        guard type.isEmpty || type == requestContentType else { throw .unsupportedContentType }
        let fields = try SendFields(WireBytes(body))
        let content = Result { () throws(Rejection) -> Content in
            switch operation {
            case .send: .send(try fields.submission())
            case .fetchReports, .fetchReplies: .fetch
            case .balance: .balance
            }
        }
        var request = Request(credentials: fields.credentials, content: content)
        if case .failure = content { request.mobile = fields.firstNumber }
        return request
    }

    /// As `decodeRequest(_:contentType:body:)`, of bytes in an array.
    /// - Throws: the same.
    public static func decodeRequest(
        _ operation: Operation, contentType: String? = requestContentType, body: [UInt8]
    ) throws(Rejection) -> Request {
        try body.withRawBytes { bytes throws(Rejection) in
            try decodeRequest(operation, contentType: contentType, body: bytes)
        }
    }
}

/// The fields of any request (INTERFACE.md, first table).
private struct SendFields {
    private(set) var credentials = ApiV1.Credentials()
    private var taskID = WireText.empty
    private var mobiles = WireText.empty
    /// As it is written in the form, still encoded.
    private var content = WireText.empty
    private var accessExtension = WireText.empty

    init(_ bytes: WireBytes) throws(Rejection) {
        var reader = FormReader(bytes)
        var (isEmpty, hasValue) = (true, false)
        while let pair = reader.next() {
            isEmpty = false
            if pair.hasValue { hasValue = true }
            pair.name.withBytes { set($0, pair.value) }
        }
        guard isEmpty || hasValue else { throw .malformedForm }
    }

    private mutating func set(_ name: WireBytes, _ value: WireBytes) {
        if name.equals("account") {
            credentials.account = FormReader.plain(value).accountID
        } else if name.equals("pwd") {
            credentials.password = FormReader.plain(value).trimmedText
        } else if name.equals("taskId") {
            taskID = FormReader.plain(value)
        } else if name.equals("mobiles") {
            mobiles = FormReader.plain(value)
        } else if name.equals("content") {
            content = WireText(value)
        } else if name.equals("extNo") {
            accessExtension = FormReader.plain(value)
        }
    }

    var firstNumber: String { mobiles.firstNumber }

    func submission() throws(Rejection) -> Submission {
        let recipients = try NumberList.recipients(
            mobiles, max: ApiV1.numbersMax, whenEmpty: .parameterMissing("mobiles"))
        let text = try text()
        let key = try key()
        let digits = try accessExtension.accessExtension(max: ApiV1.extensionDigitsMax)
        // A positive integer: neither 0 nor with zeros in front.
        if digits.utf8.first == UInt8(ascii: "0") { throw .extensionInvalid }
        let part = Submission.Part(
            recipients: recipients, content: text, customID: key, accessExtension: digits)
        return Submission(parts: [part], idempotencyKey: key.isEmpty ? nil : key)
    }

    private func text() throws(Rejection) -> String {
        // A unit is at most four bytes, each of them at most three characters.
        let isLong = content.withBytes { $0.count > ApiV1.contentUnitsMax * 12 }
        guard !isLong else { throw .contentTooLong }
        let bytes = content.withBytes { PercentCoding.decodeLeniently($0) }
        return try PlainContent.text(bytes, unitsMax: ApiV1.contentUnitsMax)
    }

    private func key() throws(Rejection) -> String {
        let text = taskID.trimmedText
        let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
        guard isPlain, text.utf8.count <= ApiV1.taskIDBytesMax else { throw .parameterInvalid("taskId") }
        return text
    }
}
