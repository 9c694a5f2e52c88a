import AdminServer
import Administration
import ArgumentParser
import CarrierLinks
import Engine
import Glibc
import HTTPCore
import HTTPFront
import Logging
import Messaging
import NIOCore
import NIOPosix
import Portal
import Secrets
import ServiceLifecycle
import Store
import Systemd

/// Why the appliance does not start, as a sentence for the operator.
struct ApplianceFailure: Error {
    var sentence: String

    init(_ sentence: String) {
        self.sentence = sentence
    }

    /// Of a database that cannot be opened.
    init(_ failure: StoreFailure) {
        switch failure {
        case .damaged(let sentence): self.init("\(sentence).")
        case .unavailable(let words), .busy(let words), .limitReached(let words), .sealingFailed(let words):
            self.init("The database cannot be opened: \(words).")
        case .notFound, .alreadyExists, .closed: self.init("The database cannot be opened: \(failure).")
        }
    }
}

/// The composition root: makes every room's parts, wires them, starts them in order and stops them in reverse.
struct ApplianceService: Service {
    let settings: ServeSettings
    /// The sockets that systemd opened, by name.
    let sockets: [String: [Int32]]
    let logger: Logger

    static let version = Yizhan.configuration.version
    /// Event loops of the listeners and the carriers' connections.
    static let eventLoopCount = max(1, min(4, System.coreCount / 2))

    func run() async throws {
        let folder = try StateFolder(path: settings.state)
        let descriptors = try claimDescriptors()
        let lock = try StateLock(state: settings.state)
        try await runLocked(folder, descriptors: descriptors)
        _ = consume lock
    }

