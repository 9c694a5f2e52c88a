import Administration
import Configuration
import HTTPCore
import Logging
import Messaging
import NIOCore
import Portal

/// A setting of `serve`: its key in the configuration file, its default, and its help. One line of `ServeSettings.Keys`
/// is all that a setting needs: from it come the reading, the check, `etc/yizhan.yaml` and the manual page.
struct ServeKey<Value: ServeValue>: Sendable {
    let name: String
    let standard: Value
    /// What the file says instead of the default where that follows from another setting.
    let fileText: String?
    let help: String

    init(_ name: String, _ standard: Value, fileText: String? = nil, _ help: String) {
        (self.name, self.standard, self.fileText, self.help) = (name, standard, fileText, help)
    }
}

/// The settings of `etc/yizhan.yaml`, each of which `YIZHAN_…` in the environment overrides.
@dynamicMemberLookup
struct ServeSettings: Sendable {
    struct Keys: Sendable {
        /// The listener's own defaults.
        private static let http = HTTPServerConfiguration()

        let state = ServeKey(
            "state", "/var/lib/yizhan", "The folder of the database, which holds all that must be kept.")
        let adminSocket = ServeKey(
            "admin_socket", "/run/yizhan/admin.sock", "The socket on which the yizhan command talks to the service.")
        let isSafe = ServeKey(
            "safe", false,
            """
            Start with all channels and pushes off, as serve --safe: nothing is sent, polled or pushed, and a setting \
            which does harm can be changed with the yizhan command.
            """)
        let frontAddress = ServeKey(
            "listen.front", AddressArgument(host: "0.0.0.0", port: 8080),
            """
            Where the interfaces for customers listen when systemd has not opened the socket; under systemd the \
            address is that of yizhan-front.socket: systemctl edit yizhan-front.socket.
            """)
        let callbackAddress = ServeKey(
            "listen.callback", AddressArgument(host: "0.0.0.0", port: 8081),
            "The same for reports and replies that carriers push to us: yizhan-callback.socket.")
        let portalAddress = ServeKey(
            "listen.portal", nil as AddressArgument?,
            """
            Where the pages listen by themselves; empty: with the interfaces for customers, under /portal/. Under \
            systemd the address is that of yizhan-portal.socket, which is off at first.
            """)
        let portalHosts = ServeKey(
            "portal.hosts", HostNames(),
            """
            The host names under which the pages may be asked for; empty: any, which suits plain HTTP in a private \
            network.
            """)
        let portalOperatorNetworks = ServeKey(
            "portal.operator_networks", NetworkNames(networks: PortalConfiguration.privateNetworks),
            "From where operators may use their pages.")
        let bodyBytesMax = ServeKey(
            "http.body_bytes_max", 2 << 20, "The largest request body in bytes; a larger one is answered with 413.")
        let connectionsMax = ServeKey(
            "http.connections_max", 10_000,
            """
            Open connections of all customers together. (The limit of one account, 100, is the account's own.) When \
            all are in use, idle ones without right credentials are closed for new ones.
            """)
        let connectionsPerAddressMax = ServeKey(
            "http.connections_per_address_max", nil as Int?, fileText: "2500",
            """
            Those of one address (IPv6: of one /64) among them; a quarter of all unless set. A trusted proxy has no \
            such limit: the addresses that it names have, counting their connections (PROXY protocol) or their \
            requests under way (X-Forwarded-For).
            """)
        let firstByteTimeout = ServeKey(
            "http.first_byte_timeout", Duration(Keys.http.firstByteTimeout),
            "How long a new connection may stay silent.")
        let headerTimeout = ServeKey(
            "http.header_timeout", Duration(Keys.http.headerTimeout),
            "How long a client may take to send the head of a request.")
        let idleTimeout = ServeKey(
            "http.idle_timeout", Duration(Keys.http.idleTimeout),
            "How long a connection may stay open without a request.")
        let trustedProxies = ServeKey(
            "http.trusted_proxies", [NetworkBlock](),
            """
            Proxies in front of either listener, addresses and networks: ["127.0.0.1", "10.0.0.0/8"]. Only from them \
            are X-Forwarded-For and the PROXY protocol, version 1 or 2, accepted.
            """)
        let callbackConnectionsMax = ServeKey(
            "callback.connections_max", 1000, "Open connections of all carriers that push.")
        let callbackConnectionsPerAddressMax = ServeKey(
            "callback.connections_per_address_max", nil as Int?, fileText: "250",
            "Those of one address among them; a quarter of all unless set.")
        let timestampTolerance = ServeKey(
            "auth.timestamp_tolerance", Duration.seconds(600),
            "How far a request's timestamp may be from our clock, either way.")
        let signatureTolerance = ServeKey(
            "auth.signature_tolerance", Duration.seconds(300),
            """
            The same where the timestamp is in milliseconds and signed: the Enterprise interface in token mode.
            """)
        let tokenLifetime = ServeKey(
            "auth.token_lifetime", Duration.seconds(7200),
            "How long an access token of the Enterprise interface is valid.")
        let submissionsMax = ServeKey(
            "queue.submissions_max", 65_536,
            "Submissions that wait to be committed; above it customers are refused in their dialect's own code.")
        let submissionWaitMax = ServeKey(
            "queue.wait_max", Duration.seconds(1),
            """
            How long a submission may wait to be committed; when more waits than was lately committed in this time, \
            customers are refused in the same way.
            """)
        let messagesInMemoryMax = ServeKey(
            "queue.messages_in_memory_max", 200_000,
            "Messages kept in memory for dispatch, shared by the channels; the rest waits in the database.")
        let reportExpiry = ServeKey(
            "report.expire_after", Duration.seconds(72 * 3600),
            "A message without a report becomes EXPIRED after this time.")
        let pollInterval = ServeKey(
            "report.poll_interval", Duration.seconds(5),
            "The pause before asking a carrier again that had nothing to report.")
        let parkFor = ServeKey(
            "inbound.park_for", Duration.milliseconds(ParkingRule.parkForDefault),
            """
            A report or reply that finds no owner is tried again for this long; then it waits for the operator only: \
            yizhan inbound list --state expired.
            """)
        let keepFor = ServeKey(
            "inbound.keep_for", Duration.milliseconds(ParkingRule.keepForDefault),
            """
            What waits for the operator only is deleted after this time: expired reports and replies, and bodies from \
            carriers that cannot be read.
            """)
        let parkedMax = ServeKey(
            "inbound.parked_max", IntakeRule.parkedMaxDefault,
            """
            How many reports and replies without an owner are kept of one carrier. At this bound and the next two the \
            carrier is asked for no more and its pushes are answered with 503, until there is room again: yizhan \
            status, yizhan inbound list, yizhan inbound discard.
            """)
        let unreadableMax = ServeKey(
            "inbound.unreadable_max", IntakeRule.unreadableMaxDefault,
            "How many bodies that cannot be read are kept of one carrier.")
        let inboundBytesMax = ServeKey(
            "inbound.bytes_max", IntakeRule.bytesMaxDefault, "How many bytes of bodies are kept of one carrier.")
        let pushPauseMin = ServeKey(
            "push.pause_min", Duration.seconds(1),
            """
            The pause after a push to a customer that was not accepted; each further one is twice as long, up to \
            pause_max.
            """)
        let pushPauseMax = ServeKey("push.pause_max", Duration.seconds(300), "The longest of these pauses.")
        let pushGiveUpAfter = ServeKey(
            "push.give_up_after", Duration.seconds(72 * 3600),
            "What has not been accepted for so long is given up: yizhan push list, yizhan push replay.")
        let alertAccount = ServeKey(
            "alert.account", "", fileText: "\"\"",
            """
            The account whose messages carry the balance alerts of all accounts to telephones, and which pays for \
            them; without one, alerts go to webhooks alone: yizhan account set --alert-below.
            """)
        let refusalsKeepFor = ServeKey(
            "refusals.keep_for", Duration.milliseconds(RefusalRule.keepForDefault),
            """
            How long it is on record which requests were refused, and why: yizhan message list --refused. At most 2000 \
            kinds of refusal of an account and day, and 100,000 of all; beyond it the oldest go first.
            """)
        let operatorsNeedTOTP = ServeKey(
            "users.operator_totp", false,
            "Whether operators must set up an authenticator app before they see anything else of the pages.")
        let drainTimeout = ServeKey(
            "stop.drain_timeout", Duration.seconds(20),
            "How long a stop waits for what is under way. Keep it below TimeoutStopSec of yizhan.service.")
        let logLevel = ServeKey(
            "log.level", Logger.Level.info, "trace, debug, info, notice, warning, error or critical.")
    }

