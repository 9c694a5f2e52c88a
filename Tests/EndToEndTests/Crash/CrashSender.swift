import AdminProtocol
import Dialects
import Foundation
import Messaging
import Synchronization

/// One customer on one connection, who submits in any of the five dialects and reads what the answer says.
struct CrashSender {
    enum Tongue: CaseIterable, Sendable {
        case enterprise, apiV1, operatorV2, guodu, yixintong
    }

    private struct Posted {
        var path: String
        var headers: [(String, String)]
        var body: [UInt8]
    }

    let customer: CrashCustomer
    let client: HTTPClient

    /// For ids of requests, which are never used twice.
    private static let requests = Atomic<UInt64>(0)

    private var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    /// A custom id as the dialect demands one; empty where it has none.
    static func customID(in tongue: Tongue, _ generator: inout SeededGenerator) -> String {
        switch tongue {
        case .enterprise, .guodu: ""
        case .apiV1: "t\(generator.next())"
        case .operatorV2: Bool.random(using: &generator) ? "c\(generator.next() % 1_000_000_007)" : ""
        case .yixintong: String((0..<20).map { _ in "0123456789".randomElement(using: &generator) ?? "0" })
        }
    }

    /// - Parameters:
    ///   - parts: several only in dialects 002 and 003, and then of one recipient each.
    ///   - due: only in dialect 000.
    /// - Returns: `unknown` when the connection broke, or the answer is none in the dialect.
    func send(
        _ parts: [Submission.Part], in tongue: Tongue, at due: Timestamp? = nil, format: OperatorV2.BodyFormat
    ) -> (outcome: CrashFacts.Outcome, isConnected: Bool) {
        let posted = encode(parts, in: tongue, at: due, format: format)
        guard let answer = try? client.perform("POST", posted.path, headers: posted.headers, body: posted.body) else {
            return (.unknown, false)
        }
        return ((try? Self.outcome(answer.body, in: tongue)) ?? .unknown, true)
    }

    private func encode(
        _ parts: [Submission.Part], in tongue: Tongue, at due: Timestamp?, format: OperatorV2.BodyFormat
    ) -> Posted {
        let (id, password, only) = (customer.id, customer.password, parts[0])
        switch tongue {
        case .enterprise:
            let login = Enterprise.Login.plain(enterpriseID: "E-\(id)", account: id, password: password)
            let call = Enterprise.encodeCall(.send(only, at: due), login: login, at: now)
            let headers = [("Content-Type", call.contentType)] + call.headers.map { ($0.name, $0.value) }
            return Posted(path: call.path, headers: headers, body: call.body)
        case .apiV1:
            let call = ApiV1.encodeCall(.send(only), account: id, password: password)
            let type = "application/x-www-form-urlencoded; charset=utf-8"
            return Posted(path: call.path, headers: [("Content-Type", type)], body: call.body)
        case .operatorV2:
            let login = OperatorV2.Login.digest(userID: id, password: password)
            let operation: OperatorV2.Call =
                parts.count > 1
                ? .multiSend(parts) : only.recipients.count > 1 ? .batchSend(only) : .singleSend(only)
            let call = OperatorV2.encodeCall(operation, login: login, at: now, format: format)
            return Posted(path: call.path, headers: [("Content-Type", call.contentType)], body: call.body)
        case .guodu:
            let call: Guodu.Call = parts.count > 1 ? .personalised(parts) : .shared(only)
            return Posted(
                path: "/HttpQuickProcess/submitJson", headers: [("Content-Type", "application/json;charset=utf-8")],
                body: Guodu.encodeCall(call, operatorID: id, password: password))
        case .yixintong:
            let number = Self.requests.add(1, ordering: .relaxed).newValue
            let login = Yixintong.Login(spCode: "1\(id.dropFirst())", appKey: id, appSecret: "s-\(id)-Secret")
            let call = Yixintong.encodeCall(
                .send(Yixintong.Send(part: only)), login: login,
                requestID: Yixintong.RequestID.text(at: now, number: number))
            let headers = [("Content-Type", call.contentType)] + call.headers.map { ($0.name, $0.value) }
            return Posted(path: call.path, headers: headers, body: call.body)
        }
    }

    /// More arguments of `account add`, for all dialects.
    static func arguments(_ id: String) -> [String] {
        ["--enterprise-id", "E-\(id)", "--sp-code", "1\(id.dropFirst())", "--app-secret", "s-\(id)-Secret"]
    }

    private static func outcome(_ body: [UInt8], in tongue: Tongue) throws -> CrashFacts.Outcome {
        try body.withUnsafeBytes { raw in
            switch tongue {
            case .enterprise:
                let answer = try Enterprise.SendAnswer(decoding: raw)
                return answer.code == "0" ? .accepted(Int(answer.taskID)) : .refused(answer.code)
            case .apiV1:
                let answer = try ApiV1.SendAnswer(decoding: raw)
                return answer.isAccepted ? .accepted(nil) : .refused(answer.code)
            case .operatorV2:
                let answer = try OperatorV2.SendAnswer(decoding: raw)
                return answer.result == 0 ? .accepted(Int(answer.firstID)) : .refused("\(answer.result)")
            case .guodu:
                let answer = try Guodu.SendAnswer(decoding: raw)
                return answer.isAccepted ? .accepted(Int(answer.messageID)) : .refused(answer.code)
            case .yixintong:
                let answer = try Yixintong.SendAnswer(decoding: raw)
                return answer.code == 0 ? .accepted(Int(answer.taskID)) : .refused("\(answer.code)")
            }
        }
    }
}
