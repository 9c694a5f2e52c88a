import AdminProtocol
import NIOCore

/// Cuts the stream into envelopes. Any error ends it: nothing behind it is looked at.
struct AdminFrameDecoder: ByteToMessageDecoder {
    typealias InboundOut = AdminEnvelope

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let header = buffer.getBytes(at: buffer.readerIndex, length: AdminFrame.headerBytes) else {
            return .needMoreData
        }
        let length = try AdminFrame.bodyLength(header: header)
        guard buffer.readableBytes >= AdminFrame.headerBytes + length else { return .needMoreData }
        buffer.moveReaderIndex(forwardBy: AdminFrame.headerBytes)
        guard let body = buffer.readBytes(length: length) else { throw AdminFrameError.truncated }
        context.fireChannelRead(wrapInboundOut(try AdminFrame.decode(body: body)))
        return .continue
    }

    mutating func decodeLast(
        context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool
    ) throws -> DecodingState {
        while try decode(context: context, buffer: &buffer) == .continue {}
        if seenEOF, buffer.readableBytes > 0 { throw AdminFrameError.truncated }
        return .needMoreData
    }
}
