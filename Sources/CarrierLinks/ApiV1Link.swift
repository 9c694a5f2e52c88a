import Dialects
import Engine
import Messaging

/// A carrier of dialect 001 (seed 001): send, and both polls; what it pushes instead is read too.
struct ApiV1Link: CarrierLink {
    static let dialect = DialectName.apiV1.rawValue

    let post: CarrierPost
    let account: String
    let password: String

    /// One content a call: the dialect has no other send.
    var limits: CallLimits {
        CallLimits(
            sameContentMax: ApiV1.numbersMax, distinctMax: 1, durationMax: post.durationMax,
            extensions: ExtensionRoom(digitsMax: ApiV1.extensionDigitsMax, isInteger: true))
    }

    var polls: [InboundKind] { [.polledReports, .polledReplies] }

    // MARK: Submit

    func submit(_ call: CarrierCall) async -> SubmitOutcome {
        guard let first = call.messages.first, call.isUniform || call.messages.count == 1 else {
            return .notSent(reason: "this dialect has one content in a call")
        }
        // Never the same taskId twice: the carrier takes each once, also when a message comes a second time.
        let part = Submission.Part(
            recipients: call.messages.map { .number($0.mobile) }, content: first.content,
            customID: call.uniqueTag(0).text, accessExtension: first.accessExtension)
        do {
            return outcome(try await exchange(.send(part)))
        } catch {
            return error.outcome
        }
    }

    private func outcome(_ body: [UInt8]) -> SubmitOutcome {
        let answer: ApiV1.SendAnswer
        do {
            answer = try body.withUnsafeBytes { raw in Result { try ApiV1.SendAnswer(decoding: raw) } }.get()
        } catch {
            return .uncertain(reason: "the answer cannot be read")
        }
        if answer.isAccepted { return .accepted(nil) }
        switch answer.code {
        case let code where Self.channelCodes.contains(code): return .channelRefused(code: code)
        // The carrier's own trouble says nothing about whether the message is kept; and a taskId that it knows came
        // from us, so that it has the message.
        case "99", "07": return .uncertain(reason: "code \(answer.code)")
        case let code: return .messageRefused(code: code)
        }
    }

    /// Codes that speak of us or of the carrier, not of a message: credentials, address, balance, state, frequency.
    private static let channelCodes: Set<String> = ["02", "03", "04", "08", "09"]

    // MARK: Reports and replies

    func fetch(_ kind: InboundKind) async throws(CarrierFailure) -> [UInt8]? {
        let body: [UInt8]
        do {
            body = try await exchange(kind == .polledReplies ? .fetchReplies : .fetchReports)
        } catch {
            throw error.fetchFailure
        }
        guard let code = FetchedBody.codeWithoutRecords(body, ApiV1.fetchHead) else { return body }
        guard ApiV1.isSuccess(code) else { throw CarrierFailure("refused with code \(code)") }
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
                return InboundItems(reports: try ApiV1.ReportsAnswer(decoding: raw).reports)
            case .polledReplies:
                return InboundItems(replies: try ApiV1.RepliesAnswer(decoding: raw).replies)
            case .pushed:
                let push = try ApiV1.decodePush(raw)
                return InboundItems(reports: push.reports, replies: push.replies)
            }
        }
    }

    // MARK: The wire

    private func exchange(_ call: ApiV1.Call) async throws(CarrierPost.Failure) -> [UInt8] {
        let encoded = ApiV1.encodeCall(call, account: account, password: password)
        return try await post.send(path: encoded.path, contentType: ApiV1.requestContentType, body: encoded.body)
    }

    func close() async {}
}
