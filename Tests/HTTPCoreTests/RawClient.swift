import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Testing

/// A TCP peer that says exactly what it is told to, and keeps what it hears.
final class RawClient: Sendable {
    private let channel: any Channel
    private let ear: Ear

    struct TimedOut: Error {
        let heard: String
    }

    private final class Ear: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let state = Mutex((heard: ByteBuffer(), isClosed: false))

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            _ = state.withLock { $0.heard.writeImmutableBuffer(unwrapInboundIn(data)) }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .some(ChannelEvent.inputClosed) = event as? ChannelEvent { state.withLock { $0.isClosed = true } }
        }

        func channelInactive(context: ChannelHandlerContext) {
            state.withLock { $0.isClosed = true }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    /// `source`: the address that it comes from, of this machine; nil for the usual one. `tls`: nil for plain HTTP.
    init(
        _ address: SocketAddress, autoRead: Bool = true, from source: String? = nil, tls: NIOSSLContext? = nil
    ) async throws {
        let ear = Ear()
        self.ear = ear
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        if let source { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: source, port: 0)) }
        channel =
            try await bootstrap
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.autoRead, value: autoRead)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: nil))
                    }
                    try channel.pipeline.syncOperations.addHandler(ear)
                }
            }
            .connect(to: address).get()
    }

    func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// Sends without minding whether it can be sent.
    func push(_ text: String) {
        channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    func startReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
        channel.read()
    }

    func closeOutput() async throws {
        try await channel.close(mode: .output)
    }

    func close() async {
        try? await channel.close()
    }

    var heard: String { ear.state.withLock { String(buffer: $0.heard) } }
    var isClosed: Bool { ear.state.withLock { $0.isClosed } }

    /// What was heard so far, once `isEnough` says so.
    @discardableResult
    func hear(_ isEnough: (String) -> Bool) async throws -> String {
        var text = ""
        let isDone = try await poll {
            if !text.isEmpty, ear.state.withLock({ $0.heard.readableBytes }) == text.utf8.count { return false }
            text = heard
            return isEnough(text)
        }
        if !isDone { throw TimedOut(heard: text) }
        return text
    }

    /// Waits until the server has closed, and returns all that was heard.
    func hearToEnd() async throws -> String {
        guard try await poll({ isClosed }) else { throw TimedOut(heard: heard) }
        return heard
    }
}

/// Asks again and again; false when the answer was never yes in two minutes.
func poll(_ condition: () -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(120)
    while !condition() {
        if ContinuousClock.now > deadline { return false }
        try await Task.sleep(for: .milliseconds(2))
    }
    return true
}

extension String {
    func count(of part: String) -> Int {
        var count = 0
        var rest = utf8[...]
        let part = Array(part.utf8)
        while rest.count >= part.count {
            if rest.starts(with: part) {
                count += 1
                rest = rest.dropFirst(part.count)
            } else {
                rest = rest.dropFirst()
            }
        }
        return count
    }
}
