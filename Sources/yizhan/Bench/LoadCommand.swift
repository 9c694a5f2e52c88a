import AdminProtocol
internal import ArgumentParser
import Messaging

extension LoadPlan.Mode: ExpressibleByArgument {}

/// `yizhan bench load`, and what `yizhan bench` alone means: load on a running appliance, and what it made of it.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Send many messages through a running appliance and measure it.",
        discussion: """
            Sends over keep-alive connections with single_send or batch_send in JSON, and reads the appliance's \
            counters to see when every message is final. Without --rate each connection has one request under way \
            and sends the next when the reply has come. With --rate requests leave at their moments whether replies \
            come or not, latency counts from the moment at which a request was due, and requests count for the \
            measured time if they were due in it. It starts nothing: the accounts must exist, with a balance that \
            suffices and a connection limit above their share of the concurrency, and a channel to a simulator. The \
            messages are real ones to whatever carrier the channel leads to.
            """)

    @Option(help: "Where the appliance serves customers: http://HOST:PORT.")
    var url: URLArgument

    @Option(help: "An account that sends; give it again for more, which share the connections.")
    var account = ["J10003"]

    @Option(help: "Their interface password.")
    var password = "111111"

    @Option(help: "One number a request, or many: single or batch.")
    var mode = LoadPlan.Mode.single

    @Option(name: .customLong("batch-size"), help: "Numbers of one request in mode batch, 1 to 1000.")
    var batchSize = 1000

    @Option(help: "Connections.")
    var concurrency = 64

    @Option(help: "How long to measure.")
    var duration = DurationArgument(milliseconds: 10_000)

    @Option(help: "How long to send before measuring.")
    var warmup = DurationArgument(milliseconds: 2000)

    @Option(help: "Messages a second, sent whether or not replies come.")
    var rate: Int?

    @Option(help: "Requests under way on one connection at most, with --rate; idle connections are taken first.")
    var pipeline = 16

    @Flag(name: .customLong("answers-only"), help: "Look at the replies alone; ask no appliance for its counters.")
    var answersOnly = false

    @Option(help: "Send so many messages, rounded up to whole requests, instead of for a time; no warm-up.")
    var messages: Int?

    @Option(
        name: .customLong("number-ending"),
        help: "The last four digits of every number; by default they vary, without 0000 to 0009.")
    var numberEnding: String?

    @Option(help: "The text to send.")
    var content = LoadPlan.usualContent

    @Option(name: .customLong("drain-timeout"), help: "How long to wait for the last final report.")
    var drainTimeout = DurationArgument(milliseconds: 60_000)

    @Option(help: "Event loops of the load generator, each a thread.")
    var threads = 1

    @OptionGroup var admin: AdminOptions

    func validate() throws {
        func require(_ condition: Bool, _ sentence: String) throws {
            guard condition else { throw ValidationError(sentence) }
        }
        try require((1...1000).contains(batchSize), "--batch-size is from 1 to 1000.")
        try require((1...50_000).contains(concurrency), "--concurrency is from 1 to 50000.")
        try require(
            (1...64).contains(threads) && threads <= concurrency,
            "--threads is from 1 to 64, and at most --concurrency.")
        try require(duration.milliseconds > 0, "--duration is longer than nothing.")
        try require(rate.map { (1...100_000_000).contains($0) } ?? true, "--rate is from 1 to 100000000.")
        try require((1...1000).contains(pipeline), "--pipeline is from 1 to 1000.")
        try require(messages.map { (1...1_000_000_000).contains($0) } ?? true, "--messages is from 1 to 1000000000.")
        let endingIsDigits = numberEnding?.utf8.allSatisfy { (0x30...0x39).contains($0) } ?? true
        try require(endingIsDigits && numberEnding?.utf8.count ?? 4 == 4, "--number-ending is four digits.")
        try require(
            account.allSatisfy { Account.isValidLogin($0, in: .operatorV2) },
            "--account is a login of dialect operator-v2: 1 to 6 letters and digits.")
        try require(!content.isEmpty, "--content is not empty.")
    }

    private var plan: LoadPlan {
        LoadPlan(
            host: url.host, port: url.port, accounts: account, password: password, mode: mode,
            batchSize: mode == .single ? 1 : batchSize, content: content,
            numberEnding: numberEnding.flatMap { Int($0) },
            connections: concurrency, threads: threads,
            extent: messages.map(LoadPlan.Extent.messages)
                ?? .time(warmup: warmup.milliseconds, measured: duration.milliseconds),
            rate: rate, pipeline: pipeline)
    }

    func run() async throws {
        let client = answersOnly ? nil : try admin.connected { $0 }
        let report: BenchReport
        do {
            report = try await BenchRun(plan: plan, drainTimeout: drainTimeout.duration).run(client)
        } catch let error as AdminClientError {
            Terminal.complain(error.description)
            throw ExitCode(1)
        } catch let error as LoadGenerator.Unreachable {
            Terminal.complain(error.description)
            throw ExitCode(69)
        }
        try admin.show(json: report.json, text: report.text)
        if report.load.all.acceptedMessages == 0 { throw ExitCode(1) }
    }
}
