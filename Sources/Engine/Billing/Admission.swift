import Messaging
import Synchronization

/// What a submission takes between its arrival and its commit, or several of them. Recipients and the bytes of contents
/// bound the memory, units (`Congestion`) the time until they are answered.
struct SubmissionLoad: Hashable {
    var submissions = 0
    var recipients = 0
    /// Of contents.
    var bytes = 0
    var units = 0
}

extension SubmissionLoad {
    init(_ submission: Submission) {
        submissions = 1
        recipients = submission.recipientCount
        bytes = submission.parts.indices.reduce(0) { $0 + submission.parts[$1].content.utf8.count }
        units = Congestion.submissionUnits + recipients
    }

    /// Of so many recipients that others should not wait for it.
    var isLarge: Bool { recipients >= Self.largeRecipientsMin }
    private static let largeRecipientsMin = 10

    /// Whether a submission is let in, as a pure rule: large ones leave half of the room to small ones, and no account
    /// has more than three quarters of it, so that one customer's flood does not have another's code refused.
    /// - Parameters:
    ///   - total: of all that waits, this one included.
    ///   - ofAccount: of what waits of its account, this one included.
    ///   - bounds: what may wait. A submission that is alone may fill it, however large, and with units even pass it.
    func isAdmitted(total: SubmissionLoad, ofAccount: SubmissionLoad, bounds: SubmissionLoad) -> Bool {
        func fits(_ one: Int, _ total: Int, _ ofAccount: Int, _ bound: Int) -> Bool {
            let room = isLarge ? min(bound, max(bound / 2, one)) : bound
            return total <= room && ofAccount <= min(bound, max(bound / 4 * 3, one))
        }
        return fits(submissions, total.submissions, ofAccount.submissions, bounds.submissions)
            && fits(recipients, total.recipients, ofAccount.recipients, bounds.recipients)
            && fits(bytes, total.bytes, ofAccount.bytes, bounds.bytes)
            && fits(units, total.units, ofAccount.units, max(bounds.units, units))
    }
}

/// What waits to be committed, counted by many threads.
final class WaitingLoad: Sendable {
    private let submissions = Atomic<Int>(0)
    private let recipients = Atomic<Int>(0)
    private let bytes = Atomic<Int>(0)
    private let units = Atomic<Int>(0)

    /// - Returns: what waits then.
    func add(_ load: SubmissionLoad) -> SubmissionLoad {
        SubmissionLoad(
            submissions: submissions.add(load.submissions, ordering: .relaxed).newValue,
            recipients: recipients.add(load.recipients, ordering: .relaxed).newValue,
            bytes: bytes.add(load.bytes, ordering: .relaxed).newValue,
            units: units.add(load.units, ordering: .relaxed).newValue)
    }

    func subtract(_ load: SubmissionLoad) {
        submissions.subtract(load.submissions, ordering: .relaxed)
        recipients.subtract(load.recipients, ordering: .relaxed)
        bytes.subtract(load.bytes, ordering: .relaxed)
        units.subtract(load.units, ordering: .relaxed)
    }
}
