import Dialects
import HTTPCore
import Messaging
import NIOCore
import NIOHTTP1

/// A simulated carrier's side of HTTP: its dialects, and what it tells tests of itself.
struct CarrierService: HTTPService {
    let carrier: SimulatedCarrier
    private let handlers: [String: CarrierHandler]

    /// - Parameter others: of dialects that are not in the list of all.
    init(carrier: SimulatedCarrier, others: [(String, CarrierHandler)] = []) {
        self.carrier = carrier
        let maker = CarrierServerMaker(carrier: carrier)
        let known = carrier.configuration.dialects.flatMap { $0.visit(maker) }
        handlers = Dictionary(known + others, uniquingKeysWith: { first, _ in first })
    }

    func connect(eventLoop: any EventLoop, remoteAddress: [UInt8]?) -> any HTTPConnection {
        CarrierConnection(carrier: carrier, handlers: handlers)
    }
}

private final class CarrierConnection: HTTPConnection {
    private let carrier: SimulatedCarrier
    private let handlers: [String: CarrierHandler]

    private static let json = "application/json;charset=utf-8"

    init(carrier: SimulatedCarrier, handlers: [String: CarrierHandler]) {
        self.carrier = carrier
        self.handlers = handlers
    }

    func closed() {}

    func receive(_ request: HTTPRequest, reply: HTTPReply) {
        if let handler = handlers[request.path] {
            handler(request, reply)
        } else if request.path == "/simulator/stats", request.method == .GET {
            reply.send(HTTPResponse(contentType: Self.json, bytes: Array(carrier.statistics.json.utf8)))
        } else if request.path == "/simulator/log", request.method == .GET {
            let after = request.query.split(separator: "&").lazy
                .compactMap { $0.hasPrefix("after=") ? Int($0.dropFirst("after=".count)) : nil }.first
            let entries = carrier.logEntries(after: max(0, min(after ?? 0, Int(Int32.max))))
            reply.send(HTTPResponse(contentType: Self.json, bytes: SubmissionLog.json(entries)))
        } else {
            reply.send(HTTPResponse(status: .notFound))
        }
    }
}

extension SimulatedCarrier {
    /// Answers a submission as its verdict says: late, not at all, or with garbage in the place of `response`.
    func conclude(_ verdict: CarrierBook.Verdict, with response: HTTPResponse, to reply: HTTPReply) {
        let conclude: @Sendable () -> Void = {
            switch verdict.answer {
            case .sent: reply.send(response)
            case .lost: reply.abort()
            case .garbage(let garbage): garbage.send(insteadOf: response, to: reply)
            }
        }
        if verdict.delay > 0 {
            reply.eventLoop.scheduleTask(in: .milliseconds(verdict.delay), conclude)
        } else {
            conclude()
        }
    }

    /// To be asked before a poll takes anything.
    /// - Returns: whether it was answered with garbage.
    func answersWithGarbage(insteadOf empty: HTTPResponse, to reply: HTTPReply) -> Bool {
        guard let garbage = nextPollGarbage() else { return false }
        garbage.send(insteadOf: empty, to: reply)
        return true
    }
}
