import GRDB
public import Messaging

/// An address that an account's right credentials came from.
public struct KnownAddress: Hashable, Sendable {
    /// The account's number.
    public var account: AccountKey
    /// The address, or the block of addresses that counts as one.
    public var address: AddressBlock
    /// When right credentials last came from there.
    public var seenAt: Timestamp

    /// `seenAt` is house time.
    public init(account: AccountKey, address: AddressBlock, seenAt: Timestamp) {
        self.account = account
        self.address = address
        self.seenAt = seenAt
    }
}

extension Store {
    /// Keeps addresses, or when they were last seen, and forgets others.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func keep(
        _ addresses: [KnownAddress], forget forgotten: [KnownAddress]
    ) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            let put = try writer.db.cachedStatement(
                sql: "INSERT OR REPLACE INTO known_address (account, address, seen_at) VALUES (?, ?, ?)")
            for address in addresses {
                try put.execute(
                    arguments: [address.account.rawValue, address.address.description, address.seenAt.milliseconds])
            }
            // After those: one that came and was forgotten for others in the same moment goes. One that came back later
            // stays, by its time.
            let drop = try writer.db.cachedStatement(
                sql: "DELETE FROM known_address WHERE account = ? AND address = ? AND seen_at <= ?")
            for address in forgotten {
                try drop.execute(
                    arguments: [address.account.rawValue, address.address.description, address.seenAt.milliseconds])
            }
        }
    }

    /// All of them; rows that cannot be read are left out.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func knownAddresses() async throws(StoreFailure) -> [KnownAddress] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT account, address, seen_at FROM known_address ORDER BY seen_at")
                .compactMap { row in
                    guard let address = AddressBlock(row["address"] as String) else { return nil }
                    return KnownAddress(
                        account: row["account"], address: address, seenAt: Timestamp(milliseconds: row["seen_at"]))
                }
        }
    }
}
