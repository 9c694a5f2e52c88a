import Dialects
import Engine
import Messaging

/// A carrier of dialect 002 (seed 002): single_send, batch_send and multi_send, get_rpt and get_mo.
struct OperatorV2Link: CarrierLink {
    static let dialect = "operator-v2"

    let post: CarrierPost
    let user: String
    let password: String
    let clock: Clock

    var limits: CallLimits {
        CallLimits(
            sameContentMax: OperatorV2.batchNumbersMax, distinctMax: OperatorV2.multiNumbersMax,
            durationMax: post.durationMax, extensions: ExtensionRoom(digitsMax: OperatorV2.extensionDigitsMax))
    }

    var polls: [InboundKind] { [.polledReports, .polledReplies] }

    // MARK: Submit

    func submit(_ call: CarrierCall) async -> SubmitOutcome {
        let parts = call.messages.indices.map { part(call, $0) }
        let wanted: OperatorV2.Call
        if parts.count == 1 {
            wanted = .singleSend(parts[0])
        } else if call.isUniform {
            var shared = parts[0]
            shared.recipients = call.messages.map { .number($0.mobile) }
            wanted = .batchSend(shared)
        } else {
            wanted = .multiSend(parts)
        }
        do {
            let answer = try await exchange(wanted)
            return outcome(answer)
        } catch {
            return error.outcome
        }
    }

    private func part(_ call: CarrierCall, _ index: Int) -> Submission.Part {
        let message = call.messages[index]
        return Submission.Part(
            recipients: [.number(message.mobile)], content: message.content, customID: call.tag(index).text,
            accessExtension: message.accessExtension)
    }

    private func outcome(_ body: [UInt8]) -> SubmitOutcome {
        let answer: OperatorV2.SendAnswer
        do {
            answer = try body.withUnsafeBytes { raw in Result { try OperatorV2.SendAnswer(decoding: raw) } }.get()
        } catch {
            return .uncertain(reason: "the answer cannot be read")
        }
        switch answer.result {
        case 0: return .accepted(answer.firstID == 0 ? nil : .consecutive(from: answer.firstID))
        case let code where Self.channelCodes.contains(code): return .channelRefused(code: String(code))
        // The carrier's own database error says nothing about whether the message is kept.
        case -100_999: return .uncertain(reason: "code -100999")
        case let code: return .messageRefused(code: String(code))
        }
    }

    /// Codes that speak of us or of the carrier, not of a message: credentials, balance, connections, address.
    private static let channelCodes: Set<Int> = [-100_001, -100_002, -100_003, -100_056, -100_057, -100_100]

    // MARK: Reports and replies

    func fetch(_ kind: InboundKind) async throws(CarrierFailure) -> [UInt8]? {
        let call: OperatorV2.Call =
            kind == .polledReplies
            ? .fetchReplies(limit: OperatorV2.repliesMax) : .fetchReports(limit: OperatorV2.reportsMax)
        let body: [UInt8]
        do {
            body = try await exchange(call)
        } catch {
            throw error.fetchFailure
        }
        guard let code = FetchedBody.codeWithoutRecords(body, OperatorV2.fetchHead), let result = Int(code) else {
            return body
        }
        guard result == OperatorV2.success else { throw CarrierFailure("refused with code \(result)") }
        return FetchedBody.unlessEmpty(body)
    }

    func decode(_ kind: InboundKind, _ body: [UInt8]) throws(CarrierFailure) -> InboundItems {
        do {
            return try read(kind, body)
        } catch {
            throw CarrierFailure("\(error)")
        }
    }

    private func read(_ kind: InboundKind, _ body: [UInt8]) throws -> InboundItems {
        try body.withUnsafeBytes { raw in
            switch kind {
            case .polledReports:
                return InboundItems(reports: try OperatorV2.ReportsAnswer(decoding: raw).reports)
            case .polledReplies:
                return InboundItems(replies: try OperatorV2.RepliesAnswer(decoding: raw).replies)
            case .pushed:
                switch try OperatorV2.decodePush(sniffing: raw).content {
                case .reports(let reports): return InboundItems(reports: reports)
                case .replies(let replies): return InboundItems(replies: replies)
                }
            }
        }
    }

    // MARK: The wire

    private func exchange(_ call: OperatorV2.Call) async throws(CarrierPost.Failure) -> [UInt8] {
        let login = OperatorV2.Login.digest(userID: user, password: password)
        let encoded = OperatorV2.encodeCall(call, login: login, at: clock.now())
        return try await post.send(path: encoded.path, contentType: encoded.contentType, body: encoded.body)
    }

    func close() async {}
}
