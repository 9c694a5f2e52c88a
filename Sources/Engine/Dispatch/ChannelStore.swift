import Logging
public import Messaging
import Secrets
import Store
import Synchronization

/// A channel as it is set up, with its driver.
public struct ChannelEntry: Sendable {
    /// The store's own number for it.
    public var key: ChannelKey
    /// Its settings, without those of the carrier's end.
    public var channel: Channel
    /// The carrier's address and our credentials there, in the clear.
    public var endpoint: ChannelEndpoint
    /// Its driver; where `problem` is not nil, one that sends and fetches nothing.
    public var link: any CarrierLink
    /// Who may push to us on it, and with what.
    public var callback: CallbackAccess
    /// Why it has no driver, so that nothing is sent or asked, as a sentence without its full stop; nil when it has.
    public var problem: String?

    /// The random part of the path at which the carrier pushes to us; it cannot be guessed.
    public var callbackToken: String { callback.token }
}

/// Owns the channels: reads and changes them, keeps their secrets sealed on disk, and makes their drivers.
public actor ChannelStore {
    private let store: Store
    private let key: SealingKey
    private let maker: any CarrierLinkMaker
    private let clock: Clock
    /// No drivers are made of what is stored.
    private let isSafe: Bool
    private let logger: Logger
    private var entries: [String: ChannelEntry] = [:] {
        didSet {
            let digits = entries.values.filter(\.channel.isEnabled).map(\.channel.accessNumber.utf8.count).min()
            shortestNumber.store(digits ?? 0, ordering: .relaxed)
        }
    }
    private let shortestNumber = Atomic<Int>(0)
    private let mutex = AsyncMutex()

    static let safeModeWords = "the service runs in safe mode (serve --safe): nothing is sent or polled"

    init(
        store: Store, key: SealingKey, maker: any CarrierLinkMaker, clock: Clock, isSafe: Bool, logger: Logger
    ) {
        self.store = store
        self.key = key
        self.maker = maker
        self.clock = clock
        self.isSafe = isSafe
        self.logger = logger
    }

    /// All channels, in the order of their names.
    public var all: [ChannelEntry] { entries.values.sorted { $0.channel.name < $1.channel.name } }
    /// The channel of exactly that name.
    public func channel(named name: String) -> ChannelEntry? { entries[name] }
    /// The channel of that name; else the only one that has it in other letter cases.
    public func channel(inAnyCase name: String) -> ChannelEntry? {
        if let entry = entries[name] { return entry }
        let folded = name.lowercased()
        let alike = entries.values.filter { $0.channel.name.lowercased() == folded }
        return alike.count == 1 ? alike.first : nil
    }
    /// The names of the dialects that a channel may have.
    public nonisolated var dialects: [String] { maker.dialects }
    /// The digits of the shortest access number among the channels that are on; 0 when there is none.
    public nonisolated var accessNumberDigitsMin: Int { shortestNumber.load(ordering: .relaxed) }

    func load() async throws(StoreFailure) {
        for stored in try await store.channels() {
            let made = ChannelEntry(
                key: stored.key, channel: stored.channel, endpoint: try endpoint(of: stored),
                link: DisconnectedLink(reason: Self.safeModeWords), callback: try callback(of: stored))
            entries[stored.channel.name] = connected(made)
        }
    }

    /// One channel that cannot work is no reason for the others not to.
    private func connected(_ entry: ChannelEntry) -> ChannelEntry {
        var entry = entry
        let problem: String
        if isSafe {
            problem = Self.safeModeWords
        } else {
            do {
                entry.link = try maker.makeLink(entry.endpoint, connectionLimit: entry.channel.connectionLimit)
                return entry
            } catch {
                problem = error.reason
                logger.error(
                    "a channel cannot work and sends nothing; change it with yizhan channel set",
                    metadata: ["channel": "\(entry.channel.name)", "reason": "\(problem)"])
            }
        }
        entry.link = DisconnectedLink(reason: problem)
        entry.problem = problem
        return entry
    }

    private func callback(of stored: StoredChannel) throws(StoreFailure) -> CallbackAccess {
        let name = stored.channel.name
        do {
            func text(_ sealed: [UInt8]?) throws -> String? {
                try sealed.map { try key.open($0, context: Self.tokenContext(name)) }
                    .map { String(decoding: $0, as: UTF8.self) }
            }
            return CallbackAccess(
                token: try text(stored.callback.sealedToken) ?? derivedToken(of: name),
                before: try text(stored.callback.sealedTokenBefore).map {
                    CallbackAccess.Before(token: $0, endsAt: stored.callback.beforeEndsAt)
                }, networks: stored.callback.networks)
        } catch {
            throw .damaged("the secrets of channel \(name) do not open with this master key; put back the key file")
        }
    }

    private func endpoint(of stored: StoredChannel) throws(StoreFailure) -> ChannelEndpoint {
        let name = stored.channel.name
        do {
            let password = try key.open(stored.sealedPassword, context: Self.passwordContext(name))
            let secret = try stored.sealedClientSecret.map { try key.open($0, context: Self.secretContext(name)) }
            return ChannelEndpoint(
                dialect: stored.dialect, url: stored.url, user: stored.user,
                password: String(decoding: password, as: UTF8.self), clientID: stored.clientID,
                clientSecret: String(decoding: secret ?? [], as: UTF8.self), spCode: stored.spCode,
                enterpriseID: stored.enterpriseID)
        } catch {
            throw .damaged("the secrets of channel \(name) do not open with this master key; put back the key file")
        }
    }

    private static func passwordContext(_ name: String) -> String { "channel \(name)" }
    private static func tokenContext(_ name: String) -> String { "callback token of channel \(name)" }
    private static func secretContext(_ name: String) -> String { "client secret of channel \(name)" }

    /// What is wrong with a channel's settings.
    public enum ChangeFailure: Error, Sendable {
        case store(StoreFailure)
        case endpoint(CarrierFailure)
    }

    func add(
        _ channel: Channel, endpoint: ChannelEndpoint, callback: CallbackChange
    ) async throws(ChangeFailure) -> ChannelEntry {
        await mutex.lock()
        defer { mutex.unlock() }
        if entries[channel.name] != nil { throw .store(.alreadyExists) }
        let access = CallbackAccess(token: try randomToken(), networks: callback.networks ?? [])
        var made = try checked { () throws(CarrierFailure) in try entry(0, channel, endpoint, access) }
        do {
            made.key = try await store.insert(stored(made), at: clock.now())
        } catch {
            throw .store(error)
        }
        entries[channel.name] = made
        return made
    }

    func update(
        name: String, callback: CallbackChange = CallbackChange(),
        _ change: @Sendable (inout Channel, inout ChannelEndpoint) -> Void
    ) async throws(ChangeFailure) -> ChannelEntry {
        await mutex.lock()
        defer { mutex.unlock() }
        guard let old = entries[name] else { throw .store(.notFound) }
        var channel = old.channel
        var endpoint = old.endpoint
        change(&channel, &endpoint)
        channel.name = name
        var access = old.callback
        if callback.makesNewToken { access.replaceToken(with: try randomToken(), at: clock.now()) }
        if let networks = callback.networks { access.networks = networks }
        let made = try checked { () throws(CarrierFailure) in try entry(old.key, channel, endpoint, access) }
        do {
            try await store.update(stored(made))
        } catch {
            throw .store(error)
        }
        entries[name] = made
        // Calls that are under way on the old driver end by themselves.
        Task { await old.link.close() }
        return made
    }

    private func checked<T>(_ body: () throws(CarrierFailure) -> T) throws(ChangeFailure) -> T {
        do { return try body() } catch { throw .endpoint(error) }
    }

    /// A channel as it is wanted now: what cannot work is refused.
    private func entry(
        _ key: ChannelKey, _ channel: Channel, _ endpoint: ChannelEndpoint, _ access: CallbackAccess
    ) throws(CarrierFailure) -> ChannelEntry {
        let link = try maker.makeLink(endpoint, connectionLimit: channel.connectionLimit)
        let made = ChannelEntry(key: key, channel: channel, endpoint: endpoint, link: link, callback: access)
        guard isSafe else { return made }
        Task { await link.close() }
        return connected(made)
    }

    /// The token of a channel that was made before tokens were stored, until it gets a new one.
    private func derivedToken(of name: String) -> String {
        String(SHA256Digest.hex(key.bytes + Array("callback \(name)".utf8)).prefix(32))
    }

    private func randomToken() throws(ChangeFailure) -> String {
        do {
            return Hexadecimal.text(try SecureRandom.bytes(16))
        } catch {
            throw .store(.sealingFailed("no random numbers for a callback token: \(error)"))
        }
    }

    private func stored(_ entry: ChannelEntry) throws(StoreFailure) -> StoredChannel {
        let (channel, endpoint, access) = (entry.channel, entry.endpoint, entry.callback)
        do {
            let name = channel.name
            let secret = Array(endpoint.clientSecret.utf8)
            let context = Self.tokenContext(name)
            let callback = StoredCallback(
                sealedToken: try key.seal(Array(access.token.utf8), context: context),
                sealedTokenBefore: try access.before.map { try key.seal(Array($0.token.utf8), context: context) },
                beforeEndsAt: access.before?.endsAt ?? Timestamp(milliseconds: 0), networks: access.networks)
            return StoredChannel(
                key: entry.key, channel: channel, dialect: endpoint.dialect, url: endpoint.url, user: endpoint.user,
                sealedPassword: try key.seal(Array(endpoint.password.utf8), context: Self.passwordContext(name)),
                clientID: endpoint.clientID,
                sealedClientSecret: secret.isEmpty ? nil : try key.seal(secret, context: Self.secretContext(name)),
                spCode: endpoint.spCode, enterpriseID: endpoint.enterpriseID, callback: callback)
        } catch {
            throw .sealingFailed("the secrets of channel \(channel.name) cannot be sealed: \(error)")
        }
    }
}
