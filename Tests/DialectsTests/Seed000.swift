import Dialects
import Messaging
import Testing

/// Seed 000 prints tables and no samples: these are its fields in its order, filled in, and the answers of WIRE.md
/// §000.
enum Seed000 {
    /// 3 August 2016, 19:20:20 in China.
    static let now = Timestamp(milliseconds: 1_470_223_220_000)
    static let token = "b1946ac92492d2347c6235b4d2611184b1946ac92492d2347c6235b4d2611184"
    /// MD5(J10003|111111|1470223220000), computed by another program.
    static let signature = "d691115354e5c532182f9f4fc977425d"
    /// MD5(111111), likewise.
    static let digest = "96e79218965eb72c92a549dd5a330112"

    static let signedHeaders = [
        "authorization": token, "signature": signature, "timestamp": "1470223220000", "account": "J10003",
    ]
    static let plainHeaders = ["userid": "1001", "account": "J10003", "password": digest]

    static let signed = Enterprise.Credentials.signed(
        token: token, signature: signature, timestamp: "1470223220000", account: "J10003")
    static let plain = Enterprise.Credentials.plain(enterpriseID: "1001", account: "J10003", password: digest)

    static let signedLogin = Enterprise.Login.signed(token: token, account: "J10003", password: "111111")
    static let plainLogin = Enterprise.Login.plain(enterpriseID: "1001", account: "J10003", password: "111111")
    static let clientLogin = Enterprise.Login.client(id: "client", secret: "s3cret")

    static let tokenBody = #"{"grant_type":"client_credentials","client_id":"client","client_secret":"s3cret"}"#
    static let sendBody =
        #"{"mobile":"13800138000,13900139000","content":"【驿站】测试 a","sendTime":"2016-08-04 08:00:00","#
        + #""extno":"12","smsid":"order-7"}"#
    static let fetchBody = #"{"statusNum":"200"}"#

    static let part = Submission.Part(
        recipients: [Recipient("13800138000"), Recipient("13900139000")], content: "【驿站】测试 a",
        customID: "order-7", accessExtension: "12")
    static let sendTime = Timestamp(chinaText: "2016-08-04 08:00:00")

    static func headers(_ mode: Enterprise.Mode) -> [String: String] {
        mode == .token ? signedHeaders : plainHeaders
    }

    /// The request of a body in one of the modes, with the right headers unless others are given.
    static func request(
        _ operation: Enterprise.Operation, _ mode: Enterprise.Mode, _ body: [UInt8],
        headers: [String: String]? = nil
    ) -> Enterprise.Request {
        let fields = headers ?? self.headers(mode)
        return body.withUnsafeBytes { raw in
            Enterprise.decodeRequest(Enterprise.Endpoint(operation, mode: mode), body: raw) { fields[$0.lowercased()] }
        }
    }

    /// What a send's body is refused for.
    static func rejection(_ body: String) -> Rejection? {
        switch request(.send, .plain, Array(body.utf8)).content {
        case .success: nil
        case .failure(let rejection): rejection
        }
    }
}
