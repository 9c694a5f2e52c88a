extension Schema {
    /// Work that takes longer than a request: imports, batches, exports.
    static let tasks = """
        -- account NULL: an operator's. parameters and result are JSON; fingerprint tells a batch that is sent again.
        CREATE TABLE task (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            account INTEGER,
            user TEXT NOT NULL,
            state TEXT NOT NULL,
            done INTEGER NOT NULL DEFAULT 0,
            total INTEGER NOT NULL DEFAULT 0,
            error TEXT NOT NULL DEFAULT '',
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            file_name TEXT NOT NULL DEFAULT '',
            parameters TEXT NOT NULL,
            result TEXT NOT NULL DEFAULT '',
            fingerprint BLOB,
            sent_at INTEGER
        ) STRICT;
        CREATE INDEX task_account ON task (account, created_at);
        CREATE INDEX task_open ON task (state, created_at) WHERE state IN ('waiting', 'running');
        CREATE INDEX task_expiry ON task (expires_at);
        CREATE INDEX task_fingerprint ON task (account, fingerprint, sent_at) WHERE fingerprint IS NOT NULL;
        """
}
