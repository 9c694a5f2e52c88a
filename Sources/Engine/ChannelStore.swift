public import Messaging
import Secrets
import Store

/// A channel as it is set up, with its driver.
public struct ChannelEntry: Sendable {
    /// The store's own number for it.
    public var number: Int64
    public var channel: Channel
    public var endpoint: ChannelEndpoint
    public var link: any CarrierLink
    /// Stands in the address at which the carrier pushes to us; nobody can guess it.
    public var callbackToken: String
}

/// Owns the channels: reads and changes them, keeps their secrets sealed on disk, and makes their drivers.
public actor ChannelStore {
    private let store: Store
    private let key: SealingKey
    private let maker: any CarrierLinkMaker
    private let clock: Clock
    private var entries: [String: ChannelEntry] = [:]
    private let turns = Turns()

    init(store: Store, key: SealingKey, maker: any CarrierLinkMaker, clock: Clock) {
        self.store = store
        self.key = key
        self.maker = maker
        self.clock = clock
    }

    public var all: [ChannelEntry] { entries.values.sorted { $0.channel.name < $1.channel.name } }
    public func channel(named name: String) -> ChannelEntry? { entries[name] }
    public nonisolated var dialects: [String] { maker.dialects }

    func load() async throws(StoreFailure) {
        for stored in try await store.channels() {
            let endpoint = try endpoint(of: stored)
            do {
                entries[stored.channel.name] = try entry(stored.number, stored.channel, endpoint)
            } catch {
                throw .damaged("channel \(stored.channel.name): \(error.reason)")
            }
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
    private static func secretContext(_ name: String) -> String { "client secret of channel \(name)" }

    /// What is wrong with a channel's settings.
    public enum ChangeFailure: Error, Sendable {
        case store(StoreFailure)
        case endpoint(CarrierFailure)
    }

    func add(_ channel: Channel, endpoint: ChannelEndpoint) async throws(ChangeFailure) -> ChannelEntry {
        await turns.take()
        defer { turns.give() }
        if entries[channel.name] != nil { throw .store(.alreadyExists) }
        var made = try checked { () throws(CarrierFailure) in try entry(0, channel, endpoint) }
        do {
            made.number = try await store.insert(stored(0, channel, endpoint), at: clock.now())
        } catch {
            throw .store(error)
        }
        entries[channel.name] = made
        return made
    }

    func update(
        name: String, _ change: @Sendable (inout Channel, inout ChannelEndpoint) -> Void
    ) async throws(ChangeFailure) -> ChannelEntry {
        await turns.take()
        defer { turns.give() }
        guard let old = entries[name] else { throw .store(.notFound) }
        var channel = old.channel
        var endpoint = old.endpoint
        change(&channel, &endpoint)
        channel.name = name
        let made = try checked { () throws(CarrierFailure) in try entry(old.number, channel, endpoint) }
        do {
            try await store.update(stored(old.number, channel, endpoint))
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

    private func entry(
        _ number: Int64, _ channel: Channel, _ endpoint: ChannelEndpoint
    ) throws(CarrierFailure) -> ChannelEntry {
        let link = try maker.makeLink(endpoint, connectionLimit: channel.connectionLimit)
        return ChannelEntry(
            number: number, channel: channel, endpoint: endpoint, link: link,
            callbackToken: token(of: channel.name))
    }

    /// Derived from the master key, so that it needs no place to be kept and changes only with the key.
    private func token(of name: String) -> String {
        String(SHA256Digest.hex(key.bytes + Array("callback \(name)".utf8)).prefix(32))
    }

    private func stored(
        _ number: Int64, _ channel: Channel, _ endpoint: ChannelEndpoint
    ) throws(StoreFailure) -> StoredChannel {
        do {
            let name = channel.name
            let secret = Array(endpoint.clientSecret.utf8)
            return StoredChannel(
                number: number, channel: channel, dialect: endpoint.dialect, url: endpoint.url, user: endpoint.user,
                sealedPassword: try key.seal(Array(endpoint.password.utf8), context: Self.passwordContext(name)),
                clientID: endpoint.clientID,
                sealedClientSecret: secret.isEmpty ? nil : try key.seal(secret, context: Self.secretContext(name)),
                spCode: endpoint.spCode, enterpriseID: endpoint.enterpriseID)
        } catch {
            throw .unavailable("the secrets of channel \(channel.name) cannot be sealed: \(error)")
        }
    }
}
