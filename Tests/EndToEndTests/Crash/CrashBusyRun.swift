/// A run with all that the rules allow: a message that is tried on a second channel, one that is sent again, one that
/// was cancelled, pushes in two dialects, and two answers of a polled carrier that were on the wire at a kill.
struct CrashBusyRun {
    private var facts = CrashAuditTests.sound()

    static func facts() -> CrashFacts {
        var run = CrashBusyRun()
        run.facts.channels += [.init(name: "second"), .init(name: "again", resends: true)]
        run.facts.channels.append(.init(name: "polled", isPolled: true, reportsSegments: false))
        run.facts.windows = [.init(channel: "polled", answersMax: 2)]
        run.facts.killCount = 1
        run.addSecondChances()
        run.addPushes()
        run.addPolls()
        return run.facts
    }

    private mutating func addSecondChances() {
        add("R", 5, ["10": "DELIVRD"]) { account in
            account.channels = ["sim", "second"]
            account.retryCodes = ["UNDELIV"]
        }
        submit("10", "sim")
        submit("10", "second")
        say("10", "sim", "UNDELIV", answer: 1)
        say("10", "second", "DELIVRD", answer: 2)
        add("S", 6, ["11": "DELIVRD"]) { $0.channels = ["again"] }
        submit("11", "again", isAnswered: false)
        submit("11", "again")
        say("11", "again", "DELIVRD", answer: 3)
        add("T", 7, ["12": "DELETED"]) { $0.balance = 10 }
        facts.cancels = [.init(msgid: 7, isDone: true)]
    }

    private mutating func addPushes() {
        add("P", 8, ["13": "DELIVRD"]) { $0.push = .bySegment }
        add("Q", 9, ["14": "DELIVRD"]) { $0.push = .once }
        for mobile in ["13", "14"] {
            submit(mobile, "sim")
            say(mobile, "sim", "DELIVRD", answer: 4)
        }
        push("P", "13", isAccepted: false)
        push("P", "13", isAccepted: true, wasUnderWay: true)
        push("P", "13", isAccepted: true)
        push("Q", "14", isAccepted: false)
    }

    private mutating func addPolls() {
        add("W", 10, ["15": "EXPIRED", "16": "EXPIRED", "17": "DELIVRD"]) { $0.channels = ["polled"] }
        for (mobile, answer) in [("15", 5), ("16", 6), ("17", 7)] {
            submit(mobile, "polled")
            say(mobile, "polled", "DELIVRD", answer: answer, window: 0)
        }
    }

    /// An account with one call, of which the appliance tells how its messages ended.
    private mutating func add(
        _ id: String, _ sequence: Int, _ statuses: KeyValuePairs<String, String>,
        _ change: (inout CrashFacts.Account) -> Void
    ) {
        var account = CrashFacts.Account(
            id: id, price: 1, refundsFailed: false, opening: 10, floor: 0, balance: 10 - statuses.count)
        change(&account)
        facts.accounts.append(account)
        let recipients = statuses.map { CrashFacts.Recipient(mobile: $0.key, segments: 1, customID: "") }
        facts.calls.append(.init(account: id, recipients: recipients, outcome: .accepted(nil)))
        for (index, (mobile, status)) in statuses.enumerated() {
            facts.lookups[sequence + index] = .init(
                account: id, mobile: mobile, statuses: [1: status], isFinal: true, collected: 1)
        }
        facts.acceptedCount += statuses.count
        facts.lostCollections.append(.init(account: id, isOfReports: true, limit: statuses.count))
    }

    private mutating func submit(_ mobile: String, _ channel: String, isAnswered: Bool = true) {
        facts.submissions.append(.init(mobile: mobile, isAccepted: true, isAnswered: isAnswered, channel: channel))
    }

    private mutating func say(
        _ mobile: String, _ channel: String, _ status: String, answer: Int, window: Int? = nil
    ) {
        facts.handOuts.append(
            .init(
                isReport: true, msgid: 1, mobile: mobile, status: status, mayBeLost: false, channel: channel,
                answer: answer, window: window))
    }

    private mutating func push(_ account: String, _ mobile: String, isAccepted: Bool, wasUnderWay: Bool = false) {
        facts.pushes.append(
            .init(
                account: account, mobile: mobile, segment: 1, isDelivered: true, isAccepted: isAccepted,
                wasUnderWay: wasUnderWay))
    }
}
