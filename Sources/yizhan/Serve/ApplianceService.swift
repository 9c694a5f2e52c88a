import AdminServer
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
        guard mkdir(settings.state, 0o700) == 0 || errno == EEXIST else {
            let words = String(cString: strerror(errno))
            throw ApplianceFailure("The state folder \(settings.state) cannot be made: \(words).")
        }
        let lock = try StateLock(state: settings.state)
        try await runLocked()
        _ = consume lock
    }

    private func runLocked() async throws {
        // Not in the first customer's request.
        GBK.prepare()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: Self.eventLoopCount)
        let clock = Clock.system
        let links = CarrierLinks(group: group, clock: clock)
        let engine: Engine
        do {
            engine = try await startEngine(links, clock)
        } catch {
            // A client that is forgotten without this ends the process in its own words.
            await links.shutdown()
            try? await group.shutdownGracefully()
            throw error
        }
        let http = httpConfiguration
        let front = HTTPFront(engine: engine, configuration: http, group: group, logger: logger)
        let callback = CallbackServer(engine: engine, configuration: http, group: group, logger: logger)
        let bridge = EngineBridge(engine: engine, version: Self.version, residentBytes: ResidentMemory.bytes)
        let admin = AdminServer(handler: bridge, version: Self.version, group: group, logger: logger)
        do {
            announce("front", try await front.start(on: source("front")))
            announce("callback", try await callback.start(on: source("callback")))
            try await admin.start(on: adminSource)
            Terminal.announce("admin \(settings.adminSocket)")
        } catch {
            await engine.stop(drain: .zero)
            await links.shutdown()
            throw ApplianceFailure("A listener cannot be opened: \(error).")
        }
        Terminal.announce("ready")
        ServiceManager.notify(.ready, .status("serving"))
        let watchdog = Task { await feedWatchdog(engine) }
        try? await gracefulShutdown()
        ServiceManager.notify(.stopping, .status("finishing what is under way"))
        await stop(engine, front, callback)
        watchdog.cancel()
        await admin.stop()
        await links.shutdown()
        try? await group.shutdownGracefully()
    }

    /// One limit for all: calls to carriers end while customers are still being answered.
    private func stop(_ engine: Engine, _ front: HTTPFront, _ callback: CallbackServer) async {
        let clock = ContinuousClock()
        let drain = settings.drainTimeout
        let deadline = clock.now + drain
        engine.quiesce()
        async let pushes: Void = callback.stop(drainTimeout: TimeAmount(drain))
        await front.stop(drainTimeout: TimeAmount(drain))
        await pushes
        await engine.stop(drain: max(.zero, deadline - clock.now))
    }

    private func startEngine(_ links: CarrierLinks, _ clock: Clock) async throws -> Engine {
        var configuration = EngineConfiguration(clock: clock)
        configuration.submissionsMax = settings.submissionsMax
        configuration.submissionWaitMax = settings.submissionWaitMax.milliseconds
        configuration.messagesInMemoryMax = settings.messagesInMemoryMax
        configuration.reportExpiry = settings.reportExpiry.milliseconds
        configuration.pollIntervalMax = settings.pollInterval.milliseconds
        configuration.parking = ParkingRule(
            parkFor: settings.parkFor.milliseconds, keepFor: settings.keepFor.milliseconds)
        configuration.push = PushRule(
            pauseMin: settings.pushPauseMin.milliseconds, pauseMax: settings.pushPauseMax.milliseconds,
            giveUpAfter: settings.pushGiveUpAfter.milliseconds)
        configuration.timestampTolerance = settings.timestampTolerance.milliseconds
        configuration.signatureTolerance = settings.signatureTolerance.milliseconds
        configuration.tokenLifetime = settings.tokenLifetime.milliseconds
        do {
            let exists = access(settings.state + "/" + Store.fileName, F_OK) == 0
            let key = try MasterKey.load(state: settings.state, databaseExists: exists)
            let store = try Store(directory: settings.state)
            let engine = Engine(
                store: store, key: key, maker: links, pushes: links, configuration: configuration, logger: logger)
            try await engine.start()
            return engine
        } catch let failure as StoreFailure {
            switch failure {
            case .damaged(let sentence): throw ApplianceFailure("\(sentence).")
            case .unavailable(let words): throw ApplianceFailure("The database cannot be opened: \(words).")
            default: throw ApplianceFailure("The database cannot be opened: \(failure).")
            }
        }
    }

    private var httpConfiguration: HTTPServerConfiguration {
        var http = HTTPServerConfiguration()
        http.bodyBytesMax = settings.bodyBytesMax
        http.connectionsMax = settings.connectionsMax
        http.headerTimeout = TimeAmount(settings.headerTimeout)
        http.idleTimeout = TimeAmount(settings.idleTimeout)
        return http
    }

    private func source(_ name: String) -> ListenSource {
        if let descriptor = sockets[name]?.first { return .adopt(descriptor: descriptor) }
        let address = settings.listen[name]
        return .bind(host: address?.host ?? "127.0.0.1", port: Int(address?.port ?? 0))
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

    /// Tells systemd that we live, only while the journal commits and the actors answer.
    private func feedWatchdog(_ engine: Engine) async {
        guard let interval = ServiceManager.watchdogInterval else { return }
        while !Task.isCancelled {
            do {
                try await engine.proveAlive()
                ServiceManager.notify(.watchdog)
            } catch {
                logger.critical("the journal does not commit", metadata: ["reason": "\(error)"])
            }
            try? await Task.sleep(for: interval)
        }
    }
}

extension Clock {
    /// The system's own.
    static let system = Clock(
        now: { Timestamp(milliseconds: milliseconds(of: CLOCK_REALTIME)) },
        uptime: { milliseconds(of: CLOCK_MONOTONIC) })

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
