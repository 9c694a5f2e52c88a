import Messaging

extension Schema {
    /// What the pages of records and bills show without counting messages.
    static let rollups = """
        -- unsent: failed messages that no carrier had. timed: delivered ones whose time is noted; delivered_fast: of
        -- these, those within AccountTotal.fastMilliseconds.
        ALTER TABLE account_total ADD COLUMN unsent INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE account_total ADD COLUMN timed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE account_total ADD COLUMN delivered_fast INTEGER NOT NULL DEFAULT 0;
        -- Failed messages by the code of their status; day is that of account_total.
        CREATE TABLE failure_total (
            account INTEGER NOT NULL, day INTEGER NOT NULL, status TEXT NOT NULL, messages INTEGER NOT NULL,
            PRIMARY KEY (account, day, status)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX ledger_recharge ON ledger (account) WHERE \(LedgerKind.recharge.condition);
        CREATE INDEX reply_mobile ON reply (mobile);
        -- Filters with numbers and texts, which are to be in no URL. owner: who may use it.
        CREATE TABLE saved_query (
            id TEXT PRIMARY KEY, owner TEXT NOT NULL, body TEXT NOT NULL, expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX saved_query_expiry ON saved_query (expires_at);
        CREATE INDEX saved_query_owner ON saved_query (owner, expires_at);
        """
}

extension LedgerKind {
    /// For rows of `ledger`.
    var condition: String { "kind = \(rawValue)" }
}
