extension Schema {
    /// Until when messages are worth sending, in milliseconds (`valid_for`: a length of time), and since when a channel
    /// is paused; NULL where there is none.
    static let waiting = """
        ALTER TABLE account ADD COLUMN valid_for INTEGER;
        ALTER TABLE submission ADD COLUMN valid_until INTEGER;
        ALTER TABLE channel ADD COLUMN paused_at INTEGER;
        """
}
