extension Schema {
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
}
