extension Guodu.Customers {
    /// Endpoint, credentials and codes of INTERFACE.md.
    public var description: InterfaceDescription {
        InterfaceDescription(
            endpoints: [
                .init(
                    Guodu.path, "one text, or a text for each number",
                    [
                        .init(
                            Guodu.mobileField, .numbers, max: Guodu.numbersMax, isRequired: true,
                            "a comma at the end does not matter"),
                        .init(
                            Guodu.contentField, .text, max: Guodu.contentUnitsMax, isRequired: true,
                            "URL-encoded UTF-8"),
                        .init("SendTime", .time, "`yyyyMMddHHmmss` in China; empty: now"),
                        .init("AppendID", .digits, max: Guodu.extensionDigitsMax, "follows the access number"),
                    ])
            ],
            credentials: [.init("OperID", .login), .init("OperPass", .password("the interface password"))],
            codes: [
                .init("00", "several numbers, one text"), .init("01", "a text for each"),
                .init("03", "one number"), .init("02", "address not allowed"),
                .init("04", "no such account, or disabled"), .init("05", "password wrong, or locked out"),
                .init("06", "a parameter, too many numbers, too long, rejected by a rule"), .init("07", "SendTime"),
                .init("08", "content empty"), .init("09", "no number"),
                .init("10", "AppendID, also one that leaves no channel a number of 20 digits or less"),
                .init("11", "balance"), .init("12", "too many connections, or busy: try again"),
                .init("-1", "ours: a database that failed"),
            ])
    }
}
