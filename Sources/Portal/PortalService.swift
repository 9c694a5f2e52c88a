import HTTPCore
import NIOCore
import NIOHTTP1
import Synchronization

/// The pages on a listener: `/`, `/portal` and everything below `/portal/`.
final class PortalService: HTTPService {
    private let portal: Portal
    /// Pages that are being made.
    private let load = Mutex(PortalLoad())

    init(portal: Portal) { self.portal = portal }

    func connect(eventLoop: any EventLoop, remoteAddress: [UInt8]?) -> any HTTPConnection {
        PortalConnection(service: self, portal: portal, eventLoop: eventLoop, address: remoteAddress ?? [])
    }

    /// Takes a place among the pages that are made at once; false when all, or all of this address, are taken.
    func begin(_ address: [UInt8]) -> Bool { load.withLock { $0.begin(address) } }

    func end(_ address: [UInt8]) { load.withLock { $0.end(address) } }
}

/// How many pages are made at once, in all and for one address. One that is not is answered 503.
struct PortalLoad {
    private var total = 0
    private var byAddress: [[UInt8]: Int] = [:]

    static let max = 64
    static let addressMax = 24

    mutating func begin(_ address: [UInt8]) -> Bool {
        guard total < Self.max, byAddress[address, default: 0] < Self.addressMax else { return false }
        total += 1
        byAddress[address, default: 0] += 1
        return true
    }

    mutating func end(_ address: [UInt8]) {
        total -= 1
        let left = byAddress[address, default: 1] - 1
        byAddress[address] = left > 0 ? left : nil
    }
}

/// One browser's connection. Lives on its event loop.
private final class PortalConnection: HTTPConnection {
    private let service: PortalService
    private let portal: Portal
    private let eventLoop: any EventLoop
    private var address: [UInt8]
    private var isBehindProxy = false
    private var task: Task<Void, Never>?
    private(set) var isAuthenticated = false

    /// For files that are imported.
    private static let upload = BodyAllowance(bytesMax: 32 << 20, timeout: .minutes(10))
    /// The paths whose forms bring files, below the root.
    private static let uploadPaths: Set<String> = ["send/import"]

    init(service: PortalService, portal: Portal, eventLoop: any EventLoop, address: [UInt8]) {
        (self.service, self.portal, self.eventLoop, self.address) = (service, portal, eventLoop, address)
    }

    func knows(path: String) -> Bool { path == "/" || path == "/portal" || path.hasPrefix(Portal.root) }

    func allowance(path: String) -> BodyAllowance? {
        Self.uploadPaths.contains(String(path.dropFirst(Portal.root.count))) ? Self.upload : nil
    }

    func receive(_ request: HTTPRequest, reply: HTTPReply) {
        guard request.path.hasPrefix(Portal.root) else {
            guard knows(path: request.path) else { return reply.send(HTTPResponse(status: .notFound)) }
            return reply.send(RenderedResponse(redirect: Portal.root).finished(isSecure: isSecure(request)))
        }
        if let asset = portal.assets.response(request.path) { return reply.send(asset) }
        guard [.GET, .HEAD, .POST].contains(request.method) else {
            return reply.send(.methodNotAllowed(allow: "GET, HEAD, POST"))
        }
        let address = address
        guard service.begin(address) else {
            var response = HTTPResponse(status: .serviceUnavailable)
            ResponseHeaders.add("Retry-After", "2", to: &response)
            return reply.send(response)
        }
        let isSecure = isSecure(request)
        let asked = PortalRequest(
            request, relativePath: request.path.dropFirst(Portal.root.count), address: address, isSecure: isSecure)
        task = Task { [portal, service, eventLoop] in
            let rendered = await portal.respond(to: asked)
            service.end(address)
            eventLoop.execute { reply.send(rendered.finished(isSecure: isSecure)) }
        }
        if !asked.cookies.isEmpty { isAuthenticated = true }
    }

    private func isSecure(_ request: HTTPRequest) -> Bool {
        portal.configuration.isSecure || isBehindProxy && request.header("X-Forwarded-Proto") == "https"
    }

    func moved(to remoteAddress: [UInt8]) {
        address = remoteAddress
        isBehindProxy = true
    }

    func requestEnded() {}

    func closed() { task?.cancel() }
}
