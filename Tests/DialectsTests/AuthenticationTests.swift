import Dialects
import Messaging
import Testing

struct AuthenticationTests {
    private func outcome(
        _ credentials: OperatorV2.Credentials, account: Account = Seed002.account,
        secrets: AccountSecrets = Seed002.secrets, at now: Timestamp = Seed002.now
    ) -> Rejection? {
        do throws(Rejection) {
            try OperatorV2.Authentication.verify(credentials, account: account, secrets: secrets, at: now)
            return nil
        } catch {
            return error
        }
    }

    @Test("the seed's digest is right, in either case")
    func digest() {
        var credentials = Seed002.credentials
        #expect(outcome(credentials) == nil)
        credentials.password = credentials.password.uppercased()
        #expect(outcome(credentials) == nil)
        #expect(
            OperatorV2.Authentication.digest(userID: "j10003", password: "111111", timestamp: "0803192020")
                == Seed002.digest)
    }

    @Test("anything else is wrong")
    func wrong() {
        let right = Seed002.credentials
        let wrong: [OperatorV2.Credentials] = [
            OperatorV2.Credentials(),
            OperatorV2.Credentials(userID: "J10003"),
            OperatorV2.Credentials(userID: "J10003", password: "111111", timestamp: "0803192020"),
            OperatorV2.Credentials(userID: "J10004", password: right.password, timestamp: right.timestamp),
            OperatorV2.Credentials(userID: "J10003", password: right.password, timestamp: "0803192021"),
            OperatorV2.Credentials(userID: "J10003", password: right.password, timestamp: ""),
            OperatorV2.Credentials(userID: "J10003", password: right.password, timestamp: "garbage"),
            OperatorV2.Credentials(userID: "J10003", password: right.password, timestamp: "9999999999"),
            OperatorV2.Credentials(
                userID: "J10003", password: String(right.password.dropLast()), timestamp: right.timestamp),
            OperatorV2.Credentials(apiKey: "k"),
            OperatorV2.Credentials(
                userID: "J10003", password: right.password, timestamp: right.timestamp, apiKey: "k"),
        ]
        for credentials in wrong { #expect(outcome(credentials) == .credentialsWrong) }
        #expect(outcome(right, secrets: AccountSecrets(apiPassword: "111112")) == .credentialsWrong)
    }

    @Test("a timestamp may be ten minutes off, and no more")
    func tolerance() {
        let minute: Int64 = 60_000
        #expect(outcome(Seed002.credentials, at: Seed002.now.adding(milliseconds: 10 * minute)) == nil)
        #expect(outcome(Seed002.credentials, at: Seed002.now.adding(milliseconds: -10 * minute)) == nil)
        for off in [10 * minute + 1, -10 * minute - 1, 24 * 60 * minute, 365 * 24 * 60 * minute - 86_400_000] {
            let now = Seed002.now.adding(milliseconds: off)
            #expect(outcome(Seed002.credentials, at: now) == .timestampStale)
            // Only the digest of its own timestamp is stale; any other is wrong.
            var guess = Seed002.credentials
            guess.timestamp = "0803192021"
            #expect(outcome(guess, at: now) == .credentialsWrong)
        }
    }

    @Test("a timestamp of just before New Year is near just after it")
    func newYear() throws {
        let after = try #require(Timestamp(china: .init(year: 2026, month: 1, day: 1, minute: 1)))
        let before = "1231235900"
        let pwd = OperatorV2.Authentication.digest(userID: "J10003", password: "111111", timestamp: before)
        let credentials = OperatorV2.Credentials(userID: "J10003", password: pwd, timestamp: before)
        #expect(outcome(credentials, at: after) == nil)
    }

    @Test("the password itself, where the account may show it")
    func plain() {
        let credentials = OperatorV2.Credentials(userID: "J10003", password: "111111")
        #expect(outcome(credentials) == .credentialsWrong)
        let account = Account(id: "J10003", allowsPlainPassword: true)
        #expect(outcome(credentials, account: account) == nil)
        #expect(outcome(Seed002.credentials, account: account) == nil)
        #expect(
            outcome(OperatorV2.Credentials(userID: "J10003", password: "111112"), account: account) == .credentialsWrong
        )
        let empty = OperatorV2.Credentials(userID: "J10003")
        #expect(outcome(empty, account: account, secrets: AccountSecrets(apiPassword: "")) == .credentialsWrong)
    }

    @Test("an apikey alone, with any timestamp or none", arguments: ["", "1470223220000"])
    func apiKey(timestamp: String) {
        let secrets = AccountSecrets(apiPassword: "111111", apiKey: "abade5589e2798f82f006bbc36d269ce")
        let right = OperatorV2.Credentials(timestamp: timestamp, apiKey: "abade5589e2798f82f006bbc36d269ce")
        #expect(outcome(right, secrets: secrets) == nil)
        #expect(
            outcome(OperatorV2.Credentials(apiKey: "abade5589e2798f82f006bbc36d269cf"), secrets: secrets)
                == .credentialsWrong)
        #expect(outcome(right, secrets: AccountSecrets(apiPassword: "1", apiKey: "")) == .credentialsWrong)
    }

    @Test("a disabled account is told so only who proves to own it")
    func disabled() {
        let account = Account(id: "J10003", isEnabled: false)
        #expect(outcome(Seed002.credentials, account: account) == .accountDisabled)
        #expect(outcome(OperatorV2.Credentials(userID: "J10003", password: "x"), account: account) == .credentialsWrong)
    }
}