    private func runLocked(_ folder: StateFolder, descriptors: Int) async throws {
        // Not in the first customer's request.
        GBK.prepare()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: Self.eventLoopCount)
        let time = TimeKeeper(source: .system)
        let links = CarrierLinks(group: group, clock: time.clock)
        let engine = try await loadEngine(folder, links, time, group)
        await checkChannels(engine, descriptors: descriptors)
        let administration = Administration(
            engine: engine, version: Self.version, logger: logger, residentBytes: ResidentMemory.bytes)
        let portal = Portal(
            engine: engine, administration: administration, configuration: portalConfiguration, logger: logger)
        await portal.registerExports()
        let pages = hasPortalListener ? pagesServer(portal, group) : nil
        let front = HTTPFront(
            engine: engine, pages: pages == nil ? portal.service : nil, configuration: frontConfiguration, group: group,
            logger: logger)
        let callback = CallbackServer(
            engine: engine, configuration: callbackConfiguration, group: group, logger: logger)
        let admin = AdminServer(
            handler: AdministrationHandler(administration), version: Self.version, group: group, logger: logger,
            prepare: { [logger] in AcceptBackoff.install(in: $0, name: "admin", logger: logger) })
        do {
            announce("front", try await opened("front") { try await front.start(on: $0) })
            announce("callback", try await opened("callback") { try await callback.start(on: $0) })
            if let pages { announce("portal", try await opened("portal") { try await pages.start(on: $0) }) }
            try await admin.start(on: adminSource)
            Terminal.announce("admin \(settings.adminSocket)")
        } catch {
            await engine.stop(drain: .zero)
            await links.shutdown()
            if let failure = error as? ApplianceFailure { throw failure }
            throw ApplianceFailure("The administration socket cannot be opened: \(error); see admin_socket.")
        }
        // Last: a carrier deletes what it hands out, so polling begins when the listeners are open.
        do {
            try await engine.begin()
        } catch {
            await engine.stop(drain: .zero)
            await links.shutdown()
            throw ApplianceFailure(error)
        }
        Terminal.announce("ready")
        let mode = settings.isSafe ? "safe mode: nothing is sent, polled or pushed" : "serving"
        if settings.isSafe { logger.warning("\(mode)") }
        ServiceManager.notify(.ready, .status(mode))
        let watchdog = Task { await feedWatchdog(engine) }
        try? await gracefulShutdown()
        ServiceManager.notify(.stopping, .status("finishing what is under way"))
        await stop(engine, front, callback, pages)
        watchdog.cancel()
        await admin.stop()
        await links.shutdown()
        try? await group.shutdownGracefully()
    }

    /// One limit for all: calls to carriers end while customers are still being answered.
    private func stop(
        _ engine: Engine, _ front: HTTPFront, _ callback: CallbackServer, _ pages: HTTPServer?
    ) async {
        let clock = ContinuousClock()
        let drain = settings.drainTimeout
        let deadline = clock.now + drain
        engine.quiesce()
        async let pushes: Void = callback.stop(drainTimeout: TimeAmount(drain))
        async let browsers: Void? = pages?.shutdown(drainTimeout: TimeAmount(drain))
        await front.stop(drainTimeout: TimeAmount(drain))
        await pushes
        _ = await browsers
        await engine.stop(drain: max(.zero, deadline - clock.now))
    }

    private func loadEngine(
        _ folder: StateFolder, _ links: CarrierLinks, _ time: TimeKeeper, _ group: any EventLoopGroup
    ) async throws -> Engine {
        do {
            return try await loadEngine(folder, links, time)
        } catch {
            // An HTTP client that is released before it is shut down can end the process.
            await links.shutdown()
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private func loadEngine(
        _ folder: StateFolder, _ links: CarrierLinks, _ time: TimeKeeper
    ) async throws -> Engine {
        let (store, key) = try folder.open(acceptsLoss: settings.acceptsLoss)
        if let loss = store.acceptedLoss {
            logger.warning(
                "a loss was accepted; ids go on past all that may have been given out", metadata: ["loss": "\(loss)"])
        }
        do {
            let engine = Engine(
                store: store, key: key, maker: links, pushes: links, alertLink: links,
                configuration: engineConfiguration(time), logger: logger)
            try await engine.load()
            if engine.users.directory.count == 0 {
                logger.notice("nobody can log in to the pages yet; make a user: yizhan user add NAME --operator")
            }
            return engine
        } catch {
            throw ApplianceFailure(error)
        }
    }

    private func opened(
        _ name: String, _ open: (ListenSource) async throws -> SocketAddress
    ) async throws -> SocketAddress {
        let source = source(name)
        do {
            return try await open(source)
        } catch {
            throw ApplianceFailure(ListenFailure.sentence(error, name, on: source, setting: "listen.\(name)"))
        }
    }

    private func source(_ name: String) -> ListenSource {
        if let descriptor = sockets[name]?.first { return .adopt(descriptor: descriptor) }
        let address =
            switch name {
            case "front": settings.frontAddress
            case "portal": settings.portalAddress ?? settings.frontAddress
            default: settings.callbackAddress
            }
        return .bind(host: address.host, port: Int(address.port))
    }

    private var hasPortalListener: Bool { sockets["portal"]?.first != nil || settings.portalAddress != nil }

    var portalConfiguration: PortalConfiguration {
        var portal = PortalConfiguration(stateFolder: settings.state)
        portal.settings = settings.shown
        portal.hosts = settings.portalHosts.names
        portal.operatorNetworks = settings.portalOperatorNetworks.networks
        return portal
    }

    private func pagesServer(_ portal: Portal, _ group: any EventLoopGroup) -> HTTPServer {
        HTTPServer(
            name: "portal", configuration: portalListener, service: portal.service, group: group, logger: logger)
    }

    private var adminSource: AdminListenSource {
        if let descriptor = sockets["admin"]?.first { return .descriptor(descriptor) }
        return .path(settings.adminSocket)
    }

    private func announce(_ name: String, _ address: SocketAddress) {
        let host = address.ipAddress ?? "?"
        let shown = host.contains(":") ? "[\(host)]" : host
        Terminal.announce("\(name) \(shown):\(address.port ?? 0)")
    }

    /// Sends systemd's watchdog its notification while the actors answer and commits end, or a commit waits for a disk
    /// that hangs, which a restart does not mend.
    private func feedWatchdog(_ engine: Engine) async {
        guard let interval = ServiceManager.watchdogInterval else { return }
        var wasDead = false
        while !Task.isCancelled {
            let isDead = engine.life.look(provesCommits: true) == .dead
            if !isDead { ServiceManager.notify(.watchdog) }
            if isDead, !wasDead { logger.critical("the journal or an actor does not answer; the watchdog is not fed") }
            wasDead = isDead
            try? await Task.sleep(for: min(interval, .seconds(1)))
        }
    }
}

extension Clock {
    /// The system's own.
    static let system = Clock(
        now: { Timestamp(milliseconds: milliseconds(of: CLOCK_REALTIME)) },
        // Not CLOCK_MONOTONIC, which stops while the machine is suspended and the other clock goes on.
        uptime: { milliseconds(of: CLOCK_BOOTTIME) })

    private static func milliseconds(of clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}

/// The process's resident memory, as the kernel counts it.
enum ResidentMemory {
    @Sendable static func bytes() -> UInt64 {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = UInt64(fields[1]) else { return 0 }
        return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }
}

/// What the settings come to in the engine and the listeners.
extension ApplianceService {
    func engineConfiguration(_ time: TimeKeeper) -> EngineConfiguration {
        var configuration = EngineConfiguration(time: time)
        configuration.taskFolder = settings.state + "/portal"
        configuration.submissionsMax = settings.submissionsMax
        configuration.submissionWaitMax = settings.submissionWaitMax.milliseconds
        configuration.messagesInMemoryMax = settings.messagesInMemoryMax
        configuration.reportExpiry = settings.reportExpiry.milliseconds
        configuration.pollIntervalMax = settings.pollInterval.milliseconds
        configuration.parking = ParkingRule(
            parkFor: settings.parkFor.milliseconds, keepFor: settings.keepFor.milliseconds)
        configuration.intake = IntakeRule(
            parkedMax: settings.parkedMax, unreadableMax: settings.unreadableMax, bytesMax: settings.inboundBytesMax)
        configuration.isSafe = settings.isSafe
        configuration.push = PushRule(
            pauseMin: settings.pushPauseMin.milliseconds, pauseMax: settings.pushPauseMax.milliseconds,
            giveUpAfter: settings.pushGiveUpAfter.milliseconds)
        configuration.refusals = RefusalRule(keepFor: settings.refusalsKeepFor.milliseconds)
        configuration.timestampTolerance = settings.timestampTolerance.milliseconds
        configuration.signatureTolerance = settings.signatureTolerance.milliseconds
        configuration.tokenLifetime = settings.tokenLifetime.milliseconds
        configuration.alertAccount = settings.alertAccount.isEmpty ? nil : settings.alertAccount
        configuration.operatorsNeedTOTP = settings.operatorsNeedTOTP
        return configuration
    }

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

    /// Browsers open six connections each.
    private static let portalConnectionsMax = 600

    private var portalListener: HTTPServerConfiguration {
        var http = commonConfiguration
        http.connectionsMax = Self.portalConnectionsMax
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
            front: frontConfiguration.descriptorsMax + (hasPortalListener ? portalListener.descriptorsMax : 0),
            callback: callbackConfiguration.descriptorsMax,
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
