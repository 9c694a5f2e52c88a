import Engine
import Messaging
import NIOCore

/// Whoever waits for the outcome of a submission. A class and not a closure: a closure that is kept in a dictionary is
/// wrapped in a second one.
protocol OutcomeReceiver: AnyObject {
    /// Called once, on the event loop.
    func settle(_ outcome: Result<Acceptance, Rejection>)
}

/// One event loop's waiting requests: billing settles many at once, and they are answered in one turn of the loop.
final class ReplySink: SubmissionSink {
    private let eventLoop: any EventLoop
    private let waiting: NIOLoopBound<Waiting>

    private final class Waiting {
        var receivers: [UInt64: any OutcomeReceiver] = [:]
        var nextTicket: UInt64 = 0
    }

    /// Call on `eventLoop`.
    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        waiting = NIOLoopBound(Waiting(), eventLoop: eventLoop)
    }

    /// Keeps who is to get an outcome. On the event loop.
    func expect(_ receiver: any OutcomeReceiver) -> UInt64 {
        let waiting = waiting.value
        waiting.nextTicket += 1
        waiting.receivers[waiting.nextTicket] = receiver
        return waiting.nextTicket
    }

    /// Forgets a ticket that will not be settled. On the event loop.
    func cancel(_ ticket: UInt64) { waiting.value.receivers[ticket] = nil }

    func settle(_ outcomes: [SettledSubmission]) {
        eventLoop.execute { [waiting] in
            let waiting = waiting.value
            for settled in outcomes {
                waiting.receivers.removeValue(forKey: settled.ticket)?.settle(settled.outcome)
            }
        }
    }
}
