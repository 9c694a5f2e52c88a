import Logging
import Messaging
import Store
import Synchronization
import Testing

@testable import Engine

struct AuthenticatorTests {
    private func admit(
        _ house: House, _ id: String = "A1", password: String = "right", from address: [UInt8] = [10, 0, 0, 1]
    ) -> Rejection? {
        do throws(Rejection) {
            _ = try house.engine.authenticator.admit(
                id: id, address: address, find: { $0.account(id: id) },
                verify: { entry, _ in entry.secrets.apiPassword == password ? nil : .credentialsWrong })
            return nil
        } catch {
            return error
        }
    }

    private func addAccount(_ house: House, _ change: (inout Account) -> Void = { _ in }) async throws {
        var account = Account(id: "A1")
        change(&account)
        _ = try await house.engine.billing.addAccount(
            account, secrets: AccountSecrets(apiPassword: "right"), openingBalance: 0)
    }

    @Test func `right credentials come in, wrong and unknown ones alike do not`() async throws {
        try await House.with([:]) { house in
            try await addAccount(house)
            #expect(admit(house) == nil)
            #expect(admit(house, password: "wrong") == .credentialsWrong)
            #expect(admit(house, "NOBODY") == .credentialsWrong)
        }
    }

    @Test func `five wrong ones lock that account from that address, even with the right password`() async throws {
        try await House.with([:]) { house in
            try await addAccount(house)
            for _ in 0..<4 { #expect(admit(house, password: "wrong") == .credentialsWrong) }
            #expect(admit(house, password: "wrong") == .lockedOut)
            #expect(admit(house) == .lockedOut)
            #expect(admit(house, from: [10, 0, 0, 2]) == nil)
            house.clock.advance(milliseconds: LoginThrottle.window)
            #expect(admit(house) == nil)
        }
    }

    @Test func `right credentials come in from where they were right before, whatever was wrong since`() async throws {
        try await House.with([:]) { house in
            try await addAccount(house)
            #expect(admit(house) == nil)
            for number in 0..<7 {
                #expect(admit(house, password: "wrong") == (number < 4 ? .credentialsWrong : .lockedOut))
            }
            #expect(admit(house) == nil)
            // Names enough to fill any table, from there and from elsewhere.
            for number in 0..<20_000 {
                _ = admit(house, "N\(number)", from: [10, 0, 0, 1])
                _ = admit(house, "M\(number)", from: [10, 1, UInt8(number >> 8), UInt8(number & 255)])
            }
            #expect(admit(house) == nil)
            #expect(admit(house, from: [10, 9, 9, 9]) == .lockedOut)
            let counters = house.engine.counters.snapshot
            #expect(counters.failedLogins < 1_100 && counters.slowedLogins > 38_000)
        }
    }

    @Test func `where an account was right is known after a restart, and there only`() async throws {
        let house = try await House.open([:])
        try await addAccount(house)
        #expect(admit(house) == nil)
        let again = try await house.again()
        for address in [[10, 0, 0, 1], [10, 0, 0, 2]] as [[UInt8]] {
            for _ in 0..<6 { _ = admit(again, password: "wrong", from: address) }
        }
        #expect(admit(again) == nil)
        #expect(admit(again, from: [10, 0, 0, 2]) == .lockedOut)
        await again.stop()
    }

    @Test func `a stale time stamp is refused, however often, and locks nobody out`() async throws {
        try await House.with([:]) { house in
            try await addAccount(house)
            for _ in 0..<100 {
                #expect(throws: Rejection.timestampStale) {
                    _ = try house.engine.authenticator.admit(
                        id: "A1", address: [10, 0, 0, 1], find: { $0.account(id: "A1") },
                        verify: { _, _ in .timestampStale })
                }
            }
            #expect(admit(house) == nil)
            #expect(house.engine.counters.snapshot.failedLogins == 0)
        }
    }

