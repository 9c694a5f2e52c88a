extension Schema {
    /// Lists are words with blanks between, codes with commas.
    static let routes = """
        CREATE TABLE route (
            name TEXT PRIMARY KEY,
            priority INTEGER NOT NULL,
            accounts TEXT NOT NULL,
            carriers INTEGER NOT NULL,
            prefixes TEXT NOT NULL,
            channels TEXT NOT NULL,
            retry_codes TEXT NOT NULL,
            is_enabled INTEGER NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE ported (mobile INTEGER PRIMARY KEY, carrier INTEGER NOT NULL) STRICT;
        -- Messages that are or were tried on a second channel: the first attempt, its channel, and how it was reported.
        CREATE TABLE retry (
            sequence INTEGER PRIMARY KEY,
            attempt INTEGER NOT NULL,
            channel INTEGER NOT NULL,
            status TEXT NOT NULL
        ) STRICT;
        ALTER TABLE channel ADD COLUMN weight INTEGER NOT NULL DEFAULT 1;
        """
}
