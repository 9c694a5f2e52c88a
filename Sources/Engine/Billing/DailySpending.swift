import Messaging

/// What accounts with a limit of a day were charged on it, as a pure rule. Other accounts are not counted.
struct DailySpending {
    private struct Key: Hashable {
        var account: AccountKey
        var day: Int
    }

    private var spent: [Key: Int64] = [:]
    /// The latest day; those before its day before are forgotten.
    private var latest = 0

    /// Whether `open` was called for this day.
    func isKnown(_ account: AccountKey, on day: Int) -> Bool { spent[Key(account: account, day: day)] != nil }

    /// Sets what an account was charged on a day before.
    mutating func open(_ account: AccountKey, on day: Int, spent amount: Int64) {
        if day > latest {
            let before = latest
            latest = day
            // Submissions of the day before may still be in the mailbox.
            spent = spent.filter { $0.key.day >= before }
        }
        spent[Key(account: account, day: day)] = amount
    }

    /// Counts a charge; false, and nothing counted, when it would pass `max` or the day is not known.
    mutating func take(_ amount: Int64, of account: AccountKey, on day: Int, max: Int64) -> Bool {
        guard amount > 0 else { return true }
        guard let before = spent[Key(account: account, day: day)] else { return false }
        let (sum, overflow) = before.addingReportingOverflow(amount)
        guard !overflow, sum <= max else { return false }
        spent[Key(account: account, day: day)] = sum
        return true
    }

    /// Takes back what `take` has counted.
    mutating func give(_ amount: Int64, to account: AccountKey, on day: Int) {
        guard amount > 0, let before = spent[Key(account: account, day: day)] else { return }
        spent[Key(account: account, day: day)] = before - amount
    }
}
