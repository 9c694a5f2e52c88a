import Messaging

/// The balances that charges are taken from, as a pure rule: a charge is taken before its commit and given back if
/// there is none, so no balance ever passes its floor.
struct Balances {
    private var amounts: [AccountKey: Int64] = [:]

    /// Sets what an account has, when it is loaded.
    mutating func open(_ account: AccountKey, balance: Int64) { amounts[account] = balance }

    func balance(_ account: AccountKey) -> Int64 { amounts[account] ?? 0 }

    /// Takes `amount`; false, and nothing taken, when the balance would pass the account's floor.
    mutating func take(_ amount: Int64, from account: AccountKey, floor: Int64) -> Bool {
        guard amount > 0 else { return true }
        let (rest, overflow) = (amounts[account] ?? 0).subtractingReportingOverflow(amount)
        guard !overflow, rest >= floor else { return false }
        amounts[account] = rest
        return true
    }

    mutating func give(_ amount: Int64, to account: AccountKey) { amounts[account, default: 0] += amount }
}
