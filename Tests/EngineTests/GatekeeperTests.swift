import Messaging
import Store
import Testing

@testable import Engine

struct GatekeeperTests {
    private func admit(
        _ house: House, _ id: String = "A1", password: String = "right", from address: [UInt8] = [10, 0, 0, 1]
    ) -> Rejection? {
        do throws(Rejection) {
            _ = try house.engine.gatekeeper.admit(
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
            house.clock.advance(milliseconds: LockOut.window)
            #expect(admit(house) == nil)
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
        let gauges = AccountGauges(balance: 0)
        #expect((0..<4).map { _ in gauges.openConnection(limit: 3) } == [true, true, true, false])
        gauges.closeConnection()
        #expect(gauges.connections == 2)
        let again = gauges.openConnection(limit: 3)
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
