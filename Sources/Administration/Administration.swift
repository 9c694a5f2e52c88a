public import Engine
public import Logging
public import Messaging

/// Who asks: the peer of every command and query.
public enum Requester: Hashable, Sendable, CustomStringConvertible {
    /// A process at the administration socket, as the kernel names it.
    case localProcess(userID: UInt32, processID: Int32)
    /// A user of the portal, and where the request came from.
    case portalUser(String, address: String = "")

    /// As the log names the one who asked for a change: `uid 0 pid 1234`.
    public var description: String {
        switch self {
        case .localProcess(let userID, let processID): "uid \(userID) pid \(processID)"
        case .portalUser(let name, _): "portal user \(name)"
        }
    }

    /// As the audit trail names it: the user, or the user id of the process.
    public var auditName: String {
        switch self {
        case .localProcess(let userID, _): "uid \(userID)"
        case .portalUser(let name, _): name
        }
    }

    /// Where the request came from: an address, or the process.
    public var auditAddress: String {
        switch self {
        case .localProcess(_, let processID): "local pid \(processID)"
        case .portalUser(_, let address): address
        }
    }
}

/// Why a command or query was refused: one sentence for people, and the field to blame, empty where none is.
public struct AdministrationError: Error, Hashable, Sendable {
    /// `invalid`: the request is wrong. `notFound`: what it names is not there. `alreadyExists`: what it adds is.
    /// `unavailable`: the store is full, busy or closing, or a bound is reached. `internal`: the database is damaged.
    public enum Kind: Sendable {
        case invalid, notFound, alreadyExists, unavailable, `internal`
    }

    /// Decides the code of the protocol's error.
    public var kind: Kind
    /// One or more sentences with their full stops, for people.
    public var message: String
    /// As the schema spells it, `settings.price_micro`; empty: no field is to blame.
    public var field = ""

    static func invalid(_ message: String, field: String) -> AdministrationError {
        AdministrationError(kind: .invalid, message: message, field: field)
    }

    static func notFound(_ message: String) -> AdministrationError {
        AdministrationError(kind: .notFound, message: message)
    }

    static func alreadyExists(_ message: String) -> AdministrationError {
        AdministrationError(kind: .alreadyExists, message: message)
    }

    /// - Parameter message: one sentence for people.
    public init(kind: Kind, message: String, field: String = "") {
        (self.kind, self.message, self.field) = (kind, message, field)
    }

    /// What the store refused; `what` names the thing.
    init(_ failure: StoreFailure, _ what: String) {
        switch failure {
        case .notFound: self.init(kind: .notFound, message: "There is no \(what).")
        case .alreadyExists:
            let article = what.first.map { "aeiouAEIOU".contains($0) } == true ? "an" : "a"
            self.init(kind: .alreadyExists, message: "There is \(article) \(what) already.")
        case .unavailable(let words):
            self.init(kind: .unavailable, message: "The database does not take it: \(words).")
        case .damaged(let words): self.init(kind: .internal, message: "The database is damaged: \(words).")
        case .limitReached(let words):
            self.init(kind: .unavailable, message: "\(words.prefix(1).uppercased())\(words.dropFirst()).")
        case .sealingFailed(let words): self.init(kind: .internal, message: "Secrets cannot be kept: \(words).")
        case .busy(let words): self.init(kind: .unavailable, message: "Not now: \(words).")
        case .closed: self.init(kind: .unavailable, message: "The service is stopping.")
        }
    }
}

/// One page of a list, and the cursor of the next; nil on the last page.
public struct Page<Item: Sendable>: Sendable {
    /// In the order of the list; may be empty.
    public var items: [Item]
    /// To be given as the cursor of the next request; nil on the last page.
    public var next: String?
}

/// The commands and queries of administration on the engine, checked here and nowhere else. A copy is bound to the peer
/// who asks (`asked(by:)`), and every change is recorded with it.
public struct Administration: Sendable {
    let engine: Engine
    let version: String
    let residentBytes: @Sendable () -> UInt64
    let startedAt: Timestamp
    let startedAtUptime: Int64
    private let logger: Logger
    private(set) var requester = Requester.localProcess(userID: 0, processID: 0)

    /// Items on a page at most, unless a list says otherwise.
    static let pageMax = 200

