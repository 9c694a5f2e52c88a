import AsyncHTTPClient
import Engine
import Messaging
import NIOCore
import NIOHTTP1
import NIOPosix

/// POSTs to one address of a customer. The host is looked up here, its addresses are judged, and connections go to an
/// address that was judged and to no other, so that a name cannot lead elsewhere between the look and the connecting.
actor PushPost {
    struct Failure: Error {
        var words: String
    }

    struct Answer: Sendable {
        var status: UInt
        var body: [UInt8]
    }

    /// Connections to one judged address.
    private struct JudgedClient {
        var client: HTTPClient
        var address: IPAddress
        var judgedAt: NIODeadline
    }

    private nonisolated let url: String
    private nonisolated let host: String
    private let allowsPrivate: Bool
    private nonisolated let group: any EventLoopGroup
    private let resolver: HostResolver
    private nonisolated let timeout: TimeAmount
    private nonisolated let idleMax: TimeAmount
    private var judged: JudgedClient?
    private var finding: Task<Result<HTTPClient, Failure>, Never>?
    private var leaving: [Task<Void, Never>] = []
    /// Addresses that could not be reached lately; another is tried while there is one.
    private var avoided: [IPAddress] = []
    private var isClosed = false

    /// How long a look-up is taken for true.
    private static let judgementHolds = TimeAmount.seconds(30)
    /// Shorter than what servers keep an idle connection for: a request must not meet one that is being closed.
    private static let idleTimeout = TimeAmount.seconds(4)
    private static let connectTimeout = TimeAmount.seconds(5)
    private static let connectionsMax = 16
    private static let answerBytesMax = 64 << 10
    private static let wordsMax = 200

    init(
        url: String, allowsPrivate: Bool, group: any EventLoopGroup, resolver: HostResolver, timeout: TimeAmount,
        idleMax: TimeAmount
    ) throws(CarrierFailure) {
        let address: WebAddress
        do throws(WebAddress.Flaw) {
            address = try WebAddress(url)
        } catch {
            throw CarrierFailure(error.description)
        }
        self.url = address.description
        // As the client names it: what is looked up here must be found under that name there.
        guard let request = try? HTTPClient.Request(url: self.url) else {
            throw CarrierFailure("'\(url.shown())' is no address that can be called")
        }
        host = request.host
        self.allowsPrivate = allowsPrivate
        self.group = group
        self.resolver = resolver
        self.timeout = timeout
        self.idleMax = idleMax
        // The name of an address needs no look-up: what can be said is said at once.
        let literal = IPAddress(host.filter { $0 != "[" && $0 != "]" })
        if !allowsPrivate, let literal, !literal.isPublic { throw CarrierFailure(Self.refusal(literal)) }
    }

    private static func refusal(_ address: IPAddress) -> String {
        "\(address) is not a public address, and the account may not be pushed to there"
    }

    /// One request; it ends within the time limit, all in all.
    nonisolated func send(contentType: String, body: [UInt8]) async throws(Failure) -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: contentType)
        request.body = .bytes(ByteBuffer(bytes: body))
        let exchange = Exchange(deadline: .now() + timeout, idleMax: idleMax, bytesMax: Self.answerBytesMax)
        let client = try await client().get()
        do {
            let answer = try await exchange.run(request, with: client, on: group.any())
            return Answer(status: answer.status.code, body: answer.body)
        } catch {
            await avoid(client)
            throw Failure(words: Self.words(error))
        }
    }

    private static func words(_ error: any Error) -> String {
        let words =
            switch error {
            case is CancellationError: "the service stops"
            case let error as NIOConnectionError:
                "cannot connect: " + (error.connectionErrors.first.map { "\($0.error)" } ?? "no address")
            case let error as HTTPClientError where error == .deadlineExceeded: "no answer in time"
            case let error as HTTPClientError where error == .remoteConnectionClosed:
                "the connection was closed without an answer"
            default: "\(error)"
            }
        return String(words.prefix(wordsMax))
    }

    // MARK: The way

    private func client() async -> Result<HTTPClient, Failure> {
        if isClosed { return .failure(Failure(words: "the service stops")) }
        if let judged, NIODeadline.now() - judged.judgedAt < Self.judgementHolds { return .success(judged.client) }
        if let finding { return await finding.value }
        let task = Task { await findClient() }
        finding = task
        let found = await task.value
        finding = nil
        return found
    }

    private func findClient() async -> Result<HTTPClient, Failure> {
        let addresses: [IPAddress]
        do {
            let literal = IPAddress(host.filter { $0 != "[" && $0 != "]" })
            if let literal {
                addresses = [literal]
            } else {
                addresses = try await resolver.addresses(of: host, timeout: timeout, on: group.any())
            }
        } catch {
            return .failure(Failure(words: (error as? HostResolver.Failure)?.words ?? "\(error)"))
        }
        if isClosed { return .failure(Failure(words: "the service stops")) }
        let allowed = addresses.filter { allowsPrivate || $0.isPublic }
        if !allowed.contains(where: { !avoided.contains($0) }) { avoided = [] }
        let usable = allowed.filter { !avoided.contains($0) }
        if let judged, usable.contains(judged.address) {
            self.judged?.judgedAt = .now()
            return .success(judged.client)
        }
        drop()
        guard let address = usable.first else {
            let words = addresses.first.map(Self.refusal) ?? "\(host) has no address"
            return .failure(Failure(words: words))
        }
        let judged = JudgedClient(client: makeClient(to: address), address: address, judgedAt: .now())
        self.judged = judged
        return .success(judged.client)
    }

    private func makeClient(to address: IPAddress) -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: Self.connectTimeout))
        configuration.connectionPool.idleTimeout = Self.idleTimeout
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.connectionsMax
        // One request is one attempt.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        configuration.dnsOverride[host] = address.description
        // Whatever the client took the host for: nothing is sent to any other host.
        configuration.http1_1ConnectionDebugInitializer = { channel in
            guard IPAddress(channel.remoteAddress) != address else {
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            return channel.eventLoop.makeFailedFuture(Failure(words: "the connection leads elsewhere"))
        }
        return HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
    }

    /// Something went wrong on the way to an address: the next request looks anew.
    private func avoid(_ client: HTTPClient) {
        guard let judged, judged.client === client else { return }
        avoided.append(judged.address)
        self.judged?.judgedAt = .now() - Self.judgementHolds
    }

    /// Requests that are under way over it are left to end.
    private func drop() {
        guard let client = judged?.client else { return }
        judged = nil
        let limit = timeout
        leaving.append(
            Task {
                try? await Task.sleep(for: .nanoseconds(limit.nanoseconds))
                try? await client.shutdown()
            })
        if leaving.count > 8 { leaving.removeFirst(leaving.count - 8) }
    }

    /// No request may be under way.
    func close() async {
        isClosed = true
        _ = await finding?.value
        drop()
        for task in leaving { task.cancel() }
        for task in leaving { await task.value }
        leaving = []
    }
}
