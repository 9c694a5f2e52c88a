import Foundation
import Messaging
import Secrets

/// What 002 answers to a submission.
struct SubmitAnswer: Decodable, Equatable {
    var result: Int
    var msgid: Int
    var custid: String
}

/// One entry of get_rpt.
struct ReportEntry: Decodable, Equatable {
    var msgid: Int
    var custid: String
    var pknum: Int
    var pktotal: Int
    var mobile: String
    var spno: String
    var exno: String
    var stime: String
    var rtime: String
    var status: Int
    var errcode: String
    var errdesc: String
    var exdata: String
}

/// One entry of get_mo.
struct ReplyEntry: Decodable, Equatable {
    var msgid: Int
    var mobile: String
    var spno: String
    var exno: String
    var rtime: String
    var content: String
}

/// A customer that speaks dialect 002 in JSON, as its document shows.
struct Customer {
    static let stride = 17_179_869_184

    var account = "J10003"
    var password = "111111"
    let port: UInt16

    private struct Reports: Decodable {
        var result: Int
        var rpts: [ReportEntry]
    }

    private struct Replies: Decodable {
        var result: Int
        var mos: [ReplyEntry]
    }

    private struct ResultOnly: Decodable {
        var result: Int
    }

    static var stamp: String {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).monthDayTime
    }

    func digest(_ stamp: String) -> String {
        MD5Digest.hex(account.uppercased(), "00000000", password, stamp)
    }

    /// userid, pwd and timestamp of now.
    var credentials: [String: Any] {
        let stamp = Self.stamp
        return ["userid": account, "pwd": digest(stamp), "timestamp": stamp]
    }

    /// Percent-encoded GBK, as the document shows it.
    static func encoded(_ text: String) -> String {
        (GBK.encode(text) ?? Array(text.utf8)).map { byte in
            (byte < 0x80 && (Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber))
                ? String(Unicode.Scalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    static func json(_ object: Any) throws -> [UInt8] {
        Array(try JSONSerialization.data(withJSONObject: object))
    }

    /// Posts a body to an operation on a connection of its own.
    func post(_ operation: String, _ body: [UInt8], contentType: String? = "application/json") throws -> HTTPAnswer {
        let headers = contentType.map { [("Content-Type", $0)] } ?? []
        return try HTTPClient(port: port).perform("POST", "/sms/v2/std/\(operation)", headers: headers, body: body)
    }

    /// Posts these fields and the credentials in JSON.
    func call(_ operation: String, _ fields: [String: Any]) throws -> HTTPAnswer {
        try post(operation, try Self.json(credentials.merging(fields) { $1 }))
    }

    func submit(_ operation: String, _ fields: [String: Any]) throws -> SubmitAnswer {
        let answer = try call(operation, fields)
        return try JSONDecoder().decode(SubmitAnswer.self, from: Data(answer.body))
    }

    func sendSingle(_ mobile: String, _ content: String = "测试短信", _ fields: [String: Any] = [:]) throws -> SubmitAnswer
    {
        try submit("single_send", ["mobile": mobile, "content": Self.encoded(content)].merging(fields) { $1 })
    }

    func sendBatch(_ mobiles: [String], _ content: String = "测试短信") throws -> SubmitAnswer {
        try submit("batch_send", ["mobile": mobiles.joined(separator: ","), "content": Self.encoded(content)])
    }

    func takeReports(_ retsize: Int = 500) throws -> [ReportEntry] {
        try takenReports(try call("get_rpt", ["retsize": retsize]))
    }

    /// What an answer to get_rpt holds.
    func takenReports(_ answer: HTTPAnswer) throws -> [ReportEntry] {
        try JSONDecoder().decode(Reports.self, from: Data(answer.body)).rpts
    }

    func takeReplies() throws -> [ReplyEntry] {
        let answer = try call("get_mo", [:])
        return try JSONDecoder().decode(Replies.self, from: Data(answer.body)).mos
    }

    /// The `result` of any JSON answer.
    static func result(_ answer: HTTPAnswer) throws -> Int {
        try JSONDecoder().decode(ResultOnly.self, from: Data(answer.body)).result
    }

    /// Collects until `count` reports are there. More than that would be found by the next call.
    func reports(_ count: Int, within limit: Duration = .seconds(120)) async throws -> [ReportEntry] {
        var collected: [ReportEntry] = []
        do {
            try await eventually("\(count) reports", within: limit) {
                while case let entries = try takeReports(), !entries.isEmpty { collected += entries }
                return collected.count >= count
            }
        } catch is TimedOut {
            throw TimedOut(description: "\(count) reports: only \(collected.count) came")
        }
        return collected
    }
}
