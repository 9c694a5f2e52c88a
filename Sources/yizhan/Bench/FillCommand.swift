internal import ArgumentParser
import Engine
import Glibc
import Logging
import Messaging
import NIOCore
import Secrets
import Store

/// `yizhan bench fill DIRECTORY`: a database with many finished messages, made without an appliance.
struct FillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fill",
        abstract: "Make the database of an appliance that has sent many messages.",
        discussion: """
            The messages are spread over the last days and over accounts from J10003 on (password 111111); a fifth \
            of them was sent alone, the others 1000 at a time; all are reported and collected. Nothing is synced to \
            disk before the end.
            """,
        shouldDisplay: false)

    @Argument(help: "The folder; it must hold no database.")
    var directory: String

    @Option(help: "How many.")
    var messages = 1_000_000

    @Option(help: "Of how many accounts.")
    var accounts = 10

    @Option(help: "Over how many days before today.")
    var days = 60

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (1...1_000_000_000).contains(messages) else {
            throw ValidationError("--messages is from 1 to 1000000000.")
        }
        guard (1...FillPlan.accountsMax).contains(accounts) else {
            throw ValidationError("--accounts is from 1 to \(FillPlan.accountsMax).")
        }
        guard (1...3650).contains(days) else { throw ValidationError("--days is from 1 to 3650.") }
    }

    private static let progressMessages = 1_000_000

    func run() async throws {
        let path = directory + "/" + Store.fileName
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST, access(path, F_OK) != 0 else {
            throw Terminal.failure("\(directory) cannot be made, or holds a database already.")
        }
        let plan = FillPlan(messages: messages, accounts: accounts, days: days, today: Clock.system.now())
        do {
            let started = NIODeadline.now()
            try await fill(plan)
            try Self.sync(path)
            let seconds = Double((NIODeadline.now() - started).nanoseconds) / 1e9
            show(plan, seconds: seconds, bytes: Self.size(path))
        } catch let failure as ApplianceFailure {
            throw Terminal.failure(failure.sentence)
        }
    }

    private func fill(_ plan: FillPlan) async throws {
        let found = try MasterKey.find(state: directory, databaseExists: false)
        let key = try found ?? MasterKey.prepare(state: directory)
        let store = try Store(directory: directory, durability: .none)
        if found == nil { try MasterKey.adopt(state: directory) }
        let engine = Engine(
            store: store, key: key, maker: NullCarrier(), configuration: EngineConfiguration(clock: .system),
            logger: Logger(label: "yizhan.bench") { StreamLogHandler.standardError(label: $0) })
        var entries: [AccountEntry] = []
        for index in 0..<accounts {
            let account = Account(id: FillPlan.accountID(index), price: Money(microYuan: 29_000))
            entries.append(
                try await engine.billing.addAccount(
                    account, secrets: AccountSecrets(apiPassword: "111111"), openingBalance: 1_000_000_000_000_000))
        }
        let channel = try await engine.addChannel(NullCarrier.channel, endpoint: NullCarrier.endpoint)
        let filler = StoreFiller(plan: plan, store: store, accounts: entries, channel: channel.key)
        var told = 0
        try await filler.run { written in
            guard !json, written - told >= Self.progressMessages else { return }
            told = written
            Terminal.complain("\(written) messages")
        }
        await engine.stop(drain: .zero)
    }

    private func show(_ plan: FillPlan, seconds: Double, bytes: Int64) {
        let rate = Int64(Double(messages) / max(seconds, 0.001))
        let middle = plan.acceptedAt(messages / 2).chinaText.prefix(10)
        let value = JSONText.object([
            ("messages", .integer(messages)), ("fill_ms", .integer(Int64(seconds * 1000))),
            ("messages_per_second", .integer(rate)), ("database_bytes", .integer(bytes)),
            ("accounts", .strings((0..<accounts).map(FillPlan.accountID))), ("sample_day", .string(String(middle))),
        ])
        let text = TextTable.pairs([
            ("messages", "\(messages) of \(accounts) accounts over \(days) days"),
            ("time", "\(Int(seconds)) s, \(rate) messages/s"),
            ("database", "\(bytes >> 20) MB, \(bytes / Int64(messages)) bytes a message"),
        ])
        print(json ? value.description : text)
    }

    private static func sync(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw ApplianceFailure("\(path) cannot be opened.") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw ApplianceFailure("\(path) cannot be synced.") }
    }

    private static func size(_ path: String) -> Int64 {
        var information = stat()
        return stat(path, &information) == 0 ? Int64(information.st_size) : 0
    }
}
