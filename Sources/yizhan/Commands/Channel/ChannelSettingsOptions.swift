import AdminProtocol
import ArgumentParser
import Messaging

/// What `channel add` and `channel set` share beside what `add` requires.
struct ChannelSettingsOptions: ParsableArguments {
    @Option(help: "Segments a second at most; 0 for no limit.")
    var rate: UInt32?

    @Option(help: "Calls under way at once.")
    var connections: UInt32?

    @Option(parsing: .unconditional, help: "Higher is chosen first.")
    var priority: Int32?

    @Option(help: "Its share among channels of the same priority, 1 to 1000.")
    var weight: UInt32?

    @Option(help: ArgumentHelp("Networks that it serves, with commas between.", valueName: "carrier,…"))
    var carriers: CarriersArgument?

    @Option(
        help: ArgumentHelp(
            "What becomes of messages of which nobody knows whether the carrier has them.",
            discussion: """
                hold: they wait for a report, or for 'yizhan message settle'. resend: after --uncertain-after they are \
                queued again, each once; a handset may get them twice.
                """, valueName: "hold|resend"))
    var uncertain: UncertainRule?

    @Option(
        help: ArgumentHelp(
            "How long they are uncertain before resend queues them again, 1s to 72h; 30m unless set.",
            valueName: "duration"))
    var uncertainAfter: DurationArgument?

    @Option(help: ArgumentHelp("enterprise-oauth2: our client_id there.", valueName: "id"))
    var clientID: String?

    @Option(
        help: ArgumentHelp(
            "enterprise-oauth2: our client_secret there; - reads it from standard input.", valueName: "secret"))
    var clientSecret: SecretArgument?

    @Option(help: ArgumentHelp("enterprise-json: our userid there.", valueName: "id"))
    var enterpriseID: String?

    @Option(help: ArgumentHelp("yixintong: our x-sp-code there.", valueName: "code"))
    var spCode: String?

    @Option(
        help: ArgumentHelp(
            "An address or network from which the carrier may push to us; again for more; any: from everywhere.",
            valueName: "network"))
    var callbackAllowIP: [NetworkArgument] = []

    static let dialects = DialectName.allCases.map(\.rawValue).joined(separator: ", ")

    func validate() throws {
        if let seconds = uncertainAfter.map({ $0.milliseconds / 1000 }), !(1...72 * 3600).contains(seconds) {
            throw ValidationError("--uncertain-after takes 1s to 72h.")
        }
        if let weight, !(1...UInt32(Channel.weightMax)).contains(weight) {
            throw ValidationError("--weight takes 1 to \(Channel.weightMax).")
        }
        if callbackAllowIP.count > 1, callbackAllowIP.contains(where: { $0.network == nil }) {
            throw ValidationError("--callback-allow-ip takes 'any' alone.")
        }
        if connections == 0 { throw ValidationError("--connections takes at least 1.") }
    }

    var isEmpty: Bool {
        rate == nil && connections == nil && priority == nil && weight == nil && carriers == nil && uncertain == nil
            && uncertainAfter == nil && clientID == nil && clientSecret == nil && enterpriseID == nil && spCode == nil
            && callbackAllowIP.isEmpty
    }

    func settings() throws -> AdminChannelSettings {
        var settings = AdminChannelSettings()
        if let rate { settings.rate = rate }
        if let connections { settings.connections = connections }
        if let priority { settings.priority = priority }
        if let weight { settings.weight = weight }
        if let carriers { settings.carriers.names = carriers.carriers.map(\.name) }
        if let uncertain { settings.uncertain = uncertain == .resend ? .resend : .hold }
        if let uncertainAfter { settings.uncertainAfterSeconds = UInt32(clamping: uncertainAfter.milliseconds / 1000) }
        if let clientID { settings.clientID = clientID }
        if let clientSecret { settings.clientSecret = try clientSecret.read(option: "--client-secret") }
        if let enterpriseID { settings.enterpriseID = enterpriseID }
        if let spCode { settings.spCode = spCode }
        if !callbackAllowIP.isEmpty {
            settings.callbackAllowIp.cidrs = callbackAllowIP.compactMap(\.network).map(\.description)
        }
        return settings
    }

    static func check(url: String) throws {
        do throws(WebAddress.Flaw) {
            _ = try WebAddress(url)
        } catch {
            throw ValidationError("--url: \(error).")
        }
    }

    static func check(number: String) throws {
        guard (1...20).contains(number.utf8.count), number.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw ValidationError("--number takes 1 to 20 digits; not '\(number)'.")
        }
    }
}
