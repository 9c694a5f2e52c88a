import Glibc
import NIOCore
import NIOHTTP1

/// The server's side of one HTTP/1.1 connection as a value: bytes and events in, actions out. It does no I/O and reads
/// no clock.
///
/// The owner calls one of the events (`receive`, `answer`, `refuse`, …) and then `next` until it is nil; it performs
/// each action before it asks for the next one. Requests come one at a time: the next one is read when the one before
/// it is answered and the peer takes its answers. Answers collect in `output` until the owner takes them.
struct ConnectionStateMachine {
    private enum State {
        /// Between requests: nothing of the next one has arrived.
        case idle
        /// A head has begun; its first `scanned` bytes do not hold its end.
        case head(scanned: Int)
        /// The owner has seen this head as `Action.head`, and its body comes next unless the owner refuses. Indirect,
        /// as `body`: the state would be as large as a head otherwise, and is copied in every step of every request.
        indirect case headShown(RequestHead)
        /// The body of this head has not arrived in full.
        indirect case body(RequestHead, Framing)
        /// The service has the request.
        case answering(Exchange)
        /// The owner sends the file of an answer whose head is in `output`.
        case sendingFile(closes: Bool)
        /// The last answer is in `output`; the output is to be closed next.
        case finishing
        /// The output is closed; input is discarded until the peer closes, too.
        case lingering
        /// The connection is to be closed next.
        case closing
        case closed
    }

    private enum Framing {
        case length(Int)
        case chunked(ChunkedBody)
    }

    /// What the answer depends on.
    private struct Exchange {
        var isHeadOnly: Bool
        var isVersion10: Bool
        var keepsAlive: Bool
    }

    enum Action {
        /// A head that the owner may `refuse`. Given only for a request through a trusted proxy, whose source the
        /// header lines `fields` name, and for one whose body has not arrived.
        case head(path: String, fields: ByteBuffer, isBodyMissing: Bool)
        /// So many bytes of the unfinished request are held in all. The owner counts or refuses them.
        case reserve(Int)
        /// A whole request; it is number `ordinal`, and its answer is awaited.
        case request(HTTPRequest)
        /// Write and flush both: more than should wait for the end of a burst.
        case write(ByteBuffer, body: ByteBuffer?)
        /// Flush, then send the file in pieces, and call `fileSent`.
        case sendFile(FileBody)
        /// Flush, then close the output only: closing the connection while the peer still sends would reset it, and
        /// the peer would not see the answer.
        case closeOutput
        /// Flush, then close the connection.
        case close
    }

    private let limits: HTTPServerConfiguration
    private var state = State.idle
    /// When `state` became `idle`, `head`, `body` or `lingering`.
    private var since: NIODeadline
    /// The number of the last request.
    private(set) var ordinal: UInt64 = 0
    /// Whether the peer is a trusted proxy: each request is shown as `Action.head`, since it may be another client's.
    var isBehindProxy = false
    private var isDraining = false
    private var isInputClosed = false
    /// Since when the peer has not taken its answers.
    private var unwritableSince: NIODeadline?
    /// Received and not yet used.
    private var input = ByteBuffer()
    private var output = ByteBuffer()
    /// A body that is written from its own buffer, after `output`.
    private var largeBody: ByteBuffer?
    /// A file that is sent after `output`.
    private var file: FileBody?
    /// What the body of the request that is being read may be, where it differs from the listener's limits. To be set
    /// when its head is shown.
    var allowance: BodyAllowance?
    /// What was given as `Action.reserve` for this request.
    private var reserved = 0
    /// The path of the last request. Most clients ask for one path only; its text is made once.
    private var lastPath = ""

    /// A consumed prefix of the input that is larger than this is worth moving the rest for.
    private static let discardBytesMin = 16 << 10
    /// Fewer bytes are not counted: the lock costs more than they do.
    private static let uncountedBytesMax = 8 << 10
    /// Output that is larger does not wait for the end of a burst.
    private static let burstBytesMax = 64 << 10
    /// A request that has not arrived in this time arrives slowly.
    private static let dispensableAfter = TimeAmount.seconds(2)

