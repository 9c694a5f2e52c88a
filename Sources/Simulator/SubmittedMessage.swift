import Messaging

/// One message, waiting for its report: 24 bytes, so that millions of them can wait.
struct SubmittedMessage: Sendable {
    /// Its id, which is also that of its first segment; 0 when it was refused.
    let id: MessageID
    /// 0 when there is none.
    let number: PhoneNumber
    let part: SubmittedPart

    init(id: MessageID, recipient: Recipient, part: SubmittedPart) {
        self.id = id
        self.part = part
        switch recipient {
        case .number(let number, _): self.number = number
        case .invalid: self.number = PhoneNumber(rawValue: 0)
        }
    }

    var ending: Ending { number.rawValue == 0 ? .invalid : Ending(number) }
    var mobile: String { number.rawValue == 0 ? part.invalidNumber ?? "" : number.text }

    /// - Parameter segment: nil for a report of the whole message.
    func report(segment: Int?, status: DeliveryStatus, at now: Timestamp) -> CustomerReport {
        CustomerReport(
            id: id.segment(segment ?? 1), customID: part.customID, segmentNumber: segment ?? 1,
            segmentTotal: segment == nil ? 1 : part.segments,
            mobile: mobile, accessNumber: part.accessNumber, accessExtension: part.accessExtension,
            submittedAt: part.submittedAt, reportedAt: now, status: status, customData: part.customData,
            requestID: part.requestID)
    }
}
