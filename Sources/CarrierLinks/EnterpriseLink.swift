import Dialects
import Engine
import Messaging
import NIOCore

/// A carrier of dialect 000 (seed 000), in one of its two modes.
struct EnterpriseLink: CarrierLink {
    static let tokenDialect = "enterprise-oauth2"
    static let plainDialect = "enterprise-json"

    /// How we prove who we are.
    enum Access {
        case token(TokenKeeper)
        case plain(enterpriseID: String)
    }

    let post: CarrierPost
    let account: String
    let password: String
    let access: Access
    let clock: Clock

    init(post: CarrierPost, account: String, password: String, access: Access, clock: Clock) throws(CarrierFailure) {
        self.post = post
        self.account = account
        self.password = password
        self.access = access
        self.clock = clock
        try Self.check(account, "account", option: "user")
        if case .plain(let enterpriseID) = access { try Self.check(enterpriseID, "userid", option: "enterprise-id") }
    }

    /// What becomes a header field has to be able to.
    private static func check(_ text: String, _ name: String, option: String) throws(CarrierFailure) {
        if text.isEmpty { throw CarrierFailure("this dialect needs our \(name) there: give it with --\(option)") }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw CarrierFailure("the \(name) must be of visible ASCII characters")
        }
    }

    var limits: CallLimits {
        CallLimits(
            sameContentMax: Enterprise.numbersMax, distinctMax: 1, durationMax: post.durationMax,
            extensions: ExtensionRoom(digitsMax: Enterprise.extensionDigitsMax))
    }

    var polls: [InboundKind] { [.polledReports, .polledReplies] }

    // MARK: Submit

    func submit(_ call: CarrierCall) async -> SubmitOutcome {
        guard let first = call.messages.first, call.isUniform || call.messages.count == 1 else {
            return .notSent(reason: "this dialect has one content in a call")
        }
        let tag = call.tag(0).text
        let part = Submission.Part(
            recipients: call.messages.map { .number($0.mobile) }, content: first.content, customID: tag,
            accessExtension: first.accessExtension)
        let body: [UInt8]
        let token: String
        do {
            (body, token) = try await exchange(.send(part), by: post.deadline())
        } catch {
            switch error {
            case .post(let failure): return failure.outcome
            case .token(.unreachable(let reason)): return .notSent(reason: reason)
            case .token(.refused(let code)): return .channelRefused(code: code)
            }
        }
        return await outcome(body, of: call, token: token)
    }

    private func outcome(_ body: [UInt8], of call: CarrierCall, token: String) async -> SubmitOutcome {
        let answer: Enterprise.SendAnswer
        do {
            answer = try body.withUnsafeBytes { raw in Result { try Enterprise.SendAnswer(decoding: raw) } }.get()
        } catch {
            return .uncertain(reason: "the answer cannot be read")
        }
        // A number that was taken is taken, whatever is said of the whole.
        if answer.entries.contains(where: \.isAccepted) { return accepted(answer, of: call) }
        switch Int(answer.code).flatMap(Enterprise.ResultCode.init) {
        case .success: return accepted(answer, of: call)
        case .tokenWrong:
            // Nothing was taken; the message comes again with a new token.
            await forget(token)
            return .channelRefused(code: answer.code)
        case .credentialsMissing, .credentialsWrong, .notAllowed, .balanceInsufficient, .tooFrequent:
            return .channelRefused(code: answer.code)
        // The carrier's own trouble says nothing about whether the message is kept.
        case .internalError: return .uncertain(reason: "code \(answer.code)")
        case .parameterWrong, .tooManyNumbers, .contentLength, .rejected:
            return .messageRefused(code: answer.code)
        // Codes are each carrier's own: one that we do not know is a refusal only where every number is said to be.
        case nil:
            return answer.entries.isEmpty
                ? .uncertain(reason: "code \(answer.code)") : .messageRefused(code: answer.code)
        }
    }

    /// The call was taken, but each number has its own word. No report will come of those that are refused.
    private func accepted(_ answer: Enterprise.SendAnswer, of call: CarrierCall) -> SubmitOutcome {
        let refused = answer.entries.filter { !$0.isAccepted }
        if let first = refused.first, refused.count == answer.entries.count {
            return .messageRefused(code: first.words.isEmpty ? "Faild" : first.words)
        }
        var words: [Int: String] = [:]
        for entry in refused {
            guard let number = PhoneNumber(entry.mobile) else { continue }
            // A call has one content, so no number stands twice.
            if let place = call.messages.firstIndex(where: { $0.mobile == number }) { words[place] = entry.words }
        }
        return .accepted(answer.taskID.isEmpty ? nil : .shared(answer.taskID), refused: words)
    }

    // MARK: Reports and replies

    func fetch(_ kind: InboundKind) async throws(CarrierFailure) -> [UInt8]? {
        let deadline = post.deadline()
        var (body, code) = try await fetchOnce(kind, by: deadline)
        // A refusal for the token's sake took nothing from the carrier.
        if code == Self.tokenRefused { (body, code) = try await fetchOnce(kind, by: deadline) }
        if let code { throw CarrierFailure("refused with code \(code)") }
        return body
    }

    private static let tokenRefused = String(Enterprise.ResultCode.tokenWrong.rawValue)

    /// - Returns: what was fetched, nil for nothing; or the code that it was refused with.
    private func fetchOnce(_ kind: InboundKind, by deadline: NIODeadline) async throws(CarrierFailure) -> (
        [UInt8]?, String?
    ) {
        let call: Enterprise.Call =
            kind == .polledReplies
            ? .fetchReplies(limit: Enterprise.entriesMax) : .fetchReports(limit: Enterprise.entriesMax)
        let body: [UInt8]
        let token: String
        do {
            (body, token) = try await exchange(call, by: deadline)
        } catch {
            switch error {
            case .post(.status(401)): return (nil, Self.tokenRefused)
            case .post(let failure): throw failure.fetchFailure
            case .token(.unreachable(let reason)), .token(.refused(let reason)): throw CarrierFailure(reason)
            }
        }
        guard let code = FetchedBody.codeWithoutRecords(body, Enterprise.fetchHead) else { return (body, nil) }
        if code == "0" { return (FetchedBody.unlessEmpty(body), nil) }
        if code == Self.tokenRefused { await forget(token) }
        return (nil, code)
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
                InboundItems(reports: try Enterprise.ReportsAnswer(decoding: raw).reports)
            case .polledReplies:
                InboundItems(replies: try Enterprise.RepliesAnswer(decoding: raw).replies)
            case .pushed: throw CarrierFailure("this dialect has no pushes")
            }
        }
    }

    // MARK: The wire

    private enum Trouble: Error {
        case post(CarrierPost.Failure)
        case token(TokenKeeper.Failure)
    }

    /// - Returns: the answer, and the token that was used; empty where there is none.
    private func exchange(_ call: Enterprise.Call, by deadline: NIODeadline) async throws(Trouble) -> ([UInt8], String)
    {
        var token = ""
        let login: Enterprise.Login
        switch access {
        case .plain(let enterpriseID):
            login = .plain(enterpriseID: enterpriseID, account: account, password: password)
        case .token(let keeper):
            do {
                token = try await keeper.token()
            } catch {
                throw .token(error)
            }
            login = .signed(token: token, account: account, password: password)
            guard NIODeadline.now() < deadline else { throw .token(.unreachable("no token in time")) }
        }
        do {
            let encoded = Enterprise.encodeCall(call, login: login, at: clock.now())
            return (try await post.send(encoded, by: deadline), token)
        } catch {
            if case .status(401) = error { await forget(token) }
            throw .post(error)
        }
    }

    private func forget(_ token: String) async {
        if case .token(let keeper) = access { await keeper.forget(token) }
    }

    func close() async {}
}
