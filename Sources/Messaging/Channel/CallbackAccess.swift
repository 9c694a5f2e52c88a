/// Who may push to us on a channel, and with what: in some dialects the token in the address is the only proof.
public struct CallbackAccess: Hashable, Sendable {
    /// A token that was replaced, and until when it is taken still.
    public struct Before: Hashable, Sendable {
        /// The replaced token, in the clear.
        public var token: String
        /// From this moment on it is refused.
        public var endsAt: Timestamp

        /// - Parameter endsAt: the first moment at which it is refused.
        public init(token: String, endsAt: Timestamp) {
            self.token = token
            self.endsAt = endsAt
        }
    }

    /// The present token, a part of the callback path; in the clear.
    public var token: String
    /// The token that the last replacement left; nil when none was replaced. It may have ended.
    public var before: Before?
    /// Addresses that may push; empty: any.
    public var networks: [IPNetwork]

    /// How long a replaced token is taken still, in milliseconds: the carrier's people have to change it at their end.
    public static let overlap: Int64 = 24 * 3_600_000
    /// How much longer than `overlap` an end may lie ahead, because the clock was set back since, in milliseconds.
    private static let clockSlack: Int64 = 3_600_000

    /// - Parameter networks: empty: pushes from any address are taken.
    public init(token: String, before: Before? = nil, networks: [IPNetwork] = []) {
        self.token = token
        self.before = before
        self.networks = networks
    }

    /// The token before the present one is not taken any more.
    public mutating func replaceToken(with new: String, at now: Timestamp) {
        before = Before(token: token, endsAt: now.adding(milliseconds: Self.overlap))
        token = new
    }

    /// The tokens that are taken now, the present one first. A clock that was set back does not prolong a token's life
    /// by more than an hour.
    public func tokens(at now: Timestamp) -> [String] {
        guard let before, now < before.endsAt,
            before.endsAt <= now.adding(milliseconds: Self.overlap + Self.clockSlack)
        else { return [token] }
        return [token, before.token]
    }

    /// - Parameter address: 4 or 16 bytes; nil when the peer has none.
    public func admits(_ address: [UInt8]?) -> Bool {
        if networks.isEmpty { return true }
        guard let address = address.flatMap({ IPAddress(bytes: $0) }) else { return false }
        return networks.contains { $0.contains(address) }
    }
}

/// What is to be changed in a channel's `CallbackAccess`.
public struct CallbackChange: Hashable, Sendable {
    /// Whether the token is replaced; the old one is taken for `CallbackAccess.overlap` still.
    public var makesNewToken: Bool
    /// Nil: as they are.
    public var networks: [IPNetwork]?

    /// With the defaults nothing is changed.
    public init(makesNewToken: Bool = false, networks: [IPNetwork]? = nil) {
        self.makesNewToken = makesNewToken
        self.networks = networks
    }
}
