import Foundation
import Secrets

/// A customer that speaks dialect 001, as its document shows.
struct ApiV1Customer {
    var account = "J10003"
    var password = "111111"
    let port: UInt16

    struct Answer {
        var code: String
        var message: String
        /// An object, a list, or nothing.
        var data: Any?

        var entries: [[String: Any]] { data as? [[String: Any]] ?? [] }
        var object: [String: Any] { data as? [String: Any] ?? [:] }
        var taskID: String? { object["taskId"] as? String }
    }

    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    static func form(_ fields: [(String, String)]) -> [UInt8] {
        let allowed = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._")
        let pairs = fields.map { name, value in
            name + "=" + (value.addingPercentEncoding(withAllowedCharacters: allowed) ?? "")
        }
        return Array(pairs.joined(separator: "&").utf8)
    }

    func post(_ operation: String, _ body: [UInt8], on client: HTTPClient? = nil) throws -> Answer {
        let answer = try (client ?? HTTPClient(port: port)).perform(
            "POST", "/api/v1/\(operation)",
            headers: [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")], body: body)
        guard answer.status == 200, answer.headers["content-type"]?.hasPrefix("application/json") == true,
            let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any],
            let code = object["code"] as? String, let message = object["message"] as? String, !message.isEmpty
        else { throw Malformed(description: "\(answer.status) \(answer.text)") }
        return Answer(code: code, message: message, data: object["data"])
    }

    /// An operation with these fields behind the credentials.
    func call(
        _ operation: String, _ fields: [(String, String)] = [], on client: HTTPClient? = nil
    ) throws -> Answer {
        let credentials = [("account", account), ("pwd", MD5Digest.hex(password))]
        return try post(operation, Self.form(credentials + fields), on: client)
    }

    func send(
        _ mobiles: [String], _ content: String = "测试短信", _ fields: [(String, String)] = [],
        on client: HTTPClient? = nil
    ) throws -> Answer {
        let needed = [("mobiles", mobiles.joined(separator: ",")), ("content", content)]
        return try call("send", needed + fields, on: client)
    }

    /// Collects until `count` reports are there.
    func reports(_ count: Int) async throws -> [[String: Any]] {
        var collected: [[String: Any]] = []
        do {
            try await eventually("\(count) reports", within: .seconds(120)) {
                while case let entries = try call("report").entries, !entries.isEmpty { collected += entries }
                return collected.count >= count
            }
        } catch is TimedOut {
            throw TimedOut(description: "\(count) reports: only \(collected.count) came")
        }
        return collected
    }

    /// Collects until there are replies.
    func replies() async throws -> [[String: Any]] {
        try await eventually("replies") {
            let entries = try call("mo").entries
            return entries.isEmpty ? nil : entries
        }
    }
}
