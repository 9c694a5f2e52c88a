import Messaging
import Store
import Testing

@testable import Engine
@testable import Portal

/// What the tests of records send, and have reported.
extension PortalHouse {
    /// Sends one text to some numbers.
    /// - Returns: the id of the first message.
    @discardableResult
    func send(
        _ numbers: [String] = ["13800138000"], _ content: String = "您好", by entry: AccountEntry? = nil,
        due: Timestamp? = nil
    ) async throws -> MessageID {
        let part = Submission.Part(recipients: numbers.map { Recipient($0) }, content: content)
        let submission = Submission(parts: [part], scheduledAt: due)
        return try await engine.billing.outcome(of: submission, by: entry ?? shop).get().firstID
    }

    /// Waits until the carrier has a message, then has it reported.
    func report(_ id: MessageID, _ status: DeliveryStatus = .delivered) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await record(id).listed != .awaitingReport {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(10))
        }
        let record = try await record(id)
        let report = CarrierReport(
            customID: "m\(id.rawValue)", carrierID: nil, segmentNumber: nil, mobile: record.mobile, status: status)
        try await apply([report])
    }

    /// Has a handset answer a message.
    func reply(_ content: String, from mobile: String = "13800138000", to id: MessageID? = nil) async throws {
        let reply = CarrierReply(
            carrierID: nil, mobile: mobile, accessNumber: "10690012122", content: content, receivedAt: Self.now)
        try await apply(
            [], [OwnedReply(account: shop.key, reply: reply, accessExtension: "", answered: id)])
    }

    private func apply(_ reports: [CarrierReport], _ replies: [OwnedReply] = []) async throws {
        let channel = try #require(await engine.channels.all.first?.key)
        let body = try await engine.store.keep([0x7B], of: .polledReports, from: channel, at: Self.now)
        _ = try await engine.store.apply(
            reports: reports, replies: replies, of: body, from: channel, at: Self.now)
    }

    func record(_ id: MessageID) async throws -> MessageRecord {
        try #require(try await engine.records.records(of: [id], scope: .everything).first)
    }
}
