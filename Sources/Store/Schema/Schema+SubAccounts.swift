extension Schema {
    /// Accounts below accounts, who paid for a submission, and alerts of low balances.
    static let subAccounts = """
        -- The account that it is below; NULL for none.
        ALTER TABLE account ADD COLUMN parent INTEGER;
        ALTER TABLE account ADD COLUMN shares_balance INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE account ADD COLUMN sub_price_floor INTEGER NOT NULL DEFAULT 0;
        -- In the account's charge unit; 0: any amount.
        ALTER TABLE account ADD COLUMN spend_per_day_max INTEGER NOT NULL DEFAULT 0;
        -- Numbers with blanks between; repeat in milliseconds; threshold 0: no alerts.
        ALTER TABLE account ADD COLUMN alert_threshold INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE account ADD COLUMN alert_numbers TEXT NOT NULL DEFAULT '';
        ALTER TABLE account ADD COLUMN alert_webhook TEXT NOT NULL DEFAULT '';
        ALTER TABLE account ADD COLUMN alert_form TEXT NOT NULL DEFAULT 'json';
        ALTER TABLE account ADD COLUMN alert_repeat INTEGER NOT NULL DEFAULT 21600000;
        -- Whose balance and ledger the charge and its refunds are of; NULL: the account's own.
        ALTER TABLE submission ADD COLUMN payer INTEGER;
        -- What was reported of a balance. notice: what is to be sent still, NULL for nothing; the figures are those of
        -- its time. sms_done, webhook_done: what of it is sent.
        CREATE TABLE balance_alert (
            account INTEGER PRIMARY KEY,
            low_since INTEGER, reported_at INTEGER, is_reported INTEGER NOT NULL,
            notice TEXT, balance INTEGER NOT NULL DEFAULT 0, threshold INTEGER NOT NULL DEFAULT 0,
            noticed_at INTEGER NOT NULL DEFAULT 0,
            sms_done INTEGER NOT NULL DEFAULT 0, webhook_done INTEGER NOT NULL DEFAULT 0,
            tries INTEGER NOT NULL DEFAULT 0,
            next_try_at INTEGER NOT NULL DEFAULT 0,
            answered_at INTEGER, answer TEXT NOT NULL DEFAULT ''
        ) STRICT;
        """
}
