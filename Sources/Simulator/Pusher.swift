import Logging
import Messaging
import NIOCore

/// Pushes reports, or replies, one request after another, each until it is accepted, or once where the dialect tries
/// no second time.
struct Pusher: Sendable {
    enum Kind: CaseIterable, Sendable {
        case reports, replies
    }

    private let kind: Kind
    private let carrier: SimulatedCarrier
    private let dialect: any SimulatedPush
    private let client: PushClient
    private let logger: Logger

    /// How often an idle pusher looks for something to push.
    private static let idlePeriod = Duration.milliseconds(10)
    private static let backoffMin = Duration.milliseconds(50)
    private static let backoffMax = Duration.seconds(5)

    init(
        _ kind: Kind, target: PushTarget, dialect: any SimulatedPush, carrier: SimulatedCarrier,
        group: any EventLoopGroup, logger: Logger
    ) {
        self.kind = kind
        self.carrier = carrier
        self.dialect = dialect
        self.logger = logger
        client = PushClient(target: target, group: group)
    }

    /// Until its task is cancelled.
    func run() async {
        var sequence: Int64 = 0
        while !Task.isCancelled {
            guard let items = takeNext() else {
                try? await Task.sleep(for: Self.idlePeriod)
                continue
            }
            var backoff = Self.backoffMin
            sequence += 1
            while !(await isAccepted(items, sequence)), !dialect.isTriedOnce, !Task.isCancelled {
                try? await Task.sleep(for: backoff)
                backoff = min(backoff * 2, Self.backoffMax)
                // Counts requests, not contents (seed 002 §2.8.3).
                sequence += 1
            }
        }
        await client.close()
    }

    private func takeNext() -> PushedItems? {
        switch kind {
        case .reports:
            let reports = carrier.takeReportsToPush(limit: dialect.reportsMax, grain: dialect.grain)
            return reports.isEmpty ? nil : .reports(reports)
        case .replies:
            let replies = carrier.takeRepliesToPush(limit: dialect.repliesMax)
            return replies.isEmpty ? nil : .replies(replies)
        }
    }

    private func isAccepted(_ items: PushedItems, _ sequence: Int64) async -> Bool {
        let (contentType, body) = dialect.encode(items, sequence: sequence, at: carrier.configuration.clock.now())
        do {
            return dialect.isAccepted(try await client.post(body, contentType: contentType))
        } catch {
            logger.debug("push failed", metadata: ["error": "\(error)"])
            return false
        }
    }
}
