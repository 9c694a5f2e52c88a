import Configuration
import Logging
import Messaging
import SystemPackage

/// The settings of `etc/yizhan.yaml`, of which `YIZHAN_…` in the environment overrides each; defaults as printed there.
struct ServeSettings: Sendable {
    var state = "/var/lib/yizhan"
    var adminSocket = "/run/yizhan/admin.sock"
    /// By listener: front, callback.
    var listen: [String: AddressArgument] = [:]
    var bodyBytesMax = 2 << 20
    var connectionsMax = 10_000
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
    var pushPauseMin = Duration.seconds(1)
    var pushPauseMax = Duration.seconds(300)
    var pushGiveUpAfter = Duration.seconds(72 * 3600)
    var drainTimeout = Duration.seconds(20)
    var logLevel = Logger.Level.info

    struct Invalid: Error, CustomStringConvertible {
        var description: String
    }

    init(file: String?) async throws {
        let environment = EnvironmentVariablesProvider().prefixKeys(with: "yizhan")
        var providers: [any ConfigProvider] = [environment]
        if let file { providers.append(try await FileProvider<YAMLSnapshot>(filePath: FilePath(file))) }
        let source = Source(config: ConfigReader(providers: providers))
        listen["front"] = AddressArgument(argument: "0.0.0.0:8080")
        listen["callback"] = AddressArgument(argument: "0.0.0.0:8081")
        if let value = source.text("state") { state = value }
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
        try source.duration("push.pause_min", into: &pushPauseMin)
        try source.duration("push.pause_max", into: &pushPauseMax)
        try source.duration("push.give_up_after", into: &pushGiveUpAfter)
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

        func count(_ key: String, into value: inout Int) throws {
            if let given = config.int(forKey: ConfigKey(key)) {
                guard given > 0 else { throw Invalid(description: "\(key) is not above 0 but \(given).") }
                value = given
            } else if let text = text(key) {
                throw Invalid(description: "\(key) is not a number but '\(text)'.")
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
