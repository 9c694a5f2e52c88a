import Testing

/// The audit itself: it is silent over a run without a fault, and complains of each fault that is put into one.
@Suite struct CrashAuditTests {
    /// Four calls: two accepted, one refused, one unanswered of which nothing was kept.
    static func sound() -> CrashFacts {
        var facts = CrashFacts()
        facts.accounts = [
            .init(id: "A", price: 10, refundsFailed: false, opening: 1000, floor: 0, balance: 1000 - 40),
            .init(id: "B", price: 1, refundsFailed: true, opening: 0, floor: -100, balance: -1),
        ]
        facts.calls = [
            .init(
                account: "A",
                recipients: [
                    .init(mobile: "1", segments: 2, customID: "c"), .init(mobile: "2", segments: 2, customID: "c"),
                ], outcome: .accepted(1)),
            .init(account: "A", recipients: [.init(mobile: "3", segments: 1, customID: "")], outcome: .refused("-1")),
            .init(
                account: "B",
                recipients: [
                    .init(mobile: "4", segments: 1, customID: ""), .init(mobile: "5", segments: 1, customID: ""),
                ], outcome: .unknown),
            .init(account: "B", recipients: [.init(mobile: "6", segments: 1, customID: "")], outcome: .unknown),
        ]
        func report(
            _ account: String, _ sequence: Int, _ mobile: String, _ segment: Int, of segments: Int, _ status: String
        )
            -> CrashFacts.Report
        {
            .init(
                account: account, msgid: sequence + (segment - 1) * CrashAudit.stride, mobile: mobile,
                customID: account == "A" ? "c" : "made", segment: segment, segments: segments, status: status)
        }
        facts.reports = [
            report("A", 1, "1", 1, of: 2, "DELIVRD"), report("A", 1, "1", 2, of: 2, "DELIVRD"),
            report("A", 2, "2", 1, of: 2, "EXPIRED"), report("A", 2, "2", 2, of: 2, "EXPIRED"),
            report("B", 3, "4", 1, of: 1, "MK:0001"), report("B", 4, "5", 1, of: 1, "DELIVRD"),
        ]
        facts.replies = [.init(account: "A", mobile: "1")]
        facts.acceptedCount = 4
        let once = { (mobile: String) in
            CrashFacts.Submitted(mobile: mobile, isAccepted: true, isAnswered: true)
        }
        let refused = CrashFacts.Submitted(mobile: "4", isAccepted: false, isAnswered: true)
        facts.submissions = [once("1"), refused, once("4"), once("5")]
        let say = { (msgid: Int, mobile: String, status: String) in
            CrashFacts.HandOut(isReport: true, msgid: msgid, mobile: mobile, status: status, mayBeLost: false)
        }
        facts.handOuts = [
            say(901, "1", "DELIVRD"), say(901 + CrashAudit.stride, "1", "DELIVRD"), say(902, "4", "MK:0001"),
            say(903, "5", "DELIVRD"),
            .init(isReport: false, msgid: 904, mobile: "1", status: "", mayBeLost: false),
        ]
        return facts
    }

    @Test func `a run without a fault has no difference`() {
        let audit = CrashAudit(Self.sound())
        #expect(audit.differences == [])
        #expect(audit.summary.accepted == 1)
        #expect(audit.summary.keptUnanswered == 1)
        #expect(audit.summary.droppedUnanswered == 1)
        #expect(CrashAudit.untold(Self.sound()) == [])
    }

