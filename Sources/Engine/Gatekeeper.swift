public import Messaging

/// Decides on the event loop whether an account may come in: lock-out, credentials, address, state.
public struct Gatekeeper: Sendable {
    public let accounts: AccountStore
    public let lockOut: LockOut
    private let clock: Clock

    init(accounts: AccountStore, lockOut: LockOut, clock: Clock) {
        self.accounts = accounts
        self.lockOut = lockOut
        self.clock = clock
    }

    /// - Parameters:
    ///   - id: the account's id as the request gave it, in upper case; the API key's own text where there is no id.
    ///     However long it is, the lock-out remembers `LockOut.nameBytesMax` bytes of it.
    ///   - address: the peer's IP, 4 or 16 bytes; empty when it has none.
    ///   - find: looks the account up.
    ///   - verify: the dialect's own check of the credentials; nil when they are right.
    public func admit(
        id: String, address: [UInt8], find: (AccountDirectory) -> AccountEntry?,
        verify: (AccountEntry, Timestamp) -> Rejection?
    ) throws(Rejection) -> AccountEntry {
        let now = clock.now()
        if lockOut.isLocked(account: id, address: address, at: now) { throw .lockedOut }
        guard let entry = find(accounts.directory), verify(entry, now) == nil else {
            throw lockOut.recordFailure(account: id, address: address, at: now) ? .lockedOut : .credentialsWrong
        }
        if !entry.account.isEnabled { throw .accountDisabled }
        if !entry.account.allowedNetworks.isEmpty {
            guard let peer = IPAddress(bytes: address),
                entry.account.allowedNetworks.contains(where: { $0.contains(peer) })
            else { throw .addressNotAllowed }
        }
        return entry
    }
}
