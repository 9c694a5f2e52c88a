import Engine
import Messaging
import Synchronization

/// A carrier in memory: answers as the test says, remembers what it was sent, and has reports to fetch.
final class FakeCarrier: Sendable {
    typealias Answer = @Sendable (FakeCarrier, CarrierCall) async -> SubmitOutcome

    private struct State {
        var calls: [CarrierCall] = []
        var bodies: [InboundKind: [[UInt8]]] = [:]
        var nextID: Int64 = 1_000_000
        var isClosed = false
        var fetches = 0
        var confirmed: [InboundKind: [[UInt8]]] = [:]
    }

    private let state = Mutex(State())
    let limits: CallLimits
    let answer: Answer
    /// Forgets a body only when it is confirmed.
    let isToBeConfirmed: Bool
    /// Called with each body that is confirmed.
    let onConfirm: @Sendable () async -> Void
    /// Hands out the same again and again, confirmed or not.
    let isParrot: Bool
    /// Holds fetches back, if set, after they have taken a body off the carrier.
    let fetchGate: Gate?

    init(
        limits: CallLimits = CallLimits(sameContentMax: 1000, distinctMax: 100), fetchGate: Gate? = nil,
        isToBeConfirmed: Bool = false, isParrot: Bool = false, answer: @escaping Answer = FakeCarrier.deliver,
        onConfirm: @escaping @Sendable () async -> Void = {}
    ) {
        self.isToBeConfirmed = isToBeConfirmed
        self.isParrot = isParrot
        self.onConfirm = onConfirm
        self.limits = limits
        self.fetchGate = fetchGate
        self.answer = answer
    }

    /// Takes everything and reports all of it as delivered.
    static let deliver: Answer = { carrier, call in
        let lines = call.messages.indices.map { "R|\(call.tag($0).text)|\(call.messages[$0].mobile.text)|DELIVRD" }
        carrier.put(lines.joined(separator: "\n"), as: .polledReports)
        return .accepted(.consecutive(from: carrier.takeIDs(call.messages.count)))
    }

    /// Every call that was made, in order.
    var calls: [CarrierCall] { state.withLock { $0.calls } }
    /// Every message that was sent, in order.
    var sent: [MessageSequence] { calls.flatMap(\.messages).map(\.sequence) }
    var fetches: Int { state.withLock { $0.fetches } }
    var fetchable: Int { state.withLock { state in state.bodies.values.reduce(0) { $0 + $1.count } } }

    func takeIDs(_ count: Int) -> Int64 {
        state.withLock { state in
            defer { state.nextID += Int64(count) }
            return state.nextID
        }
    }

    func submit(_ call: CarrierCall) async -> SubmitOutcome {
        state.withLock { $0.calls.append(call) }
        return await answer(self, call)
    }

    // MARK: What can be fetched

    /// Has a report of one message of a call ready.
    func report(_ call: CarrierCall, _ index: Int, _ status: String = "DELIVRD") {
        report(tag: call.tag(index).text, mobile: call.messages[index].mobile.text, status)
    }

    func report(tag: String, mobile: String, _ status: String = "DELIVRD") {
        put("R|\(tag)|\(mobile)|\(status)", as: .polledReports)
    }

    func reply(from mobile: String, to accessNumber: String, _ content: String) {
        put("P|\(mobile)|\(accessNumber)|\(content)", as: .polledReplies)
    }

    func put(_ text: String, as kind: InboundKind) {
        state.withLock { $0.bodies[kind, default: []].append(Array(text.utf8)) }
    }

    func fetch(_ kind: InboundKind) async throws(CarrierFailure) -> [UInt8]? {
        let body: [UInt8]? = state.withLock { state in
            state.fetches += 1
            guard let body = state.bodies[kind]?.first else { return nil }
            if !isToBeConfirmed, !isParrot { state.bodies[kind]?.removeFirst() }
            return body
        }
        guard body != nil, let fetchGate else { return body }
        await fetchGate.pass()
        // As an HTTP client does: the answer of a call that was given up is lost.
        if Task.isCancelled { throw CarrierFailure("cancelled") }
        return body
    }

    func confirm(_ kind: InboundKind, _ body: [UInt8]) async {
        await onConfirm()
        state.withLock { state in
            state.confirmed[kind, default: []].append(body)
            if isToBeConfirmed, !isParrot { state.bodies[kind]?.removeAll { $0 == body } }
        }
    }

    /// Every body that was confirmed, in order.
    func confirmed(_ kind: InboundKind) -> [[UInt8]] { state.withLock { $0.confirmed[kind] ?? [] } }

    static func decode(_ body: [UInt8]) throws(CarrierFailure) -> InboundItems {
        var items = InboundItems()
        for line in String(decoding: body, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: "|", omittingEmptySubsequences: false).map { String($0) }
            guard fields.count == 4 else { throw CarrierFailure("not four fields") }
            if fields[0] == "R" {
                items.reports.append(
                    CarrierReport(
                        customID: fields[1], carrierID: nil, segmentNumber: nil, mobile: fields[2],
                        status: DeliveryStatus(fields[3])))
            } else {
                items.replies.append(
                    CarrierReply(carrierID: nil, mobile: fields[1], accessNumber: fields[2], content: fields[3]))
            }
        }
        return items
    }
}

struct FakeLink: CarrierLink {
    let carrier: FakeCarrier

    var limits: CallLimits { carrier.limits }
    var polls: [InboundKind] { [.polledReports, .polledReplies] }
    func submit(_ call: CarrierCall) async -> SubmitOutcome { await carrier.submit(call) }
    func fetch(_ kind: InboundKind) async throws(CarrierFailure) -> [UInt8]? { try await carrier.fetch(kind) }
    func confirm(_ kind: InboundKind, _ body: [UInt8]) async { await carrier.confirm(kind, body) }
    func decode(_ kind: InboundKind, _ body: [UInt8]) throws(CarrierFailure) -> InboundItems {
        try FakeCarrier.decode(body)
    }
    func close() async {}
}

/// Leads every channel to the carrier whose name its URL is.
struct FakeMaker: CarrierLinkMaker {
    let carriers: [String: FakeCarrier]

    var dialects: [String] { ["fake"] }

    func makeLink(_ endpoint: ChannelEndpoint, connectionLimit: Int) throws(CarrierFailure) -> any CarrierLink {
        guard let carrier = carriers[endpoint.url] else { throw CarrierFailure("there is no \(endpoint.url)") }
        return FakeLink(carrier: carrier)
    }
}