    /// - Parameter residentBytes: the process's resident memory.
    public init(
        engine: Engine, version: String, logger: Logger, residentBytes: @escaping @Sendable () -> UInt64
    ) {
        self.engine = engine
        self.version = version
        self.logger = logger
        self.residentBytes = residentBytes
        startedAt = engine.configuration.clock.now()
        startedAtUptime = engine.configuration.clock.uptime()
    }

    /// The same commands, for a peer.
    public func asked(by requester: Requester) -> Administration {
        var copy = self
        copy.requester = requester
        return copy
    }

    /// Records a change that was made, in the log and in the audit trail. No secret and no content of a message may be
    /// in it.
    /// - Parameters:
    ///   - change: noun, verb, what was changed, and the rest: `account set J10003 name=N`. A third word with `=` in it
    ///     is part of the rest.
    ///   - before: the settings that were changed, as they were.
    public func record(_ change: String, before: String = "") {
        logger.notice("administration changed something", metadata: ["by": "\(requester)", "change": "\(change)"])
        let words = change.split(separator: " ", maxSplits: 3).map { String($0) }
        let hasTarget = words.count > 2 && !words[2].contains("=")
        engine.audit.add(
            user: requester.auditName, address: requester.auditAddress, action: words.prefix(2).joined(separator: " "),
            target: hasTarget ? words[2] : "", before: before,
            after: words.dropFirst(hasTarget ? 3 : 2).joined(separator: " "))
    }

    /// Runs what the store may refuse.
    func stored<T>(
        _ what: String, _ body: () async throws(StoreFailure) -> T
    ) async throws(AdministrationError) -> T {
        do {
            return try await body()
        } catch {
            throw AdministrationError(error, what)
        }
    }

    static func limit(_ asked: Int, max: Int = pageMax) -> Int { asked == 0 ? max : min(asked, max) }

    /// The items after the cursor, in order of `id`.
    static func page<Item: Sendable>(
        _ items: some Sequence<Item>, after cursor: String, limit: Int, id: (Item) -> String
    ) -> Page<Item> {
        let rest = items.drop { !cursor.isEmpty && id($0) <= cursor }
        let page = Array(rest.prefix(limit + 1))
        let shown = Array(page.prefix(limit))
        return Page(items: shown, next: page.count > limit ? shown.last.map(id) : nil)
    }

    /// Channels and routes have names that can be in the callback's address.
    static func checkName(_ name: String, of what: String) throws(AdministrationError) {
        let isPlain = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        }
        guard isPlain, (1...32).contains(name.utf8.count) else {
            throw .invalid(
                "A \(what)'s name is 1 to 32 of a-z, A-Z, 0-9, '.', '-', '_', not '\(name)'.", field: "name")
        }
    }

    /// A day in China as yyyymmdd; 0: any.
    static func day(_ day: Int) throws(AdministrationError) -> Int? {
        if day == 0 { return nil }
        guard Timestamp(chinaDay: day) != nil else {
            throw .invalid("\(day) is no day; it is written as yyyymmdd.", field: "day")
        }
        return day
    }

    static func number(_ text: String, field: String) throws(AdministrationError) -> PhoneNumber {
        guard let number = PhoneNumber(text) else {
            throw .invalid("'\(text)' is no number that a message can be sent to.", field: field)
        }
        return number
    }

    static func badCursor(_ cursor: String) -> AdministrationError {
        .invalid("'\(cursor)' is no cursor of this list: begin again without one.", field: "cursor")
    }

    // MARK: Ledger and clock

    /// Proves that balances are the sums of their ledgers.
    /// - Parameter isFull: reads every entry, those too that were proved before.
    /// - Throws: `unavailable` or `internal` when the store fails.
    public func verifyLedger(isFull: Bool) async throws(AdministrationError) -> LedgerVerdict {
        try await stored("ledger") { () async throws(StoreFailure) in
            try await engine.records.verifyLedger(isFull: isFull)
        }
    }

    /// Takes the system's clock for right.
    /// - Returns: what the clocks said before.
    /// - Throws: `unavailable` or `internal` when the store fails.
    public func acceptClock() async throws(AdministrationError) -> TimeKeeper.Reading {
        let reading = try await stored("clock") { () async throws(StoreFailure) in try await engine.acceptClock() }
        record("clock accept")
        return reading
    }
}
