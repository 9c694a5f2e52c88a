public import Messaging

extension OperatorV2 {
    /// The credentials with which we call a carrier.
    public enum Login: Hashable, Sendable {
        /// `pwd` is the digest for the time of the call.
        case digest(userID: String, password: String)
        /// `pwd` is the password itself.
        case plain(userID: String, password: String)
        /// `apikey` in the place of userid and pwd.
        case apiKey(String)
    }

    /// What we ask of a carrier of this family.
    public enum Call: Hashable, Sendable {
        /// A part of one recipient.
        case singleSend(Submission.Part)
        /// One content to at most 1000 recipients.
        case batchSend(Submission.Part)
        /// At most 100 parts of one recipient each.
        case multiSend([Submission.Part])
        case fetchReplies(limit: Int)
        case fetchReports(limit: Int)
        case balance

        /// The operation that the call is sent to.
        public var operation: Operation {
            switch self {
            case .singleSend: .singleSend
            case .batchSend: .batchSend
            case .multiSend: .multiSend
            case .fetchReplies: .fetchReplies
            case .fetchReports: .fetchReports
            case .balance: .balance
            }
        }
    }

    /// The request for `call`. Contents are percent-encoded GBK; if one has a character that GBK has not, or would be
    /// taken for UTF-8, all go to the operation's later name, where contents are UTF-8.
    public static func encodeCall(
        _ call: Call, login: Login, at now: Timestamp, format: BodyFormat = .json
    ) -> EncodedRequest {
        let contents = EncodedContents(call)
        let endpoint = Endpoint(call.operation, charset: contents.charset)
        let body: [UInt8] =
            switch format {
            case .json: write(call, contents, login, now, JSONWriter(capacity: contents.capacity))
            case .xml: write(call, contents, login, now, XMLWriter(capacity: contents.capacity))
            case .form: write(call, contents, login, now, FormWriter(capacity: contents.capacity))
            }
        return EncodedRequest(path: endpoint.path, contentType: format.contentType, body: body)
    }

    /// A call's contents in the one charset that holds them all.
    private struct EncodedContents {
        var charset = TextCharset.gbk
        var texts: [[UInt8]] = []
        var capacity = 256

        init(_ call: Call) {
            let parts: [Submission.Part] =
                switch call {
                case .singleSend(let part), .batchSend(let part): [part]
                case .multiSend(let parts): parts
                case .fetchReplies, .fetchReports, .balance: []
                }
            texts.reserveCapacity(parts.count)
            for part in parts {
                guard let bytes = GBK.encode(part.content), !TextCharset.isUTF8ForCertain(bytes) else {
                    charset = .utf8
                    break
                }
                texts.append(bytes)
            }
            if charset == .utf8 { texts = parts.map { Array($0.content.utf8) } }
            for (part, text) in zip(parts, texts) { capacity += 160 + part.recipients.count * 16 + text.count * 3 }
        }
    }

    private static func write<Writer: RecordWriter>(
        _ call: Call, _ contents: EncodedContents, _ login: Login, _ now: Timestamp, _ empty: Writer
    ) -> [UInt8] {
        var writer = empty
        let root: StaticString =
            switch call {
            case .singleSend, .batchSend, .multiSend: "mtreq"
            case .fetchReplies: "moreq"
            case .fetchReports: "rptreq"
            case .balance: "feereq"
            }
        writer.open(root)
        let timestamp = writeIdentity(login, now, to: &writer)
        switch call {
        case .singleSend(let part), .batchSend(let part):
            writeAddress(part, contents.texts.first ?? [], to: &writer)
            writeOptional("timestamp", timestamp, to: &writer)
            writeExtras(part, to: &writer)
        case .multiSend(let parts):
            writeOptional("timestamp", timestamp, to: &writer)
            writer.openList("multimt")
            for (part, text) in zip(parts, contents.texts) {
                writer.openItem("mt")
                writeAddress(part, text, to: &writer)
                writeExtras(part, to: &writer)
                writer.closeItem("mt")
            }
            writer.closeList("multimt")
        case .fetchReplies(let limit), .fetchReports(let limit):
            writeOptional("timestamp", timestamp, to: &writer)
            writer.number("retsize", Int64(limit))
        case .balance:
            writeOptional("timestamp", timestamp, to: &writer)
        }
        writer.close(root)
        return writer.finished()
    }

    /// Writes the credentials and returns the timestamp of their digest, which is written later; empty without a
    /// digest.
    static func writeIdentity<Writer: RecordWriter>(
        _ login: Login, _ now: Timestamp, to writer: inout Writer
    ) -> String {
        switch login {
        case .digest(let userID, let password):
            let stamp = now.monthDayTime
            writer.text("userid", userID)
            writer.text("pwd", Authentication.digest(userID: userID, password: password, timestamp: stamp))
            return stamp
        case .plain(let userID, let password):
            writer.text("userid", userID)
            writer.text("pwd", password)
            return ""
        case .apiKey(let key):
            writer.text("apikey", key)
            return ""
        }
    }

    private static func writeAddress<Writer: RecordWriter>(
        _ part: Submission.Part, _ content: [UInt8], to writer: inout Writer
    ) {
        writer.recipients("mobile", part.recipients)
        writer.percentEncoded("content", content)
    }

    private static func writeExtras<Writer: RecordWriter>(_ part: Submission.Part, to writer: inout Writer) {
        writeOptional("svrtype", part.serviceType, to: &writer)
        writeOptional("exno", part.accessExtension, to: &writer)
        writeOptional("custid", part.customID, to: &writer)
        writeOptional("exdata", part.customData, to: &writer)
    }

    static func writeOptional<Writer: RecordWriter>(_ name: StaticString, _ value: String, to writer: inout Writer) {
        if !value.isEmpty { writer.text(name, value) }
    }
}
