import Foundation

/// A customer that speaks dialect 003, as its document shows.
struct GuoduCustomer {
    var account = "J10003"
    var password = "111111"
    let port: UInt16

    struct Answer: Decodable, Equatable {
        var resultCode: String
        var msgID: String?

        private enum CodingKeys: String, CodingKey {
            case resultCode = "ResultCode"
            case msgID = "MsgId"
        }
    }

    /// As Java's URLEncoder has it.
    static func encoded(_ text: String) -> String {
        let allowed = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._* ")
        return (text.addingPercentEncoding(withAllowedCharacters: allowed) ?? "").replacing(" ", with: "+")
    }

    func post(_ body: [UInt8], on client: HTTPClient? = nil) throws -> Answer {
        let answer = try (client ?? HTTPClient(port: port)).perform(
            "POST", "/HttpQuickProcess/submitJson", headers: [("Content-Type", "application/json;charset=utf-8")],
            body: body)
        guard answer.status == 200 else { throw HTTPClient.Closed() }
        return try JSONDecoder().decode(Answer.self, from: Data(answer.body))
    }

    /// `content` as it is to stand in the request.
    func submit(
        _ mobiles: [String], encoded content: String, _ fields: [String: String] = [:], on client: HTTPClient? = nil
    ) throws -> Answer {
        let needed = [
            "OperID": account, "OperPass": password, "SendTime": "", "AppendID": "",
            "DesMobile": mobiles.joined(separator: ","), "Content": content,
        ]
        let body = try JSONSerialization.data(withJSONObject: needed.merging(fields) { $1 })
        return try post(Array(body), on: client)
    }

    func send(
        _ mobiles: [String], _ content: String = "测试短信", _ fields: [String: String] = [:],
        on client: HTTPClient? = nil
    ) throws -> Answer {
        try submit(mobiles, encoded: Self.encoded(content), fields, on: client)
    }

    /// A content for each number.
    func send(_ messages: [(mobile: String, content: String)]) throws -> Answer {
        let joined = messages.map { Self.encoded($0.content) }.joined(separator: ",")
        return try submit(messages.map(\.mobile), encoded: Self.encoded(joined))
    }
}
