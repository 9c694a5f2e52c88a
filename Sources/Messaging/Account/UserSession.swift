/// The name of a session: 32 hexadecimal digits. It lets nobody in without the session's secret.
public struct SessionID: Hashable, Sendable, CustomStringConvertible {
    /// 32 small hexadecimal digits.
    public let text: String

    /// Nil unless there are 32 small hexadecimal digits.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 32,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        self.text = String(text)
    }

    /// The digits.
    public var description: String { text }
}

/// A browser in which a user is logged in.
public struct UserSession: Hashable, Sendable, Identifiable {
    /// Random.
    public var id: SessionID
    /// Who is logged in.
    public var user: UserKey
    /// When the user logged in, in house time.
    public var createdAt: Timestamp
    /// When the last request came, at most a minute ago.
    public var seenAt: Timestamp
    /// Where the user logged in from.
    public var address: String
    /// What the browser called itself then, at most `agentLengthMax` characters.
    public var agent: String
    /// When the user last showed the password, also by logging in.
    public var authenticatedAt: Timestamp

    /// For how long a session without a request is kept, in milliseconds.
    public static let idleMax: Int64 = 30 * 60_000
    /// For how long a session is kept at most, in milliseconds.
    public static let ageMax: Int64 = 12 * 3_600_000
    /// For how long the password counts as just shown, in milliseconds.
    public static let authenticationAgeMax: Int64 = 30 * 60_000
    /// Of `agent`, in Unicode scalars.
    public static let agentLengthMax = 200
    /// How far a moment may be ahead of the clock, which may have been set back, in milliseconds.
    private static let tolerance: Int64 = 5 * 60_000

    /// A session of a user who has just logged in.
    public init(id: SessionID, user: UserKey, at: Timestamp, address: String, agent: String) {
        (self.id, self.user, self.address) = (id, user, address)
        self.agent = String(String.UnicodeScalarView(agent.unicodeScalars.prefix(Self.agentLengthMax)))
        (createdAt, seenAt, authenticatedAt) = (at, at, at)
    }

    /// Whether it still lets its user in.
    public func isAlive(at now: Timestamp) -> Bool {
        Self.isWithin(Self.idleMax, of: seenAt, now) && Self.isWithin(Self.ageMax, of: createdAt, now)
    }

    /// Whether the user has shown the password lately, as what moves money or shows secrets demands.
    public func isAuthenticated(at now: Timestamp) -> Bool {
        Self.isWithin(Self.authenticationAgeMax, of: authenticatedAt, now)
    }

    private static func isWithin(_ limit: Int64, of moment: Timestamp, _ now: Timestamp) -> Bool {
        (-tolerance..<limit).contains(now.milliseconds(since: moment))
    }
}
