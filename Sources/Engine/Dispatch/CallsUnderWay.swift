import Messaging

/// The calls that a channel's driver has in hand, by their attempts. A call leaves once: when its driver ends it, or
/// when it is given up because the driver took twice the time that it said it would take at most. What the driver says
/// of it after that has no reader.
struct CallsUnderWay {
    struct Entry {
        var call: ChannelScheduler.PlannedCall
        /// On the uptime clock, in milliseconds.
        var overdueAt: Int64
    }

    private var entries: [AttemptID: Entry] = [:]
    /// No entry is overdue before.
    private var nextAt = Int64.max
    /// Calls that were given up since the start.
    private(set) var givenUp = 0

    var count: Int { entries.count }

    /// - Parameters:
    ///   - durationMax: what the driver takes at most, in milliseconds.
    ///   - uptime: of the uptime clock, which cannot be set, in milliseconds.
    mutating func begin(_ call: ChannelScheduler.PlannedCall, attempt: AttemptID, durationMax: Int64, uptime: Int64) {
        let (twice, tooLong) = max(1, durationMax).multipliedReportingOverflow(by: 2)
        let (at, tooLate) = uptime.addingReportingOverflow(twice)
        let overdueAt = tooLong || tooLate ? Int64.max : at
        entries[attempt] = Entry(call: call, overdueAt: overdueAt)
        nextAt = min(nextAt, overdueAt)
    }

    /// - Returns: false when it had left before.
    mutating func end(_ attempt: AttemptID) -> Bool { entries.removeValue(forKey: attempt) != nil }

    /// Takes out the calls that are overdue, the oldest first.
    mutating func giveUpOverdue(uptime: Int64) -> [(attempt: AttemptID, call: ChannelScheduler.PlannedCall)] {
        guard uptime >= nextAt else { return [] }
        let overdue = entries.filter { $0.value.overdueAt <= uptime }
            .sorted { ($0.value.overdueAt, $0.key) < ($1.value.overdueAt, $1.key) }
        for (attempt, _) in overdue { entries[attempt] = nil }
        nextAt = entries.values.map(\.overdueAt).min() ?? .max
        givenUp += overdue.count
        return overdue.map { ($0.key, $0.value.call) }
    }
}
