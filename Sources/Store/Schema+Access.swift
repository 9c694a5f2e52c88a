extension Schema {
    /// Accounts' logins, the addresses that they were right from, and refused requests.
    static let access = """
        -- Names in the dialects where they are not the id: "operator-v2=J10003 guodu=shop".
        ALTER TABLE account ADD COLUMN logins TEXT NOT NULL DEFAULT '';
        -- Where right credentials came from lately; address is an AddressBlock.
        CREATE TABLE known_address (
            account INTEGER NOT NULL, address TEXT NOT NULL, seen_at INTEGER NOT NULL,
            PRIMARY KEY (account, address)
        ) STRICT, WITHOUT ROWID;
        -- day is yyyymmdd in China; account 0 is none of ours.
        CREATE TABLE refusal (
            id INTEGER PRIMARY KEY,
            day INTEGER NOT NULL,
            account INTEGER NOT NULL,
            name TEXT NOT NULL,
            dialect TEXT NOT NULL,
            code TEXT NOT NULL,
            rule TEXT NOT NULL,
            mobile TEXT NOT NULL,
            address TEXT NOT NULL,
            times INTEGER NOT NULL,
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            UNIQUE (day, account, name, dialect, code, rule, mobile, address)
        ) STRICT;
        CREATE INDEX refusal_last ON refusal (last_at, id);
        """
}
