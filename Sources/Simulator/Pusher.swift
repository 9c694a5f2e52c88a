import Dialects
import Logging
import Messaging
import NIOCore

/// Pushes reports, or replies, one request after another, each until it is accepted, or once where the dialect tries
/// no second time.
struct Pusher: Sendable {
    private let kind: OutboxKind
    private let carrier: SimulatedCarrier
    private let dialect: PushDialect
    private let codec: any PushCodec
    private let client: PushClient
    private let logger: Logger

    /// How often an idle pusher looks for something to push.
    private static let idlePeriod = Duration.milliseconds(10)
    private static let backoffMin = Duration.milliseconds(50)
    private static let backoffMax = Duration.seconds(5)

    init(
        _ kind: OutboxKind, target: PushTarget, dialect: PushDialect, codec: any PushCodec, carrier: SimulatedCarrier,
        group: any EventLoopGroup, logger: Logger
    ) {
        self.kind = kind
        self.carrier = carrier
        self.dialect = dialect
        self.codec = codec
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
            while !(await isAccepted(items, sequence)), !dialect.triesOnce, !Task.isCancelled {
                try? await Task.sleep(for: backoff)
                backoff = min(backoff * 2, Self.backoffMax)
                // Counts requests, not contents.
                sequence += 1
            }
        }
        await client.close()
    }

    private func takeNext() -> PushContent? {
        switch kind {
        case .reports:
            let reports = carrier.takeReportsToPush(limit: dialect.limit(of: kind), grain: dialect.grain)
            return reports.isEmpty ? nil : .reports(reports)
        case .replies:
            let replies = carrier.takeRepliesToPush(limit: dialect.limit(of: kind))
            return replies.isEmpty ? nil : .replies(replies)
        }
    }

    private func isAccepted(_ items: PushContent, _ sequence: Int64) async -> Bool {
        let configuration = carrier.configuration
        let (contentType, body) = codec.encode(
            items,
            PushContext(
                userID: configuration.user, password: configuration.password, format: .form, sequence: sequence,
                at: configuration.clock.now()))
        do {
            let answer = try await client.post(body, contentType: contentType)
            return answer.body.withUnsafeBytes { codec.judge(status: answer.status, $0).isAccepted }
        } catch {
            logger.debug("push failed", metadata: ["error": "\(error)"])
            return false
        }
    }
}
