import AdminServer
import Engine
import HTTPCore
import Logging
import Messaging
import NIOCore

/// The limits of the listeners.
extension ApplianceService {
    var frontConfiguration: HTTPServerConfiguration {
        var http = commonConfiguration
        http.connectionsMax = settings.connectionsMax
        http.connectionsPerAddressMax = settings.connectionsPerAddressMax
        return http
    }

    var callbackConfiguration: HTTPServerConfiguration {
        var http = commonConfiguration
        http.connectionsMax = settings.callbackConnectionsMax
        http.connectionsPerAddressMax = settings.callbackConnectionsPerAddressMax
        http.bufferedBytesMax = Self.callbackBufferedBytesMax
        return http
    }

    /// Less than the front's: few carriers push, and pushes are small.
    private static let callbackBufferedBytesMax = 64 << 20

    private var commonConfiguration: HTTPServerConfiguration {
        var http = HTTPServerConfiguration()
        http.bodyBytesMax = settings.bodyBytesMax
        http.firstByteTimeout = TimeAmount(settings.firstByteTimeout)
        http.headerTimeout = TimeAmount(settings.headerTimeout)
        http.idleTimeout = TimeAmount(settings.idleTimeout)
        http.trustedProxies = settings.trustedProxies
        return http
    }

    private var budget: DescriptorBudget {
        DescriptorBudget(
            front: frontConfiguration.descriptorsMax, callback: callbackConfiguration.descriptorsMax,
            admin: AdminLimits().connectionsMax)
    }

    /// Raises the soft limit of descriptors to the hard one.
    /// - Returns: the limit.
    /// - Throws: `ApplianceFailure` when the connections that the settings allow do not fit.
    func claimDescriptors() throws(ApplianceFailure) -> Int {
        let limit = DescriptorBudget.raiseLimit()
        if let sentence = budget.refusal(limit: limit, settings) { throw ApplianceFailure(sentence) }
        return limit
    }

    /// Warns when the channels together may open more connections than descriptors are left for them.
    func checkChannels(_ engine: Engine, descriptors limit: Int) async {
        let asked = await engine.channels.all.reduce(0) { $0 + $1.channel.connectionLimit }
        let left = budget.outwardMax(limit: limit)
        guard asked > left else { return }
        logger.warning(
            "the channels' connection limits add up to more than the file descriptors that are left for them",
            metadata: ["connections": "\(asked)", "descriptors": "\(left)"])
    }
}
