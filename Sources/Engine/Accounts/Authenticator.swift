public import Messaging

/// Decides on the event loop whether an account may come in: throttle, credentials, address, state.
public struct Authenticator: Sendable {
    /// The accounts that `admit` looks in.
    public let accounts: AccountStore
    /// Counts wrong credentials and shuts out.
    public let logins: LoginGuard
    private let clock: Clock

    init(accounts: AccountStore, logins: LoginGuard, clock: Clock) {
        self.accounts = accounts
        self.logins = logins
        self.clock = clock
    }

    /// Judges a request's credentials; does not block.
    /// - Parameters:
    ///   - id: the name that the request gave, as the account is looked up; nil where there is an API key instead.
    ///     However long it is, `LoginThrottle.nameBytesMax` bytes of it are remembered.
    ///   - address: the peer's IP, 4 or 16 bytes; empty when it has none.
    ///   - find: looks the account up.
    ///   - verify: the dialect's own check of the credentials; nil when they are right.
    /// - Throws: `lockedOut` when too many were wrong; the credentials were not looked at then, unless the account was
    ///   right from this address before. Else `credentialsWrong`, or `timestampStale`, which does not count as wrong;
    ///   `accountDisabled` and `addressNotAllowed` with right credentials.
    public func admit(
        id: String?, address: [UInt8], find: (AccountDirectory) -> AccountEntry?,
        verify: (AccountEntry, Timestamp) -> Rejection?
    ) throws(Rejection) -> AccountEntry {
        let uptime = clock.uptime()
        let block = AddressBlock(address)
        let mark = KnownAddresses.Mark(block, uptime: uptime)
        let found = find(accounts.directory)
        let isFresh = found?.runtime.known.isFresh(mark) ?? false
        let isKnown = isFresh || found?.runtime.known.contains(block) ?? false
        if !isKnown, logins.refuses(Self.who(found, id), block, at: uptime) { throw .lockedOut }
        guard let entry = found else { throw fail(nil, id, block, isKnown: false, at: uptime) }
        let now = clock.now()
        switch verify(entry, now) {
        case nil: break
        case .timestampStale: throw .timestampStale
        default: throw fail(entry, id, block, isKnown: isKnown, at: uptime)
        }
        if !entry.isEnabled { throw .accountDisabled }
        if !entry.account.allowedNetworks.isEmpty {
            guard let peer = IPAddress(bytes: address),
                entry.account.allowedNetworks.contains(where: { $0.contains(peer) })
            else { throw .addressNotAllowed }
        }
        if !isFresh { logins.note(entry, block, mark, at: now) }
        return entry
    }

    /// All of an account's names count as one. So do all API keys: to find one is to know that it is right, so a right
    /// one must be held up like the wrong ones before it.
    private static func who(_ entry: AccountEntry?, _ id: String?) -> LoginThrottle.Who {
        guard let id else { return .key }
        return entry.map { .account($0.key) } ?? .unknown(id)
    }

    private func fail(
        _ entry: AccountEntry?, _ id: String?, _ address: AddressBlock, isKnown: Bool, at uptime: Int64
    ) -> Rejection {
        let name = entry?.account.id ?? id ?? "(an API key)"
        let isLocked = logins.fail(Self.who(entry, id), name: name, address, isKnown: isKnown, at: uptime)
        return isLocked ? .lockedOut : .credentialsWrong
    }
}
