public import Messaging

/// A user as it is stored.
public struct StoredUser: Hashable, Sendable {
    /// What everybody may see of it.
    public var user: User
    /// The text of a password hash; nil without a password.
    public var password: String?
    /// The sealed secret of the authenticator app; nil without one.
    public var sealedTOTP: [UInt8]?
    /// The last step whose code was taken; -1: none.
    public var totpStep: Int64

    /// The values as they are in the row.
    public init(user: User, password: String? = nil, sealedTOTP: [UInt8]? = nil, totpStep: Int64 = -1) {
        (self.user, self.password, self.sealedTOTP, self.totpStep) = (user, password, sealedTOTP, totpStep)
    }
}

/// A session as it is stored.
public struct StoredSession: Hashable, Sendable {
    /// What its user may see of it.
    public var session: UserSession
    /// SHA-256 of the secret in the cookie.
    public var digest: [UInt8]

    /// `digest` has 32 bytes.
    public init(session: UserSession, digest: [UInt8]) {
        (self.session, self.digest) = (session, digest)
    }
}

/// A link with which a user sets a password, once.
public struct StoredUserLink: Hashable, Sendable {
    /// SHA-256 of the token.
    public var digest: [UInt8]
    /// Whose it is.
    public var user: UserKey
    /// It is good for nothing from this moment on.
    public var expiresAt: Timestamp

    /// `digest` has 32 bytes.
    public init(digest: [UInt8], user: UserKey, expiresAt: Timestamp) {
        (self.digest, self.user, self.expiresAt) = (digest, user, expiresAt)
    }
}

/// A change of what is stored of a user. Several of them are one transaction: all are kept, or none.
public enum UserChange: Hashable, Sendable {
    /// What it may do.
    case rights(UserRights)
    /// What its pages are written in.
    case language(User.Language)
    /// Whether it may log in.
    case enabled(Bool)
    /// The text of a password hash, and whether the user has to change it; nil removes the password.
    case password(String?, mustChange: Bool)
    /// The sealed secret of the authenticator app and the step of the code that confirmed it; nil removes both, and the
    /// recovery codes with them.
    case totp([UInt8]?, step: Int64)
    /// A code was taken; fails with `alreadyExists` when one of this step or a later one was before.
    case totpStep(Int64)
    /// The user logged in.
    case login(User.Login)
    /// SHA-256 of recovery codes, in the place of all that were.
    case recoveryCodes([[UInt8]])
    /// A recovery code was used; fails with `notFound` when there is none like it that is not used.
    case useRecoveryCode([UInt8], at: Timestamp)
    /// A new link in the place of all that were.
    case link(StoredUserLink)
    /// A link was used; fails with `notFound` when it is not there. All others of the user end with it.
    case useLink([UInt8])
    /// A new session.
    case session(StoredSession)
    /// A session's cookie has a new secret, and its user has shown the password; `notFound` when it is not there.
    case renew(SessionID, digest: [UInt8], authenticatedAt: Timestamp)
    /// A session ends; one that is not there does not matter.
    case endSession(SessionID)
    /// All sessions end but this one.
    case endSessions(except: SessionID?)
}
