import NIOCore
import NIOHTTP1

/// From answers to bytes.
extension ConnectionHandler {
    /// The service's answer to request `ordinal`; ignored when that one has been answered or the peer has gone.
    func answer(_ response: HTTPResponse, ordinal: UInt64) {
        guard phase == .answering, ordinal == self.ordinal else { return }
        releaseShares()
        if isBehindProxy { connection?.requestEnded() }
        write(response, closes: closesAfterAnswer)
        if closesAfterAnswer { return linger() }
        enter(.idle)
        // Called out of work(): it goes on by itself, and the burst is flushed at its end.
        if isWorking { return }
        work()
        if !isInBurst { flush() }
        resumeReading()
    }

    /// `bytes` in the place of an answer; nothing after them.
    func answerRaw(_ bytes: ByteBuffer, ordinal: UInt64) {
        guard phase == .answering, ordinal == self.ordinal else { return }
        output.writeImmutableBuffer(bytes)
        linger()
    }

    func abort(ordinal: UInt64) {
        guard phase == .answering, ordinal == self.ordinal else { return }
        close()
    }

    /// Answers what is no request, or one too many, and has done with this peer.
    func refuse(_ failure: HTTPFailure) {
        guard phase != .lingering, phase != .closed else { return }
        isHeadOnly = false
        write(HTTPResponse(status: failure.status), closes: true)
        linger()
    }

    /// Closing at once would reset the connection while the peer still sends, and it would never see the answer.
    /// The channel closes by itself when both directions are.
    func linger() {
        input = ByteBuffer()
        head = nil
        chunks = nil
        releaseShares()
        flush()
        enter(.lingering)
        resumeReading()
        context?.close(mode: .output, promise: nil)
    }

    private func write(_ response: HTTPResponse, closes: Bool) {
        let hasBody = !isHeadOnly && response.status.mayHaveResponseBody
        let length = response.body.readableBytes
        let isLarge = hasBody && length > Self.copiedBytesMax
        output.reserveCapacity(minimumWritableBytes: Self.headBytesTypical + (isLarge || !hasBody ? 0 : length))
        if response.status == .ok {
            output.writeStaticString("HTTP/1.1 200 OK\r\n")
        } else {
            output.writeString("HTTP/1.1 \(response.status.code) \(response.status.reasonPhrase)\r\n")
        }
        if !response.contentType.isEmpty {
            output.writeStaticString("Content-Type: ")
            output.writeString(response.contentType)
            output.writeStaticString("\r\n")
        }
        if !response.allow.isEmpty {
            output.writeStaticString("Allow: ")
            output.writeString(response.allow)
            output.writeStaticString("\r\n")
        }
        if response.status.mayHaveResponseBody {
            output.writeStaticString("Content-Length: ")
            writeDecimal(length)
            output.writeStaticString("\r\n")
        }
        if closes {
            output.writeStaticString("Connection: close\r\n")
        } else if isVersion10 {
            output.writeStaticString("Connection: keep-alive\r\n")
        }
        output.writeStaticString("\r\n")
        guard hasBody else { return }
        if isLarge {
            hand(output)
            hand(response.body)
            output = ByteBuffer()
        } else {
            output.writeImmutableBuffer(response.body)
            if output.readableBytes > Self.burstBytesMax { flush() }
        }
    }

    /// Larger bodies are written by themselves, not copied behind their head.
    private static let copiedBytesMax = 16 << 10
    /// A burst of answers is flushed before its end when it has grown to this.
    private static let burstBytesMax = 64 << 10
    private static let headBytesTypical = 128

    private func writeDecimal(_ number: Int) {
        if number < 10 {
            output.writeInteger(UInt8(ascii: "0") + UInt8(number))
        } else {
            writeDecimal(number / 10)
            output.writeInteger(UInt8(ascii: "0") + UInt8(number % 10))
        }
    }

    private func hand(_ bytes: ByteBuffer) {
        context?.write(wrapOutboundOut(bytes), promise: nil)
        needsFlush = true
    }

    func flush() {
        if output.readableBytes > 0 {
            hand(output)
            output = ByteBuffer()
        }
        guard needsFlush else { return }
        needsFlush = false
        context?.flush()
    }
}
