public import Messaging

/// Why a user was not let in, or a change of its own was not made.
public enum UserFailure: Error, Hashable, Sendable {
    /// The name or the password is wrong; which of them is not said.
    case wrong
    /// The code of the authenticator app, or the recovery code, is wrong or was used before.
    case wrongCode
    /// There were too many wrong tries: the next one is looked at in so many seconds.
    case slowed(seconds: Int)
    /// Too many passwords are being checked, or the disk is slow: again in a moment.
    case busy
    /// Name and password are right, but the user is disabled.
    case disabled
    /// The link, the step of logging in or the session has ended: begin again.
    case over
    /// The new password is not good enough.
    case weak(UserPasswordRule.Weakness)
    /// The disk or the file does not allow it, or there is no such user.
    case store(StoreFailure)

    init(_ failure: StoreFailure) {
        if case .busy = failure { self = .busy } else { self = .store(failure) }
    }
}

/// A browser's session as it was just made or renewed.
public struct NewSession: Sendable {
    /// What the cookie is set to: id and secret. Shown once, and stored nowhere.
    public var cookie: String
    /// The session.
    public var session: UserSession
    /// Whose it is.
    public var user: User
}

/// Who is asking, by the cookie of the request.
public struct LoggedInUser: Sendable {
    /// As of the last change.
    public var user: User
    /// The browser's session.
    public var session: UserSession
    /// What the user has to do before anything else.
    public var duty: Duty?

    /// Something that has to be done first.
    public enum Duty: Hashable, Sendable {
        /// The password has to be changed.
        case changePassword
        /// An authenticator app has to be set up.
        case enrolTOTP
    }
}

/// What a login came to so far.
public enum LoginStep: Sendable {
    /// The user is logged in.
    case done(NewSession)
    /// The password was right, and a code has to follow within five minutes; the ticket goes with it.
    case needsCode(ticket: String)
}

/// A link with which a user sets a password: shown once, and stored as a digest.
public struct UserLink: Hashable, Sendable {
    /// 32 hexadecimal digits.
    public var token: String
    /// It is good for nothing from this moment on.
    public var expiresAt: Timestamp

    /// Its path on the pages' listener.
    public var path: String { "/portal/welcome/" + token }
}
