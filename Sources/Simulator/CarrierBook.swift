import Dialects
import Messaging

/// All that a simulated carrier knows. A value; `SimulatedCarrier` guards it, and its calls take whole submissions
/// and whole answers, so that the guard is held rarely and shortly.
struct CarrierBook {
    private let accessNumber: String
    private var generator: SplitMix64
    private var nextSequence: MessageSequence
    private var usual: DelayedQueue
    private var slow: DelayedQueue
    private var late: DelayedQueue
    private var pool: ReportPool
    private var dice: FaultDice
    private var dueReplies = ChunkedQueue<SubmittedMessage>()
    private(set) var log: SubmissionLog
    private var calls = 0
    private var messages = 0
    private var refused = 0
    private var reportsGiven = 0
    private var repliesGiven = 0
    private let lateAnswerDelay: Int64

    /// What the numbers of a submission have decided.
    struct Endings {
        /// It is refused as a whole.
        var isRefused = false
        /// The connection is closed in the place of an answer.
        var isUnanswered = false
        /// The answer comes later than a report.
        var isLate = false
    }

    /// What is to be done with a submission.
    struct Verdict {
        enum Decision {
            case accepted(Acceptance)
            /// As a whole; `code` is the `result` of `OperatorV2`.
            case refused(Rejection, code: Int)
        }

        let decision: Decision
        let answer: AnswerFate
        /// How long the answer waits, in milliseconds.
        let delay: Int64

        var isRefused: Bool { if case .refused = decision { true } else { false } }
    }

    init(_ configuration: SimulatorConfiguration) {
        accessNumber = configuration.accessNumber
        let seed = configuration.seed ?? UInt64.random(in: .min ... .max)
        generator = SplitMix64(seed: seed)
        dice = FaultDice(configuration.faults, seed: seed)
        nextSequence = MessageSequence(Int64.random(in: 1...MessageID.sequenceMax / 2, using: &generator))
        usual = DelayedQueue(delay: configuration.reportDelay)
        slow = DelayedQueue(delay: configuration.slowReportDelay)
        late = DelayedQueue(delay: configuration.reportDelay * 4 + 500)
        pool = ReportPool(
            repetitionDelay: configuration.reportDelay + 100, isShuffled: configuration.faults.isReordering)
        lateAnswerDelay = configuration.lateAnswerDelay
        log = SubmissionLog(entriesMax: configuration.logEntriesMax)
    }

    // MARK: In

    mutating func countCall() { calls += 1 }

    mutating func countRefusal() { refused += 1 }

    /// Takes a submission in, or, if it is refused, writes down that it was not.
    ///
    /// - Returns: what to answer; and all its messages, for the log file.
    mutating func receive(
        _ submission: Submission, call: String, endings: Endings, at now: Timestamp
    ) -> (verdict: Verdict, messages: [SubmittedMessage]) {
        let fate = dice.nextSubmission()
        let isRefused = endings.isRefused || fate.isRefused
        let count = submission.recipientCount
        let customID = customID(of: submission)
        let firstID = isRefused ? MessageID(sequence: 0) : takeIDs(count)
        var received: [SubmittedMessage] = []
        received.reserveCapacity(count)
        for part in submission.parts {
            let ownID = part.customID.isEmpty ? customID : part.customID
            let spno = fullNumber(part.accessExtension)
            let shared = SubmittedPart(
                part, customID: ownID, requestID: firstID, accessNumber: spno, submittedAt: now)
            for recipient in part.recipients {
                let id = isRefused ? firstID : firstID.advanced(by: received.count)
                var common = shared
                if case .invalid(let text) = recipient {
                    common = SubmittedPart(
                        part, customID: ownID, requestID: firstID, accessNumber: spno, submittedAt: now,
                        invalidNumber: text)
                }
                received.append(SubmittedMessage(id: id, recipient: recipient, part: common))
            }
        }
        for message in received {
            log.append(message, call: call, isRefused: isRefused)
            if !isRefused { file(message, isEarly: fate.isEarly) }
        }
        let slowDelay = fate.isSlow ? dice.faults.slowDelay : 0
        if isRefused {
            refused += 1
            let decision: Verdict.Decision =
                endings.isRefused
                ? .refused(.numberInvalid, code: OperatorV2.resultCode(for: .numberInvalid))
                : .refused(.tooManyConnections, code: dice.faults.failCode)
            return (Verdict(decision: decision, answer: .sent, delay: slowDelay), received)
        }
        messages += count
        let verdict = Verdict(
            decision: .accepted(Acceptance(firstID: firstID, customID: customID)),
            answer: endings.isUnanswered ? .lost : fate.answer,
            delay: max(slowDelay, endings.isLate || fate.isEarly ? lateAnswerDelay : 0))
        return (verdict, received)
    }

