import Messaging

/// Which message a carrier's report speaks of.
extension Writer {
    /// Applies a carrier's report to its message.
    /// - Returns: false when it matches none.
    func apply(_ report: CarrierReport, channel: Int64, at: Timestamp) throws -> Bool {
        guard let found = try match(report, channel: channel) else { return false }
        var message = found.message
        if try isLate(message, attempt: found.attempt, channel: channel) {
            try note(
                message.sequence, at: at, kind: "late report", detail: "\(report.status.code) of the first attempt")
            return true
        }
        guard report.status.isFinal else {
            try note(message.sequence, at: at, kind: "interim report", detail: report.status.code)
            return true
        }
        if !report.status.isDelivered, try queueAgain(message, after: report.status, at: at) { return true }
        let segments = message.progress.apply(
            report.status, segment: report.segmentNumber, of: report.segmentTotal)
        guard !segments.isEmpty else {
            try note(message.sequence, at: at, kind: "repeated report", detail: report.status.code)
            return true
        }
        try record(&message, segments: segments, status: report.status, at: at, cause: .undelivered)
        return true
    }

    /// A message that a report speaks of, and which attempt of it; nil: one before the latest.
    private typealias Found = (message: StoredMessage, attempt: Int64?)

    private func match(_ report: CarrierReport, channel: Int64) throws -> Found? {
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
        guard let carrierID = report.carrierID else { return nil }
        let base = MessageID(rawValue: carrierID).sequence
        let statement = reports.selectAttemptByCarrierID
        statement.bind(1, channel)
        statement.bind(2, base)
        let found: Int64? = try {
            defer { statement.reset() }
            return try statement.next() ? statement.int(0) : nil
        }()
        guard let found, let attempt = try attempt(found) else { return nil }
        // Only the number says that it is this call: it must be one of its numbers.
        return try matchByNumber(report, in: attempt, mobile: mobile).map { ($0, found) }
    }

    /// By our own tag.
    private func match(
        _ report: CarrierReport, _ tag: CarrierTag, channel: Int64, mobile: Int64?
    ) throws -> Found? {
        if let known = tag.attempt {
            let isWhole = report.customID.utf8.first == UInt8(ascii: "m")
            let id = isWhole ? known : CarrierTag.attempt(low: known, latest: latestAttempt)
            guard let attempt = try attempt(id), attempt.channel == channel else { return nil }
            return try match(report, in: attempt, mobile: mobile, sequence: tag.sequence).map { ($0, id) }
        }
        guard let message = try message(tag.sequence), let attemptID = message.attempt,
            mobile == nil || mobile == message.mobile
        else { return nil }
        if try attempt(attemptID)?.channel == channel { return (message, attemptID) }
        return try retry(of: message.sequence)?.channel == channel ? (message, nil) : nil
    }

    private func attempt(named key: String, on channel: Int64) throws -> Int64? {
        let statement = reports.selectAttemptByCarrierKey
        statement.bind(1, channel)
        statement.bind(2, key)
        defer { statement.reset() }
        return try statement.next() ? statement.int(0) : nil
    }

    /// By the carrier's own numbering if the submit reply told us where it begins, else by the telephone number. For a
    /// report that names the call.
    /// - Parameter sequence: of our tag: the message itself, or the first of a call whose messages share the tag.
    private func match(
        _ report: CarrierReport, in attempt: StoredAttempt, mobile: Int64?, sequence: Int64? = nil
    ) throws -> StoredMessage? {
        if let message = try matchByNumber(report, in: attempt, mobile: mobile) { return message }
        guard let mobile else {
            // A masked number, or none: it is plain where there is only one message.
            guard attempt.messages.count == 1, let only = attempt.messages[0] else { return nil }
            return try message(only)
        }
        // A number may stand twice in a call of different contents; the tag tells which one it is, if it is a
        // message's own. In a call that shares its tag each number stands once.
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
            let sequence: Int64? = try {
                defer { statement.reset() }
                return try statement.next() ? statement.int(0) : nil
            }()
            if let sequence { return try message(sequence) }
        }
        if let sequence = try retried(mobile: mobile, in: attempt) { return try message(sequence) }
        return nil
    }

    private func matchByNumber(
        _ report: CarrierReport, in attempt: StoredAttempt, mobile: Int64?
    ) throws -> StoredMessage? {
        guard let first = attempt.carrierID, let carrierID = report.carrierID else { return nil }
        let offset = MessageID(rawValue: carrierID).sequence - MessageID(rawValue: first).sequence
        guard let sequence = attempt.messages[Int(offset)], let message = try message(sequence),
            mobile == nil || message.mobile == mobile
        else { return nil }
        return message
    }
}
