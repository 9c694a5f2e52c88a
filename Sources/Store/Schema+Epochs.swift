extension Schema {
    /// The carrier's number of a parked report's message: its id without what the segment adds. What a query says of
    /// it must be the same text for the index to be used.
    static let carrierNumber = "(carrier_id - (max(coalesce(segment, 1), 1) - 1) * 17179869184)"

    /// Carriers' ids have 64 bits: a mask of the low 34 takes two messages of different epochs for one.
    static let epochs = """
        DROP INDEX parked_report_carrier_id;
        CREATE INDEX parked_report_carrier_id ON parked_report (channel, \(carrierNumber))
            WHERE expired_at IS NULL AND carrier_id IS NOT NULL;
        """
}
