import Engine
import Messaging
import NIOCore

/// One event loop's waiting requests: billing settles many at once, and they are answered in one turn of the loop.
final class ReplySink: SubmissionSink {
    private let eventLoop: any EventLoop
    private let waiting: NIOLoopBound<Waiting>

    private final class Waiting {
        var replies: [UInt64: (Result<Acceptance, Rejection>) -> Void] = [:]
        var nextTicket: UInt64 = 0
    }

    /// Call on `eventLoop`.
    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        waiting = NIOLoopBound(Waiting(), eventLoop: eventLoop)
    }

    /// Keeps what is to be done with an outcome. On the event loop.
    func expect(_ then: @escaping (Result<Acceptance, Rejection>) -> Void) -> UInt64 {
        let waiting = waiting.value
        waiting.nextTicket += 1
        waiting.replies[waiting.nextTicket] = then
        return waiting.nextTicket
    }

    /// Forgets a ticket that will not be settled. On the event loop.
    func cancel(_ ticket: UInt64) { waiting.value.replies[ticket] = nil }

    func settle(_ outcomes: [SettledSubmission]) {
        eventLoop.execute { [waiting] in
            for settled in outcomes { waiting.value.replies.removeValue(forKey: settled.ticket)?(settled.outcome) }
        }
    }
}
