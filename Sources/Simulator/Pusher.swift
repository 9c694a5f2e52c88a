import Dialects
import Logging
import Messaging
import NIOCore

/// Pushes reports, or replies, one request after another, each until it is accepted (seed 002 §2.7, §2.8).
struct Pusher: Sendable {
    enum Kind: CaseIterable, Sendable {
        case reports, replies
    }

    private let kind: Kind
    private let carrier: SimulatedCarrier
    private let client: PushClient
    private let logger: Logger

    /// How often an idle pusher looks for something to push.
    private static let idlePeriod = Duration.milliseconds(10)
    private static let backoffMin = Duration.milliseconds(50)
    private static let backoffMax = Duration.seconds(5)

    init(
        _ kind: Kind, target: PushTarget, carrier: SimulatedCarrier, group: any EventLoopGroup, logger: Logger
    ) {
        self.kind = kind
        self.carrier = carrier
        self.logger = logger
        client = PushClient(target: target, group: group)
    }

    /// Until its task is cancelled.
    func run() async {
        var sequence: Int64 = 0
        while !Task.isCancelled {
            guard let push = takeNext() else {
                try? await Task.sleep(for: Self.idlePeriod)
                continue
            }
            var backoff = Self.backoffMin
            sequence += 1
            while !(await isAccepted(push, sequence)), !Task.isCancelled {
                try? await Task.sleep(for: backoff)
                backoff = min(backoff * 2, Self.backoffMax)
                // Counts requests, not contents (seed 002 §2.8.3).
                sequence += 1
            }
        }
        await client.close()
    }

    private func takeNext() -> OperatorV2.Push? {
        switch kind {
        case .reports:
            let reports = carrier.takeReports(limit: OperatorV2.pushedReportsMax)
            return reports.isEmpty ? nil : .reports(reports)
        case .replies:
            let replies = carrier.takeReplies(limit: OperatorV2.pushedRepliesMax)
            return replies.isEmpty ? nil : .replies(replies)
        }
    }

    /// Whether the receiver answered 200 with result 0.
    private func isAccepted(_ push: OperatorV2.Push, _ sequence: Int64) async -> Bool {
        let configuration = carrier.configuration
        let body = OperatorV2.encodePush(
            push, sequence: sequence,
            login: .digest(userID: configuration.user, password: configuration.password),
            at: configuration.clock.now())
        do {
            let answer = try await client.post(body, contentType: OperatorV2.PushFormat.form.contentType)
            guard answer.status == 200 else { return false }
            return try answer.body.withUnsafeBytes { try OperatorV2.PushAnswer(decoding: $0) }.result == 0
        } catch {
            logger.debug("push failed", metadata: ["error": "\(error)"])
            return false
        }
    }
}
