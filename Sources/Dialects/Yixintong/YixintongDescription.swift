extension Yixintong.Customers {
    /// Endpoints, credentials and codes of INTERFACE.md.
    public var description: InterfaceDescription {
        let send: [InterfaceDescription.Field] = [
            .init("type", .digits, max: 1, "`1` or nothing"),
            .init("userNumber", .numbers, max: Yixintong.numbersMax, isRequired: true, ""),
            .init("templateId", .ascii, "`0` or nothing: free text"),
            .init("messageContent", .text, max: Yixintong.contentUnitsMax, isRequired: true, "UTF-8"),
            .init("serialNumber", .digits, max: Yixintong.serialDigitsMax, "the customer's key"),
            .init("extendAccessNum", .digits, max: Yixintong.extensionDigitsMax, "follows the access number"),
        ]
        return InterfaceDescription(
            endpoints: [
                .init(Yixintong.Operation.send.path, "one text to numbers", send),
                .init(
                    Yixintong.Operation.fetchReports.path, "up to \(Yixintong.reportsMax) reports, each once"),
                .init(
                    Yixintong.Operation.fetchReplies.path,
                    "up to \(Yixintong.repliesMax) replies, which stay until they are confirmed"),
                .init(
                    Yixintong.Operation.confirmReplies.path, "all replies up to this one have arrived",
                    [.init("maxId", .digits, isRequired: true, "of the query's answer")]),
            ],
            credentials: [
                .init("x-sp-code", .spCode), .init("x-app-key", .login),
                .init("x-sign", .appSecret("SM3 with the app secret")),
            ],
            codes: [
                .init("0", "ok"), .init("1", "a parameter, or rejected by a rule"),
                .init("2", "no such account, disabled, or without an app secret"), .init("3", "x-sp-code"),
                .init("5", "address not allowed"), .init("9", "too many numbers"),
                .init("11", "too frequent, locked out, busy"), .init("13", "balance"),
                .init("14", "serialNumber's form"), .init("15", "serialNumber repeated"), .init("20", "ours"),
                .init("28", "not its template's text"), .init("35", "x-sign wrong, or x-request-id seen before"),
                .init("38", "nothing there"), .init("39", "type"), .init("505", "something missing"),
                .init("507", "x-request-id more than 5 minutes off (does not count as wrong credentials)"),
            ])
    }
}
