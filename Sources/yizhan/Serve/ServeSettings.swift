import Configuration
import HTTPCore
import Logging
import Messaging

/// The settings of `etc/yizhan.yaml`, of which `YIZHAN_…` in the environment overrides each; defaults as printed there.
struct ServeSettings: Sendable {
    var state = "/var/lib/yizhan"
    /// Nothing is sent, polled or pushed.
    var isSafe = false
    var adminSocket = "/run/yizhan/admin.sock"
    /// Of the command line alone: it is for one start.
    var acceptsLoss = false
    /// By listener: front, callback.
    var listen: [String: AddressArgument] = [:]
    var bodyBytesMax = 2 << 20
    var connectionsMax = 10_000
    /// Nil for a quarter of all.
    var connectionsPerAddressMax: Int?
    var callbackConnectionsMax = 1000
    /// Nil for a quarter of all.
    var callbackConnectionsPerAddressMax: Int?
    var trustedProxies: [NetworkBlock] = []
    var firstByteTimeout = Duration.seconds(5)
    var headerTimeout = Duration.seconds(10)
    var idleTimeout = Duration.seconds(60)
    var timestampTolerance = Duration.seconds(600)
    var signatureTolerance = Duration.seconds(300)
    var tokenLifetime = Duration.seconds(7200)
    var submissionsMax = 65_536
    var submissionWaitMax = Duration.seconds(1)
    var messagesInMemoryMax = 200_000
    var reportExpiry = Duration.seconds(72 * 3600)
    var pollInterval = Duration.seconds(5)
    var parkFor = Duration.milliseconds(ParkingRule.parkForDefault)
    var keepFor = Duration.milliseconds(ParkingRule.keepForDefault)
    var parkedMax = IntakeRule.parkedMaxDefault
    var unreadableMax = IntakeRule.unreadableMaxDefault
    var inboundBytesMax = IntakeRule.bytesMaxDefault
    var pushPauseMin = Duration.seconds(1)
    var pushPauseMax = Duration.seconds(300)
    var pushGiveUpAfter = Duration.seconds(72 * 3600)
    var refusalsKeepFor = Duration.milliseconds(RefusalRule.keepForDefault)
    var drainTimeout = Duration.seconds(20)
    var logLevel = Logger.Level.info

    struct Invalid: Error, CustomStringConvertible {
        var description: String
    }

    init(file: String?) async throws {
        let environment = EnvironmentVariablesProvider().prefixKeys(with: "yizhan")
        var providers: [any ConfigProvider] = [environment]
        if let file { providers.append(try await SettingsFile.provider(file)) }
        let source = Source(config: ConfigReader(providers: providers))
        listen["front"] = AddressArgument(argument: "0.0.0.0:8080")
        listen["callback"] = AddressArgument(argument: "0.0.0.0:8081")
        if let value = source.text("state") { state = value }
        try source.flag("safe", into: &isSafe)
        if let value = source.text("admin_socket") { adminSocket = value }
        for name in ["front", "callback"] {
            guard let text = source.text("listen.\(name)") else { continue }
            guard let address = AddressArgument(argument: text) else {
                throw Invalid(description: "listen.\(name) is not ADDR:PORT but '\(text)'.")
            }
            listen[name] = address
        }
        try source.count("http.body_bytes_max", into: &bodyBytesMax)
        try source.count("http.connections_max", into: &connectionsMax)
        try source.count("http.connections_per_address_max", into: &connectionsPerAddressMax)
        try source.count("callback.connections_max", into: &callbackConnectionsMax)
        try source.count("callback.connections_per_address_max", into: &callbackConnectionsPerAddressMax)
        try source.networks("http.trusted_proxies", into: &trustedProxies)
        try source.duration("http.first_byte_timeout", into: &firstByteTimeout)
        try source.duration("http.header_timeout", into: &headerTimeout)
        try source.duration("http.idle_timeout", into: &idleTimeout)
        try source.duration("auth.timestamp_tolerance", into: &timestampTolerance)
        try source.duration("auth.signature_tolerance", into: &signatureTolerance)
        try source.duration("auth.token_lifetime", into: &tokenLifetime)
        try source.count("queue.submissions_max", into: &submissionsMax)
        try source.duration("queue.wait_max", into: &submissionWaitMax)
        try source.count("queue.messages_in_memory_max", into: &messagesInMemoryMax)
        try source.duration("report.expire_after", into: &reportExpiry)
        try source.duration("report.poll_interval", into: &pollInterval)
        try source.duration("inbound.park_for", into: &parkFor)
        try source.duration("inbound.keep_for", into: &keepFor)
        try source.count("inbound.parked_max", into: &parkedMax)
        try source.count("inbound.unreadable_max", into: &unreadableMax)
        try source.count("inbound.bytes_max", into: &inboundBytesMax)
        try source.duration("push.pause_min", into: &pushPauseMin)
        try source.duration("push.pause_max", into: &pushPauseMax)
        try source.duration("push.give_up_after", into: &pushGiveUpAfter)
        try source.duration("refusals.keep_for", into: &refusalsKeepFor)
        try source.duration("stop.drain_timeout", into: &drainTimeout)
        if let text = source.text("log.level") {
            guard let level = Logger.Level(rawValue: text) else {
                throw Invalid(description: "log.level '\(text)' is no level.")
            }
            logLevel = level
        }
    }

    private struct Source {
        let config: ConfigReader

        func text(_ key: String) -> String? { config.string(forKey: ConfigKey(key)) }

        func flag(_ key: String, into value: inout Bool) throws {
            guard let text = text(key) ?? config.bool(forKey: ConfigKey(key)).map({ "\($0)" }) else { return }
            switch text {
            case "true": value = true
            case "false": value = false
            default: throw Invalid(description: "\(key) is neither true nor false but '\(text)'.")
            }
        }

        func count(_ key: String, into value: inout Int) throws {
            if let given = config.int(forKey: ConfigKey(key)) {
                guard given > 0 else { throw Invalid(description: "\(key) is not above 0 but \(given).") }
                value = given
            } else if let text = text(key) {
                throw Invalid(description: "\(key) is not a number but '\(text)'.")
            }
        }

        func count(_ key: String, into value: inout Int?) throws {
            var given = 0
            try count(key, into: &given)
            if given > 0 { value = given }
        }

        /// A list, in the environment with commas.
        func networks(_ key: String, into value: inout [NetworkBlock]) throws {
            let texts = config.stringArray(forKey: ConfigKey(key)) ?? text(key)?.split(separator: ",").map(String.init)
            guard let texts else { return }
            value = try texts.map { text in
                let text = String(text.trimmingPrefix { $0 == " " })
                guard let network = IPNetwork(text),
                    let block = NetworkBlock(address: network.address.bytes, prefixBits: network.prefixBits)
                else {
                    throw Invalid(
                        description: "\(key) is a list of addresses and networks like 10.0.0.0/8, but has '\(text)'.")
                }
                return block
            }
        }

        func duration(_ key: String, into value: inout Duration) throws {
            guard let text = text(key) else { return }
            guard let given = DurationArgument(argument: text) else {
                throw Invalid(description: "\(key) is not a duration like 200ms, 10s, 5m, 72h but '\(text)'.")
            }
            value = given.duration
        }
    }
}

extension Duration {
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
