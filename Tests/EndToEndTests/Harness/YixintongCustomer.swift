import Foundation
import Secrets

/// A customer that speaks dialect 004, as its document and WIRE's vectors show.
final class YixintongCustomer {
    var spCode = "100001"
    var appKey = "J10003"
    var appSecret = "app-secret"
    /// Leaves a header out.
    var without = ""
    let port: UInt16
    private var number = 0

    init(port: UInt16) {
        self.port = port
    }

    struct Answer<Data: Decodable>: Decodable {
        var code: Int
        var data: Data?
        var msg: String
        var ok: Bool
    }

    struct Task: Decodable {
        var taskId: String
    }

    struct Report: Decodable, Equatable {
        var serialNumber: String
        var userNumber: String
        var result: Int
    }

    struct Reply: Decodable, Equatable {
        var callMdn: String
        var content: String
        var replyTime: String
        var userNumber: String
    }

    struct Replies: Decodable {
        var apiSmsReplyBoList: [Reply]
        var maxId: String
    }

    func requestID(secondsAgo: Int = 0) -> String {
        number += 1
        let milliseconds = Int(Date().timeIntervalSince1970 * 1000) - secondsAgo * 1000
        return "\(milliseconds)" + String(String(1_000_000 + number).suffix(6))
    }

    /// Java's URLEncoder.
    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            if byte < 0x80, character.isLetter || character.isNumber || "*-._".contains(character) {
                return String(character)
            }
            return byte == 0x20 ? "+" : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    /// Posts these parameters, signed; `sent` in their place if it is given.
    func post(
        _ path: String, _ parameters: [String: String] = [:], id: String? = nil, sent: [String: String]? = nil
    ) throws -> HTTPAnswer {
        let id = id ?? requestID()
        let joined = parameters.keys.sorted().map { "\($0)=\(parameters[$0] ?? "")" }.joined(separator: "&")
        let headers = [
            ("Content-Type", "application/json;charset=UTF-8"), ("x-sp-code", spCode), ("x-app-key", appKey),
            ("x-request-id", id), ("x-sign", SM3Digest.hex(spCode, appKey, appSecret, Self.encoded(joined), id)),
        ]
        let body = try JSONSerialization.data(withJSONObject: sent ?? parameters)
        return try HTTPClient(port: port).perform(
            "POST", path, headers: headers.filter { $0.0 != without }, body: Array(body))
    }

    func send(_ numbers: String, _ content: String = "测试 a", _ more: [String: String] = [:]) throws -> Answer<Task> {
        let parameters = ["type": "1", "userNumber": numbers, "templateId": "0", "messageContent": content]
        return try decode(try post("/api/sms/send", parameters.merging(more) { $1 }))
    }

    func takeReports() throws -> [Report] {
        let answer: Answer<[Report]> = try decode(try post("/info/sms/report"))
        return answer.data ?? []
    }

    func queryReplies() throws -> Replies? {
        let answer: Answer<Replies> = try decode(try post("/info/sms/reply/query"))
        return answer.data
    }

    func confirmReplies(_ maxID: String) throws -> Int {
        try code(try post("/info/sms/reply/confirm", ["maxId": maxID]))
    }

    private struct CodeOnly: Decodable {
        var code: Int
    }

    func code(_ answer: HTTPAnswer) throws -> Int {
        try JSONDecoder().decode(CodeOnly.self, from: Data(answer.body)).code
    }

    private func decode<Value: Decodable>(_ answer: HTTPAnswer) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(answer.body))
    }
}
