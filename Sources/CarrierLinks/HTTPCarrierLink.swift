import Dialects
import Engine
import Messaging
import NIOCore
import Synchronization

/// The link to a carrier that is reached by HTTP, in any dialect: what is sent and what an answer means, the dialect
/// says; this sends it, keeps the time limit, and has a token where one is needed.
final class HTTPCarrierLink<Dialect: CarrierDialect>: CarrierLink {
    private let dialect: Dialect
    private let post: CarrierPost
    private let clock: Clock
    private let tokens: TokenProvider?
    /// Counts requests; begins at random, so that a link made anew does not repeat the ids of the one before.
    private let requests = Atomic<UInt64>(UInt64.random(in: 0..<1_000_000))
    /// What confirms records that are durable here and that the carrier may still hold.
    private let unconfirmed = Mutex<String?>(nil)

    init(dialect: Dialect, post: CarrierPost, clock: Clock) {
        self.dialect = dialect
        self.post = post
        self.clock = clock
        tokens = dialect.needsToken ? TokenProvider(dialect: dialect, post: post, clock: clock) : nil
    }

    var limits: CallLimits {
        var limits = dialect.limits
        limits.durationMax = post.durationMax
        return limits
    }

    var polls: [InboundKind] { dialect.polls }

    // MARK: Submit

    func submit(_ call: CarrierCall) async -> SubmitOutcome {
        if call.messages.isEmpty { return .notSent(reason: "nothing to send") }
        guard call.isUniform || call.messages.count <= dialect.limits.distinctMax else {
            return .notSent(reason: "more contents than the dialect has in a call")
        }
        let (body, token): ([UInt8], String)
        do {
            (body, token) = try await exchange(.submit(call), by: post.deadline())
        } catch {
            switch error {
            case .post(.notSent(let reason)), .token(.unreachable(let reason)): return .notSent(reason: reason)
            case .post(.uncertain(let reason)): return .uncertain(reason: reason)
            case .post(.status(let code)): return .channelRefused(code: "HTTP \(code)")
            case .token(.refused(let code)): return .channelRefused(code: code)
            }
        }
        let outcome = body.withUnsafeBytes { dialect.outcome($0, of: call) }
        if case .channelRefused(let code) = outcome, code == dialect.tokenRefusal { await tokens?.forget(token) }
        return outcome
    }

    // MARK: Reports and replies

    func fetch(_ kind: InboundKind) async throws(CarrierFailure) -> [UInt8]? {
        guard dialect.polls.contains(kind) else { return nil }
        let deadline = post.deadline()
        // Else the same records would come again.
        try await confirmWhatIsLeft(of: kind, by: deadline)
        var (body, fetched) = try await fetchOnce(kind, by: deadline)
        // A refusal for the token's sake took nothing from the carrier.
        if let code = dialect.tokenRefusal, fetched == .refused(code) {
            (body, fetched) = try await fetchOnce(kind, by: deadline)
        }
        switch fetched {
        case .kept: return body
        case .nothing: return nil
        case .refused(let code): throw CarrierFailure("refused with code \(code)")
        case .unreadable: throw CarrierFailure("the answer cannot be read")
        }
    }

    private func fetchOnce(
        _ kind: InboundKind, by deadline: NIODeadline
    ) async throws(CarrierFailure) -> ([UInt8], FetchedBody) {
        let (body, token): ([UInt8], String)
        do {
            (body, token) = try await exchange(.fetch(kind), by: deadline)
        } catch {
            if case .post(.status(401)) = error, let code = dialect.tokenRefusal { return ([], .refused(code)) }
            throw error.failure
        }
        let fetched = body.withUnsafeBytes { dialect.fetched(kind, $0) }
        if let code = dialect.tokenRefusal, fetched == .refused(code) { await tokens?.forget(token) }
        return (body, fetched)
    }

    func confirm(_ kind: InboundKind, _ body: [UInt8]) async {
        guard let confirmation = body.withUnsafeBytes({ dialect.confirmation(of: kind, $0) }) else { return }
        unconfirmed.withLock { $0 = confirmation }
        // A failure is made good before the next fetch.
        try? await confirmWhatIsLeft(of: kind, by: post.deadline())
    }

    /// Only one kind is confirmed, replies: the confirmation does not say which.
    private func confirmWhatIsLeft(of kind: InboundKind, by deadline: NIODeadline) async throws(CarrierFailure) {
        guard kind == .polledReplies, let confirmation = unconfirmed.withLock({ $0 }) else { return }
        let body: [UInt8]
        do {
            body = try await exchange(.confirm(confirmation), by: deadline).body
        } catch {
            throw error.failure
        }
        guard body.withUnsafeBytes({ dialect.isConfirmed($0) }) else {
            throw CarrierFailure("replies up to \(confirmation) cannot be confirmed")
        }
        unconfirmed.withLock { if $0 == confirmation { $0 = nil } }
    }

    func decode(_ kind: InboundKind, _ body: [UInt8]) throws(CarrierFailure) -> InboundItems {
        if kind == .pushed, !dialect.hasPushes { throw CarrierFailure("this dialect has no pushes") }
        do {
            return try body.withUnsafeBytes { try dialect.decode(kind, $0) }
        } catch {
            throw CarrierFailure("\(error)")
        }
    }

    // MARK: The wire

    private enum Trouble: Error {
        case post(CarrierPost.Failure)
        case token(TokenProvider.Failure)

        /// As a fetch that ended so is reported.
        var failure: CarrierFailure {
            switch self {
            case .post(.notSent(let reason)), .post(.uncertain(let reason)): CarrierFailure(reason)
            case .post(.status(let code)): CarrierFailure("HTTP status \(code)")
            case .token(.unreachable(let reason)), .token(.refused(let reason)): CarrierFailure(reason)
            }
        }
    }

    /// - Returns: the answer, and the token that was used; empty where there is none.
    private func exchange(
        _ request: CarrierRequest, by deadline: NIODeadline
    ) async throws(Trouble) -> (body: [UInt8], token: String) {
        var token = ""
        if let tokens {
            do {
                token = try await tokens.token()
            } catch {
                throw .token(error)
            }
            guard NIODeadline.now() < deadline else { throw .token(.unreachable("no token in time")) }
        }
        let number = requests.wrappingAdd(1, ordering: .relaxed).newValue
        let encoded = dialect.encode(request, CarrierRequestContext(at: clock.now(), token: token, number: number))
        do {
            return (try await post.send(encoded, by: deadline), token)
        } catch {
            if case .status(401) = error { await tokens?.forget(token) }
            throw .post(error)
        }
    }

    func close() async {}
}
