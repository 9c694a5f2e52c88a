public import NIOCore

/// Answers one request, now or later. It may travel between threads; `send` is for the connection's event loop.
public struct HTTPReply: Sendable {
    let handler: NIOLoopBound<ConnectionHandler>
    /// The number of the request that this answers.
    let ordinal: UInt64

    /// The connection's event loop, on which the methods must be called.
    public var eventLoop: any EventLoop { handler.eventLoop }

    /// Must be called on `eventLoop`. A second call, and one after the connection has gone, does nothing.
    public func send(_ response: HTTPResponse) {
        handler.value.answer(response, ordinal: ordinal)
    }

    /// Writes `bytes` as they are in the place of an answer and closes the connection: for the simulation of peers
    /// that do not keep to HTTP. Must be called on `eventLoop`.
    public func sendRaw(_ bytes: ByteBuffer) {
        handler.value.answerRaw(bytes, ordinal: ordinal)
    }

    /// Closes the connection without an answer, as a peer that failed would. Must be called on `eventLoop`.
    public func abort() {
        handler.value.abort(ordinal: ordinal)
    }
}
