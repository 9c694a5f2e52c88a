import GRDB
import Messaging

/// The tables of the database file, as steps that are applied once each, in order.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 spine") { db in
            try db.execute(sql: parties)
            try db.execute(sql: messages)
            try db.execute(sql: money)
            try db.execute(sql: inbound)
            try db.execute(sql: outbox)
        }
        migrator.registerMigration("2 routes") { db in try db.execute(sql: routes) }
        migrator.registerMigration("3 parking") { db in try db.execute(sql: parking) }
        migrator.registerMigration("4 records") { db in try db.execute(sql: records) }
        migrator.registerMigration("5 dialects") { db in try db.execute(sql: dialects) }
        migrator.registerMigration("5b tokens") { db in try db.execute(sql: tokens) }
        migrator.registerMigration("6 push") { db in try db.execute(sql: push) }
        migrator.registerMigration("7 rules") { db in try db.execute(sql: rules) }
        migrator.registerMigration("8 epochs") { db in try db.execute(sql: epochs) }
        migrator.registerMigration("9 carriers") { db in try db.execute(sql: carriers) }
        migrator.registerMigration("10 clock") { db in try db.execute(sql: clock) }
        migrator.registerMigration("11 access") { db in try db.execute(sql: access) }
        migrator.registerMigration("12 waiting") { db in try db.execute(sql: waiting) }
        migrator.registerMigration("13 extensions") { db in try db.execute(sql: extensions) }
        migrator.registerMigration("14 users") { db in try db.execute(sql: users) }
        migrator.registerMigration("15 subaccounts") { db in try db.execute(sql: subAccounts) }
        migrator.registerMigration("16 rollups") { db in try db.execute(sql: rollups) }
        migrator.registerMigration("17 tasks") { db in try db.execute(sql: tasks) }
        return migrator
    }

    private static let parties = """
        CREATE TABLE account (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            price INTEGER NOT NULL,
            payment TEXT NOT NULL,
            charge_unit TEXT NOT NULL,
            credit_limit INTEGER NOT NULL,
            refund_rule TEXT NOT NULL,
            allows_plain_password INTEGER NOT NULL,
            allowed_networks TEXT NOT NULL,
            access_extension TEXT NOT NULL,
            signature TEXT NOT NULL,
            connection_limit INTEGER NOT NULL,
            is_enabled INTEGER NOT NULL,
            sealed_secrets BLOB NOT NULL,
            balance INTEGER NOT NULL DEFAULT 0,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE channel (
            number INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            access_number TEXT NOT NULL,
            carriers INTEGER NOT NULL,
            priority INTEGER NOT NULL,
            rate_per_second INTEGER,
            connection_limit INTEGER NOT NULL,
            is_enabled INTEGER NOT NULL,
            dialect TEXT NOT NULL,
            url TEXT NOT NULL,
            user TEXT NOT NULL,
            sealed_password BLOB NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT;
        -- The numbers that are given out once, ever: the next free one of each kind.
        CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        """

    private static let messages = """
        -- One content and whom it goes to; id is the sequence of its first recipient.
        CREATE TABLE submission (
            id INTEGER PRIMARY KEY,
            account INTEGER NOT NULL,
            accepted_at INTEGER NOT NULL,
            scheduled_at INTEGER,
            segments INTEGER NOT NULL,
            segment_cost INTEGER NOT NULL,
            recipients INTEGER NOT NULL,
            content TEXT NOT NULL,
            custom_id TEXT NOT NULL,
            custom_data TEXT NOT NULL,
            access_extension TEXT NOT NULL,
            service_type TEXT NOT NULL
        ) STRICT;
        -- mobile 0: not a number; its text is in invalid_number.
        CREATE TABLE message (
            sequence INTEGER PRIMARY KEY,
            submission INTEGER NOT NULL,
            mobile INTEGER NOT NULL,
            state INTEGER NOT NULL,
            attempt INTEGER,
            reported INTEGER NOT NULL DEFAULT 0,
            status TEXT,
            final_at INTEGER,
            first_report INTEGER,
            last_report INTEGER
        ) STRICT;
        CREATE TABLE invalid_number (sequence INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
        CREATE TABLE schedule (
            due_at INTEGER NOT NULL, submission INTEGER NOT NULL, PRIMARY KEY (due_at, submission)
        ) STRICT, WITHOUT ROWID;
        -- One call to a carrier; messages is a SequenceRuns.
        CREATE TABLE attempt (
            id INTEGER PRIMARY KEY,
            channel INTEGER NOT NULL,
            begun_at INTEGER NOT NULL,
            state INTEGER NOT NULL,
            settled_at INTEGER,
            carrier_id INTEGER,
            detail TEXT,
            messages BLOB NOT NULL
        ) STRICT;
        CREATE INDEX attempt_carrier_id ON attempt (channel, carrier_id) WHERE carrier_id IS NOT NULL;
        CREATE INDEX attempt_open ON attempt (state, id) WHERE \(AttemptState.openCondition);
        -- What is out of the ordinary in a message's life; the ordinary is derived from the other tables.
        CREATE TABLE event (
            sequence INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL
        ) STRICT;
        CREATE INDEX event_sequence ON event (sequence);
        """

    private static let money = """
        -- Every movement of every balance; reference is the submission or message it is about.
        CREATE TABLE ledger (
            id INTEGER PRIMARY KEY,
            account INTEGER NOT NULL,
            at INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            amount INTEGER NOT NULL,
            reference INTEGER,
            note TEXT
        ) STRICT;
        CREATE INDEX ledger_refund ON ledger (reference) WHERE kind = \(LedgerKind.refund.rawValue);
        -- Kept up in the commits that change them; day is yyyymmdd in China, of acceptance.
        CREATE TABLE account_total (
            account INTEGER NOT NULL, day INTEGER NOT NULL,
            messages INTEGER NOT NULL, segments INTEGER NOT NULL,
            delivered INTEGER NOT NULL, failed INTEGER NOT NULL,
            charged INTEGER NOT NULL, refunded INTEGER NOT NULL,
            PRIMARY KEY (account, day)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE channel_total (
            channel INTEGER NOT NULL, day INTEGER NOT NULL,
            submitted INTEGER NOT NULL, refused INTEGER NOT NULL,
            delivered INTEGER NOT NULL, failed INTEGER NOT NULL,
            PRIMARY KEY (channel, day)
        ) STRICT, WITHOUT ROWID;
        """

    private static let inbound = """
        -- What a carrier handed us, as it came; gone when every item in it is applied or parked.
        CREATE TABLE inbound (
            id INTEGER PRIMARY KEY,
            channel INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            failure TEXT,
            body BLOB NOT NULL
        ) STRICT;
        CREATE TABLE parked_report (
            id INTEGER PRIMARY KEY,
            channel INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            custom_id TEXT NOT NULL,
            carrier_id INTEGER,
            segment INTEGER,
            segments INTEGER NOT NULL,
            mobile TEXT NOT NULL,
            status TEXT NOT NULL,
            detail TEXT NOT NULL,
            reported_at INTEGER
        ) STRICT;
        CREATE TABLE parked_reply (
            id INTEGER PRIMARY KEY,
            channel INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            mobile TEXT NOT NULL,
            access_number TEXT NOT NULL,
            content TEXT NOT NULL,
            replied_at INTEGER
        ) STRICT;
        """

    private static let parking = """
        ALTER TABLE channel ADD COLUMN uncertain_rule TEXT NOT NULL DEFAULT 'hold';
        ALTER TABLE channel ADD COLUMN uncertain_after INTEGER NOT NULL DEFAULT 1800000;
        -- Ids are never given out twice: an operator, or a second one who applies a body, must not hit upon another.
        ALTER TABLE inbound RENAME TO inbound_before;
        CREATE TABLE inbound (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            channel INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            failure TEXT,
            body BLOB NOT NULL
        ) STRICT;
        INSERT INTO inbound SELECT id, channel, kind, received_at, failure, body FROM inbound_before;
        DROP TABLE inbound_before;
        -- tries, next_try_at: while expired_at is NULL it is tried again by itself.
        ALTER TABLE parked_report RENAME TO parked_report_before;
        CREATE TABLE parked_report (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            channel INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            custom_id TEXT NOT NULL,
            carrier_id INTEGER,
            segment INTEGER,
            segments INTEGER NOT NULL,
            mobile TEXT NOT NULL,
            status TEXT NOT NULL,
            detail TEXT NOT NULL,
            reported_at INTEGER,
            tries INTEGER NOT NULL DEFAULT 0,
            next_try_at INTEGER NOT NULL DEFAULT 0,
            expired_at INTEGER
        ) STRICT;
        INSERT INTO parked_report SELECT *, 0, 0, NULL FROM parked_report_before;
        DROP TABLE parked_report_before;
        CREATE INDEX parked_report_due ON parked_report (next_try_at) WHERE expired_at IS NULL;
        CREATE INDEX parked_report_expired ON parked_report (expired_at) WHERE expired_at IS NOT NULL;
        -- For a submit reply that comes after its reports: the mask takes the segment off a carrier's number.
        CREATE INDEX parked_report_carrier_id ON parked_report (channel, carrier_id & \(MessageID.sequenceMax))
            WHERE expired_at IS NULL AND carrier_id IS NOT NULL;
        ALTER TABLE parked_reply RENAME TO parked_reply_before;
        CREATE TABLE parked_reply (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            channel INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            mobile TEXT NOT NULL,
            access_number TEXT NOT NULL,
            content TEXT NOT NULL,
            replied_at INTEGER,
            carrier_id INTEGER,
            tries INTEGER NOT NULL DEFAULT 0,
            next_try_at INTEGER NOT NULL DEFAULT 0,
            expired_at INTEGER
        ) STRICT;
        INSERT INTO parked_reply SELECT *, NULL, 0, 0, NULL FROM parked_reply_before;
        DROP TABLE parked_reply_before;
        CREATE INDEX parked_reply_due ON parked_reply (next_try_at) WHERE expired_at IS NULL;
        CREATE INDEX parked_reply_expired ON parked_reply (expired_at) WHERE expired_at IS NOT NULL;
        CREATE INDEX inbound_pending ON inbound (id) WHERE failure IS NULL;
        CREATE INDEX inbound_unreadable ON inbound (received_at) WHERE failure IS NOT NULL;
        -- Replies of the last day that bear the carrier's time or id, so that one that is pushed again is known.
        CREATE TABLE reply_seen (
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            channel INTEGER NOT NULL,
            mobile TEXT NOT NULL,
            replied_at INTEGER NOT NULL,
            carrier_id INTEGER NOT NULL,
            access_number TEXT NOT NULL,
            content TEXT NOT NULL,
            UNIQUE (channel, mobile, replied_at, carrier_id, access_number, content)
        ) STRICT;
        CREATE INDEX reply_seen_at ON reply_seen (at);
        """

    private static let outbox = """
        -- What customers collect, in the order of id; each account's cursor says how far it has.
        CREATE TABLE report (
            account INTEGER NOT NULL, id INTEGER NOT NULL,
            sequence INTEGER NOT NULL, segment INTEGER NOT NULL,
            status TEXT NOT NULL, reported_at INTEGER NOT NULL,
            PRIMARY KEY (account, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE reply (
            account INTEGER NOT NULL, id INTEGER NOT NULL,
            mobile TEXT NOT NULL, access_number TEXT NOT NULL, access_extension TEXT NOT NULL,
            received_at INTEGER NOT NULL, content TEXT NOT NULL,
            PRIMARY KEY (account, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE outbox_cursor (
            account INTEGER NOT NULL, kind INTEGER NOT NULL, collected_through INTEGER NOT NULL,
            PRIMARY KEY (account, kind)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE collection (
            account INTEGER NOT NULL, kind INTEGER NOT NULL, through INTEGER NOT NULL,
            first INTEGER NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (account, kind, through)
        ) STRICT, WITHOUT ROWID;
        """

    /// Where to find messages by number and by account. Written in chunks of `RecordChunk.size` message sequences, each
    /// sorted as a whole: rows are only ever appended, however many there are.
    private static let records = """
        CREATE TABLE number_index (
            chunk INTEGER NOT NULL, mobile INTEGER NOT NULL, sequence INTEGER NOT NULL,
            PRIMARY KEY (chunk, mobile, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE account_index (
            chunk INTEGER NOT NULL, account INTEGER NOT NULL, submission INTEGER NOT NULL,
            PRIMARY KEY (chunk, account, submission)
        ) STRICT, WITHOUT ROWID;
        """
}

