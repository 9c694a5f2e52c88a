/// What customers have pushed.
extension CrashAudit {
    private struct Unit: Hashable {
        var mobile: String
        var segment: Int
    }

    /// What is pushed once goes out so many at a time.
    private static let singlesAtOnce = 16

    mutating func checkPushes() {
        var units: [String: [Unit: [CrashFacts.Push]]] = [:]
        for push in facts.pushes {
            summary.pushes += 1
            guard let sequence = byMobile[push.mobile], messages[sequence]?.account == push.account else {
                complain("\(push.account) was pushed a report of \(push.mobile), to whom it did not send")
                continue
            }
            let segment = account(push.account)?.push == .bySegment ? push.segment : 1
            let unit = Unit(mobile: push.mobile, segment: segment)
            units[push.account, default: [:]][unit, default: []].append(push)
        }
        for account in facts.accounts {
            guard let kind = account.push else { continue }
            check(units[account.id] ?? [:], of: account, kind)
        }
    }

    private mutating func check(
        _ units: [Unit: [CrashFacts.Push]], of account: CrashFacts.Account, _ kind: CrashFacts.Pushing
    ) {
        var missing = 0
        for (sequence, message) in messages.sorted(by: { $0.key < $1.key }) where message.account == account.id {
            for segment in 1...(kind == .bySegment ? message.segments : 1) {
                let pushes = units[Unit(mobile: message.mobile, segment: segment)] ?? []
                // A message is delivered when all of it is.
                let statuses = kind == .bySegment ? [segment] : Array(1...message.segments)
                let isDelivered = statuses.allSatisfy { message.status(of: $0) == "DELIVRD" }
                if pushes.contains(where: { $0.isDelivered != isDelivered }) {
                    complain("\(message.mobile) (\(sequence)) was pushed as something else than it is")
                }
                if kind == .once {
                    if pushes.count > 1 { complain("\(message.mobile) was pushed \(pushes.count) times, not once") }
                    if pushes.isEmpty { missing += 1 }
                } else {
                    let accepted = pushes.filter(\.isAccepted)
                    if accepted.isEmpty { complain("\(message.mobile) (\(sequence)) was never pushed with success") }
                    if accepted.dropLast().contains(where: { !$0.wasUnderWay }) {
                        complain("\(message.mobile) was pushed again after it was accepted")
                    }
                }
            }
        }
        // What is pushed once counts as collected before its attempt: a kill may take those that were under way.
        let excused = facts.killCount * Self.singlesAtOnce
        if missing > excused {
            complain("\(missing) reports were never pushed to \(account.id), \(excused) may not have been")
        }
    }
}