    struct Doctoring: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout CrashFacts) -> Void
        init(_ name: String, _ change: @escaping @Sendable (inout CrashFacts) -> Void) {
            testDescription = name
            self.change = change
        }
    }

    private static let doctorings = [
        Doctoring("a lost message") { facts in facts.reports.removeAll { $0.mobile == "1" } },
        Doctoring("a doubled message: sent twice") { $0.submissions.append($0.submissions[0]) },
        Doctoring("a doubled message: accepted twice") { facts in
            facts.calls.append(facts.calls[0])
        },
        Doctoring("sent again after a refusal that did not arrive") { $0.submissions[1].isAnswered = false },
        Doctoring("a doubled report") { $0.reports.append($0.reports[0]) },
        Doctoring("a doubled report with another status") { facts in
            facts.reports.append(facts.reports[0])
            facts.reports[6].status = "UNDELIV"
        },
        Doctoring("a lost segment") { $0.reports.remove(at: 1) },
        Doctoring("a refused message that is there") { facts in
            facts.reports.append(facts.reports[5])
            facts.reports[6].mobile = "3"
        },
        Doctoring("half of an unanswered call") { facts in
            facts.reports.removeAll { $0.mobile == "5" }
            facts.submissions.removeAll { $0.mobile == "5" }
            facts.acceptedCount = 3
            facts.accounts[1].balance = 0
        },
        Doctoring("a message that nobody sent") { facts in
            facts.reports.append(facts.reports[5])
            facts.reports[6].msgid = 9
        },
        Doctoring("more messages than senders") { $0.acceptedCount = 5 },
        Doctoring("a report of the carrier that did not come through") { facts in
            facts.reports[0].status = "EXPIRED"
            facts.reports[1].status = "EXPIRED"
        },
        Doctoring("another status than the carrier's") { $0.reports[0].status = "UNDELIV" },
        Doctoring("delivered, and the carrier never had it") { $0.reports[2].status = "DELIVRD" },
        Doctoring("a carrier that has what was never accepted") { facts in
            facts.submissions.append(.init(mobile: "6", isAccepted: true, isAnswered: true))
        },
        Doctoring("a lost reply") { $0.replies = [] },
        Doctoring("a doubled reply") { $0.replies.append($0.replies[0]) },
        Doctoring("another's reply") { $0.replies[0].account = "B" },
        Doctoring("a charge too much") { $0.accounts[0].balance -= 10 },
        Doctoring("a refund too little") { $0.accounts[1].balance -= 1 },
        Doctoring("a balance that is not its ledger's sum") { $0.ledgerIsSound = false },
        Doctoring("another's msgid") { $0.reports[0].msgid += CrashAudit.stride },
        Doctoring("more lost reports than one cut-off collection holds") { facts in
            facts.reports.removeAll { $0.mobile == "1" }
            facts.lookups[1] = .init(
                account: "A", mobile: "1", statuses: [1: "DELIVRD", 2: "DELIVRD"], isFinal: true, collected: 2)
            facts.lostCollections = [.init(account: "A", isOfReports: true, limit: 1)]
        },
        Doctoring("a message that stays open") { facts in
            facts.reports.removeAll { $0.mobile == "5" }
            facts.lookups[4] = .init(account: "B", mobile: "5", statuses: [:], isFinal: false, collected: 0)
        },
    ]

    @Test func `what the rules allow is no difference`() {
        let audit = CrashAudit(CrashBusyRun.facts())
        #expect(audit.differences == [])
        #expect(audit.summary.retried == 1)
        #expect(audit.summary.resent == 1)
        #expect(audit.summary.cancelled == 1)
        #expect(audit.summary.pushes == 4)
        #expect(audit.summary.answersLost == 2)
    }

    @Test func `who ended on the way to a second channel says nothing of the answers of the first`() {
        var facts = CrashBusyRun.facts()
        facts.windows.append(.init(channel: "sim", answersMax: 0))
        facts.submissions.removeAll { $0.mobile == "10" && $0.channel == "second" }
        facts.handOuts.removeAll { $0.mobile == "10" && $0.channel == "second" }
        facts.lookups[5]?.statuses = [1: "EXPIRED"]
        for index in facts.handOuts.indices where ["10", "13"].contains(facts.handOuts[index].mobile) {
            facts.handOuts[index].answer = 1
            facts.handOuts[index].window = 1
        }
        #expect(CrashAudit(facts).differences == [])
        // Without the report that sends it on its way it is a loss.
        for index in facts.handOuts.indices where facts.handOuts[index].mobile == "10" {
            facts.handOuts[index].status = "DELIVRD"
        }
        #expect(CrashAudit(facts).differences.count == 2)
    }

    private static let busyDoctorings = [
        Doctoring("a second channel without a report that says so") { facts in
            facts.handOuts.removeAll { $0.mobile == "10" && $0.channel == "sim" }
        },
        Doctoring("a second channel that the account has not") { $0.accounts[2].channels = ["second"] },
        Doctoring("tried again, and the second channel said something else") { facts in
            for index in facts.handOuts.indices where facts.handOuts[index].mobile == "10" {
                facts.handOuts[index].status = "UNDELIV"
            }
        },
        Doctoring("sent again where no rule says so") { $0.channels[2].resends = false },
        Doctoring("sent again although it was answered") { facts in
            for index in facts.submissions.indices { facts.submissions[index].isAnswered = true }
        },
        Doctoring("sent again twice") { facts in
            facts.submissions.insert(contentsOf: facts.submissions.filter { $0.mobile == "11" }.prefix(1), at: 0)
        },
        Doctoring("cancelled, and sent all the same") { facts in
            facts.submissions.append(.init(mobile: "12", isAccepted: true, isAnswered: true))
        },
        Doctoring("cancelled by nobody") { $0.cancels = [] },
        Doctoring("said to be cancelled, and not") { $0.cancels[0].msgid = 8 },
        Doctoring("said not to be cancelled, and cancelled") { $0.cancels[0].isDone = false },
        Doctoring("a cancelled message that was paid for") { $0.accounts[4].balance -= 1 },
        Doctoring("never pushed with success") { facts in facts.pushes.removeAll { $0.isAccepted } },
        Doctoring("pushed again after it was accepted") { $0.pushes[1].wasUnderWay = false },
        Doctoring("pushed as something else") { $0.pushes[2].isDelivered = false },
        Doctoring("pushed twice where once is promised") { $0.pushes.append($0.pushes[3]) },
        Doctoring("never pushed, without a kill") { facts in
            facts.pushes.removeAll { $0.account == "Q" }
            facts.killCount = 0
        },
        Doctoring("pushed to another") { $0.pushes[3].account = "P" },
        Doctoring("three answers lost at one kill") { $0.lookups[12]?.statuses = [1: "EXPIRED"] },
        Doctoring("half of an answer lost") { facts in
            for index in facts.handOuts.indices where facts.handOuts[index].mobile == "17" {
                facts.handOuts[index].answer = 6
            }
        },
        Doctoring("an answer lost that was not on the wire") { facts in
            for index in facts.handOuts.indices { facts.handOuts[index].window = nil }
        },
        Doctoring("accepted without an id, and not there") { facts in
            facts.lookups[5] = nil
            facts.acceptedCount -= 1
        },
    ]

    @Test(arguments: busyDoctorings) func `a fault among what the rules allow is found`(doctoring: Doctoring) {
        var facts = CrashBusyRun.facts()
        doctoring.change(&facts)
        #expect(!CrashAudit(facts).differences.isEmpty)
    }

    @Test(arguments: doctorings) func `a fault is found`(doctoring: Doctoring) {
        var facts = Self.sound()
        doctoring.change(&facts)
        #expect(!CrashAudit(facts).differences.isEmpty)
    }

    @Test func `what a cut-off collection took is no difference`() {
        var facts = Self.sound()
        facts.reports.removeAll { $0.mobile == "1" }
        facts.replies = []
        facts.lostCollections = [
            .init(account: "A", isOfReports: true, limit: 2), .init(account: "A", isOfReports: false, limit: 1),
        ]
        #expect(CrashAudit.untold(facts) == [1])
        facts.lookups[1] = .init(
            account: "A", mobile: "1", statuses: [1: "DELIVRD", 2: "DELIVRD"], isFinal: true, collected: 2)
        #expect(CrashAudit(facts).differences == [])
    }

    @Test func `lines of the carrier's logs are read`() {
        let submitted = CrashFacts.Submitted(line: "m17,13800138000,99,refused,lost")
        #expect(submitted?.mobile == "13800138000")
        #expect(submitted?.isAccepted == false)
        #expect(submitted?.isAnswered == false)
        let handOut = CrashFacts.HandOut(line: "report,77,13800138000,MK:0001,3,2")
        #expect(handOut?.isReport == true)
        #expect(handOut?.msgid == 77)
        #expect(handOut?.status == "MK:0001")
        #expect(handOut?.beginsAnswer == false)
        #expect(CrashFacts.HandOut(line: "reply,77,13800138000,,9,9")?.beginsAnswer == true)
        #expect(CrashFacts.HandOut(line: "report,77") == nil)
    }
}

/// The faulty disk's arithmetic.
@Suite struct FaultyDiskTests {
    private static func record(_ offset: UInt64, _ old: [UInt8], written: UInt64, size: UInt64) -> [UInt8] {
        [FaultyDisk.Undo.magic, offset, UInt64(old.count), written, size].flatMap { number in
            withUnsafeBytes(of: number.littleEndian) { Array($0) }
        } + old
    }

    @Test func `an undo log is read up to a record that is cut off`() {
        let bytes = Self.record(8, [1, 2, 3], written: 4, size: 11) + Self.record(0, [], written: 5, size: 0)
        let undos = FaultyDisk.undos(bytes + Self.record(0, [9, 9], written: 2, size: 2).dropLast())
        #expect(undos.map(\.offset) == [8, 0])
        #expect(undos.map(\.old) == [[1, 2, 3], []])
        #expect(undos.map(\.written) == [4, 5])
        #expect(undos.map(\.size) == [11, 0])
    }
}
