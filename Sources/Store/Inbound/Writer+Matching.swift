import Messaging

/// Which message a carrier's report speaks of.
extension Writer {
    /// Applies a carrier's report to its message.
    /// - Returns: `unmatched` also when it says nothing of a message: it must not end one.
    func apply(_ report: CarrierReport, channel: ChannelKey, at: Timestamp) throws -> ReportFate {
        guard report.status != .missing else { return .unmatched }
        guard let found = try match(report, channel: channel) else { return .unmatched }
        let message = found.message
        if try isLate(message, attempt: found.attempt, channel: channel) {
            let words = "\(report.status.code) of the first attempt"
            return try apply(.reportedLate, words, to: message, at: at) ? .applied : .repeated
        }
        guard report.status.isFinal else {
            return try apply(.reportedInterim, report.status.code, to: message, at: at) ? .applied : .repeated
        }
        if let route = try otherChannel(for: message, after: report.status, at: at) {
            try queueAgain(message, after: report, by: route, at: at)
            return .applied
        }
        let event = MessageEvent.reported(
            report.status, segment: report.segmentNumber, of: report.segmentTotal, another: false)
        return try apply(event, report.status.code, to: message, at: at) ? .applied : .repeated
    }

    /// - Returns: whether the report said anything new of its message.
    private func apply(
        _ event: MessageEvent, _ detail: String, to message: StoredMessage, at: Timestamp
    ) throws -> Bool {
        guard let changes = message.life.changes(on: event, at: at) else { return false }
        guard let kind = changes.note else {
            try apply(changes, to: message, at: at)
            return true
        }
        let isNew = try noteRepeatable(message.sequence, at: at, kind: kind.rawValue, detail: detail)
        return isNew && kind != .repeatedReport
    }

    /// A message that a report speaks of, and which attempt of it; nil: one before the latest.
    private typealias Found = (message: StoredMessage, attempt: AttemptID?)

    private func match(_ report: CarrierReport, channel: ChannelKey) throws -> Found? {
        let mobile = PhoneNumber(report.mobile)?.rawValue
        if let tag = CarrierTag(report.customID) {
            if let found = try match(report, tag, channel: channel, mobile: mobile) { return found }
            // Twenty digits may also be a name that others have made.
            if report.customID.utf8.first == UInt8(ascii: "m") { return nil }
        }
        if let key = report.carrierKey, let id = try attempt(named: key, on: channel), let attempt = try attempt(id),
            let message = try match(report, in: attempt, mobile: mobile)
        {
            return (message, id)
        }
        for number in report.carrierNumbers {
            // Only the number says that it is this call: it must be one of its numbers.
            guard let found = try attempt(numberedUpTo: number, on: channel), let attempt = try attempt(found),
                let message = try matchByNumber(report, in: attempt, mobile: mobile)
            else { continue }
            return (message, found)
        }
        return nil
    }

    /// The attempt whose first message has this number of the carrier's, or the next lower one that there is.
    private func attempt(numberedUpTo number: Int64, on channel: ChannelKey) throws -> AttemptID? {
        let statement = reports.selectAttemptByCarrierID
        statement.bind(1, channel)
        statement.bind(2, number)
        defer { statement.reset() }
        return try statement.next() ? statement.id(0) : nil
    }

    /// By our own tag.
    private func match(
        _ report: CarrierReport, _ tag: CarrierTag, channel: ChannelKey, mobile: Int64?
    ) throws -> Found? {
        if let known = tag.attempt {
            let isWhole = report.customID.utf8.first == UInt8(ascii: "m")
            let id = isWhole ? known : CarrierTag.attempt(low: known, latest: latestAttempt)
            guard let attempt = try attempt(id), attempt.channel == channel else { return nil }
            let sequence = isWhole ? tag.sequence : attempt.messages.sequence(numbered: tag.sequence.rawValue)
            return try match(report, in: attempt, mobile: mobile, sequence: sequence).map { ($0, id) }
        }
        guard let message = try message(tag.sequence), let attemptID = message.attempt,
            mobile == nil || mobile == message.mobile
        else { return nil }
        if try attempt(attemptID)?.channel == channel { return (message, attemptID) }
        return try retry(of: message.sequence)?.channel == channel ? (message, nil) : nil
    }

    private func attempt(named key: String, on channel: ChannelKey) throws -> AttemptID? {
        let statement = reports.selectAttemptByCarrierKey
        statement.bind(1, channel)
        statement.bind(2, key)
        defer { statement.reset() }
        return try statement.next() ? statement.id(0) : nil
    }

    /// By the carrier's own numbering if the submit reply told us where it begins, else by the telephone number. For a
    /// report that names the call.
    /// - Parameter sequence: of our tag: the message itself, or the first of a call whose messages share the tag.
    private func match(
        _ report: CarrierReport, in attempt: StoredAttempt, mobile: Int64?, sequence: MessageSequence? = nil
    ) throws -> StoredMessage? {
        if let message = try matchByNumber(report, in: attempt, mobile: mobile) { return message }
        guard let mobile else {
            // A masked number, or none: it is plain where there is only one message.
            guard attempt.messages.count == 1, let only = attempt.messages[0] else { return nil }
            return try message(only)
        }
        // A number may be twice in a call of different contents; the tag identifies the message, if it is a
        // message's own. In a call that shares its tag each number is only once.
        if let sequence, let message = try message(sequence), message.attempt == attempt.id, message.mobile == mobile {
            return message
        }
        for run in attempt.messages.runs {
            let statement = reports.findByMobile
            statement.bind(1, run.first)
            statement.bind(2, run.last)
            statement.bind(3, mobile)
            statement.bind(4, attempt.id)
            // One that was uncertain and went out over this channel again: the first report of either counts.
            statement.bind(5, attempt.channel)
            let sequence: MessageSequence? = try {
                defer { statement.reset() }
                return try statement.next() ? statement.id(0) : nil
            }()
            if let sequence { return try message(sequence) }
        }
        if let sequence = try retried(mobile: mobile, in: attempt) { return try message(sequence) }
        return nil
    }

    private func matchByNumber(
        _ report: CarrierReport, in attempt: StoredAttempt, mobile: Int64?
    ) throws -> StoredMessage? {
        guard let first = attempt.carrierID else { return nil }
        for number in report.carrierNumbers {
            let (offset, isOutside) = number.subtractingReportingOverflow(first)
            guard !isOutside, let sequence = attempt.messages[Int(offset)], let message = try message(sequence),
                mobile == nil || message.mobile == mobile
            else { continue }
            return message
        }
        return nil
    }
}

extension CarrierReport {
    /// What the carrier may have numbered the message itself with: its id without (segment − 1) × 2³⁴, which wraps as
    /// the ids do; else the id as it is, of carriers that give all segments one.
    fileprivate var carrierNumbers: [Int64] {
        guard let carrierID else { return [] }
        guard let segmentNumber, segmentNumber > 1 else { return [carrierID] }
        let added = Int64(truncatingIfNeeded: segmentNumber - 1) &* MessageID.segmentStride
        return [carrierID &- added, carrierID]
    }
}
