import Dialects
import Messaging
import Synchronization

/// Numbers that a carrier refused in its answer to a call that it took: no report of them will come, so they are made
/// into one, which the next poll finds. What a stop loses of them expires like any message without a report.
final class NumberRefusals: Sendable {
    private let waiting = Mutex<[CustomerReport]>([])

    private static let waitingMax = 100_000

    func note(_ mobiles: [String], tag: String, at now: Timestamp) {
        if mobiles.isEmpty { return }
        let reports = mobiles.map { mobile in
            CustomerReport(
                id: MessageID(rawValue: 0), customID: tag, segmentNumber: 1, segmentTotal: 1, mobile: mobile,
                accessNumber: "", accessExtension: "", submittedAt: now, reportedAt: now, status: .rejected,
                customData: "")
        }
        waiting.withLock { $0.append(contentsOf: reports.prefix(max(0, Self.waitingMax - $0.count))) }
    }

    /// What waits, as the carrier would have written it; nil when nothing does.
    func take() -> [UInt8]? {
        let reports = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        return reports.isEmpty ? nil : Enterprise.encodeAnswer(.reports(reports))
    }
}
