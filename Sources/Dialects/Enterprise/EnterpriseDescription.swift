extension Enterprise.Customers {
    /// Endpoints, credentials and codes of INTERFACE.md, of this mode.
    public var description: InterfaceDescription {
        let limit = InterfaceDescription.Field("statusNum", .count, max: Enterprise.entriesMax, "as many unless given")
        let send: [InterfaceDescription.Field] = [
            .init("mobile", .numbers, max: Enterprise.numbersMax, isRequired: true, ""),
            .init("content", .text, max: Enterprise.contentUnitsMax, isRequired: true, "UTF-8"),
            .init("sendTime", .time, "`yyyy-MM-dd HH:mm:ss` or `yyyyMMddHHmmss` in China"),
            .init("extno", .digits, max: Enterprise.extensionDigitsMax, "follows the access number"),
            .init("smsid", .ascii, max: Enterprise.customIDBytesMax, "comes back in reports"),
        ]
        let token: [InterfaceDescription.Field] = [
            .init("grant_type", .ascii, isRequired: true, "`client_credentials`"),
            .init("client_id", .ascii, isRequired: true, ""), .init("client_secret", .ascii, isRequired: true, ""),
        ]
        let endpoints = routes.map { path, endpoint -> InterfaceDescription.Endpoint in
            switch endpoint.operation {
            case .token: .init(path, "a token, good for 2 h (`auth.token_lifetime`)", token)
            case .send: .init(path, "one text to numbers", send)
            case .fetchReports: .init(path, "reports, each once", [limit])
            case .fetchReplies: .init(path, "replies, each once", [limit])
            }
        }
        return InterfaceDescription(endpoints: endpoints, credentials: credentials, codes: Self.codes)
    }

    private var credentials: [InterfaceDescription.Credential] {
        switch mode {
        case .token:
            [
                .init("client_id", .clientID), .init("client_secret", .clientSecret), .init("account", .login),
                .init("signature", .password("MD5(account|password|timeStamp) with the interface password")),
            ]
        case .plain:
            [
                .init("userid", .enterpriseID), .init("account", .login),
                .init("password", .passwordOrPlain("MD5 of the interface password")),
            ]
        }
    }

    private static let codes: [InterfaceDescription.Code] = [
        .init("0", "ok"), .init("1", "account, password, `userid` or `signature` missing"),
        .init("2", "account or password wrong, also a `timeStamp` that is too far off"),
        .init("3", "account disabled or address not allowed"),
        .init("4", "a parameter, also a `timeStamp` that is missing or no time"), .init("5", "balance"),
        .init("6", "too many numbers"), .init("7", "content empty or too long"),
        .init("8", "content or number rejected"),
        .init("9", "too frequent, locked out, busy"), .init("10", "token missing, ended or wrong"), .init("99", "ours"),
    ]
}
