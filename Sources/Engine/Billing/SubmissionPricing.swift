import Messaging
import Store

/// Turns what a customer asks for into what billing commits: signature, segments, price, due time. Pure.
enum SubmissionPricing {
    /// - Parameter validityMax: how far ahead a request's own end may lie, in milliseconds.
    static func price(
        _ submission: Submission, by entry: AccountEntry, at now: Timestamp, validityMax: Int64 = .max
    ) throws(Rejection) -> AcceptedSubmission {
        let account = entry.account
        let segmentCost = account.cost(segments: 1)
        let due = try SendTime.due(submission.scheduledAt, at: now)
        let end = try Validity.end(
            asked: submission.validUntil, duration: account.validFor, from: due ?? now, durationMax: validityMax)
        var parts: [AcceptedPart] = []
        parts.reserveCapacity(submission.parts.count)
        for part in submission.parts {
            if part.content.isEmpty { throw .contentEmpty }
            let content = signed(part.content, by: account)
            let segments = Segmentation.count(of: content)
            if segments > MessageID.segmentsMax { throw .contentTooLong }
            var accepted = AcceptedPart(
                account: entry.key, acceptedAt: now, scheduledAt: due, validUntil: end, content: content,
                customID: part.customID, customData: part.customData,
                accountExtension: account.accessExtension, accessExtension: part.accessExtension,
                serviceType: part.serviceType, segments: segments, segmentCost: segmentCost,
                recipients: part.recipients)
            if entry.sharesBalance { accepted.payer = entry.payer }
            parts.append(accepted)
        }
        // Last, since it counts.
        let blocked = try entry.runtime.screening.screen(submission, by: account, at: now)
        if !blocked.isEmpty { apply(blocked, to: &parts) }
        return AcceptedSubmission(parts: parts, idempotencyKey: submission.idempotencyKey)
    }

    /// - Parameter blocked: by the recipients' places among all of the submission.
    private static func apply(_ blocked: [Int: ScreeningRules.Rule], to parts: inout [AcceptedPart]) {
        var start = 0
        for index in parts.indices {
            let end = start + parts[index].recipients.count
            for (place, rule) in blocked where place >= start && place < end {
                parts[index].blocked[place - start] = rule
            }
            start = end
        }
    }

    /// Puts the account's signature in front of a content that begins or ends with none.
    static func signed(_ content: String, by account: Account) -> String {
        if account.signature.isEmpty || content.hasPrefix("【") || content.hasSuffix("】") { return content }
        return account.signature + content
    }
}
