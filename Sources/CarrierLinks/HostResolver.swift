import Glibc
import Messaging
import NIOCore
import NIOPosix

/// Looks names up, on threads of its own: the system's resolver blocks.
final class HostResolver: Sendable {
    typealias Look = @Sendable (String) throws -> [IPAddress]

    struct Failure: Error {
        var words: String
    }

    private let pool: NIOThreadPool
    private let look: Look

    /// Names whose servers do not answer hold a thread each, so there are some.
    private static let threads = 8

    /// - Parameter look: what asks the system; tests put another in its place.
    init(look: @escaping Look = HostResolver.system) {
        self.look = look
        pool = NIOThreadPool(numberOfThreads: Self.threads)
        pool.start()
    }

    /// The addresses of a host, the preferred one first.
    func addresses(of host: String, timeout: TimeAmount, on eventLoop: any EventLoop) async throws -> [IPAddress] {
        let promise = eventLoop.makePromise(of: [IPAddress].self)
        let look = look
        pool.submit { state in
            guard state == .active else { return promise.fail(Failure(words: "the service stops")) }
            promise.completeWith(Result { try look(host) })
        }
        // Whichever comes first counts.
        let alarm = eventLoop.scheduleTask(in: timeout) {
            promise.fail(Failure(words: "\(host) was not found in time"))
        }
        defer { alarm.cancel() }
        return try await promise.futureResult.get()
    }

    func shutdown() async { try? await pool.shutdownGracefully() }

    /// getaddrinfo(3).
    static let system: Look = { host in
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { throw Failure(words: "\(host) was not found: \(String(cString: gai_strerror(code)))") }
        defer { freeaddrinfo(list) }
        var addresses: [IPAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = IPAddress(entry), !addresses.contains(address) { addresses.append(address) }
            next = entry.ai_next
        }
        return addresses
    }
}

extension IPAddress {
    fileprivate init?(_ entry: addrinfo) {
        guard let address = entry.ai_addr else { return nil }
        switch entry.ai_family {
        case AF_INET:
            let bytes = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { socket in
                withUnsafeBytes(of: socket.pointee.sin_addr) { Array($0) }
            }
            self.init(bytes: bytes)
        case AF_INET6:
            let bytes = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { socket in
                withUnsafeBytes(of: socket.pointee.sin6_addr) { Array($0) }
            }
            self.init(bytes: bytes)
        default: return nil
        }
    }

    /// Nil for the address of a Unix socket.
    init?(_ address: SocketAddress?) {
        switch address {
        case .v4(let v4): self.init(bytes: withUnsafeBytes(of: v4.address.sin_addr) { Array($0) })
        case .v6(let v6): self.init(bytes: withUnsafeBytes(of: v6.address.sin6_addr) { Array($0) })
        case .unixDomainSocket, nil: return nil
        }
    }
}
