import AdminProtocol
import Engine
import Messaging

/// What the dialects beside 002 want to know of accounts and channels.
extension EngineBridge {
    /// Ids and codes stand in headers and bodies: printable ASCII without blanks.
    private static func checkName(_ text: String, _ what: String, field: String) throws(AdminError) {
        guard text.utf8.count <= nameBytesMax, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalidArgument(
                "\(what) is at most \(nameBytesMax) letters, digits and signs without blanks.", field: field)
        }
    }

    private static let nameBytesMax = 64

    static func checkDialects(_ settings: AdminAccountSettings) throws(AdminError) {
        try checkName(settings.clientID, "A client id", field: "settings.client_id")
        try checkName(settings.enterpriseID, "An enterprise id", field: "settings.enterprise_id")
        try checkName(settings.spCode, "An sp code", field: "settings.sp_code")
    }

    static func applyDialects(
        _ settings: AdminAccountSettings, to account: inout Account, _ secrets: inout AccountSecrets
    ) {
        if settings.hasClientID { account.clientID = settings.clientID }
        if settings.hasClientSecret {
            secrets.clientSecret = settings.clientSecret.isEmpty ? nil : settings.clientSecret
        }
        if settings.hasEnterpriseID { account.enterpriseID = settings.enterpriseID }
        if settings.hasSpCode { account.spCode = settings.spCode }
        if settings.hasAppSecret { secrets.appSecret = settings.appSecret.isEmpty ? nil : settings.appSecret }
        if settings.hasStrictSerial { account.smsSerialStrict = settings.strictSerial }
        if settings.hasNoDataCode { account.noDataCode = settings.noDataCode }
    }

    static func checkDialects(_ settings: AdminChannelSettings) throws(AdminError) {
        try checkName(settings.clientID, "A client id", field: "settings.client_id")
        try checkName(settings.enterpriseID, "An enterprise id", field: "settings.enterprise_id")
        try checkName(settings.spCode, "An sp code", field: "settings.sp_code")
    }

    static func applyDialects(_ settings: AdminChannelSettings, to endpoint: inout ChannelEndpoint) {
        if settings.hasClientID { endpoint.clientID = settings.clientID }
        if settings.hasClientSecret { endpoint.clientSecret = settings.clientSecret }
        if settings.hasEnterpriseID { endpoint.enterpriseID = settings.enterpriseID }
        if settings.hasSpCode { endpoint.spCode = settings.spCode }
    }
}

extension AdminAccount {
    mutating func setDialects(_ entry: AccountEntry) {
        clientID = entry.account.clientID
        enterpriseID = entry.account.enterpriseID
        spCode = entry.account.spCode
        hasClientSecret_p = entry.secrets.clientSecret != nil
        hasAppSecret_p = entry.secrets.appSecret != nil
        strictSerial = entry.account.smsSerialStrict
        noDataCode = entry.account.noDataCode
    }
}

extension AdminChannel {
    mutating func setDialect(_ endpoint: ChannelEndpoint) {
        clientID = endpoint.clientID
        enterpriseID = endpoint.enterpriseID
        spCode = endpoint.spCode
        hasClientSecret_p = !endpoint.clientSecret.isEmpty
    }
}
