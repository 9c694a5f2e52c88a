extension Schema {
    /// What the ledger's entries up to `counter` 'ledger_proof' came to when they were proved last.
    static let clock = """
        CREATE TABLE ledger_proof (
            account INTEGER PRIMARY KEY, amount INTEGER NOT NULL, entries INTEGER NOT NULL
        ) STRICT;
        """
}
