extension Schema {
    /// What accounts' messages must not be; an account without a row has everything off.
    static let rules = """
        CREATE TABLE account_rule (
            account INTEGER PRIMARY KEY,
            requires_template INTEGER NOT NULL,
            checks_signature INTEGER NOT NULL,
            uses_blacklist INTEGER NOT NULL,
            takes_opt_outs INTEGER NOT NULL,
            limits TEXT NOT NULL
        ) STRICT;
        CREATE TABLE template (
            account INTEGER NOT NULL, id TEXT NOT NULL, text TEXT NOT NULL, created_at INTEGER NOT NULL,
            PRIMARY KEY (account, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE blocked_word (
            account INTEGER NOT NULL, word TEXT NOT NULL, PRIMARY KEY (account, word)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE blacklist (
            account INTEGER NOT NULL, mobile INTEGER NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL,
            PRIMARY KEY (account, mobile)
        ) STRICT, WITHOUT ROWID;
        """
}
