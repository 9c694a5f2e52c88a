extension Schema {
    /// Against carriers that repeat themselves, and callback tokens of their own.
    static let carriers = """
        -- NULL: the token that is derived from the master key.
        ALTER TABLE channel ADD COLUMN sealed_callback_token BLOB;
        ALTER TABLE channel ADD COLUMN sealed_callback_token_before BLOB;
        ALTER TABLE channel ADD COLUMN callback_before_until INTEGER NOT NULL DEFAULT 0;
        -- Words with blanks between; empty: any address.
        ALTER TABLE channel ADD COLUMN callback_networks TEXT NOT NULL DEFAULT '';
        -- Of all that tells one from another; NULL: parked before there were any.
        ALTER TABLE parked_report ADD COLUMN fingerprint INTEGER;
        CREATE INDEX parked_report_fingerprint ON parked_report (channel, fingerprint);
        ALTER TABLE parked_reply ADD COLUMN fingerprint INTEGER;
        CREATE INDEX parked_reply_fingerprint ON parked_reply (channel, fingerprint);
        -- Of a body that cannot be read; how often it came, and when last.
        ALTER TABLE inbound ADD COLUMN fingerprint INTEGER;
        ALTER TABLE inbound ADD COLUMN copies INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE inbound ADD COLUMN last_at INTEGER;
        CREATE INDEX inbound_fingerprint ON inbound (channel, fingerprint) WHERE failure IS NOT NULL;
        -- How often it happened, and when last if that is more than once.
        ALTER TABLE event ADD COLUMN times INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE event ADD COLUMN last_at INTEGER;
        """
}
