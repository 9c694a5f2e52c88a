public import Messaging
import Secrets

extension Enterprise {
    /// The credentials with which we call a carrier. A token is asked for by client id and secret; it is not enough
    /// alone: every call is signed besides.
    public enum Login: Hashable, Sendable {
        /// For a token request.
        case client(id: String, secret: String)
        /// Token mode; `password` is the plain one and goes into the signature.
        case signed(token: String, account: String, password: String)
        /// Plain mode; `password` is the plain one and its MD5 is sent.
        case plain(enterpriseID: String, account: String, password: String)

        var mode: Mode {
            switch self {
            case .client, .signed: .token
            case .plain: .plain
            }
        }
    }

    /// What we ask of a carrier of this family.
    public enum Call: Hashable, Sendable {
        case token
        /// One content to at most 1000 numbers.
        case send(Submission.Part, at: Timestamp? = nil)
        case fetchReports(limit: Int)
        case fetchReplies(limit: Int)

        /// The operation that the call is sent to.
        public var operation: Operation {
            switch self {
            case .token: .token
            case .send: .send
            case .fetchReports: .fetchReports
            case .fetchReplies: .fetchReplies
            }
        }
    }

    /// The request for `call`. A token is asked for with a `client` login, everything else with one of the others.
    public static func encodeCall(_ call: Call, login: Login, at now: Timestamp) -> EncodedRequest {
        EncodedRequest(
            path: Endpoint(call.operation, mode: login.mode).path, contentType: contentType,
            headers: headers(login, now), body: body(call, login))
    }

    private static func headers(_ login: Login, _ now: Timestamp) -> [EncodedRequest.Field] {
        func field(_ name: String, _ value: String) -> EncodedRequest.Field {
            EncodedRequest.Field(name, value)
        }
        switch login {
        case .client: return []
        case .signed(let token, let account, let password):
            let timestamp = String(now.milliseconds)
            let signature = Authentication.signature(account: account, password: password, timestamp: timestamp)
            return [
                field(Header.authorization, token), field(Header.signature, signature),
                field(Header.timestamp, timestamp), field(Header.account, account),
            ]
        case .plain(let enterpriseID, let account, let password):
            return [
                field(Header.enterpriseID, enterpriseID), field(Header.account, account),
                field(Header.password, MD5Digest.hex(password)),
            ]
        }
    }

    private static func body(_ call: Call, _ login: Login) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.open("")
        switch call {
        case .token:
            var (clientID, clientSecret) = ("", "")
            if case .client(let id, let secret) = login { (clientID, clientSecret) = (id, secret) }
            writer.text("grant_type", grantType)
            writer.text("client_id", clientID)
            writer.text("client_secret", clientSecret)
        case .send(let part, let moment):
            writer.recipients("mobile", part.recipients)
            writer.text("content", part.content)
            if let moment { writer.time("sendTime", moment) }
            if !part.accessExtension.isEmpty { writer.text("extno", part.accessExtension) }
            if !part.customID.isEmpty { writer.text("smsid", part.customID) }
        case .fetchReports(let limit), .fetchReplies(let limit):
            writer.text("statusNum", String(limit))
        }
        writer.close("")
        return writer.output
    }
}