    init(limits: HTTPServerConfiguration, now: NIODeadline) {
        self.limits = limits
        self.since = now
    }

    private mutating func enter(_ state: State, _ now: NIODeadline) {
        self.state = state
        since = now
    }

    // MARK: Facts

    /// Whether reading is wanted. False while a pipelining peer is ahead of its answers or does not take them: what it
    /// sends meanwhile stays in the kernel.
    var wantsRead: Bool {
        switch state {
        case .answering where input.readableBytes > 0, .sendingFile where input.readableBytes > 0: return false
        default: return unwritableSince == nil
        }
    }

    /// Nothing of the next request has arrived.
    var isIdle: Bool {
        if case .idle = state { true } else { false }
    }

    func isAnswering(_ ordinal: UInt64) -> Bool {
        if case .answering = state { ordinal == self.ordinal } else { false }
    }

    /// Whether no request is lost when the connection is closed: none has begun, or one arrives slowly.
    func isDispensable(_ now: NIODeadline) -> Bool {
        switch state {
        case .idle: true
        case .head, .headShown, .body: now - since > Self.dispensableAfter
        case .answering, .sendingFile, .finishing, .lingering, .closing, .closed: false
        }
    }

    // MARK: Events

    mutating func receive(_ bytes: ByteBuffer) {
        switch state {
        case .finishing, .lingering, .closing, .closed: return
        case .idle, .head, .headShown, .body, .answering, .sendingFile: break
        }
        if input.readableBytes == 0 {
            input = bytes
        } else {
            if input.readerIndex > Self.discardBytesMin { input.discardReadBytes() }
            input.writeImmutableBuffer(bytes)
        }
    }

    /// The peer sends no more. Requests that have arrived whole are answered still.
    mutating func inputClosed() {
        if case .lingering = state { state = .closing } else { isInputClosed = true }
    }

    mutating func writabilityChanged(_ isWritable: Bool, _ now: NIODeadline) {
        unwritableSince = isWritable ? nil : now
    }

    /// Ignored unless request `ordinal` awaits its answer.
    mutating func answer(_ response: HTTPResponse, ordinal: UInt64, _ now: NIODeadline) {
        guard case .answering(let exchange) = state, ordinal == self.ordinal else { return }
        let closes = isDraining || !exchange.keepsAlive
        reserved = 0
        largeBody = response.encode(
            into: &output, isHeadOnly: exchange.isHeadOnly,
            connection: closes ? "close" : exchange.isVersion10 ? "keep-alive" : nil)
        if let file = response.file, !exchange.isHeadOnly {
            self.file = file
            state = .sendingFile(closes: closes)
        } else if closes {
            state = .finishing
        } else {
            enter(.idle, now)
        }
    }

    /// The file of the answer has been sent, or cannot be sent whole: then the connection must end, because the answer
    /// announced the file's length.
    mutating func fileSent(whole isWhole: Bool, _ now: NIODeadline) {
        guard case .sendingFile(let closes) = state else { return }
        if !isWhole {
            state = .closing
        } else if closes || isDraining {
            state = .finishing
        } else {
            enter(.idle, now)
        }
    }

    /// Puts `bytes` in the place of the answer to request `ordinal`; nothing follows them.
    mutating func answerRaw(_ bytes: ByteBuffer, ordinal: UInt64) {
        guard isAnswering(ordinal) else { return }
        output.writeImmutableBuffer(bytes)
        state = .finishing
    }

    /// Answers what is not a request, or one too many; nothing follows.
    mutating func refuse(_ failure: HTTPFailure) {
        switch state {
        case .sendingFile, .finishing, .lingering, .closing, .closed: return
        case .idle, .head, .headShown, .body, .answering: break
        }
        _ = HTTPResponse(status: failure.status).encode(into: &output, isHeadOnly: false, connection: "close")
        state = .finishing
    }

