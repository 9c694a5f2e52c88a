import AdminProtocol
import Administration
import Engine
import Messaging

extension Administration {
    func answerUsers(
        _ request: AdminRequest.OneOf_Call
    ) async throws(AdministrationError) -> AdminResponse.OneOf_Result {
        switch request {
        case .userAdd(let add):
            .userLink(
                AdminUserLink(
                    try await addUser(
                        add.name, account: add.account.isEmpty ? nil : add.account, rights: add.rights,
                        language: add.language)))
        case .userList(let list):
            .users(
                AdminUsers(
                    try users(
                        of: list.account.isEmpty ? nil : list.account, after: list.cursor, limit: Int(list.limit))))
        case .userSet(let set):
            .user(
                AdminUser(
                    try await setUser(
                        set.name, rights: set.hasRights ? set.rights.texts : nil,
                        language: set.hasLanguage ? set.language : nil,
                        mustChangePassword: set.hasMustChangePassword ? set.mustChangePassword : nil)))
        case .userEnable(let enable): .user(AdminUser(try await enableUser(enable.name, enable.enabled)))
        case .userResetPassword(let reset): .userLink(AdminUserLink(try await resetPassword(reset.name)))
        case .userResetTotp(let reset): .user(AdminUser(try await resetTOTP(reset.name)))
        case .userSessionList(let list): .userSessions(AdminUserSessions(try sessions(of: list.name)))
        case .userSessionEnd(let end):
            .userSessions(
                AdminUserSessions(
                    try await endSessions(of: end.name, end.session.isEmpty ? nil : end.session)))
        case .auditList(let list): .audit(AdminAudit(try await audit(Self.query(list))))
        case .auditVerify: .auditProof(AdminAuditProof(try await verifyAudit()))
        default: throw Self.misplaced
        }
    }

    private static func query(_ list: AdminAuditList) throws(AdministrationError) -> AuditQuery {
        var query = AuditQuery(limit: Int(list.limit))
        if !list.user.isEmpty { query.user = list.user }
        if !list.target.isEmpty { query.target = list.target }
        if !list.action.isEmpty { query.action = list.action }
        if !list.cursor.isEmpty {
            guard let before = AuditEntryID(list.cursor), before > 0 else {
                throw AdministrationError(
                    kind: .invalid, message: "'\(list.cursor)' is no cursor of this list: begin again without one.",
                    field: "cursor")
            }
            query.before = before
        }
        return query
    }
}

extension AdminUser {
    fileprivate init(_ detail: UserDetail) {
        let user = detail.user
        self.init()
        name = user.name
        account = detail.account
        rights = user.rights.names
        language = user.language.rawValue
        enabled = user.isEnabled
        hasPassword_p = user.hasPassword
        mustChangePassword = user.mustChangePassword
        hasTotp_p = user.hasTOTP
        createdAtMs = user.createdAt.milliseconds
        lastLoginAtMs = user.lastLogin?.at.milliseconds ?? 0
        lastLoginAddress = user.lastLogin?.address ?? ""
        sessions = UInt32(clamping: detail.sessions)
    }
}

extension AdminUsers {
    fileprivate init(_ page: Page<UserDetail>) {
        self.init()
        users = page.items.map { AdminUser($0) }
        nextCursor = page.next ?? ""
    }
}

extension AdminUserLink {
    fileprivate init(_ answer: (user: UserDetail, link: UserLink)) {
        self.init()
        user = AdminUser(answer.user)
        path = answer.link.path
        expiresAtMs = answer.link.expiresAt.milliseconds
    }
}

extension AdminUserSessions {
    fileprivate init(_ sessions: [UserSession]) {
        self.init()
        self.sessions = sessions.map { session in
            var wire = AdminUserSession()
            wire.id = session.id.text
            wire.createdAtMs = session.createdAt.milliseconds
            wire.seenAtMs = session.seenAt.milliseconds
            wire.address = session.address
            wire.agent = session.agent
            return wire
        }
    }
}

extension AdminAudit {
    fileprivate init(_ page: AuditPage) {
        self.init()
        entries = page.entries.map { id, entry in
            var wire = AdminAuditEntry()
            wire.id = id.rawValue
            wire.atMs = entry.at.milliseconds
            wire.user = entry.user
            wire.address = entry.address
            wire.action = entry.action
            wire.target = entry.target
            wire.before = entry.before
            wire.after = entry.after
            return wire
        }
        nextCursor = page.next.map(\.description) ?? ""
    }
}

extension AdminAuditProof {
    fileprivate init(_ proof: (rows: Int64, wrong: AuditEntryID?)) {
        self.init()
        entries = proof.rows
        wrong = proof.wrong?.rawValue ?? 0
    }
}
