import Messaging
import Testing

/// Periods of bills, how long a balance lasts, and what lists say of a message.
struct BillTests {
    @Test(arguments: [
        ("2026-11-28", 20_261_128...20_261_128), ("2026-02", 20_260_201...20_260_231),
        ("2026-Q1", 20_260_101...20_260_331), ("2026-Q4", 20_261_001...20_261_231),
    ])
    func `a period is written as it is read, and has its days`(text: String, days: ClosedRange<Int>) throws {
        let period = try #require(BillingPeriod(text))
        #expect(period.text == text)
        #expect(period.days == days)
    }

    @Test(arguments: [
        "", "2026", "2026-13", "2026-00", "2026-Q0", "2026-Q5", "2026-2", "26-02", "2026-02-30", "2026-1-1",
    ])
    func `what is no period is refused`(text: String) {
        #expect(BillingPeriod(text) == nil)
    }

    @Test func `days lie in their month and quarter`() {
        #expect(BillingPeriod.month(of: 20_260_331).text == "2026-03")
        #expect(BillingPeriod.quarter(of: 20_260_331).text == "2026-Q1")
        #expect(BillingPeriod.quarter(of: 20_260_401).text == "2026-Q2")
        #expect(BillingPeriod.quarter(of: 20_261_231).text == "2026-Q4")
    }

    @Test(
        arguments: [
            (700, 700, 7), (699, 700, 6), (0, 700, 0), (-5, 700, 0), (1, .max, 0), (.max, 1, 3650), (.max, .max, 7),
            (.max - 1, .max, 6), (100, 7, 100), (99, 14, 49),
        ] as [(Int64, Int64, Int64)])
    func `a balance lasts as many days as the last seven's average says`(balance: Int64, spent: Int64, days: Int64) {
        #expect(BalanceOutlook(balance: balance, spent: spent).days == days)
    }

    @Test(arguments: [0, -1] as [Int64])
    func `without spending there is no end`(spent: Int64) {
        #expect(BalanceOutlook(balance: 100, spent: spent).days == nil)
    }

    @Test func `only what failed for good may be sent again`() {
        let expected: [MessageStatus: ResendRule] = [
            .scheduled: .unknown, .queued: .unknown, .awaitingReport: .unknown, .uncertain: .unknown,
            .delivered: .delivered, .failed: .allowed, .cancelled: .allowed,
        ]
        #expect(Dictionary(uniqueKeysWithValues: MessageStatus.allCases.map { ($0, $0.resend) }) == expected)
    }

    @Test(
        arguments: [
            (MessageState.submitted, AttemptState.uncertain, nil, MessageStatus.uncertain),
            (.submitted, .accepted, nil, .awaitingReport), (.submitted, .begun, nil, .awaitingReport),
            (.failed, nil, "DELETED", .cancelled), (.failed, .accepted, "DELETED", .failed),
            (.failed, nil, "REJECTD", .failed),
            (.queued, .refused, nil, .queued), (.scheduled, nil, nil, .scheduled),
            (.delivered, .accepted, "DELIVRD", .delivered),
        ] as [(MessageState, AttemptState?, String?, MessageStatus)])
    func `a list says more of a message than its state`(
        state: MessageState, attempt: AttemptState?, code: String?, status: MessageStatus
    ) {
        #expect(MessageStatus(state: state, attempt: attempt, code: code) == status)
    }

    @Test func `totals add up and end at the greatest number`() {
        var total = AccountTotal()
        (total.messages, total.delivered, total.failed, total.unsent) = (10, 4, 3, 2)
        var sum = total
        sum.add(total)
        #expect((sum.messages, sum.unknown, sum.sent) == (20, 6, 16))
        total.messages = .max
        sum.add(total)
        #expect(sum.messages == .max)
    }
}
