import Foundation
import Secrets

/// A customer that speaks dialect 000 as its document and WIRE.md show it.
struct EnterpriseCustomer {
    enum Mode: String, CaseIterable {
        case token = "enterprise-oauth2"
        case plain = "enterprise-json"

        var prefix: String { self == .token ? "/oauth2" : "/json" }
    }

    /// More arguments of `account add`.
    static let accountArguments = [
        "--enterprise-id", "E001", "--client-id", "customer-1", "--client-secret", "s3cret",
    ]
    /// More arguments of `channel add`, for a simulator with its own defaults.
    static func channelArguments(_ mode: Mode) -> [String] {
        [
            "--dialect", mode.rawValue, "--enterprise-id", "1001", "--client-id", "client",
            "--client-secret", "secret",
        ]
    }

    var mode: Mode
    var port: UInt16
    var account = "J10003"
    var password = "111111"
    var enterpriseID = "E001"
    /// Of token mode; empty for none.
    var token = ""

    init(_ mode: Mode, port: UInt16) throws {
        self.mode = mode
        self.port = port
        if mode == .token { token = try requestToken().string("access_token") }
    }

    func requestToken(
        grantType: String = "client_credentials", clientID: String = "customer-1", secret: String = "s3cret"
    ) throws -> [String: Any] {
        try post(
            "/oauth2/token", headers: [:],
            ["grant_type": grantType, "client_id": clientID, "client_secret": secret])
    }

    /// Header fields as the document has them.
    var headers: [String: String] {
        guard mode == .token else {
            return ["userid": enterpriseID, "account": account, "password": MD5Digest.hex(password)]
        }
        let stamp = String(Int(Date().timeIntervalSince1970 * 1000))
        let signature = MD5Digest.hex("\(account)|\(password)|\(stamp)")
        return ["Authorization": token, "signature": signature, "timeStamp": stamp, "account": account]
    }

    /// Posts to `send`, `report` or `mo`, with the right headers but for `changes`; nil takes one out.
    func call(_ name: String, _ fields: [String: Any], changes: [String: String?] = [:]) throws -> [String: Any] {
        var headers = headers
        for (name, value) in changes { headers[name] = value }
        return try post(mode.prefix + "/sms/" + name, headers: headers, fields)
    }

    func post(_ path: String, headers: [String: String], _ fields: [String: Any]) throws -> [String: Any] {
        try post(path, headers: headers, body: Array(try JSONSerialization.data(withJSONObject: fields)))
    }

    func post(_ path: String, headers: [String: String], body: [UInt8]) throws -> [String: Any] {
        let all = [("Content-Type", "application/json")] + headers.map { ($0.key, $0.value) }
        let answer = try HTTPClient(port: port).perform("POST", path, headers: all, body: body)
        guard answer.status == 200,
            let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        else { throw CommandResult.Failure(description: "\(path): \(answer.status) \(answer.text)") }
        return object
    }

    func send(_ mobile: String, _ content: String = "测试短信", _ fields: [String: Any] = [:]) throws -> [String: Any] {
        try call("send", ["mobile": mobile, "content": content].merging(fields) { $1 })
    }

    /// What waits in `report` or `mo`.
    func take(_ name: String, _ limit: Int = 1000) throws -> [[String: Any]] {
        let answer = try call(name, ["statusNum": String(limit)])
        guard try answer.string("error") == "0" else { throw CommandResult.Failure(description: "\(answer)") }
        return try answer.objects(name == "report" ? "returnsms" : "callbox")
    }

    /// Collects until `count` entries are there.
    func collect(_ name: String, _ count: Int) async throws -> [[String: String]] {
        var collected: [[String: String]] = []
        try await eventually("\(count) of \(name)") {
            collected += try take(name).compactMap { $0 as? [String: String] }
            return collected.count >= count
        }
        return collected
    }
}
