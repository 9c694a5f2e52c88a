import Engine
import Messaging

/// Who is at the browser.
struct Visitor: Sendable {
    var language: Language
    var address: IPAddress?
    var agent: String
    var isSecure: Bool
    /// Nil before the login.
    var login: PortalLogin?
}

/// A user who is logged in.
struct PortalLogin: Sendable {
    var user: User
    /// The user's account; nil for an operator.
    var account: AccountEntry?
    /// The browser's.
    var session: UserSession
    /// Whether the password was given within the last 30 minutes: before money, secrets and full numbers.
    var isFresh: Bool
    /// What has to be done before anything else.
    var duty: LoggedInUser.Duty?
}