    private mutating func file(_ message: SubmittedMessage, isEarly: Bool) {
        switch message.ending {
        case .unreported: break
        case .slow: slow.append(message)
        case .early: makeDue(message)
        case _ where isEarly: makeDue(message)
        case _ where dice.reportPlan(of: message.id).isLate: late.append(message)
        default: usual.append(message)
        }
    }

    /// The garbage that a poll is answered with instead.
    mutating func nextPollGarbage() -> Garbage? { dice.nextPoll() }

    /// The first part's, or one made for the whole submission.
    private mutating func customID(of submission: Submission) -> String {
        if let given = submission.parts.first?.customID, !given.isEmpty { return given }
        return "sim" + String(generator.next(), radix: 16)
    }

    /// Consecutive ids; the sequence starts again when it has come to its end.
    private mutating func takeIDs(_ count: Int) -> MessageID {
        if (nextSequence + Int64(count)).rawValue > MessageID.sequenceMax { nextSequence = 1 }
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
        while let message = late.popDue(at: now) { makeDue(message) }
        pool.promote(now)
    }

    private mutating func makeDue(_ message: SubmittedMessage) {
        let plan = dice.reportPlan(of: message.id)
        let copies = message.ending == .twice || plan.repetition == .atOnce ? 2 : 1
        let isToRepeat = plan.repetition == .later || plan.repetition == .laterOtherwise
        for copy in 1...copies {
            for segment in 1...message.part.segments {
                pool.append(
                    DueReport(
                        message: message, segment: UInt8(clamping: segment), isFailed: plan.isFailed,
                        isToRepeat: isToRepeat && copy == 1))
            }
        }
        if message.ending == .replying { dueReplies.append(message) }
    }

    /// At most `limit` reports that are due, and the number of the first one among all that is handed out.
    mutating func takeReports(
        limit: Int, grain: ReportGrain, at now: Timestamp
    ) -> (first: Int, reports: [DueReport]) {
        promote(now)
        let first = reportsGiven + repliesGiven + 1
        let reports = pool.take(limit, grain: grain, at: now, dice: &dice)
        reportsGiven += reports.count
        return (first, reports)
    }

    /// At most `limit` replies that are due, with ids of their own; they are not given again. And the number of the
    /// first one among all that is handed out.
    mutating func takeReplies(limit: Int, at now: Timestamp) -> (first: Int, replies: [CustomerReply]) {
        promote(now)
        let first = reportsGiven + repliesGiven + 1
        var replies: [CustomerReply] = []
        while replies.count < limit, let message = dueReplies.popFirst() {
            replies.append(
                CustomerReply(
                    id: takeIDs(1), mobile: message.mobile, accessNumber: message.part.accessNumber,
                    accessExtension: message.part.accessExtension, receivedAt: now, content: "T"))
        }
        repliesGiven += replies.count
        return (first, replies)
    }

    mutating func statistics(at now: Timestamp) -> SimulatorStatistics {
        promote(now)
        return SimulatorStatistics(
            calls: calls, messages: messages, refused: refused,
            messagesWaiting: usual.waiting.count + slow.waiting.count + late.waiting.count + pool.repetitionsWaiting,
            reportsReady: pool.count, reportsGiven: reportsGiven, repliesReady: dueReplies.count,
            repliesGiven: repliesGiven)
    }
}
