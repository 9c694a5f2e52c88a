import Logging
import NIOCore
import NIOEmbedded

@testable import HTTPCore

/// A connection without a network: the test decides in which pieces bytes arrive and what time it is.
struct EmbeddedConnection {
    let service = EchoService()
    let channel: EmbeddedChannel
    let handler: ConnectionHandler

    init(_ limits: HTTPServerConfiguration = HTTPServerConfiguration(), from address: String = "192.0.2.1") throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let table = ConnectionTable(
            limits: limits,
            limiter: ConnectionLimiter(max: limits.connectionsMax, addressMax: limits.connectionsOfAddressMax),
            buffers: BufferLimiter(max: limits.bufferedBytesMax, addressMax: limits.bufferedBytesOfAddressMax),
            log: RateLimitedLog(name: "test", logger: logger))
        handler = ConnectionHandler(service: service, limits: limits, table: table, now: .now())
        channel = EmbeddedChannel()
        if !limits.trustedProxies.isEmpty {
            try channel.pipeline.syncOperations.addHandler(ProxyHeaderHandler(trusting: limits.trustedProxies))
        }
        try channel.pipeline.syncOperations.addHandler(handler)
        channel.connect(to: try SocketAddress(ipAddress: address, port: 5000), promise: nil)
    }

    /// Hands bytes in, unless the connection has been closed.
    func say(_ bytes: [UInt8]) {
        guard channel.isActive else { return }
        _ = try? channel.writeInbound(ByteBuffer(bytes: bytes))
        channel.embeddedEventLoop.run()
    }

    func say(_ text: String) { say(Array(text.utf8)) }

    /// All that has been answered since it was asked last.
    func heard() -> String {
        var text = ""
        while let part = try? channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: part) }
        return text
    }

    var isOpen: Bool { channel.isActive }
}