// MARK: What later versions add

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

    /// What the ledger's entries up to `counter` 'ledger_proof' came to when they were proved last.
    static let clock = """
        CREATE TABLE ledger_proof (
            account INTEGER PRIMARY KEY, amount INTEGER NOT NULL, entries INTEGER NOT NULL
        ) STRICT;
        """

    /// Columns of the dialects beside OperatorV2.
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

    /// The carrier's number of a parked report's message: its id without what the segment adds. What a query says of
    /// it must be the same text for the index to be used.
    static let carrierNumber = "(carrier_id - (max(coalesce(segment, 1), 1) - 1) * \(MessageID.segmentStride))"

    /// Carriers' ids have 64 bits: a mask of the low 34 takes two messages of different epochs for one.
    static let epochs = """
        DROP INDEX parked_report_carrier_id;
        CREATE INDEX parked_report_carrier_id ON parked_report (channel, \(carrierNumber))
            WHERE expired_at IS NULL AND carrier_id IS NOT NULL;
        """

    /// What a message went out under, how its number was written, and which message a reply answers.
    static let extensions = """
        -- The account's part of the extension when it was accepted; NULL: as the account has it now.
        ALTER TABLE submission ADD COLUMN account_extension TEXT;
        -- A PhoneNumber.Writing.
        ALTER TABLE message ADD COLUMN written INTEGER NOT NULL DEFAULT 0;
        -- What the channel's number was, and the code of the ExtensionRoom behind it; NULL: as they are now, and any.
        ALTER TABLE attempt ADD COLUMN access_number TEXT;
        ALTER TABLE attempt ADD COLUMN extension_room INTEGER;
        -- The message that it answers; NULL: not known.
        ALTER TABLE reply ADD COLUMN answers INTEGER;
        """

    /// The account's part of the extension of the submission `s`, as an expression.
    static let accountExtension =
        "COALESCE(s.account_extension, (SELECT access_extension FROM account WHERE number = s.account), '')"

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

    /// Until when messages are worth sending, in milliseconds (`valid_for`: a length of time), and since when a channel
    /// is paused; NULL where there is none.
    static let waiting = """
        ALTER TABLE account ADD COLUMN valid_for INTEGER;
        ALTER TABLE submission ADD COLUMN valid_until INTEGER;
        ALTER TABLE channel ADD COLUMN paused_at INTEGER;
        """
}
