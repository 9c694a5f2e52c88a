extension Schema {
    /// What the five dialects need beyond dialect 002.
    static let dialects = """
        ALTER TABLE account ADD COLUMN enterprise_id TEXT NOT NULL DEFAULT '';
        ALTER TABLE account ADD COLUMN client_id TEXT NOT NULL DEFAULT '';
        ALTER TABLE account ADD COLUMN sp_code TEXT NOT NULL DEFAULT '';
        ALTER TABLE account ADD COLUMN sms_serial_strict INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE account ADD COLUMN no_data_code INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE channel ADD COLUMN enterprise_id TEXT NOT NULL DEFAULT '';
        ALTER TABLE channel ADD COLUMN client_id TEXT NOT NULL DEFAULT '';
        ALTER TABLE channel ADD COLUMN sp_code TEXT NOT NULL DEFAULT '';
        ALTER TABLE channel ADD COLUMN sealed_client_secret BLOB;
        -- The first submission of the request that it came in; NULL for that one itself.
        ALTER TABLE submission ADD COLUMN request INTEGER;
        -- Customers' own keys of requests, for good: none is carried out twice.
        CREATE TABLE submission_key (
            account INTEGER NOT NULL, key TEXT NOT NULL, submission INTEGER NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (account, key)
        ) STRICT, WITHOUT ROWID;
        -- The carrier's name of a whole call, where it numbers no messages.
        ALTER TABLE attempt ADD COLUMN carrier_key TEXT;
        CREATE INDEX attempt_carrier_key ON attempt (channel, carrier_key) WHERE carrier_key IS NOT NULL;
        ALTER TABLE parked_report ADD COLUMN carrier_key TEXT;
        CREATE INDEX parked_report_carrier_key ON parked_report (channel, carrier_key)
            WHERE expired_at IS NULL AND carrier_key IS NOT NULL;
        """
}
