extension Schema {
    /// The people who log in to the pages, and the trail of what was changed.
    static let users = """
        -- account NULL: an operator. password: a PasswordHash, NULL before the first is set. totp_step: the last step
        -- whose code was taken.
        CREATE TABLE user (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            folded_name TEXT NOT NULL UNIQUE,
            account INTEGER,
            rights INTEGER NOT NULL,
            language TEXT NOT NULL,
            password TEXT,
            must_change_password INTEGER NOT NULL DEFAULT 0,
            sealed_totp BLOB,
            totp_step INTEGER NOT NULL DEFAULT -1,
            is_enabled INTEGER NOT NULL DEFAULT 1,
            created_at INTEGER NOT NULL,
            last_login_at INTEGER,
            last_login_address TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE INDEX user_account ON user (account, folded_name);
        -- digest: SHA-256 of the secret in the cookie.
        CREATE TABLE user_session (
            id TEXT PRIMARY KEY,
            user INTEGER NOT NULL,
            digest BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            seen_at INTEGER NOT NULL,
            authenticated_at INTEGER NOT NULL,
            address TEXT NOT NULL,
            agent TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX user_session_user ON user_session (user);
        -- SHA-256 of codes that log in once each in the place of an authenticator app's.
        CREATE TABLE recovery_code (
            user INTEGER NOT NULL, digest BLOB NOT NULL, used_at INTEGER, PRIMARY KEY (user, digest)
        ) STRICT, WITHOUT ROWID;
        -- SHA-256 of the token of a link with which a user sets a password.
        CREATE TABLE user_link (
            digest BLOB PRIMARY KEY, user INTEGER NOT NULL, expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX user_link_user ON user_link (user);
        -- Rows are only added. digest: of the row and the digest of the row before.
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            user TEXT NOT NULL,
            address TEXT NOT NULL,
            action TEXT NOT NULL,
            target TEXT NOT NULL,
            before TEXT NOT NULL,
            after TEXT NOT NULL,
            digest BLOB NOT NULL
        ) STRICT;
        CREATE INDEX audit_user ON audit (user COLLATE NOCASE, id);
        CREATE INDEX audit_target ON audit (target COLLATE NOCASE, id);
        CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit trail is not changed'); END;
        CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit trail is not shortened'); END;
        """
}
