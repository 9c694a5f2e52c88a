import AdminProtocol
import ArgumentParser

/// What an account needs for the dialects beside 002; the interface password is common to most.
struct AccountDialectOptions: ParsableArguments {
    @Option(help: ArgumentHelp("enterprise-oauth2: its client_id.", valueName: "id"))
    var clientID: String?

    @Option(
        help: ArgumentHelp(
            "enterprise-oauth2: its client_secret; - reads it from standard input.", valueName: "secret"))
    var clientSecret: SecretArgument?

    @Option(help: ArgumentHelp("enterprise-json: its userid.", valueName: "id"))
    var enterpriseID: String?

    @Option(help: ArgumentHelp("yixintong: its x-sp-code.", valueName: "code"))
    var spCode: String?

    @Option(
        help: ArgumentHelp(
            "yixintong: what x-sign is made with; - reads it from standard input.", valueName: "secret"))
    var appSecret: SecretArgument?

    @Flag(
        inversion: .prefixedNo,
        help: "yixintong: whether a serialNumber must have exactly 20 digits, and not 1 to 32.")
    var strictSerial: Bool?

    @Flag(
        inversion: .prefixedNo,
        help: "yixintong: whether a query that finds nothing is answered with code 38 instead of an empty list.")
    var noDataCode: Bool?

    var isEmpty: Bool {
        clientID == nil && clientSecret == nil && enterpriseID == nil && spCode == nil && appSecret == nil
            && strictSerial == nil && noDataCode == nil
    }

    func fill(_ settings: inout AdminAccountSettings) throws {
        if let clientID { settings.clientID = clientID }
        if let clientSecret { settings.clientSecret = try clientSecret.read(option: "--client-secret") }
        if let enterpriseID { settings.enterpriseID = enterpriseID }
        if let spCode { settings.spCode = spCode }
        if let appSecret { settings.appSecret = try appSecret.read(option: "--app-secret") }
        if let strictSerial { settings.strictSerial = strictSerial }
        if let noDataCode { settings.noDataCode = noDataCode }
    }
}
