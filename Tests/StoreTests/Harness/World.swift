import Foundation
import GRDB
import Messaging
import Store

/// A real store in a folder of its own, and short words for what the tests do with it.
struct World {
    let directory: TemporaryDirectory
    private(set) var store: Store

    /// 2024-07-09 12:00 in China.
    static let noon = Timestamp(milliseconds: 1_720_497_600_000)
    static let today = 20_240_709
    static let price: Int64 = 29_000
    static let opening: Int64 = 1_000_000_000

    /// - Parameter directory: with what is in it; nil for an empty one.
    init(directory: TemporaryDirectory? = nil) throws {
        self.directory = try directory ?? TemporaryDirectory()
        store = try Store(directory: self.directory.path)
    }

    var path: String { directory.path + "/" + Store.fileName }

    /// As after an orderly stop.
    mutating func reopen() async throws {
        await store.close()
        store = try Store(directory: directory.path)
    }

    /// As after a crash: the old store is not closed, so nothing but commits counts.
    mutating func crash() throws {
        store = try Store(directory: directory.path)
    }

    /// As `reopen`, with the next message sequence set to `next`.
    mutating func reopen(at next: MessageSequence) async throws {
        await store.close()
        try sql {
            try $0.execute(
                sql: "INSERT OR REPLACE INTO counter (name, value) VALUES ('sequence', ?)", arguments: [next.rawValue])
        }
        store = try Store(directory: directory.path)
    }

    // MARK: Parties

    func account(
        _ id: String = "J10003", refund: Account.RefundRule = .refused, unit: ChargeUnit = .money,
        balance: Int64 = World.opening, accessExtension: String = ""
    ) async throws -> AccountKey {
        let account = Account(
            id: id, price: Money(microYuan: Self.price), chargeUnit: unit, refundRule: refund,
            accessExtension: accessExtension)
        return try await store.insert(account, sealedSecrets: [1, 2], openingBalance: balance, at: Self.noon).key
    }

    func channel(_ name: String = "sim", accessNumber: String = "10690012122") async throws -> ChannelKey {
        let channel = Channel(name: name, accessNumber: accessNumber)
        let stored = StoredChannel(
            key: 0, channel: channel, dialect: "operator-v2", url: "http://127.0.0.1", user: "SIM001",
            sealedPassword: [3, 4])
        return try await store.insert(stored, at: Self.noon)
    }

    // MARK: Messages

    static func part(
        _ account: AccountKey, _ mobiles: [String] = ["13800138000"], segments: Int = 1, cost: Int64 = World.price,
        at: Timestamp = World.noon, due: Timestamp? = nil, content: String = "你好", customID: String = "",
        customData: String = "", accountExtension: String = "", accessExtension: String = ""
    ) -> AcceptedPart {
        AcceptedPart(
            account: account, acceptedAt: at, scheduledAt: due, content: content, customID: customID,
            customData: customData, accountExtension: accountExtension, accessExtension: accessExtension,
            segments: segments, segmentCost: cost, recipients: mobiles.map { Recipient($0) })
    }

    func accept(_ parts: AcceptedPart...) async throws -> CommittedSubmission {
        let all = try await accept([AcceptedSubmission(parts: parts)])
        return all[0]
    }

    func accept(_ submissions: [AcceptedSubmission]) async throws -> [CommittedSubmission] {
        try await results(of: submissions).map { try $0.get() }
    }

    func results(of submissions: [AcceptedSubmission]) async throws -> [Result<CommittedSubmission, Rejection>] {
        try await withCheckedThrowingContinuation { done in
            store.accept(submissions) { done.resume(with: $0) }
        }
    }

    /// Accepts messages to these numbers and gives the sequence of the first.
    func send(
        _ account: AccountKey, _ mobiles: [String] = ["13800138000"], segments: Int = 1, cost: Int64 = World.price,
        at: Timestamp = World.noon
    ) async throws -> MessageSequence {
        try await accept(Self.part(account, mobiles, segments: segments, cost: cost, at: at))
            .acceptance.firstID.sequence
    }

    func begin(_ channel: ChannelKey, _ sequences: some Sequence<MessageSequence>, at: Timestamp = World.noon)
        async throws -> AttemptID
    {
        try await store.begin([NewAttempt(channel: channel, messages: SequenceRuns(sequences))], at: at)[0].id
    }

    @discardableResult
    func settle(
        _ attempt: AttemptID, _ outcome: Settlement.Outcome, at: Timestamp = World.noon
    ) async throws -> Effects {
        try await store.settle([Settlement(attempt: attempt, outcome: outcome)], at: at)
    }

    /// Begins an attempt that the carrier takes.
    @discardableResult
    func submit(_ channel: ChannelKey, _ sequences: some Sequence<MessageSequence>, carrierID: Int64? = nil)
        async throws -> AttemptID
    {
        let attempt = try await begin(channel, sequences)
        try await settle(attempt, .accepted(carrierID.map { .consecutive(from: $0) }))
        return attempt
    }

    @discardableResult
    func apply(
        _ reports: [CarrierReport], replies: [OwnedReply] = [], from channel: ChannelKey, at: Timestamp = World.noon
    ) async throws -> InboundOutcome {
        let inbound = try await store.keep([0x7B], of: .polledReports, from: channel, at: at)
        return try await store.apply(reports: reports, replies: replies, of: inbound, from: channel, at: at)
    }

    static func report(
        _ customID: String = "", id: Int64? = nil, segment: Int? = nil, of total: Int = 1,
        mobile: String = "13800138000", key: String? = nil, _ status: String = "DELIVRD"
    ) -> CarrierReport {
        CarrierReport(
            customID: customID, carrierID: id, segmentNumber: segment, segmentTotal: total, mobile: mobile,
            status: DeliveryStatus(status), carrierKey: key)
    }

    func collect(
        _ account: AccountKey, limit: Int = 500, grain: ReportGrain = .segment
    ) async throws -> [CustomerReport] {
        try await store.collectReports(for: account, limit: limit, at: Self.noon, grain: grain)
    }

    func timeline(_ sequence: MessageSequence) async throws -> MessageTimeline {
        try await store.timeline(of: MessageID(sequence: sequence))
    }

    func balance(_ account: AccountKey) async throws -> Int64 {
        try await store.accounts().first { $0.key == account }?.balance ?? .min
    }

    // MARK: The file

    /// Looks into the file, or tampers with it, over a connection of its own.
    func sql<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try DatabaseQueue(path: path).writeWithoutTransaction(body)
    }

    func count(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws -> Int64 {
        try self.sql { try Int64.fetchOne($0, sql: sql, arguments: arguments) ?? 0 }
    }
}

extension Effects {
    var finals: Int { delivered + failed }
}
