import Messaging

/// What the messages of one part of a submission have in common; each of them keeps a reference to it.
final class SubmittedPart: Sendable {
    let customID: String
    /// The id of the submission's first message.
    let requestID: MessageID
    let customData: String
    let accessNumber: String
    let accessExtension: String
    let segments: Int
    let submittedAt: Timestamp
    /// What stood in the place of a number, when this part is of one recipient without one.
    let invalidNumber: String?

    init(
        _ part: Submission.Part, customID: String, requestID: MessageID, accessNumber: String,
        submittedAt: Timestamp, invalidNumber: String? = nil
    ) {
        self.customID = customID
        self.requestID = requestID
        self.customData = part.customData
        self.accessNumber = accessNumber
        self.accessExtension = part.accessExtension
        self.segments = max(1, Segmentation.count(of: part.content))
        self.submittedAt = submittedAt
        self.invalidNumber = invalidNumber
    }
}
