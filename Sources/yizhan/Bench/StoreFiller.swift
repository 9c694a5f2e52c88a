import Engine
import Messaging
import Store

/// Writes finished messages into a store, each through everything that a message goes through: accepted, begun,
/// settled, reported, collected.
struct StoreFiller {
    let plan: FillPlan
    let store: Store
    let accounts: [AccountEntry]
    let channel: ChannelKey

    private static let unitsOfChunk = 40
    private static let distinctOfCall = 50
    private static let collectedAtOnce = 500
    private static let expiredAtOnce = 10_000
    private static let rawBodyBytes = 512

    private static let skipLimit = 100_000

    /// `progress` is called with the number of messages written.
    func run(_ progress: (Int) -> Void) async throws {
        var (units, next) = (chunk(0), submissions(chunk(0)))
        var finishing: Task<Void, any Error>?
        while !units.isEmpty {
            let following = units.upperBound..<min(plan.unitCount, units.upperBound + Self.unitsOfChunk)
            let current = next
            // Chunks are accepted in order; while one is sent, the one before it is reported and the next is made.
            async let prepared = submissions(following)
            let sent = try await send(current)
            try await finishing?.value
            finishing = Task { try await finish(sent) }
            next = await prepared
            progress(min(plan.messages, units.upperBound * FillPlan.unitMessages))
            units = following
        }
        try await finishing?.value
        // What an appliance at work does beside it.
        while try await store.indexNextChunk() {}
        while try await store.skipFinished(limit: Self.skipLimit) {}
    }

    private func chunk(_ first: Int) -> Range<Int> { first..<min(plan.unitCount, first + Self.unitsOfChunk) }

    private func submissions(_ units: Range<Int>) -> [AcceptedSubmission] {
        var numbers = NumberSequence(ending: nil, startingAt: units.lowerBound * FillPlan.unitMessages)
        return plan.requests(ofUnits: units).map { request in
            let entry = accounts[plan.account(of: request)]
            let recipients = (0..<request.count).map { _ in Recipient.number(numbers.nextNumber()) }
            let part = AcceptedPart(
                account: entry.key, acceptedAt: plan.acceptedAt(request.first), content: plan.content(of: request),
                segments: 1, segmentCost: entry.account.cost(segments: 1), recipients: recipients)
            return AcceptedSubmission(parts: [part])
        }
    }

    /// One call to the carrier.
    private struct Call: Sendable {
        var isUniform: Bool
        var messages: [CommittedPart.Message]
        var attempt: AttemptID = 0
        /// The carrier's number of the first message.
        var firstID: Int64 { 1 << 40 + messages[0].sequence.rawValue }
    }

    /// What was sent at about one moment.
    private struct Sent: Sendable {
        var calls: [Call]
        var at: Timestamp
    }

    private func send(_ submissions: [AcceptedSubmission]) async throws -> Sent {
        let at = submissions.last?.parts.last?.acceptedAt ?? plan.today
        var calls = calls(for: try await accept(submissions))
        let begun = try await store.begin(
            calls.map { NewAttempt(channel: channel, messages: SequenceRuns($0.messages.map(\.sequence))) },
            at: at.adding(milliseconds: 100))
        for index in calls.indices { calls[index].attempt = begun[index].id }
        let settlements = calls.map {
            Settlement(attempt: $0.attempt, outcome: .accepted(.consecutive(from: $0.firstID)))
        }
        _ = try await store.settle(settlements, at: at.adding(milliseconds: 200))
        return Sent(calls: calls, at: at)
    }

    private func finish(_ sent: Sent) async throws {
        let at = sent.at.adding(milliseconds: 3000)
        let body = [UInt8](repeating: 0, count: Self.rawBodyBytes)
        let inbound = try await store.keep(body, of: .polledReports, from: channel, at: at)
        let reports = sent.calls.flatMap { self.reports(of: $0, at: at) }
        let outcome = try await store.apply(reports: reports, replies: [], of: inbound, from: channel, at: at)
        guard outcome.parked == 0 else {
            throw ApplianceFailure("\(outcome.parked) of \(reports.count) reports match nothing.")
        }
        try await collect(at: sent.at.adding(milliseconds: 5000))
        // As the sweep has long done with messages of that age: it must not find them all when the store is used.
        let begunBefore = sent.at.adding(milliseconds: 101)
        let later = sent.at.adding(milliseconds: 10_000)
        while try await store.expire(begunBefore: begunBefore, at: later, limit: Self.expiredAtOnce).more {}
    }

    private func accept(_ submissions: [AcceptedSubmission]) async throws -> [CommittedSubmission] {
        try await withCheckedThrowingContinuation { done in
            store.accept(submissions) { done.resume(with: $0) }
        }.map { try $0.get() }
    }

    private func calls(for committed: [CommittedSubmission]) -> [Call] {
        var calls: [Call] = []
        var singles: [CommittedPart.Message] = []
        func flush() {
            if !singles.isEmpty { calls.append(Call(isUniform: false, messages: singles)) }
            singles.removeAll(keepingCapacity: true)
        }
        for part in committed.lazy.flatMap(\.ready) {
            if part.messages.count > 1 {
                flush()
                calls.append(Call(isUniform: true, messages: part.messages))
            } else {
                singles += part.messages
                if singles.count >= Self.distinctOfCall { flush() }
            }
        }
        flush()
        return calls
    }

    private func reports(of call: Call, at: Timestamp) -> [CarrierReport] {
        let shared = CarrierTag(sequence: call.messages[0].sequence, attempt: call.attempt).text
        return call.messages.enumerated().map { offset, message in
            CarrierReport(
                customID: call.isUniform ? shared : CarrierTag(sequence: message.sequence).text,
                carrierID: call.firstID + Int64(offset), segmentNumber: 1, mobile: message.mobile.text,
                status: FillPlan.isDelivered(Int(message.sequence.rawValue)) ? .delivered : DeliveryStatus("MK:0001"),
                reportedAt: at)
        }
    }

    private func collect(at: Timestamp) async throws {
        for entry in accounts {
            while true {
                let reports = try await store.collectReports(for: entry.key, limit: Self.collectedAtOnce, at: at)
                if reports.count < Self.collectedAtOnce { break }
            }
        }
    }
}

extension NumberSequence {
    /// As a value.
    fileprivate mutating func nextNumber() -> PhoneNumber {
        withUnsafeTemporaryAllocation(byteCount: RequestTemplate.numberWidth, alignment: 1) { digits in
            write(to: digits)
            return PhoneNumber(rawValue: digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) })
        }
    }
}
