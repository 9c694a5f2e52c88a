extension ApiV1.Customers {
    /// Endpoints, credentials and codes of INTERFACE.md.
    public var description: InterfaceDescription {
        InterfaceDescription(
            endpoints: [
                .init(
                    ApiV1.Operation.send.path, "one text to numbers",
                    [
                        .init("mobiles", .numbers, max: ApiV1.numbersMax, isRequired: true, ""),
                        .init("content", .text, max: ApiV1.contentUnitsMax, isRequired: true, "UTF-8"),
                        .init(
                            "taskId", .text, max: ApiV1.taskIDBytesMax, "the customer's key; its length counts bytes"),
                        .init("extNo", .digits, max: ApiV1.extensionDigitsMax, "a positive integer"),
                    ]),
                .init(ApiV1.Operation.fetchReports.path, "up to \(ApiV1.fetchMax) reports, each once"),
                .init(ApiV1.Operation.fetchReplies.path, "up to \(ApiV1.fetchMax) replies, each once"),
                .init(ApiV1.Operation.balance.path, "balance, and how the account pays"),
            ],
            credentials: [.init("account", .login), .init("pwd", .password("MD5 of the interface password"))],
            codes: [
                .init("00", "ok"), .init("01", "a parameter"),
                .init("02", "account or password wrong, or locked out"), .init("03", "address not allowed"),
                .init("04", "balance"), .init("05", "too many numbers"), .init("06", "content empty or too long"),
                .init("07", "`taskId` repeated"), .init("08", "account disabled"), .init("09", "too frequent, or busy"),
                .init("10", "content or number rejected"), .init("99", "ours"),
            ])
    }
}
