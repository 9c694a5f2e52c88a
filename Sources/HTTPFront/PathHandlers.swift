import Dialects
import Engine
import HTTPCore
import Logging
import Messaging

/// What serves one path of one dialect, on the connection's event loop.
struct PathHandler: Sendable {
    typealias Receive = @Sendable (HTTPRequest, HTTPReply, ConnectionContext) -> Void

    let path: String
    let receive: Receive
}

/// Makes the handlers of a dialect's paths. A handler is a closure over the concrete dialect: the compiler specialises
/// `DialectHandler` for it, which it cannot do for a call through a protocol.
struct PathHandlerMaker: DialectVisitor {
    let engine: Engine
    let logger: Logger

    func visit<Customers: CustomerDialect>(_ dialect: Dialect<Customers>) -> [PathHandler] {
        let handler = DialectHandler(name: dialect.name, dialect: dialect.customers, engine: engine, logger: logger)
        return dialect.customers.routes.map { path, route in
            PathHandler(path: path) { handler.receive($0, at: route, reply: $1, from: $2) }
        }
    }
}

/// The handlers, found by any spelling of a path that clients use: any letter case, a slash at the end, doubled
/// slashes.
struct PathHandlers: Sendable {
    // The closures stay inside of `PathHandler`: as values of a dictionary they would be wrapped at every look-up.
    private let exact: [String: PathHandler]
    private let byFolded: [String: PathHandler]

    /// Longer paths are unknown; bounds the work of folding one.
    private static let bytesMax = 256

    init(_ handlers: [PathHandler]) {
        exact = Dictionary(handlers.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        byFolded = Dictionary(handlers.map { (Self.folded($0.path), $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Nil when no dialect has the path. Most clients send the documented spelling; folding costs an allocation.
    func handler(of path: String) -> PathHandler? {
        if let handler = exact[path] { return handler }
        guard path.utf8.count <= Self.bytesMax else { return nil }
        return byFolded[Self.folded(path)]
    }

    /// In small letters, with one slash where there are several, and none at the end.
    private static func folded(_ path: String) -> String {
        let slash = UInt8(ascii: "/")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(path.utf8.count)
        for byte in path.utf8 where byte != slash || bytes.last != slash {
            bytes.append((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte)
        }
        if bytes.last == slash { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
