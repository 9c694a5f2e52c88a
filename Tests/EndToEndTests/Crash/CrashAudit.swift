/// Compares what happened with what was promised, and lists every difference. A pure function of the facts.
struct CrashAudit {
    let facts: CrashFacts
    private(set) var differences: [String] = []
    /// What the run came to.
    var summary = Summary()

    struct Summary {
        var accepted = 0
        var refused = 0
        /// Calls without an answer that were kept, and that were not.
        var keptUnanswered = 0
        var droppedUnanswered = 0
        var delivered = 0
        var expired = 0
        var uncollected = 0
        var cancelled = 0
        /// Sent over a second channel, and over the same one again.
        var retried = 0
        var resent = 0
        var pushes = 0
        /// Answers of polled carriers that did not arrive.
        var answersLost = 0
    }

    /// What is known of a message.
    struct Message {
        var account: String
        var mobile: String
        var segments: Int
        var customID: String
        /// By segment.
        var statuses: [Int: String] = [:]
        /// By its account of the appliance, where reports of it were lost on their way to the customer.
        var lookup: CrashFacts.Lookup?

        var isReported: Bool { statuses.count == segments }
        func status(of segment: Int) -> String? { statuses[segment] ?? lookup?.statuses[segment] }
    }

    /// From the id of a segment to that of the next.
    static let stride = 17_179_869_184
    private static let segmentsMax = 16

    /// A message's sequence, of the id of any of its segments.
    static func sequence(_ msgid: Int) -> Int { msgid - (segment(msgid) - 1) * stride }
    /// 1-based.
    static func segment(_ msgid: Int) -> Int { msgid / stride % segmentsMax + 1 }

    private(set) var messages: [Int: Message] = [:]
    private(set) var byMobile: [String: Int] = [:]
    private var reported: [Int: [CrashFacts.Report]] = [:]

    init(_ facts: CrashFacts) {
        self.facts = facts
        for report in facts.reports { reported[Self.sequence(report.msgid), default: []].append(report) }
        placeCalls()
        checkReports()
        checkPresence()
        checkCancels()
        checkCarriers()
        checkPushes()
        checkReplies()
        checkMoney()
    }

    /// Messages of which the appliance must be asked: accepted, and not told of by the reports that were collected.
    static func untold(_ facts: CrashFacts) -> [Int] {
        guard facts.acceptedCount > 0 else { return [] }
        var segments: [Int: Set<Int>] = [:]
        var totals: [Int: Int] = [:]
        for report in facts.reports {
            segments[sequence(report.msgid), default: []].insert(report.segment)
            totals[sequence(report.msgid)] = report.segments
        }
        return (1...facts.acceptedCount).filter { segments[$0, default: []].count != totals[$0, default: 1] }
    }

    mutating func complain(_ words: String) { differences.append(words) }

    // MARK: Calls

    /// Finds the messages of each call: by the id in its answer, else by any trace of its numbers.
    private mutating func placeCalls() {
        var places: [String: Int] = [:]
        for (sequence, reports) in reported { for report in reports { places[report.mobile] = sequence } }
        for (sequence, lookup) in facts.lookups { places[lookup.mobile] = sequence }
        for call in facts.calls {
            switch call.outcome {
            case .accepted(let first?):
                summary.accepted += 1
                place(call, at: first)
            case .accepted(nil):
                summary.accepted += 1
                if !place(call, byTraces: places) { complain("\(call.recipients[0].mobile) was accepted and is lost") }
            case .refused(let code):
                summary.refused += 1
                for recipient in call.recipients where places[recipient.mobile] != nil {
                    complain("\(recipient.mobile) was refused with \(code) and is there")
                }
            case .unknown:
                if place(call, byTraces: places) {
                    summary.keptUnanswered += 1
                } else {
                    summary.droppedUnanswered += 1
                }
            }
        }
    }

    /// - Returns: false when there is none of it.
    private mutating func place(_ call: CrashFacts.Call, byTraces places: [String: Int]) -> Bool {
        let traces = call.recipients.enumerated().compactMap { index, recipient in
            places[recipient.mobile].map { $0 - index }
        }
        guard let first = traces.first else { return false }
        if Set(traces).count > 1 || traces.count < call.recipients.count {
            complain(
                "a call of \(call.recipients.count) to \(call.recipients[0].mobile) …, whose id nobody was told, is "
                    + "there with \(traces.count)")
        }
        place(call, at: first)
        return true
    }

    private mutating func place(_ call: CrashFacts.Call, at first: Int) {
        for (index, recipient) in call.recipients.enumerated() {
            let sequence = first + index
            if let other = messages[sequence] {
                complain("\(sequence) was given out for \(other.mobile) and for \(recipient.mobile)")
            }
            messages[sequence] = Message(
                account: call.account, mobile: recipient.mobile, segments: recipient.segments,
                customID: recipient.customID)
            byMobile[recipient.mobile] = sequence
        }
    }

    // MARK: Reports