    /// Applies the time-outs. To be called about every quarter of the shortest.
    mutating func checkTime(_ now: NIODeadline) {
        if let unwritableSince, now - unwritableSince > limits.idleTimeout { return close() }
        let spent = now - since
        switch state {
        case .idle where spent > (ordinal == 0 ? min(limits.firstByteTimeout, limits.idleTimeout) : limits.idleTimeout):
            close()
        case .head where spent > limits.headerTimeout: refuse(.timedOut)
        case .body(_, let framing)
        where spent > (allowance?.timeout ?? limits.bodyTimeout) || isTooSlow(framing, spent - limits.bodyGrace):
            refuse(.timedOut)
        case .lingering where spent > limits.lingerTimeout && unwritableSince == nil: close()
        default: break
        }
    }

    /// Whether less of the body has arrived than should have in that time.
    private func isTooSlow(_ framing: Framing, _ time: TimeAmount) -> Bool {
        guard time > .zero else { return false }
        var arrived = input.readableBytes
        if case .chunked(let body) = framing { arrived += body.joined.readableBytes }
        return Int64(arrived) < Int64(limits.bodyBytesPerSecondMin) * (time.nanoseconds / 1_000_000) / 1000
    }

    /// The server stops: the request that is being read or answered is the last.
    mutating func drain() {
        isDraining = true
        if isIdle { close() }
    }

    mutating func close() {
        if case .closed = state { return }
        state = .closing
    }

    /// The connection is gone.
    mutating func closed() {
        state = .closed
        input = ByteBuffer()
        output = ByteBuffer()
        largeBody = nil
        file = nil
    }

    /// The answers that wait to be written; nil when there are none.
    mutating func takeOutput() -> ByteBuffer? {
        guard output.readableBytes > 0 else { return nil }
        defer { output = ByteBuffer() }
        return output
    }

    // MARK: Actions

    /// What the owner has to do next; nil when more bytes, an answer or another event must come first.
    /// - Parameter now: the clock; it is read when the time of a new state has to be known.
    mutating func next(_ now: () -> NIODeadline) -> Action? {
        if largeBody != nil || output.readableBytes > Self.burstBytesMax {
            defer { largeBody = nil }
            return .write(takeOutput() ?? ByteBuffer(), body: largeBody)
        }
        if let file {
            self.file = nil
            return .sendFile(file)
        }
        do throws(HTTPFailure) {
            if let action = try read(now) { return action }
        } catch {
            refuse(error)
        }
        switch state {
        case .finishing: return closeOutput(now())
        case .closing:
            state = .closed
            input = ByteBuffer()
            return .close
        // The rest of an unfinished request cannot come any more.
        case .idle, .head, .headShown, .body:
            return isInputClosed && unwritableSince == nil ? closeOutput(now()) : nil
        case .answering, .sendingFile, .lingering, .closed: return nil
        }
    }

    private mutating func closeOutput(_ now: NIODeadline) -> Action {
        enter(.lingering, now)
        input = ByteBuffer()
        return .closeOutput
    }

    private mutating func read(_ now: () -> NIODeadline) throws(HTTPFailure) -> Action? {
        switch state {
        case .idle:
            skipEmptyLines()
            return try readHead(scanned: 0, now)
        case .head(let scanned): return try readHead(scanned: scanned, now)
        case .headShown(let head): return try beginBody(head, now())
        case .body(let head, .length(let length)):
            guard let body = input.readSlice(length: length) else { return reserve(input.readableBytes) }
            return deliver(head, body: body)
        case .body(let head, .chunked(var body)):
            // The only reference to the buffer of the joined chunks must be `body`, or appending would copy it.
            state = .idle
            if try body.read(&input) { return deliver(head, body: body.joined) }
            let held = body.joined.readableBytes
            state = .body(head, .chunked(body))
            return reserve(held)
        case .answering, .sendingFile, .finishing, .lingering, .closing, .closed: return nil
        }
    }

    /// Some clients end a body with one line end too many (RFC 9112 §2.2).
    private mutating func skipEmptyLines() {
        while let byte = input.getInteger(at: input.readerIndex, as: UInt8.self),
            byte == ASCII.carriageReturn || byte == ASCII.lineFeed
        {
            input.moveReaderIndex(forwardBy: 1)
        }
    }