    /// To look a key up is to know that it is right, so a right one must be held up like the wrong ones before it.
    @Test func `API keys are guessed five times from one address, and then the right one is not found either`()
        async throws
    {
        try await House.with([:]) { house in
            _ = try await house.engine.billing.addAccount(
                Account(id: "A1"), secrets: AccountSecrets(apiPassword: "p", apiKey: "the-key"), openingBalance: 0)
            func admit(_ key: String, from address: [UInt8]) -> Rejection? {
                do throws(Rejection) {
                    _ = try house.engine.authenticator.admit(
                        id: nil, address: address, find: { $0.account(apiKey: key) }, verify: { _, _ in nil })
                    return nil
                } catch {
                    return error
                }
            }
            #expect(admit("the-key", from: [10, 0, 0, 2]) == nil)
            for number in 0..<20 {
                #expect(admit("k\(number)", from: [10, 0, 0, 1]) == (number < 4 ? .credentialsWrong : .lockedOut))
                _ = admit("k\(number)", from: [10, 0, 0, 2])
            }
            #expect(admit("the-key", from: [10, 0, 0, 1]) == .lockedOut)
            #expect(admit("the-key", from: [10, 0, 0, 2]) == nil)
            #expect(house.engine.counters.snapshot.failedLogins == 10)
        }
    }

