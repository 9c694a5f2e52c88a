/// What the carriers' own logs say: who was sent what how often, and which status came first.
extension CrashAudit {
    /// What is inferred of answers that may have been lost as a whole.
    private struct Inference {
        /// By window: answers that cannot have arrived, and a message that shows it.
        var lost: [Int: [Int: String]] = [:]
        /// Answers of which something arrived.
        var arrived: Set<Int> = []
    }

    mutating func checkCarriers() {
        var lines: [String: [String: [CrashFacts.Submitted]]] = [:]
        for line in facts.submissions { lines[line.mobile, default: [:]][line.channel, default: []].append(line) }
        var handOuts: [String: [String: [CrashFacts.HandOut]]] = [:]
        for line in facts.handOuts where line.isReport {
            handOuts[line.mobile, default: [:]][line.channel, default: []].append(line)
        }
        for (mobile, ways) in lines.sorted(by: { $0.key < $1.key }) {
            guard let sequence = byMobile[mobile], let message = messages[sequence] else {
                complain("the carrier has \(mobile), which nobody was told is accepted")
                continue
            }
            for (channel, lines) in ways { checkRepetitions(mobile, lines, on: channel) }
            checkWays(message, ways, handOuts[mobile] ?? [:])
        }
        var inference = Inference()
        for (sequence, message) in messages.sorted(by: { $0.key < $1.key }) {
            let ways = lines[message.mobile] ?? [:]
            checkStatuses(sequence, message, ways, handOuts[message.mobile] ?? [:], &inference)
        }
        check(inference)
    }

    /// Again over the same channel only after a definite refusal, or once by the rule for what is uncertain: an answer
    /// that did not leave, or that a kill may have taken.
    private mutating func checkRepetitions(_ mobile: String, _ lines: [CrashFacts.Submitted], on channel: String) {
        var allowed = facts.channels.first { $0.name == channel }?.resends == true ? 1 : 0
        for (line, next) in zip(lines, lines.dropFirst()) where line.isAccepted || !line.isAnswered {
            let isUncertain = !line.isAnswered || line.kills < next.kills
            guard isUncertain, allowed > 0 else {
                complain("\(mobile) went to the carrier again after \(line)")
                return
            }
            allowed -= 1
            summary.resent += 1
        }
    }

    /// Over a second channel only after the first one refused it, or reported what the account's route tries again.
    private mutating func checkWays(
        _ message: Message, _ ways: [String: [CrashFacts.Submitted]], _ handOuts: [String: [CrashFacts.HandOut]]
    ) {
        guard let account = account(message.account) else { return }
        for channel in ways.keys where !account.channels.contains(channel) {
            complain("\(message.mobile) of \(account.id) went over \(channel)")
        }
        let holding = ways.filter { $0.value.contains { $0.isAccepted || !$0.isAnswered } }.keys
        guard holding.count > 1 else { return }
        summary.retried += 1
        let hasFailed = holding.contains { channel in
            (handOuts[channel] ?? []).contains { account.retryCodes.contains($0.status) }
        }
        if !hasFailed || holding.count > 2 {
            complain("\(message.mobile) went over \(holding.sorted()) without a report that says so")
        }
    }

    private mutating func checkStatuses(
        _ sequence: Int, _ message: Message, _ ways: [String: [CrashFacts.Submitted]],
        _ handOuts: [String: [CrashFacts.HandOut]], _ inference: inout Inference
    ) {
        let retryCodes = account(message.account)?.retryCodes ?? []
        let taking = ways.filter { $0.value.contains(where: \.isAccepted) }.keys.sorted()
        for segment in 1...message.segments {
            guard let status = message.status(of: segment), status != "DELETED" || !ways.isEmpty else { continue }
            let given = taking.map { channel in
                (handOuts[channel] ?? []).filter { line in
                    facts.channels.first { $0.name == channel }?.reportsSegments == false
                        || Self.segment(line.msgid) == segment
                }
            }
            let isRight: Bool
            switch given.count {
            case 0: isRight = status == "EXPIRED" || status == "REJECTD"
            case 1:
                // One that was to be tried again may have ended on its way to the other channel: then its reports
                // may all have arrived, and nothing can be inferred of their answers.
                let isOnItsWay = given[0].contains { retryCodes.contains($0.status) }
                isRight =
                    isOnItsWay && (status == "EXPIRED" || status == "REJECTD")
                    || Self.fits(status, given[0], message.mobile, &inference)
            default:
                isRight = zip(taking.indices, given).contains { index, lines in
                    let others = given.indices.filter { $0 != index }.flatMap { given[$0] }
                    var unused = Inference()
                    return others.contains { retryCodes.contains($0.status) }
                        && Self.fits(status, lines, message.mobile, &unused)
                }
            }
            if !isRight {
                complain(
                    "\(message.mobile) (\(sequence)) segment \(segment) is \(status); "
                        + (taking.isEmpty
                            ? "no carrier has it" : "\(taking) said \(given.map { $0.map(\.status) })"))
            }
        }
    }

    /// The first that surely arrived counts, or an earlier one.
    private static func fits(
        _ status: String, _ given: [CrashFacts.HandOut], _ mobile: String, _ inference: inout Inference
    ) -> Bool {
        var skipped: [CrashFacts.HandOut] = []
        for line in given {
            if line.status == status {
                // What was said only once has come with the answer that it was part of.
                if given.count == 1 { inference.arrived.insert(line.answer) }
                note(skipped, mobile, &inference)
                return true
            }
            guard line.mayBeLost || line.window != nil else { return false }
            skipped.append(line)
        }
        guard status == "EXPIRED" else { return false }
        note(skipped, mobile, &inference)
        return true
    }

    private static func note(_ skipped: [CrashFacts.HandOut], _ mobile: String, _ inference: inout Inference) {
        for line in skipped {
            guard let window = line.window else { continue }
            inference.lost[window, default: [:]][line.answer] = mobile
        }
    }

    /// An answer is lost as a whole, and at a kill no more of them than were on the wire.
    private mutating func check(_ inference: Inference) {
        for (window, answers) in inference.lost.sorted(by: { $0.key < $1.key }) {
            summary.answersLost += answers.count
            let bounds = facts.windows[window]
            if answers.count > bounds.answersMax {
                complain(
                    "\(answers.count) answers of \(bounds.channel) are lost at one kill, \(bounds.answersMax) may be: "
                        + "\(answers.values.sorted())")
            }
            for (answer, mobile) in answers where inference.arrived.contains(answer) {
                complain("the report of \(mobile) is lost, and others of the same answer are not")
            }
        }
    }
}
