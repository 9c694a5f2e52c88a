import Messaging
import Synchronization
import Testing

@testable import Engine

/// Alerts of low balances, from the balance to the link.
struct BalanceAlertsTests {
    private static let hour: Int64 = 3_600_000

    /// A webhook in memory.
    private final class FakeWebhook: AlertLink {
        private let state = Mutex<[(notice: BalanceNotice, target: AlertTarget)]>([])
        private let answer: @Sendable (Int) -> Bool

        /// - Parameter answer: whether the call of this ordinal, from 1 on, is accepted.
        init(answer: @escaping @Sendable (Int) -> Bool = { _ in true }) { self.answer = answer }

        var notices: [BalanceNotice] { state.withLock { $0.map(\.notice) } }
        var targets: [AlertTarget] { state.withLock { $0.map(\.target) } }

        func send(_ notice: BalanceNotice, to target: AlertTarget) async -> PushAnswer {
            let ordinal = state.withLock { calls in
                calls.append((notice, target))
                return calls.count
            }
            return PushAnswer(isAccepted: answer(ordinal), words: answer(ordinal) ? "HTTP 200" : "HTTP 503")
        }

        func check(_ target: AlertTarget) throws(CarrierFailure) {}
    }

    /// An engine whose alerts are looked at by hand.
    private static func house(
        _ webhook: FakeWebhook, in directory: TemporaryDirectory? = nil, of before: House? = nil,
        sender: String? = nil
    ) async throws -> House {
        try await House.open(
            [:], in: directory, key: before?.key, clock: before?.clock ?? TestClock(), alerts: webhook
        ) {
            $0.sweepInterval = 3_600_000
            $0.alertAccount = sender
        }
    }

    private static func watched(
        _ house: House, numbers: [String] = [], webhook: String = "https://example.com/hook"
    ) async throws -> AccountEntry {
        _ = try await house.account(messages: 10)
        return try await house.engine.accounts.update(id: "J10003") { account, _ in
            account.name = "甲公司"
            account.alert = BalanceAlertSettings(
                threshold: 5 * House.price, numbers: numbers.compactMap { PhoneNumber($0) }, webhook: webhook,
                form: .wecom)
        }
    }

    @Test func `a balance that falls below its threshold is reported once, and once more when it is recovered`()
        async throws
    {
        let webhook = FakeWebhook()
        let house = try await Self.house(webhook)
        let account = try await Self.watched(house)
        let alerts = house.engine.alerts
        try await alerts.round()
        #expect(webhook.notices.isEmpty)
        for _ in 0..<6 { _ = try await house.send(by: account) }
        for _ in 0..<3 { try await alerts.round() }
        #expect(webhook.notices.map(\.kind) == [.low])
        #expect(
            webhook.notices.first
                == BalanceNotice(
                    kind: .low, account: "J10003", name: "甲公司", unit: .money, balance: 4 * House.price,
                    threshold: 5 * House.price, at: house.clock.now))
        #expect(webhook.targets.first?.form == .wecom && webhook.targets.first?.allowsPrivate == false)
        #expect(await alerts.low().map(\.entry.account.id) == ["J10003"])
        #expect(try await house.engine.billing.recharge(account, amount: House.price, note: nil))
        for _ in 0..<3 { try await alerts.round() }
        #expect(webhook.notices.map(\.kind) == [.low, .recovered])
        #expect(await alerts.low().isEmpty)
        await house.stop()
    }

    @Test func `a restart neither repeats what was sent nor loses what was not`() async throws {
        let deaf = FakeWebhook { _ in false }
        let house = try await Self.house(deaf)
        let account = try await Self.watched(house)
        for _ in 0..<6 { _ = try await house.send(by: account) }
        try await house.engine.alerts.round()
        #expect(deaf.notices.count == 1)
        await house.stop()
        let webhook = FakeWebhook()
        let second = try await Self.house(webhook, in: house.directory, of: house)
        // Not before its pause is over.
        try await second.engine.alerts.round()
        #expect(webhook.notices.isEmpty)
        second.clock.advance(milliseconds: 60_000)
        try await second.engine.alerts.round()
        #expect(webhook.notices.map(\.kind) == [.low] && webhook.notices.first?.at == deaf.notices.first?.at)
        await second.stop()
        let third = try await Self.house(webhook, in: house.directory, of: house)
        try await third.engine.alerts.round()
        #expect(webhook.notices.count == 1)
        third.clock.advance(milliseconds: 6 * Self.hour)
        try await third.engine.alerts.round()
        #expect(webhook.notices.map(\.kind) == [.low, .stillLow])
        await third.stop()
    }

    @Test func `what is never taken is tried a limited number of times`() async throws {
        let deaf = FakeWebhook { _ in false }
        let house = try await Self.house(deaf)
        let account = try await Self.watched(house)
        for _ in 0..<6 { _ = try await house.send(by: account) }
        for _ in 0..<20 {
            try await house.engine.alerts.round()
            house.clock.advance(milliseconds: 15 * 60_000)
        }
        #expect(deaf.notices.count == BalanceAlerts.triesMax)
        #expect(await house.engine.alerts.record(of: account.key)?.answer == "webhook: HTTP 503")
        await house.stop()
    }

    @Test func `alerts by SMS are messages of the account that sends them, once however often they are tried`()
        async throws
    {
        let webhook = FakeWebhook { $0 > 2 }
        let house = try await Self.house(webhook, sender: "alerts")
        let sender = try await house.account("ALERTS", messages: 100)
        let account = try await Self.watched(house, numbers: ["13900139000", "13900139001"])
        for _ in 0..<6 { _ = try await house.send(by: account) }
        for _ in 0..<5 {
            try await house.engine.alerts.round()
            house.clock.advance(milliseconds: 60_000)
        }
        #expect(webhook.notices.count == 3)
        #expect(try await house.engine.records.totals(of: sender).today.messages == 2)
        #expect(account.balance == 4 * House.price)
        #expect(try await house.isSound())
        await house.stop()
    }

    @Test func `without an account that sends alerts the webhook alone is called, and that is not tried again`()
        async throws
    {
        let webhook = FakeWebhook()
        let house = try await Self.house(webhook)
        let account = try await Self.watched(house, numbers: ["13900139000"])
        for _ in 0..<6 { _ = try await house.send(by: account) }
        for _ in 0..<3 {
            try await house.engine.alerts.round()
            house.clock.advance(milliseconds: 60_000)
        }
        #expect(webhook.notices.count == 1)
        #expect(
            await house.engine.alerts.record(of: account.key)?.answer
                == "SMS: no account sends alerts; webhook: HTTP 200")
        await house.stop()
    }

    @Test func `a child that shares its parent's balance is reported by that balance`() async throws {
        let webhook = FakeWebhook()
        let house = try await Self.house(webhook)
        let parent = try await house.account(messages: 3)
        var child = Account(id: "C1", price: Money(microYuan: House.price))
        child.parent = parent.key
        child.sharesBalance = true
        child.alert = BalanceAlertSettings(threshold: 2 * House.price, webhook: "https://example.com/")
        _ = try await house.engine.billing.addAccount(
            child, secrets: AccountSecrets(apiPassword: "1"), openingBalance: 0)
        try await house.engine.alerts.round()
        #expect(webhook.notices.isEmpty)
        for _ in 0..<2 { _ = try await house.send(by: parent) }
        try await house.engine.alerts.round()
        #expect(webhook.notices.map(\.balance) == [House.price])
        await house.stop()
    }
}
