import Foundation
import GRDB
import Messaging
import Testing

@testable import Store

struct AccessTests {
    @Test func `an account keeps its logins`() async throws {
        var world = try World()
        var account = Account(id: "shop.main")
        account.logins = [.operatorV2: "J10003", .guodu: "Shop"]
        let stored = try await world.store.insert(account, sealedSecrets: [1], openingBalance: 0, at: World.noon)
        try await world.reopen()
        #expect(try await world.store.accounts().map(\.account.logins) == [account.logins])
        account.logins[.guodu] = nil
        try await world.store.update(account, key: stored.key, sealedSecrets: [1])
        #expect(try await world.store.accounts().map(\.account.logins) == [[.operatorV2: "J10003"]])
        await #expect(throws: StoreFailure.alreadyExists) {
            _ = try await world.store.insert(
                Account(id: "SHOP.MAIN"), sealedSecrets: [1], openingBalance: 0, at: World.noon)
        }
    }

    @Test func `an older version's account has its id for a login`() async throws {
        let directory = try TemporaryDirectory()
        let queue = try DatabaseQueue(path: directory.path + "/" + Store.fileName)
        try Schema.migrator.migrate(queue, upTo: "7 rules")
        try await queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO account (number, id, name, price, payment, charge_unit, credit_limit, refund_rule,
                        allows_plain_password, allowed_networks, access_extension, signature, connection_limit,
                        is_enabled, sealed_secrets, balance, created_at)
                        VALUES (1, 'J10003', 'n', 5, 'prepaid', 'count', 0, 'failed', 1, '', '8', '', 9, 1, x'01', 7, 0)
                    """)
        }
        try queue.close()
        let store = try Store(directory: directory.path)
        let account = try #require(try await store.accounts().first?.account)
        #expect(account.logins.isEmpty && account.login(in: .operatorV2) == "J10003")
        #expect(try await store.refusals(RefusalQuery()).refusals.isEmpty)
        #expect(try await store.knownAddresses().isEmpty)
        await store.close()
    }

    @Test func `known addresses are kept and forgotten`() async throws {
        var world = try World()
        func known(_ account: AccountKey, _ text: String, _ milliseconds: Int64) throws -> KnownAddress {
            KnownAddress(
                account: account, address: try #require(AddressBlock(text)),
                seenAt: World.noon.adding(milliseconds: milliseconds))
        }
        let all = [try known(1, "10.0.0.1", 0), try known(1, "2001:db8::/64", 1), try known(2, "10.0.0.1", 2)]
        try await world.store.keep(all, forget: [])
        try await world.reopen()
        #expect(try await world.store.knownAddresses() == all)
        // Seen again, and one that made room.
        let later = try known(1, "10.0.0.1", 9)
        try await world.store.keep([later], forget: [all[1]])
        #expect(try await world.store.knownAddresses() == [all[2], later])
    }
}
