import Dialects
import Messaging

/// All that a simulated carrier knows. A value; `SimulatedCarrier` guards it, and its calls take whole submissions
/// and whole answers, so that the guard is held rarely and shortly.
struct CarrierBook {
    private let accessNumber: String
    private var generator: SplitMix64
    private var nextSequence: Int64
    private var usual: DelayedQueue
    private var slow: DelayedQueue
    /// Reports that may be given out.
    private var due = ChunkedQueue<SubmittedMessage>()
    private var dueSegments = 0
    /// A message of which only some segments were given out.
    private var begun: (message: SubmittedMessage, segmentsGiven: Int)?
    private var dueReplies = ChunkedQueue<SubmittedMessage>()
    private(set) var log: SubmissionLog
    private var calls = 0
    private var messages = 0
    private var refused = 0
    private var reportsGiven = 0
    private var repliesGiven = 0

    /// Segments `first...` of a message, `count` of them.
    struct ReportRun {
        let message: SubmittedMessage
        let first: Int
        let count: Int
    }

    init(_ configuration: SimulatorConfiguration) {
        accessNumber = configuration.accessNumber
        generator = SplitMix64(seed: configuration.seed ?? UInt64.random(in: .min ... .max))
        nextSequence = Int64.random(in: 1...MessageID.sequenceMax / 2, using: &generator)
        usual = DelayedQueue(delay: configuration.reportDelay)
        slow = DelayedQueue(delay: configuration.slowReportDelay)
        log = SubmissionLog(entriesMax: configuration.logEntriesMax)
    }

    // MARK: In

    mutating func countCall() { calls += 1 }

    mutating func countRefusal() { refused += 1 }

    /// Takes a submission in, or, if one of its numbers is refused, writes down that it was not.
    ///
    /// - Returns: what to answer, nil when it is refused; and all its messages, for the log file.
    mutating func receive(
        _ submission: Submission, call: OperatorV2.Operation, isRefused: Bool, at now: Timestamp
    ) -> (acceptance: Acceptance?, messages: [SubmittedMessage]) {
        let count = submission.recipientCount
        let customID = customID(of: submission)
        let firstID = isRefused ? MessageID(sequence: 0) : takeIDs(count)
        var received: [SubmittedMessage] = []
        received.reserveCapacity(count)
        for part in submission.parts {
            let ownID = part.customID.isEmpty ? customID : part.customID
            let spno = fullNumber(part.accessExtension)
            let shared = SubmittedPart(part, customID: ownID, accessNumber: spno, submittedAt: now)
            for recipient in part.recipients {
                let id = isRefused ? firstID : firstID.advanced(by: received.count)
                var common = shared
                if case .invalid(let text) = recipient {
                    common = SubmittedPart(
                        part, customID: ownID, accessNumber: spno, submittedAt: now, invalidNumber: text)
                }
                received.append(SubmittedMessage(id: id, recipient: recipient, part: common))
            }
        }
        for message in received {
            log.append(message, call: call, isRefused: isRefused)
            if !isRefused { file(message) }
        }
        if isRefused {
            refused += 1
            return (nil, received)
        }
        messages += count
        return (Acceptance(firstID: firstID, customID: customID), received)
    }

    private mutating func file(_ message: SubmittedMessage) {
        switch message.ending {
        case .unreported: break
        case .slow: slow.append(message)
        case .early: makeDue(message)
        default: usual.append(message)
        }
    }

    /// The first part's, or one made for the whole submission (seed 002 §2.1.6).
    private mutating func customID(of submission: Submission) -> String {
        if let given = submission.parts.first?.customID, !given.isEmpty { return given }
        return "sim" + String(generator.next(), radix: 16)
    }

    /// Consecutive ids; the sequence starts again when it has come to its end.
    private mutating func takeIDs(_ count: Int) -> MessageID {
        if nextSequence + Int64(count) > MessageID.sequenceMax { nextSequence = 1 }
        defer { nextSequence += Int64(count) }
        return MessageID(sequence: nextSequence)
    }

    private func fullNumber(_ accessExtension: String) -> String {
        Channel(name: "", accessNumber: accessNumber)
            .fullNumber(accountExtension: "", customerExtension: accessExtension)
    }

    // MARK: Out

    private mutating func promote(_ now: Timestamp) {
        while let message = usual.popDue(at: now) { makeDue(message) }
        while let message = slow.popDue(at: now) { makeDue(message) }
    }

    private mutating func makeDue(_ message: SubmittedMessage) {
        due.append(message)
        dueSegments += message.part.segments * message.reportCopies
        if message.ending == .replying { dueReplies.append(message) }
    }

    /// At most `limit` reports that are due; they are not given again.
    mutating func takeReports(limit: Int, at now: Timestamp) -> [ReportRun] {
        promote(now)
        var runs: [ReportRun] = []
        var left = min(limit, dueSegments)
        dueSegments -= left
        reportsGiven += left
        while left > 0 {
            guard let (message, given) = begun ?? due.popFirst().map({ (message: $0, segmentsGiven: 0) }) else { break }
            let total = message.part.segments
            let at = given % total
            let count = min(left, total - at)
            runs.append(ReportRun(message: message, first: at + 1, count: count))
            left -= count
            begun = given + count < total * message.reportCopies ? (message, given + count) : nil
        }
        return runs
    }

    /// At most `limit` replies that are due, with ids of their own; they are not given again.
    mutating func takeReplies(limit: Int, at now: Timestamp) -> [CustomerReply] {
        promote(now)
        var replies: [CustomerReply] = []
        while replies.count < limit, let message = dueReplies.popFirst() {
            replies.append(
                CustomerReply(
                    id: takeIDs(1), mobile: message.mobile, accessNumber: message.part.accessNumber,
                    accessExtension: message.part.accessExtension, receivedAt: now, content: "T"))
        }
        repliesGiven += replies.count
        return replies
    }

    mutating func statistics(at now: Timestamp) -> SimulatorStatistics {
        promote(now)
        return SimulatorStatistics(
            calls: calls, messages: messages, refused: refused,
            messagesWaiting: usual.waiting.count + slow.waiting.count, reportsReady: dueSegments,
            reportsGiven: reportsGiven, repliesReady: dueReplies.count, repliesGiven: repliesGiven)
    }
}
