import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// One request and its whole answer, in bounded time. The client's own limit ends with the head of the answer; from
/// then on an alarm watches the same deadline and how long no more of the body comes. When it goes off, the caller goes
/// on at once, whether or not the client ends the request.
struct Exchange: Sendable {
    struct Answer: Sendable {
        var status: HTTPResponseStatus
        var body: [UInt8]
    }

    /// What a limit ended.
    enum Failure: Error, Hashable, CustomStringConvertible {
        case late
        case standstill(seconds: Int64)
        case tooLong(bytes: Int)

        var description: String {
            switch self {
            case .late: "no whole answer in time"
            case .standstill(let seconds): "no whole answer in time: nothing more of it came for \(seconds) s"
            case .tooLong(let bytes): "the answer is longer than \(bytes) bytes"
            }
        }
    }

    /// Of the whole: connecting, head and body.
    let deadline: NIODeadline
    /// How long the body may stand still.
    let idleMax: TimeAmount
    /// A longer body ends the exchange.
    let bytesMax: Int

    static let idleMaxDefault = TimeAmount.seconds(10)

    /// - Throws: `Failure`, `CancellationError`, or an error of the client.
    func run(
        _ request: HTTPClientRequest, with client: HTTPClient, on eventLoop: any EventLoop
    ) async throws -> Answer {
        let watch = ExchangeWatch(limits: self, eventLoop: eventLoop)
        let work = Task {
            let result: Result<Answer, any Error>
            do {
                result = .success(try await exchange(request, client, watch))
            } catch {
                result = .failure(error)
            }
            watch.end(result)
        }
        watch.cancelsAtEnd(work)
        watch.arm()
        return try await withTaskCancellationHandler {
            try await watch.answer()
        } onCancel: {
            watch.end(.failure(CancellationError()))
        }
    }

    private func exchange(
        _ request: HTTPClientRequest, _ client: HTTPClient, _ watch: ExchangeWatch
    ) async throws -> Answer {
        let response = try await client.execute(request, deadline: deadline)
        watch.noteProgress()
        var body: [UInt8] = []
        for try await piece in response.body {
            guard piece.readableBytes <= bytesMax - body.count else { throw Failure.tooLong(bytes: bytesMax) }
            body.append(contentsOf: piece.readableBytesView)
            watch.noteProgress()
        }
        return Answer(status: response.status, body: body)
    }
}

/// Where an exchange and its alarm meet: whichever ends it first has the word.
private final class ExchangeWatch: Sendable {
    private struct State {
        var outcome: Result<Exchange.Answer, any Error>?
        var caller: CheckedContinuation<Exchange.Answer, any Error>?
        var work: Task<Void, Never>?
        var alarm: Scheduled<Void>?
        /// Nil before the head has come.
        var progressAt: NIODeadline?
    }

    private let limits: Exchange
    private let eventLoop: any EventLoop
    private let state = Mutex(State())

    init(limits: Exchange, eventLoop: any EventLoop) {
        self.limits = limits
        self.eventLoop = eventLoop
    }

    func answer() async throws -> Exchange.Answer {
        try await withCheckedThrowingContinuation { caller in
            let outcome = state.withLock { state in
                if state.outcome == nil { state.caller = caller }
                return state.outcome
            }
            if let outcome { caller.resume(with: outcome) }
        }
    }

    /// The first one counts.
    func end(_ outcome: Result<Exchange.Answer, any Error>) {
        let ended = state.withLock { state -> State? in
            guard state.outcome == nil else { return nil }
            let before = state
            state.outcome = outcome
            (state.caller, state.work, state.alarm) = (nil, nil, nil)
            return before
        }
        guard let ended else { return }
        ended.alarm?.cancel()
        ended.caller?.resume(with: outcome)
        ended.work?.cancel()
    }

    func cancelsAtEnd(_ work: Task<Void, Never>) {
        let isOver = state.withLock { state in
            if state.outcome == nil { state.work = work }
            return state.outcome != nil
        }
        if isOver { work.cancel() }
    }

    // MARK: The alarm

    /// Of the head, and of each piece of the body.
    func noteProgress() { state.withLock { $0.progressAt = .now() } }

    /// Sets the first alarm.
    func arm() { set(at: min(limits.deadline, .now() + limits.idleMax)) }

    /// One alarm at a time, which is set anew only when it goes off too early: nearly all exchanges end before that.
    private func set(at moment: NIODeadline) {
        let alarm = eventLoop.scheduleTask(deadline: moment) { self.look() }
        let isOver = state.withLock { state in
            if state.outcome == nil { state.alarm = alarm }
            return state.outcome != nil
        }
        if isOver { alarm.cancel() }
    }

    /// Until the head has come the client's own limit holds, whose error says whether the request has left. The second
    /// beyond it is for a client that does not keep it.
    private func look() {
        let now = NIODeadline.now()
        let (progressAt, deadline) = (state.withLock { $0.progressAt }, limits.deadline)
        if now >= deadline {
            if progressAt == nil, now < deadline + .seconds(1) { return set(at: deadline + .seconds(1)) }
            return end(.failure(Exchange.Failure.late))
        }
        let idleAt = (progressAt ?? now) + limits.idleMax
        guard now >= idleAt else { return set(at: min(deadline, idleAt)) }
        end(.failure(Exchange.Failure.standstill(seconds: limits.idleMax.nanoseconds / 1_000_000_000)))
    }
}
