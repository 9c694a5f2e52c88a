public import Messaging

extension Guodu {
    /// What we ask of a carrier of this family.
    public enum Call: Hashable, Sendable {
        /// One content to at most 500 recipients.
        case shared(Submission.Part)
        /// At most 500 parts of one recipient each, all under one extension, no number twice.
        case personalised([Submission.Part])
    }

    /// The body of the request for `call`; OperPass is the password itself.
    public static func encodeCall(_ call: Call, operatorID: String, password: String) -> [UInt8] {
        let parts: [Submission.Part] =
            switch call {
            case .shared(let part): [part]
            case .personalised(let parts): parts
            }
        let capacity = parts.reduce(160) { $0 + $1.recipients.count * 12 + $1.content.utf8.count * 5 + 8 }
        var writer = JSONWriter(capacity: capacity)
        writer.open("")
        writer.text("OperID", operatorID)
        writer.text("OperPass", password)
        writer.text("SendTime", "")
        writer.text("AppendID", parts.first?.accessExtension ?? "")
        writer.recipients("DesMobile", parts.flatMap(\.recipients))
        writer.begin("Content", isText: true)
        switch call {
        case .shared(let part): GuoduText.append(part.content, to: &writer.output)
        case .personalised(let parts):
            var joined: [UInt8] = []
            for (at, part) in parts.enumerated() {
                if at > 0 { joined.append(UInt8(ascii: ",")) }
                GuoduText.append(part.content, isMarked: true, to: &joined)
            }
            GuoduText.append(String(decoding: joined, as: UTF8.self), to: &writer.output)
        }
        writer.end("Content", isText: true)
        writer.close("")
        return writer.finished()
    }

    /// What a carrier answers to a submission. Read liberally: numbers for texts, unknown fields.
    public struct SendAnswer: Hashable, Sendable {
        /// `ResultCode`: two digits, or `-1`. A single digit has got its zero back.
        public var code: String
        /// What its reports will call the whole call by; empty when missing.
        public var messageID: String

        /// - Parameter code: `00`, `01` and `03` mean that the call was accepted.
        public init(code: String, messageID: String) {
            self.code = code
            self.messageID = messageID
        }

        /// Whether the carrier has taken all messages of the call.
        public var isAccepted: Bool { Variant.allCases.contains { $0.successCode == code } }

        /// - Throws: `Rejection.malformedJSON`; also when there is no ResultCode.
        public init(decoding body: UnsafeRawBufferPointer) throws(Rejection) {
            var reader = JSONReader(WireBytes(body), replacesHalves: true)
            var (code, messageID) = ("", "")
            try reader.enterRecord()
            while let name = try reader.nextName() {
                if name.equals("ResultCode") {
                    code = try reader.value().codeText
                } else if name.equals("MsgId") {
                    messageID = try reader.value().codeText
                } else {
                    try reader.skipValue()
                }
            }
            try reader.finish()
            guard !code.isEmpty else { throw .malformedJSON }
            // A code that was written as a number lost its zero.
            if code.utf8.count == 1 { code = "0" + code }
            self.init(code: code, messageID: messageID)
        }
    }
}
