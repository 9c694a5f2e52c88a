import Dialects
import Messaging
import NIOCore

/// Holds a carrier's access token: asked for when one is first needed, shared by all calls, renewed before it ends.
actor TokenProvider {
    enum Failure: Error, Hashable {
        /// There was no answer, or none that could be read.
        case unreachable(String)
        /// The carrier gives us none.
        case refused(String)
    }

    private struct Held {
        var token: String
        /// From then on a new one is asked for.
        var renewAt: Timestamp
        var endsAt: Timestamp
    }

    private let dialect: any CarrierDialect
    private let post: CarrierPost
    private let clock: Clock
    private var held: Held?
    private var request: Task<Result<Held, Failure>, Never>?

    /// Where the carrier does not say how long a token is good for, in seconds.
    private static let secondsDefault: Int64 = 600
    /// When a token cannot be renewed but is still good, the pause until the next try.
    private static let retryPause: Int64 = 10_000

    init(dialect: any CarrierDialect, post: CarrierPost, clock: Clock) {
        self.dialect = dialect
        self.post = post
        self.clock = clock
    }

    /// A token that is good now.
    func token() async throws(Failure) -> String {
        if let held, moment < held.renewAt { return held.token }
        switch await renewed() {
        case .success(let new): return new.token
        case .failure(let failure):
            guard let old = held, moment < old.endsAt else { throw failure }
            held?.renewAt = min(old.endsAt, moment.adding(milliseconds: Self.retryPause))
            return old.token
        }
    }

    /// The carrier refused this token: the next call asks for a new one, unless another did already.
    func forget(_ token: String) {
        if held?.token == token { held = nil }
    }

    /// All who need a token at the same time wait for one answer.
    private func renewed() async -> Result<Held, Failure> {
        if let request { return await request.value }
        let asking = Task { await self.ask() }
        request = asking
        return await asking.value
    }

    private func ask() async -> Result<Held, Failure> {
        let result = await answer(askedAt: moment)
        if case .success(let new) = result { held = new }
        request = nil
        return result
    }

    /// What a lifetime is counted by: the monotonic clock, which cannot be set.
    private var moment: Timestamp { Timestamp(milliseconds: clock.uptime()) }

    private func answer(askedAt: Timestamp) async -> Result<Held, Failure> {
        let body: [UInt8]
        do {
            body = try await post.send(dialect.encode(.token, CarrierRequestContext(at: clock.now())))
        } catch {
            switch error {
            case .notSent(let reason), .uncertain(let reason): return .failure(.unreachable("no token: \(reason)"))
            case .status(let code): return .failure(.refused("token: HTTP \(code)"))
            }
        }
        guard let answer = try? body.withUnsafeBytes({ try dialect.token($0) }) else {
            return .failure(.unreachable("the answer with a token cannot be read"))
        }
        // It becomes a header field.
        let isUsable = !answer.text.isEmpty && answer.text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard isUsable else { return .failure(.refused("token: \(answer.error)")) }
        let lifetime = max(1, min(answer.seconds ?? Self.secondsDefault, 10 * 365 * 86_400)) * 1000
        return .success(
            Held(
                token: answer.text, renewAt: askedAt.adding(milliseconds: lifetime / 10 * 9),
                endsAt: askedAt.adding(milliseconds: lifetime)))
    }
}
