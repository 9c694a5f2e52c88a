import Foundation

/// A customer of any dialect: its program, and where its dialect has no polls the server that it is pushed to.
final class ChainCustomer {
    /// What a customer got to know of what it sent.
    struct Outcome {
        /// Numbers of which the report says that the message arrived, and of which it says the contrary.
        var delivered: [String] = []
        var failed: [String] = []
        /// Numbers that replied.
        var replied: [String] = []
    }

    let dialect: WireDialect
    private let program: PythonCustomer
    private let receiver: PythonPushReceiver?
    private var awaited: [[String: Any]] = []

    private init(_ dialect: WireDialect, program: PythonCustomer, receiver: PythonPushReceiver?) {
        (self.dialect, self.program, self.receiver) = (dialect, program, receiver)
    }

    /// Makes the account, and the receiver that it is pushed to where it must be.
    static func make(
        _ dialect: WireDialect, account: String, extension tail: String, on appliance: Appliance
    ) async throws -> ChainCustomer {
        let receiver = dialect.isPushed ? try await PythonPushReceiver.start(dialect.rawValue) : nil
        let pushing = receiver.map { dialect.pushArguments(to: $0.url) } ?? []
        try await appliance.run(
            [
                "account", "add", account, "--api-password", "111111", "--allow-weak-password", "--price", "0.029",
                "--balance", "1000",
                "--extension", tail,
            ] + dialect.accountArguments + pushing)
        let program = try PythonCustomer(dialect, account: account, password: "111111", port: appliance.frontPort)
        return ChainCustomer(dialect, program: program, receiver: receiver)
    }

    func send(_ text: String, to mobiles: [String], tail: String = "") async throws {
        try await program.send([text], to: mobiles, tail: tail)
    }

    /// Waits for exactly one report of each message, or of each segment where the dialect has that, and `replies`
    /// replies, checks that nothing more comes, and says what came.
    func outcome(messages: Int, segments: Int, replies: Int) async throws -> Outcome {
        let sent = program.sent
        let reports: [[String: Any]]
        let answers: [[String: Any]]
        if let receiver {
            reports = try await receiver.accepted("report", count: messages)
            answers = try await receiver.accepted("reply", count: replies)
            let keys = reports.map { "\($0["msgId"] ?? "") \($0["mobile"] ?? "")" }
            guard Set(keys) == Set(sent.map { "\($0["msgId"] ?? "") \($0["mobile"] ?? "")" }),
                keys.count == messages, answers.count == replies
            else { throw PythonCustomer.Difference(description: "pushed were \(reports) and \(answers)") }
        } else {
            reports = try await program.reports(dialect.reportsSegments ? segments : messages)
            answers = try await program.replies(replies)
        }
        for answer in answers where try answer.string("content") != "T" {
            throw PythonCustomer.Difference(description: "a reply of another text: \(answer)")
        }
        return try Self.outcome(reports, answers)
    }

    private static func outcome(_ reports: [[String: Any]], _ replies: [[String: Any]]) throws -> Outcome {
        func mobile(_ entry: [String: Any]) throws -> String {
            try entry["mobile"] as? String ?? entry.string("userNumber")
        }
        var outcome = Outcome()
        // A long message counts once, by its first segment.
        for report in reports where report["pknum"] as? Int ?? 1 == 1 {
            if isFailure(report) {
                outcome.failed.append(try mobile(report))
            } else {
                outcome.delivered.append(try mobile(report))
            }
        }
        outcome.replied = try replies.map(mobile)
        return outcome
    }

    /// Whether an entry of any dialect's reports says that the message did not arrive.
    static func isFailure(_ entry: [String: Any]) -> Bool {
        if let result = entry["result"] as? Int { return result != 0 }
        if let status = entry["status"] as? Int { return status != 0 }
        return !["10", "DELIVER", "DELIVRD"].contains(entry["status"] as? String)
    }
}
