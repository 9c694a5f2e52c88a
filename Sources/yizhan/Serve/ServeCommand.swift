import ArgumentParser
import Glibc
import Logging
import ServiceLifecycle
import Systemd
import UnixSignals

/// `yizhan serve`: the appliance.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the appliance.",
        discussion: """
            Prints one line for each listener with the address that it got, then "ready". Under systemd the sockets \
            are those of the socket units. Ends on SIGTERM after work under way is done, with exit code 0.
            """)

    @Option(help: "The configuration file; without one the defaults hold.")
    var config: String?

    @Option(help: "The folder of the database; made if it is missing.")
    var state: String?

    @Option(help: "Where to listen: front=, callback= or portal=ADDR:PORT; port 0 for any free one.")
    var listen: [ListenArgument] = []

    @Option(help: "The socket for the other commands.")
    var adminSocket: String?

    @Flag(
        help: """
            Start with all channels and pushes off: nothing is sent, polled or pushed, so that a setting which does \
            harm can be changed. What customers submit waits.
            """)
    var safe = false

    @Flag(
        help: ArgumentHelp(
            "Start although commits are lost.",
            discussion: "Message ids go on past all that may have been given out. Keep a copy of the folder first."))
    var acceptLoss = false

    func validate() throws {
        for argument in listen where !["front", "callback", "portal"].contains(argument.name) {
            throw ValidationError("--listen knows front, callback and portal, not '\(argument.name)'.")
        }
    }

    func run() async throws {
        // Before any thread but the main one looks at the environment.
        let sockets = try ListenSockets.adopt()
        var settings: ServeSettings
        do {
            settings = try await ServeSettings(file: config)
        } catch {
            throw Terminal.failure("The configuration cannot be used: \(error)")
        }
        if safe { settings.isSafe = true }
        if let state { settings.state = state }
        settings.acceptsLoss = acceptLoss
        if let adminSocket { settings.adminSocket = adminSocket }
        for argument in listen {
            switch argument.name {
            case "front": settings.frontAddress = argument.address
            case "portal": settings.portalAddress = argument.address
            default: settings.callbackAddress = argument.address
            }
        }
        let level = settings.logLevel
        LoggingSystem.bootstrap { JournalLogHandler(label: $0, level: level) }
        let logger = Logger(label: "yizhan")
        // The database holds contents and numbers: what this process makes is its user's alone.
        umask(0o077)
        // A peer that goes away must not end the process.
        signal(SIGPIPE, SIG_IGN)
        let service = ApplianceService(settings: settings, sockets: sockets, logger: logger)
        var group = ServiceGroupConfiguration(
            services: [service], gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "quiet") { _ in
                SwiftLogNoOpLogHandler()
            })
        group.maximumGracefulShutdownDuration = settings.drainTimeout + .seconds(30)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let failure as ApplianceFailure {
            throw Terminal.failure(failure.sentence)
        }
    }
}
