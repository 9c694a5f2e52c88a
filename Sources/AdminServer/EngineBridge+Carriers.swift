import AdminProtocol
import Engine
import Messaging

/// Where carriers are, who of them may push to us, and what is wrong with them.
extension EngineBridge {
    private static let networksMax = 100

    static func checkAddresses(_ settings: AdminChannelSettings) throws(AdminError) {
        if settings.hasURL { try checkAddress(settings.url, field: "settings.url") }
        guard settings.callbackAllowIp.cidrs.count <= networksMax else {
            throw .invalidArgument(
                "A channel's list has at most \(networksMax) networks, not \(settings.callbackAllowIp.cidrs.count).",
                field: "settings.callback_allow_ip")
        }
        for cidr in settings.callbackAllowIp.cidrs where IPNetwork(cidr) == nil {
            throw .invalidArgument(
                "'\(cidr)' is neither an address nor a network.", field: "settings.callback_allow_ip")
        }
    }

    static func checkAddress(_ url: String, field: String) throws(AdminError) {
        do throws(WebAddress.Flaw) {
            _ = try WebAddress(url)
        } catch {
            throw .invalidArgument("\(error).", field: field)
        }
    }

    static func callbackChange(_ settings: AdminChannelSettings) -> CallbackChange {
        CallbackChange(
            makesNewToken: settings.newCallbackToken,
            networks: settings.hasCallbackAllowIp
                ? settings.callbackAllowIp.cidrs.compactMap { IPNetwork($0) } : nil)
    }

    func setCallback(_ message: inout AdminChannel, _ entry: ChannelEntry) {
        let path = "/callback/\(entry.channel.name)/"
        let tokens = entry.callback.tokens(at: engine.configuration.clock.now())
        message.callbackPath = path + entry.callback.token
        message.callbackAllowIp = entry.callback.networks.map(\.description)
        guard tokens.count > 1, let before = entry.callback.before else { return }
        message.callbackPathBefore = path + before.token
        message.callbackBeforeUntilMs = before.endsAt.milliseconds
    }

    func setTroubles(_ message: inout AdminChannel, _ entry: ChannelEntry) {
        let polls = engine.intake.callsGivenUp(on: entry.number)
        message.callsGivenUp = UInt64(clamping: Int(clamping: message.callsGivenUp) &+ polls)
        let load = engine.intake.load(of: entry.number)
        message.inboundParked = UInt64(clamping: load.parked)
        message.inboundUnreadable = UInt64(clamping: load.unreadable)
        message.inboundBytes = UInt64(clamping: load.bytes)
        message.suspended = engine.intake.suspension(of: entry.number) ?? ""
        guard let problem = entry.problem else { return }
        message.problem = problem
        // In safe mode that is said once for all.
        message.health = engine.configuration.isSafe ? .untried : .down
        message.healthDetail = problem
    }

    /// What is wrong with carriers and pushes beside the health of their channels.
    func carrierProblems(_ channels: [AdminChannel]) -> [String] {
        var problems: [String] = []
        if engine.configuration.isSafe {
            problems.append(
                "Safe mode: nothing is sent, polled or pushed. Put the settings right, then start without --safe.")
        }
        problems += channels.filter { !$0.suspended.isEmpty }.map { channel in
            "Channel \(channel.name) is suspended, nothing is taken from its carrier: \(channel.suspended); "
                + "see yizhan inbound list and yizhan inbound discard."
        }
        return problems + engine.pusher.problems.map { "Account \($0.account) is pushed nothing: \($0.reason)." }
    }
}
