internal import ArgumentParser
import Glibc
import HTTPCore
import Logging
import Messaging
import NIOCore
import NIOPosix
import Simulator
import UnixSignals

/// `yizhan simulate`: a carrier for demonstration, tests and benchmarks.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract:
            "Be a carrier that speaks all dialects, and whose numbers tell by their last four digits what happens.",
        discussion: """
            0001 failed (MK:0001) · 0002 never reported · 0003 reported after 10 s · 0004 submission refused · \
            0005 processed, but the answer is lost · 0006 reported twice · 0007 reported before the answer · \
            0008 delivered, and replies T · anything else delivered.

            What else goes wrong is decided by --seed: the same seed and the same sequence of requests give the same \
            faults.
            """)

    @Option(help: "Where to listen, ADDR:PORT; port 0 for any free one.")
    var listen: AddressArgument

    @Option(help: "A dialect that it speaks; give it again for more. All unless given.")
    var dialect: [DialectName] = []

    @Option(help: "The user that may submit: userid, account, OperID, x-app-key.")
    var user = "SIM001"

    @Option(help: "That user's password, in every dialect.")
    var password = "sim-secret"

    @Option(help: "The client_id of enterprise-oauth2.")
    var clientID = "client"

    @Option(help: "The client_secret of enterprise-oauth2.")
    var clientSecret = "secret"

    @Option(help: "The userid of enterprise-json.")
    var enterpriseID = "1001"

    @Option(help: "The x-sp-code of yixintong.")
    var spCode = "100001"

    @Option(help: "The access number that handsets see.")
    var number = "10690012122"

    @Option(help: "From a submission to its report.")
    var reportDelay = DurationArgument(milliseconds: 200)

    @Option(help: "Push reports and replies to this http:// address instead of waiting to be polled.")
    var push: String?

    @Option(help: "The dialect to push in.")
    var pushDialect = DialectName.operatorV2

    @OptionGroup(title: "Faults")
    var faultOptions: SimulateFaultOptions

    @Option(help: "Makes ids and faults the same at every start.")
    var seed: UInt64?

    @Option(help: "Append one line per received message to this file: custid,mobile,msgid,outcome,answer.")
    var log: String?

    @Option(
        help:
            """
            Append one line per report and reply to this file before it leaves: \
            report|reply,msgid,mobile,status,seq,first; lines of one answer or push have one first.
            """
    )
    var handOutLog: String?

    func validate() throws {
        if let push, PushTarget(push) == nil {
            throw ValidationError("--push takes an address like http://127.0.0.1:8081/path, not '\(push)'.")
        }
        guard SimulatorConfiguration.canPush(pushDialect) else {
            throw ValidationError("There are no pushes in the dialect \(pushDialect.rawValue).")
        }
        guard Account.isValidID(user) else {
            throw ValidationError(
                "--user takes at most 32 letters, digits, dots, underscores and hyphens, not '\(user)'.")
        }
        let isNumber = number.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isNumber, (1...Channel.accessNumberDigitsMax).contains(number.utf8.count) else {
            throw ValidationError("--number takes at most \(Channel.accessNumberDigitsMax) digits, not '\(number)'.")
        }
    }

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let configuration = configuration
        var logger = Logger(label: "yizhan.simulator") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        GBK.prepare()
        do {
            let carrier = try SimulatedCarrier(
                configuration, group: MultiThreadedEventLoopGroup.singleton, logger: logger)
            let address = try await carrier.start(on: .bind(host: listen.host, port: Int(listen.port)))
            let host = address.ipAddress ?? listen.host
            print("simulate \(AddressArgument(host: host, port: UInt16(address.port ?? 0)))\nready")
            fflush(nil)
            for await _ in signals { break }
            await carrier.shutdown()
        } catch {
            let source = ListenSource.bind(host: listen.host, port: Int(listen.port))
            let sentence =
                error is IOError
                ? ListenFailure.sentence(error, "simulate", on: source, setting: "--listen")
                : "cannot simulate: \(error)"
            Terminal.complain(sentence)
            throw ExitCode.failure
        }
    }

    private var configuration: SimulatorConfiguration {
        var configuration = SimulatorConfiguration(clock: Clock(now: Self.now))
        if !dialect.isEmpty { configuration.dialects = DialectName.allCases.filter { dialect.contains($0) } }
        configuration.user = user
        configuration.password = password
        configuration.clientID = clientID
        configuration.clientSecret = clientSecret
        configuration.enterpriseID = enterpriseID
        configuration.spCode = spCode
        configuration.accessNumber = number
        configuration.reportDelay = reportDelay.milliseconds
        configuration.push = push.flatMap { PushTarget($0) }
        configuration.pushDialect = pushDialect
        configuration.seed = seed
        configuration.logPath = log
        configuration.handOutLogPath = handOutLog
        configuration.faults = faultOptions.faults
        return configuration
    }

    private static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