    private mutating func readHead(scanned: Int, _ now: () -> NIODeadline) throws(HTTPFailure) -> Action? {
        guard input.readableBytes > 0, unwritableSince == nil else { return nil }
        let end: HeadEnd = input.withUnsafeReadableBytes { HeadEnd(in: $0, from: scanned) }
        switch end {
        case .bareLineFeed: throw .badRequest
        case .missing(let scanned):
            guard input.readableBytes <= limits.headBytesMax else { throw .headTooLarge }
            if case .idle = state { since = now() }
            state = .head(scanned: scanned)
            return reserve(input.readableBytes)
        case .found(let length):
            guard length <= limits.headBytesMax, let bytes = input.readSlice(length: length) else {
                throw .headTooLarge
            }
            let head = try RequestHead(bytes)
            let isBodyMissing = head.isChunked || (head.contentLength ?? 0) > input.readableBytes
            if !isBodyMissing, !isBehindProxy { return try readArrivedBody(head) }
            state = .headShown(head)
            if isBehindProxy { reserved = 0 }
            return .head(path: path(head), fields: head.slice(head.fields), isBodyMissing: isBodyMissing)
        }
    }

    private var bodyBytesMax: Int { allowance?.bytesMax ?? limits.bodyBytesMax }

    private mutating func readArrivedBody(_ head: RequestHead) throws(HTTPFailure) -> Action? {
        let length = head.contentLength ?? 0
        guard length <= bodyBytesMax, let body = input.readSlice(length: length) else { throw .bodyTooLarge }
        return deliver(head, body: body)
    }

    private mutating func beginBody(_ head: RequestHead, _ now: NIODeadline) throws(HTTPFailure) -> Action? {
        let framing: Framing
        if head.isChunked {
            framing = .chunked(ChunkedBody(bytesMax: bodyBytesMax))
        } else {
            let length = head.contentLength ?? 0
            if length <= input.readableBytes { return try readArrivedBody(head) }
            guard length <= bodyBytesMax else { throw .bodyTooLarge }
            framing = .length(length)
        }
        enter(.body(head, framing), now)
        if head.expectsContinue { output.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n") }
        return try read { now }
    }

    private mutating func reserve(_ bytes: Int) -> Action? {
        guard bytes > Self.uncountedBytesMax, bytes > reserved else { return nil }
        reserved = bytes
        return .reserve(bytes)
    }

    private mutating func deliver(_ head: RequestHead, body: ByteBuffer) -> Action {
        state = .answering(
            Exchange(isHeadOnly: head.method == .HEAD, isVersion10: head.isVersion10, keepsAlive: head.keepsAlive))
        allowance = nil
        ordinal &+= 1
        // The request keeps what it needs of the buffer.
        if input.readableBytes == 0 { input = ByteBuffer() }
        return .request(HTTPRequest(head, path: path(head), body: body))
    }

    private mutating func path(_ head: RequestHead) -> String {
        let isLast = head.bytes.withUnsafeReadableBytes { bytes in
            lastPath.utf8.withContiguousStorageIfAvailable { last in
                guard last.count == head.path.count, let last = last.baseAddress, let bytes = bytes.baseAddress else {
                    return false
                }
                return memcmp(last, bytes + head.path.lowerBound, head.path.count) == 0
            } ?? false
        }
        if !isLast { lastPath = String(buffer: head.slice(head.path)) }
        return lastPath
    }
}

/// Where the head at the start of some bytes ends.
private enum HeadEnd {
    /// It has so many bytes, the empty line included.
    case found(length: Int)
    /// So many bytes need not be searched again.
    case missing(scanned: Int)
    /// A line ends without CR. Readers that take the line feed for a line's end find other fields in this head than
    /// readers that do not.
    case bareLineFeed

    init(in bytes: UnsafeRawBufferPointer, from scanned: Int) {
        var from = scanned
        while let feed = HeaderLine.lineFeed(bytes, from: from) {
            guard feed > 0, bytes[feed - 1] == ASCII.carriageReturn else {
                self = .bareLineFeed
                return
            }
            if feed >= 3, bytes[feed - 2] == ASCII.lineFeed {
                self = .found(length: feed + 1)
                return
            }
            from = feed + 1
        }
        self = .missing(scanned: from)
    }
}