    @Test func `a /64 counts as one address`() async throws {
        try await House.with([:]) { house in
            try await addAccount(house)
            func address(_ last: UInt8) -> [UInt8] { [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last] }
            for last in 0..<5 { _ = admit(house, password: "wrong", from: address(UInt8(last))) }
            #expect(admit(house, from: address(9)) == .lockedOut)
            let locks = try #require(
                house.engine.accounts.directory.account(id: "a1").map {
                    house.engine.authenticator.logins.locks(of: $0)
                })
            #expect(locks.map(\.address.description) == ["2001:db8::/64"])
            #expect(locks.map(\.until) == [TestClock.noon.adding(milliseconds: LoginThrottle.window)])
        }
    }

    @Test func `an operator lets an account in again`() async throws {
        try await House.with([:]) { house in
            try await addAccount(house)
            for _ in 0..<5 { _ = admit(house, password: "wrong") }
            #expect(admit(house) == .lockedOut)
            house.engine.authenticator.logins.unlock(try #require(house.engine.accounts.directory.account(id: "A1")))
            #expect(admit(house) == nil)
        }
    }

    /// A log in memory.
    private final class Lines: Sendable {
        let lines = Mutex<[String]>([])

        struct Recorder: LogHandler {
            let lines: Lines
            var metadata: Logger.Metadata = [:]
            var logLevel = Logger.Level.trace

            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }

            func log(event: LogEvent) {
                let words = event.metadata?.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } ?? []
                lines.lines.withLock { $0.append("\(event.level): \(event.message) \(words.joined(separator: " "))") }
            }
        }
    }

    @Test func `a flood of wrong credentials is a line each ten seconds, which no name can break`() async throws {
        let lines = Lines()
        let clock = TestClock()
        let logins = LoginGuard(
            counters: EngineCounters(), clock: clock.clock,
            logger: Logger(label: "logins") { _ in Lines.Recorder(lines: lines) }
        )
        let name = "x\n2026 INFO all is well \u{1B}[31m" + String(repeating: "y", count: 10_000)
        for number in 0..<1_000 {
            _ = logins.fail(
                .unknown("N\(number)"), name: name, AddressBlock([10, 0, 0, 1]), isKnown: false, at: Int64(number) * 20)
        }
        let logged = lines.lines.withLock { $0 }
        #expect(logged.count == 2)
        #expect(logged.allSatisfy { $0.hasPrefix("warning: wrong credentials ") && $0.contains("address=10.0.0.1") })
        #expect(logged.allSatisfy { !$0.unicodeScalars.contains { $0.value < 0x20 } && $0.utf8.count < 300 })
        #expect(logged.last?.contains("since_last_line=500") == true)
    }

    @Test func `a login is given once in each dialect, whether it is an id or not`() async throws {
        try await House.with([:]) { house in
            let billing = house.engine.billing
            func add(_ id: String, _ logins: [DialectName: String] = [:]) async throws {
                var account = Account(id: id)
                account.logins = logins
                _ = try await billing.addAccount(
                    account, secrets: AccountSecrets(apiPassword: "p"), openingBalance: 0)
            }
            try await add("shop.main", [.operatorV2: "J10003", .guodu: "Shop"])
            for (id, logins) in [
                ("SHOP.main", [:]), ("J10003", [:]), ("other", [.operatorV2: "j10003"]),
                ("other", [.apiV1: "Shop.Main"]),
                ("shop", [:]),
            ] as [(String, [DialectName: String])] {
                await #expect(throws: StoreFailure.alreadyExists, "\(id)") { try await add(id, logins) }
            }
            try await add("J10003", [.operatorV2: "J4"])
            let directory = house.engine.accounts.directory
            #expect(directory.account(login: "j10003", in: .operatorV2)?.account.id == "shop.main")
            #expect(directory.account(login: "J10003", in: .apiV1)?.account.id == "J10003")
            #expect(directory.account(login: "shop.main", in: .operatorV2) == nil)
            #expect(directory.account(login: "shop.main", in: .guodu) == nil)
            #expect(directory.account(id: "Shop.Main")?.account.id == "shop.main")
            await #expect(throws: StoreFailure.alreadyExists) {
                _ = try await house.engine.accounts.update(id: "j10003") { account, _ in account.logins = [:] }
            }
            let again = try await house.again()
            #expect(
                again.engine.accounts.directory.account(id: "shop.main")?.account.logins
                    == [.operatorV2: "J10003", .guodu: "Shop"])
            await again.stop()
        }
    }

    @Test func `only from the networks that are allowed`() async throws {
        try await House.with([:]) { house in
            try await addAccount(house) {
                $0.allowedNetworks = ["10.0.0.0/8", "192.168.1.7"].compactMap { IPNetwork($0) }
            }
            #expect(admit(house) == nil)
            #expect(admit(house, from: [192, 168, 1, 7]) == nil)
            #expect(admit(house, from: [192, 168, 1, 8]) == .addressNotAllowed)
            #expect(admit(house, from: []) == .addressNotAllowed)
            // The credentials come first: who does not know them learns nothing of the list.
            #expect(admit(house, password: "wrong", from: [192, 168, 1, 8]) == .credentialsWrong)
        }
    }

    @Test func `a disabled account is said to be so only to who knows its password`() async throws {
        try await House.with([:]) { house in
            try await addAccount(house)
            _ = try await house.engine.accounts.update(id: "A1") { account, _ in account.isEnabled = false }
            #expect(admit(house) == .accountDisabled)
            #expect(admit(house, password: "wrong") == .credentialsWrong)
            _ = try await house.engine.accounts.update(id: "A1") { account, secrets in
                account.isEnabled = true
                secrets.apiPassword = "new"
            }
            #expect(admit(house) == .credentialsWrong)
            #expect(admit(house, password: "new") == nil)
        }
    }

    @Test func `connections are counted up to the limit`() {
        let runtime = AccountRuntime(balance: 0)
        #expect((0..<4).map { _ in runtime.openConnection(limit: 3) } == [true, true, true, false])
        runtime.closeConnection()
        #expect(runtime.connections == 2)
        let again = runtime.openConnection(limit: 3)
        #expect(again)
    }

    @Test func `an id and an API key are given once`() async throws {
        try await House.with([:]) { house in
            let billing = house.engine.billing
            let secrets = AccountSecrets(apiPassword: "p", apiKey: "the-key")
            _ = try await billing.addAccount(Account(id: "A1"), secrets: secrets, openingBalance: 0)
            await #expect(throws: StoreFailure.alreadyExists) {
                _ = try await billing.addAccount(
                    Account(id: "A1"), secrets: AccountSecrets(apiPassword: "q"), openingBalance: 0)
            }
            await #expect(throws: StoreFailure.alreadyExists) {
                _ = try await billing.addAccount(Account(id: "A2"), secrets: secrets, openingBalance: 0)
            }
            _ = try await billing.addAccount(
                Account(id: "A2"), secrets: AccountSecrets(apiPassword: "q"), openingBalance: 0)
            await #expect(throws: StoreFailure.alreadyExists) {
                _ = try await house.engine.accounts.update(id: "A2") { $1.apiKey = "the-key" }
            }
            await #expect(throws: StoreFailure.notFound) {
                _ = try await house.engine.accounts.update(id: "A3") { _, _ in }
            }
            #expect(house.engine.accounts.directory.account(apiKey: "the-key")?.account.id == "A1")
        }
    }

    @Test func `changes at the same time are all kept`() async throws {
        try await House.with([:]) { house in
            try await addAccount(house)
            let accounts = house.engine.accounts
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask { _ = try await accounts.update(id: "A1") { account, _ in account.creditLimit += 1 } }
                }
                try await group.waitForAll()
            }
            #expect(accounts.directory.account(id: "A1")?.account.creditLimit == 20)
        }
    }
}
