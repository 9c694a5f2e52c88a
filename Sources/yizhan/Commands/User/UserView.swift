import AdminProtocol
import Messaging

/// A user as the command line prints it.
struct UserView {
    private let user: AdminUser

    init(_ user: AdminUser) {
        self.user = user
    }

    var json: JSONText {
        .object([
            ("name", .string(user.name)), ("account", .optional(user.account)), ("rights", .strings(user.rights)),
            ("language", .string(user.language)), ("enabled", .bool(user.enabled)),
            ("has_password", .bool(user.hasPassword_p)), ("must_change_password", .bool(user.mustChangePassword)),
            ("has_totp", .bool(user.hasTotp_p)), ("created_at_ms", .moment(user.createdAtMs)),
            ("last_login_at_ms", .moment(user.lastLoginAtMs)),
            ("last_login_address", .optional(user.lastLoginAddress)), ("sessions", .integer(user.sessions)),
        ])
    }

    var text: String {
        TextTable.pairs([
            ("name", user.name), ("of", owner), ("rights", user.rights.joined(separator: ",")),
            ("language", user.language), ("state", state), ("authenticator app", user.hasTotp_p ? "on" : "off"),
            ("created", Timestamp.text(user.createdAtMs)), ("last login", lastLogin),
            ("sessions", "\(user.sessions)"),
        ])
    }

    private var owner: String { user.account.isEmpty ? "operator" : "account \(user.account)" }

    private var state: String {
        if !user.enabled { return "disabled" }
        if !user.hasPassword_p { return "without a password" }
        return user.mustChangePassword ? "must change its password" : "enabled"
    }

    private var lastLogin: String {
        if user.lastLoginAtMs == 0 { return "never" }
        let address = user.lastLoginAddress.isEmpty ? "" : " from \(user.lastLoginAddress)"
        return Timestamp.text(user.lastLoginAtMs) + address
    }

    static func table(_ users: [AdminUser]) -> String {
        var table = TextTable([
            ("NAME", .left), ("OF", .left), ("STATE", .left), ("TOTP", .left), ("SESSIONS", .right),
            ("LAST LOGIN (CHINA)", .left), ("RIGHTS", .left),
        ])
        for view in users.map({ UserView($0) }) {
            table.add([
                view.user.name, view.owner, view.state, view.user.hasTotp_p ? "on" : "off",
                "\(view.user.sessions)", view.lastLogin, view.user.rights.joined(separator: ","),
            ])
        }
        return table.text
    }

    // MARK: Sessions

    static func json(of session: AdminUserSession) -> JSONText {
        .object([
            ("id", .string(session.id)), ("created_at_ms", .moment(session.createdAtMs)),
            ("seen_at_ms", .moment(session.seenAtMs)), ("address", .optional(session.address)),
            ("agent", .optional(session.agent)),
        ])
    }

    static func table(_ sessions: [AdminUserSession]) -> String {
        var table = TextTable([
            ("SESSION", .left), ("SINCE (CHINA)", .left), ("SEEN", .left), ("FROM", .left), ("BROWSER", .left),
        ])
        for session in sessions {
            table.add([
                session.id, Timestamp.text(session.createdAtMs), Timestamp.text(session.seenAtMs), session.address,
                session.agent,
            ])
        }
        return table.text
    }
}

extension AdminOptions {
    func show(_ user: AdminUser) throws {
        try show(json: UserView(user).json, text: UserView(user).text)
    }

    /// The path stands alone on the first line, so that a script can take it.
    func show(_ link: AdminUserLink) throws {
        let view = UserView(link.user)
        try show(
            json: .object([
                ("user", view.json), ("path", .string(link.path)), ("expires_at_ms", .moment(link.expiresAtMs)),
            ]),
            text: "\(link.path)\nThe link above, on the address of the pages, sets the password of \(link.user.name). "
                + "It is shown only now and is good once, until \(Timestamp.text(link.expiresAtMs)).\n\(view.text)")
    }
}

extension AdminClient {
    func user(_ request: AdminRequest.OneOf_Call) throws(AdminClientError) -> AdminUser {
        guard case .user(let user) = try call(request) else { throw Self.unexpected }
        return user
    }

    func userLink(_ request: AdminRequest.OneOf_Call) throws(AdminClientError) -> AdminUserLink {
        guard case .userLink(let link) = try call(request) else { throw Self.unexpected }
        return link
    }

    func userSessions(_ request: AdminRequest.OneOf_Call) throws(AdminClientError) -> [AdminUserSession] {
        guard case .userSessions(let sessions) = try call(request) else { throw Self.unexpected }
        return sessions.sessions
    }
}