    static let keys = Keys()
    /// Every key, in the order of the file.
    static let all: [any ServeSetting] = Mirror(reflecting: keys).children.compactMap { $0.value as? any ServeSetting }

    /// What was given, by key.
    private var values: [String: any ServeValue] = [:]
    /// Of the command line alone: it is for one start.
    var acceptsLoss = false

    struct Invalid: Error, CustomStringConvertible {
        var description: String
    }

    /// - Throws: `Invalid` with the key and the value that is wrong.
    init(file: String?) async throws {
        var providers: [any ConfigProvider] = [EnvironmentVariablesProvider().prefixKeys(with: "yizhan")]
        if let file { providers.append(try await SettingsFile.provider(file)) }
        let reader = ConfigReader(providers: providers)
        for key in Self.all {
            guard let text = Self.text(key, reader) else { continue }
            guard let value = key.read(text) else {
                throw Invalid(description: "\(key.name) takes \(key.form), not '\(text)'.")
            }
            values[key.name] = value
        }
    }

    subscript<Value>(dynamicMember path: KeyPath<Keys, ServeKey<Value>>) -> Value {
        get {
            let key = Self.keys[keyPath: path]
            return values[key.name] as? Value ?? key.standard
        }
        set { values[Self.keys[keyPath: path].name] = newValue }
    }

    /// Every setting as text, by key.
    var texts: [String: String] {
        Dictionary(uniqueKeysWithValues: Self.all.map { ($0.name, values[$0.name]?.text ?? $0.standardText) })
    }

    /// Every setting as the pages show it.
    var shown: [ShownSetting] {
        Self.all.map { key in
            let value = values[key.name]?.text ?? key.standardText
            return ShownSetting(name: key.name, value: value, isDefault: value == key.standardText, help: key.help)
        }
    }

    /// A value in any form that a file or the environment may have it in; items of a list with commas.
    private static func text(_ setting: any ServeSetting, _ reader: ConfigReader) -> String? {
        let key = ConfigKey(setting.name)
        // As YAML has them: 10_000, 0x10, yes.
        if setting.form == Int.form, let number = reader.int(forKey: key) { return "\(number)" }
        if setting.form == Bool.form, let flag = reader.bool(forKey: key) { return "\(flag)" }
        return reader.string(forKey: key) ?? reader.int(forKey: key).map { "\($0)" }
            ?? reader.bool(forKey: key).map { "\($0)" }
            ?? reader.stringArray(forKey: key)?.joined(separator: ",")
    }
}
