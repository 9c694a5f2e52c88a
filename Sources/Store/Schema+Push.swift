extension Schema {
    static let push = """
        ALTER TABLE account ADD COLUMN push_report_url TEXT NOT NULL DEFAULT '';
        ALTER TABLE account ADD COLUMN push_reply_url TEXT NOT NULL DEFAULT '';
        ALTER TABLE account ADD COLUMN push_dialect TEXT NOT NULL DEFAULT 'operator-v2';
        ALTER TABLE account ADD COLUMN push_format TEXT NOT NULL DEFAULT 'form';
        ALTER TABLE account ADD COLUMN push_private INTEGER NOT NULL DEFAULT 0;
        -- answer NULL: collected by the customer; else pushed, and what came of it; '' while that is not known.
        ALTER TABLE collection ADD COLUMN answer TEXT;
        CREATE INDEX collection_at ON collection (account, kind, at);
        -- One account's pushes of one kind. requests: the last seqid. is_under_way: a request is out whose entries are
        -- not collected yet. failing_since: the first failure since the last success.
        CREATE TABLE push_lane (
            account INTEGER NOT NULL, kind INTEGER NOT NULL,
            requests INTEGER NOT NULL DEFAULT 0, is_under_way INTEGER NOT NULL DEFAULT 0,
            failing_since INTEGER, failures INTEGER NOT NULL DEFAULT 0, next_try_at INTEGER,
            answered_at INTEGER, answer TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (account, kind)
        ) STRICT, WITHOUT ROWID;
        -- Entries that are pushed once more: those behind position, up to through.
        CREATE TABLE push_replay (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            account INTEGER NOT NULL, kind INTEGER NOT NULL,
            position INTEGER NOT NULL, through INTEGER NOT NULL, made_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX push_replay_account ON push_replay (account, kind);
        """
}