    private mutating func checkReports() {
        for (sequence, reports) in reported.sorted(by: { $0.key < $1.key }) {
            guard var message = messages[sequence] else {
                complain("a report of \(sequence), \(reports[0].mobile), which nobody sent")
                continue
            }
            for report in reports {
                let isRight =
                    report.mobile == message.mobile && report.account == message.account
                    && report.segments == message.segments && Self.segment(report.msgid) == report.segment
                    && (1...message.segments).contains(report.segment)
                    && (message.customID.isEmpty || report.customID == message.customID)
                if !isRight { complain("\(report) does not fit \(message)") }
                if let before = message.statuses.updateValue(report.status, forKey: report.segment) {
                    complain("\(message.mobile) segment \(report.segment) is reported \(before) and \(report.status)")
                }
            }
            messages[sequence] = message
        }
    }

    /// Every message that was accepted is final and told of, or was handed out in a collection that was cut off.
    private mutating func checkPresence() {
        var uncollected: [String: Int] = [:]
        for (sequence, var message) in messages.sorted(by: { $0.key < $1.key }) where !message.isReported {
            guard let lookup = facts.lookups[sequence] else {
                complain("\(message.mobile), accepted as \(sequence), is not there")
                continue
            }
            message.lookup = lookup
            messages[sequence] = message
            if lookup.mobile != message.mobile || lookup.account != message.account {
                complain("\(sequence) is \(lookup.account)'s \(lookup.mobile), not \(message)")
            }
            if !lookup.isFinal { complain("\(message.mobile) is not final: \(lookup)") }
            if lookup.collected != message.segments {
                complain("\(message.mobile): \(lookup.collected) of \(message.segments) reports count as collected")
            }
            // What is pushed is not collected.
            if account(message.account)?.push != nil { continue }
            uncollected[message.account, default: 0] += message.segments - message.statuses.count
        }
        summary.uncollected = uncollected.values.reduce(0, +)
        for (account, count) in uncollected {
            let window = facts.lostCollections.filter { $0.account == account && $0.isOfReports }
                .reduce(0) { $0 + $1.limit }
            if count > window { complain("\(count) reports of \(account) are lost, \(window) may be") }
        }
        if messages.count != facts.acceptedCount {
            complain("\(facts.acceptedCount) messages are there, \(messages.count) have a sender")
        }
        summary.delivered = messages.values.count { message in message.status(of: 1) == "DELIVRD" }
        summary.expired = messages.values.count { message in message.status(of: 1) == "EXPIRED" }
    }

    func account(_ id: String) -> CrashFacts.Account? { facts.accounts.first { $0.id == id } }

    // MARK: Cancellations

    /// A message that was said to be cancelled is, with its whole charge back; one that was not is not; and only a
    /// cancellation does it.
    private mutating func checkCancels() {
        var asked: [Int: Bool?] = [:]
        for cancel in facts.cancels { asked[cancel.msgid] = cancel.isDone }
        for (sequence, message) in messages.sorted(by: { $0.key < $1.key }) {
            let isDeleted = (1...message.segments).contains { message.status(of: $0) == "DELETED" }
            if isDeleted { summary.cancelled += 1 }
            let isExpected = asked[sequence] ?? false
            if let isExpected, isExpected != isDeleted {
                complain(
                    "\(message.mobile) (\(sequence)) is \(isDeleted ? "cancelled" : "not cancelled") although its "
                        + "cancellation was \(asked[sequence] == nil ? "not asked for" : "answered otherwise")")
            }
        }
    }

    // MARK: Replies

    private mutating func checkReplies() {
        var said: [String: (count: Int, surely: Int)] = [:]
        for line in facts.handOuts where !line.isReport {
            said[line.mobile, default: (0, 0)].count += 1
            if !line.mayBeLost { said[line.mobile]?.surely += 1 }
        }
        var got: [String: Int] = [:]
        for reply in facts.replies {
            got[reply.mobile, default: 0] += 1
            if byMobile[reply.mobile].flatMap({ messages[$0] })?.account != reply.account {
                complain("\(reply.account) got the reply of \(reply.mobile), to whom it did not send")
            }
        }
        for (mobile, count) in got where count > said[mobile]?.count ?? 0 {
            complain("\(mobile) replied \(said[mobile]?.count ?? 0) times, and \(count) replies were collected")
        }
        var missing: [String: Int] = [:]
        for (mobile, said) in said {
            guard let account = byMobile[mobile].flatMap({ messages[$0] })?.account else { continue }
            missing[account, default: 0] += max(0, said.surely - got[mobile, default: 0])
        }
        for (account, count) in missing {
            let window = facts.lostCollections.filter { $0.account == account && !$0.isOfReports }
                .reduce(0) { $0 + $1.limit }
            if count > window { complain("\(count) replies to \(account) are lost, \(window) may be") }
        }
    }

    // MARK: Money

    private mutating func checkMoney() {
        if !facts.ledgerIsSound { complain("a balance is not its ledger's sum") }
        var charged: [String: Int] = [:]
        for message in messages.values {
            guard let account = facts.accounts.first(where: { $0.id == message.account }) else { continue }
            for segment in 1...message.segments where message.status(of: segment) != nil {
                let status = message.status(of: segment)
                let isGivenBack =
                    status == "REJECTD" || status == "DELETED" || (account.refundsFailed && status != "DELIVRD")
                if !isGivenBack { charged[account.id, default: 0] += account.price }
            }
        }
        for account in facts.accounts {
            let expected = account.opening - charged[account.id, default: 0]
            if account.balance != expected {
                complain("\(account.id) has \(account.balance), and should have \(expected)")
            }
            if account.balance < account.floor { complain("\(account.id) is below its floor") }
        }
    }
}
