import Dialects
import Engine
import Messaging
import NIOCore
import Synchronization

/// A carrier of dialect 004 (seed 004): send, report, reply query and its confirmation.
final class YixintongLink: CarrierLink {
    static let dialect = DialectName.yixintong.rawValue

    private let post: CarrierPost
    private let login: Yixintong.Login
    private let clock: Clock
    /// A request's id ends in six digits of it: distinct for a million requests in a millisecond.
    private let requests = Atomic<UInt64>(UInt64.random(in: 0..<1_000_000))
    /// The maxId of replies that are durable here and that the carrier may still hold.
    private let unconfirmed = Mutex<String?>(nil)

    init(post: CarrierPost, endpoint: ChannelEndpoint, clock: Clock) throws(CarrierFailure) {
        guard !endpoint.spCode.isEmpty else {
            throw CarrierFailure("yixintong needs our x-sp-code there: give it with --sp-code")
        }
        self.post = post
        self.clock = clock
        login = Yixintong.Login(spCode: endpoint.spCode, appKey: endpoint.user, appSecret: endpoint.password)
    }

    /// One content in a call; different ones go out one by one.
    var limits: CallLimits {
        CallLimits(
            sameContentMax: Yixintong.numbersMax, distinctMax: 1, durationMax: post.durationMax,
            extensions: ExtensionRoom(digitsMax: Yixintong.extensionDigitsMax))
    }

    var polls: [InboundKind] { [.polledReports, .polledReplies] }

    // MARK: Submit

    func submit(_ call: CarrierCall) async -> SubmitOutcome {
        guard let first = call.messages.first, call.isUniform || call.messages.count == 1 else {
            return .notSent(reason: "this dialect has one content in a call")
        }
        let part = Submission.Part(
            recipients: call.messages.map { .number($0.mobile) }, content: first.content,
            customID: call.uniqueTag(0).digits, accessExtension: first.accessExtension)
        do {
            return outcome(try await exchange(.send(Yixintong.Send(part: part))))
        } catch {
            return error.outcome
        }
    }

    private func outcome(_ body: [UInt8]) -> SubmitOutcome {
        guard let code = Self.code(body) else { return .uncertain(reason: "the answer cannot be read") }
        switch Yixintong.ResultCode(rawValue: code) {
        // Reports name our own serialNumber and nothing of the carrier's.
        case .success: return .accepted(nil)
        case .accountInvalid, .credentialsWrong, .addressNotAllowed, .tooFrequent, .insufficientBalance,
            .signatureWrong, .requestTooOld:
            return .channelRefused(code: String(code))
        // The carrier has one of this number, or does not say what became of it.
        case .serialRepeated, .failed: return .uncertain(reason: "code \(code)")
        default: return .messageRefused(code: String(code))
        }
    }

    private static func code(_ body: [UInt8]) -> Int? {
        try? body.withUnsafeBytes { raw in try Yixintong.SendAnswer(decoding: raw) }.code
    }

    // MARK: Reports and replies

    func fetch(_ kind: InboundKind) async throws(CarrierFailure) -> [UInt8]? {
        // Else the same replies would come again.
        let deadline = post.deadline()
        if kind == .polledReplies { try await confirmWhatIsLeft(by: deadline) }
        let body: [UInt8]
        do {
            body = try await exchange(kind == .polledReplies ? .fetchReplies : .fetchReports, by: deadline)
        } catch {
            throw error.fetchFailure
        }
        if kind == .polledReplies { return try replies(in: body) }
        guard let code = FetchedBody.codeWithoutRecords(body, Yixintong.fetchHead).flatMap({ Int($0) }) else {
            return body
        }
        if code == Yixintong.ResultCode.noData.rawValue { return nil }
        if code != 0 { throw CarrierFailure("refused with code \(code)") }
        return FetchedBody.unlessEmpty(body)
    }

    /// What cannot be read is left with the carrier, which forgets nothing until it is confirmed.
    private func replies(in body: [UInt8]) throws(CarrierFailure) -> [UInt8]? {
        guard let answer = Self.repliesAnswer(body) else { throw CarrierFailure("the answer cannot be read") }
        if answer.code == Yixintong.ResultCode.noData.rawValue { return nil }
        if answer.code != 0 { throw CarrierFailure("refused with code \(answer.code)") }
        return answer.replies.isEmpty ? nil : body
    }

    func confirm(_ kind: InboundKind, _ body: [UInt8]) async {
        guard kind == .polledReplies, let answer = Self.repliesAnswer(body), !answer.maxID.isEmpty else { return }
        unconfirmed.withLock { $0 = answer.maxID }
        // A failure is made good before the next fetch.
        try? await confirmWhatIsLeft(by: post.deadline())
    }

    private func confirmWhatIsLeft(by deadline: NIODeadline) async throws(CarrierFailure) {
        guard let maxID = unconfirmed.withLock({ $0 }) else { return }
        let body: [UInt8]
        do {
            body = try await exchange(.confirmReplies(maxID: maxID), by: deadline)
        } catch {
            throw error.fetchFailure
        }
        guard Self.code(body) == 0 else { throw CarrierFailure("replies up to \(maxID) cannot be confirmed") }
        unconfirmed.withLock { if $0 == maxID { $0 = nil } }
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
            case .polledReports: InboundItems(reports: try Yixintong.ReportsAnswer(decoding: raw).reports)
            case .polledReplies: InboundItems(replies: try Yixintong.RepliesAnswer(decoding: raw).replies)
            case .pushed: throw CarrierFailure("this dialect has no pushes")
            }
        }
    }

    private static func repliesAnswer(_ body: [UInt8]) -> Yixintong.RepliesAnswer? {
        try? body.withUnsafeBytes { raw in try Yixintong.RepliesAnswer(decoding: raw) }
    }

    // MARK: The wire

    private func exchange(
        _ call: Yixintong.Call, by deadline: NIODeadline? = nil
    ) async throws(CarrierPost.Failure) -> [UInt8] {
        let number = requests.wrappingAdd(1, ordering: .relaxed).newValue
        let encoded = Yixintong.encodeCall(
            call, login: login, requestID: Yixintong.RequestID.text(at: clock.now(), number: number))
        return try await post.send(
            path: encoded.path, contentType: encoded.contentType, headers: encoded.headers.map { ($0.name, $0.value) },
            body: encoded.body, by: deadline)
    }

    func close() async {}
}
