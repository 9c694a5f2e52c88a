extension OperatorV2.Customers {
    /// Endpoints, credentials and codes of INTERFACE.md; the later names of the sends are not among them.
    public var description: InterfaceDescription {
        let send: [InterfaceDescription.Field] = [
            .init("content", .text, max: OperatorV2.contentUnitsMax, isRequired: true, "percent-encoded GBK or UTF-8"),
            .init("svrtype", .ascii, max: OperatorV2.serviceTypeBytesMax, "letters and digits"),
            .init("exno", .digits, max: OperatorV2.extensionDigitsMax, "follows the access number"),
            .init("custid", .ascii, max: OperatorV2.customIDBytesMax, "comes back in reports"),
            .init("exdata", .ascii, max: OperatorV2.customIDBytesMax, "comes back in reports"),
            .init("validtime", .time, "`yyyyMMddHHmmss` in China: not to be sent after it"),
        ]
        func mobile(_ max: Int) -> InterfaceDescription.Field {
            .init("mobile", .numbers, max: max, isRequired: true, "")
        }
        func endpoint(
            _ operation: OperatorV2.Operation, _ meaning: String, _ fields: [InterfaceDescription.Field]
        ) -> InterfaceDescription.Endpoint {
            let later = operation.laterName.map { ", also `\($0)`" } ?? ""
            return .init(OperatorV2.pathPrefix + operation.rawValue, meaning + later, fields)
        }
        return InterfaceDescription(
            endpoints: [
                endpoint(.singleSend, "one text to one number", [mobile(1)] + send),
                endpoint(.batchSend, "one text to several numbers", [mobile(OperatorV2.batchNumbersMax)] + send),
                endpoint(
                    .multiSend, "texts of their own",
                    [
                        .init(
                            "multimt", .list, max: OperatorV2.multiNumbersMax, isRequired: true, "each as `single_send`"
                        )
                    ]),
                endpoint(
                    .fetchReplies, "replies, each once",
                    [.init("retsize", .count, max: OperatorV2.repliesMax, "as many unless given")]),
                endpoint(
                    .fetchReports, "reports, each once",
                    [.init("retsize", .count, max: OperatorV2.reportsMax, "as many unless given")]),
                endpoint(.balance, "`chargetype`, `balance` (segments), `money` (yuan)", []),
            ],
            credentials: [
                .init("userid", .login),
                .init("pwd", .passwordOrPlain("MD5 with the interface password and the timestamp")),
                .init("apikey", .apiKey),
            ],
            codes: [
                .init("0", "ok"), .init("-100001", "credentials, or account disabled"),
                .init("-100002", "too many wrong credentials"), .init("-100003", "balance"),
                .init("-100004", "custid or exdata"), .init("-100011", "too long"), .init("-100012", "number"),
                .init("-100014", "too many numbers"), .init("-100029", "extension"),
                .init("-100056", "too many connections, or busy: try again"), .init("-100057", "address"),
                .init("-100091", "XML"), .init("-100093", "JSON"), .init("-100100", "Content-Type"),
                .init("-100106", "no content"),
                .init(
                    "-100126", "`validtime` is no time, has passed, or lies further ahead than `report.expire_after`"),
                .init("-100252", "svrtype"), .init("-100253", "custid or exdata too long"),
                .init("-100998", "rejected by a rule of the account, too frequent among them"),
                .init("-100999", "ours: a database that failed"),
            ])
    }
}
