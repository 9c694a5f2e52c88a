import Messaging

extension Yixintong {
    /// How we prove to a carrier who we are.
    public struct Login: Hashable, Sendable {
        public var spCode: String
        public var appKey: String
        public var appSecret: String

        public init(spCode: String, appKey: String, appSecret: String) {
            self.spCode = spCode
            self.appKey = appKey
            self.appSecret = appSecret
        }
    }

    /// What we ask of a carrier of this family.
    public enum Call: Hashable, Sendable {
        /// One content to at most 1000 recipients; its custom id is the serialNumber.
        case send(Send)
        case fetchReports
        case fetchReplies
        /// With the maxId that the query returned, verbatim.
        case confirmReplies(maxID: String)

        public var operation: Operation {
            switch self {
            case .send: .send
            case .fetchReports: .fetchReports
            case .fetchReplies: .fetchReplies
            case .confirmReplies: .confirmReplies
            }
        }
    }

    /// A header of a request.
    public struct Header: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A call ready to be posted.
    public struct EncodedCall: Hashable, Sendable {
        /// Where, behind the carrier's host: `/api/sms/send`.
        public var path: String
        public var contentType: String
        /// What stands beside Content-Type.
        public var headers: [Header]
        public var body: [UInt8]

        public init(path: String, contentType: String, headers: [Header], body: [UInt8]) {
            self.path = path
            self.contentType = contentType
            self.headers = headers
            self.body = body
        }
    }

    /// The signed request for `call`.
    /// - Parameter requestID: one that was never used before (`RequestID.text(at:number:)`).
    public static func encodeCall(
        _ call: Call, login: Login, requestID: String, encoding: SignatureEncoding = .java
    ) -> EncodedCall {
        let parameters = parameters(of: call)
        var writer = JSONWriter(capacity: 64 + parameters.reduce(0) { $0 + $1.value.utf8.count + 32 })
        writer.open("request")
        for (name, value) in parameters { writer.text(name, value) }
        writer.close("request")
        var credentials = Credentials(spCode: login.spCode, appKey: login.appKey, requestID: requestID)
        credentials.signature = Signature.make(
            credentials, parameters: parameters.map { Parameter("\($0.name)", $0.value) },
            appSecret: login.appSecret, encoding: encoding)
        return EncodedCall(
            path: call.operation.path, contentType: contentType, headers: headers(of: credentials),
            body: writer.finished())
    }

    private static func headers(of credentials: Credentials) -> [Header] {
        [
            Header(HeaderName.spCode, credentials.spCode), Header(HeaderName.appKey, credentials.appKey),
            Header(HeaderName.requestID, credentials.requestID), Header(HeaderName.signature, credentials.signature),
        ]
    }

    /// In the order of seed 004.
    private static func parameters(of call: Call) -> [(name: StaticString, value: String)] {
        switch call {
        case .send(let send):
            var list: [(name: StaticString, value: String)] = [
                ("type", "1"),
                ("userNumber", send.part.recipients.map(\.text).joined(separator: ",")),
                ("templateId", send.templateID.isEmpty ? "0" : send.templateID),
                ("messageContent", send.part.content),
            ]
            if !send.serialNumber.isEmpty { list.append(("serialNumber", send.serialNumber)) }
            if !send.part.accessExtension.isEmpty { list.append(("extendAccessNum", send.part.accessExtension)) }
            return list
        case .fetchReports, .fetchReplies: return []
        case .confirmReplies(let maxID): return [("maxId", maxID)]
        }
    }
}
