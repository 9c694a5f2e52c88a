import Messaging
import Testing

/// When a balance is reported as low, and when as recovered.
struct BalanceAlertStateTests {
    private static let hour: Int64 = 3_600_000
    private static let start = Timestamp(milliseconds: 1_720_497_600_000)
    private static let settings = BalanceAlertSettings(threshold: 100, webhook: "https://example.com/")

    /// Balances at hours after the start, and what is to be sent then.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var steps: [(hour: Int64, balance: Int64, notice: BalanceNotice.Kind?)]
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "never low", steps: [(0, 100, nil), (1, 500, nil), (9, 100, nil)]),
        Case(name: "low at once", steps: [(0, 99, .low), (1, 98, nil), (5, -3, nil)]),
        Case(
            name: "still low",
            steps: [(0, 99, .low), (5, 1, nil), (6, 1, .stillLow), (11, 1, nil), (12, 0, .stillLow)]),
        Case(name: "recovered, once", steps: [(0, 99, .low), (1, 100, .recovered), (2, 101, nil), (9, 100, nil)]),
        Case(
            name: "up and down in the pause is silent until the pause is over",
            steps: [
                (0, 99, .low), (1, 100, .recovered), (2, 99, nil), (3, 100, nil), (4, 99, nil), (5, 98, nil),
                (6, 98, .low), (7, 100, .recovered),
            ]),
        Case(name: "low again after the pause", steps: [(0, 99, .low), (1, 100, .recovered), (7, 99, .low)]),
    ]

    @Test(arguments: cases) func `the table`(_ given: Case) {
        var state = BalanceAlertState()
        for step in given.steps {
            let now = Self.start.adding(milliseconds: step.hour * Self.hour)
            let notice = state.note(balance: step.balance, Self.settings, at: now)
            #expect(notice == step.notice, "\(given.name), hour \(step.hour)")
            #expect((state.lowSince != nil) == (step.balance < 100))
        }
    }

    @Test func `since when it is low does not move while it stays low`() {
        var state = BalanceAlertState()
        _ = state.note(balance: 9, Self.settings, at: Self.start)
        _ = state.note(balance: 8, Self.settings, at: Self.start.adding(milliseconds: 7 * Self.hour))
        #expect(state.lowSince == Self.start)
    }

    @Test func `without a threshold all is forgotten, and setting one begins anew`() {
        var state = BalanceAlertState()
        #expect(state.note(balance: 9, Self.settings, at: Self.start) == .low)
        var off = Self.settings
        off.threshold = 0
        #expect(state.note(balance: 9, off, at: Self.start) == nil)
        #expect(state == BalanceAlertState())
        #expect(state.note(balance: 9, Self.settings, at: Self.start) == .low)
    }

    @Test func `without recipients a low balance is known and reported to nobody`() {
        var state = BalanceAlertState()
        var silent = Self.settings
        silent.webhook = ""
        #expect(state.note(balance: 9, silent, at: Self.start) == nil)
        #expect(state.lowSince == Self.start && !state.isReported)
        // Recipients that are set later hear of it at once.
        #expect(state.note(balance: 9, Self.settings, at: Self.start) == .low)
    }

    @Test func `a clock that was set back silences alerts for no longer than the pause`() {
        var state = BalanceAlertState()
        #expect(state.note(balance: 9, Self.settings, at: Self.start) == .low)
        let back = Self.start.adding(milliseconds: -30 * Self.hour)
        #expect(state.note(balance: 9, Self.settings, at: back) == .stillLow)
        #expect(state.note(balance: 9, Self.settings, at: back.adding(milliseconds: Self.hour)) == nil)
        #expect(state.note(balance: 9, Self.settings, at: back.adding(milliseconds: 6 * Self.hour)) == .stillLow)
    }

    @Test(
        arguments: [
            (ChargeUnit.money, 12_500_000, "账户 J1（甲公司） 余额 12.5 元，低于预警值 100 元，请及时充值。"),
            (.count, 12, "账户 J1（甲公司） 余额 12 条，低于预警值 100000000 条，请及时充值。"),
        ] as [(ChargeUnit, Int64, String)])
    func `a notice says both amounts in their unit`(_ unit: ChargeUnit, _ balance: Int64, _ text: String) {
        let notice = BalanceNotice(
            kind: .low, account: "J1", name: "甲公司", unit: unit, balance: balance, threshold: 100_000_000,
            at: Self.start)
        #expect(notice.text == text)
    }
}
