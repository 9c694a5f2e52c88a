import Messaging

/// A report of one segment, to be given out: 32 bytes.
struct DueReport {
    let message: SubmittedMessage
    let segment: UInt8
    var isFailed = false
    /// Says something else than the first one did.
    var isChanged = false
    /// It is to come once more after it was given out.
    var isToRepeat = false

    var status: DeliveryStatus {
        let usual = message.ending.status
        let first = isFailed && usual.isDelivered ? DeliveryStatus.undeliverable : usual
        guard isChanged else { return first }
        return first.isDelivered ? .undeliverable : .delivered
    }

    func report(at now: Timestamp, _ grain: ReportGrain) -> CustomerReport {
        message.report(segment: grain == .segment ? Int(segment) : nil, status: status, at: now)
    }
}

/// Reports that are due, and those that are to come once more; first in, first out, or shuffled.
struct ReportPool {
    /// From a report to its repetition, in milliseconds.
    private let repetitionDelay: Int64
    private let isShuffled: Bool
    private var inOrder = ChunkedQueue<DueReport>()
    private var shuffled: [DueReport] = []
    private var repetitions = ChunkedQueue<(report: DueReport, dueAt: Timestamp)>()

    init(repetitionDelay: Int64, isShuffled: Bool) {
        self.repetitionDelay = repetitionDelay
        self.isShuffled = isShuffled
    }

    /// How many may be taken.
    var count: Int { inOrder.count + shuffled.count }
    /// How many are to come once more and are not due.
    var repetitionsWaiting: Int { repetitions.count }

    mutating func append(_ report: DueReport) {
        if isShuffled { shuffled.append(report) } else { inOrder.append(report) }
    }

    mutating func promote(_ now: Timestamp) {
        while let next = repetitions.first, next.dueAt <= now, let (report, _) = repetitions.popFirst() {
            append(report)
        }
    }

    /// At most `limit` reports; they are not given again, but for those that are to be repeated. By message, only first
    /// segments' are given; all segments of a message end alike.
    mutating func take(_ limit: Int, grain: ReportGrain, at now: Timestamp, dice: inout FaultDice) -> [DueReport] {
        var taken: [DueReport] = []
        taken.reserveCapacity(min(limit, count))
        while taken.count < limit, let report = takeOne(&dice) {
            if grain == .message, report.segment != 1 { continue }
            taken.append(report)
            guard report.isToRepeat else { continue }
            var again = report
            again.isToRepeat = false
            again.isChanged = dice.reportPlan(of: report.message.id).repetition == .laterOtherwise
            repetitions.append((again, now.adding(milliseconds: repetitionDelay)))
        }
        return taken
    }

    private mutating func takeOne(_ dice: inout FaultDice) -> DueReport? {
        guard isShuffled else { return inOrder.popFirst() }
        guard !shuffled.isEmpty else { return nil }
        shuffled.swapAt(dice.nextPlace(below: shuffled.count), shuffled.count - 1)
        return shuffled.popLast()
    }
}
