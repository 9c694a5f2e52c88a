import NIOCore
import NIOHTTP1

@testable import HTTPCore

/// A connection's machine without a channel: hands it bytes and events, performs its actions, and keeps what it did.
struct MachineRun {
    /// What one event brought about, in order: `request`, the status of what was written, `reserve 9000`, `head /path`,
    /// `closeOutput`, `close`; separated by spaces.
    private(set) var trace = ""
    /// Off where time matters.
    var keepsTrace = true
    /// Whether the output or the connection was closed.
    private(set) var isEnded = false
    /// All that was written, `100 Continue` aside.
    private(set) var written = ByteBuffer()
    private(set) var requests: [HTTPRequest] = []
    private(set) var machine: ConnectionStateMachine
    /// The clock.
    var now = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    /// Whether each request is answered at once, with its method, path, query and body.
    var answersAtOnce = true
    /// Whether each answer is written by itself, not with those of its burst.
    var writesEach = true
    /// What is done at the action `head` or `reserve`.
    var refusal: HTTPFailure?
    /// What bodies may be, where it differs from the limits.
    var allowance: BodyAllowance?

    private static let goOn = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")

    init(_ limits: HTTPServerConfiguration = HTTPServerConfiguration(), isBehindProxy: Bool = false) {
        machine = ConnectionStateMachine(limits: limits, now: now)
        machine.isBehindProxy = isBehindProxy
    }

    /// Runs an event and what follows from it.
    mutating func event(_ event: (inout ConnectionStateMachine, NIODeadline) -> Void) {
        event(&machine, now)
        let clock = now
        while let action = machine.next({ clock }) {
            switch action {
            case .head(let path, _, _):
                note("head \(path)")
                machine.allowance = allowance
                if let refusal { machine.refuse(refusal) }
            case .reserve(let bytes):
                note("reserve \(bytes)")
                if let refusal { machine.refuse(refusal) }
            case .request(let request):
                requests.append(request)
                if writesEach { flush() }
                if answersAtOnce { machine.answer(Self.echo(request), ordinal: machine.ordinal, now) }
                note("request")
                if writesEach { flush() }
            case .write(let bytes, let body):
                wrote(bytes)
                if let body { written.writeImmutableBuffer(body) }
            case .sendFile(let file):
                flush()
                note("file \(file.length)")
            case .closeOutput:
                isEnded = true
                flush()
                note("closeOutput")
            case .close:
                isEnded = true
                flush()
                note("close")
            }
        }
        flush()
    }

    mutating func say(_ bytes: some Sequence<UInt8>) {
        event { machine, _ in machine.receive(ByteBuffer(bytes: bytes)) }
    }

    mutating func say(_ text: String) { say(text.utf8) }

    mutating func answer(_ response: HTTPResponse = HTTPResponse(status: .ok)) {
        event { machine, now in machine.answer(response, ordinal: machine.ordinal, now) }
    }

    mutating func clearTrace() { trace = "" }

    private mutating func flush() {
        if let bytes = machine.takeOutput() { wrote(bytes) }
    }

    private mutating func wrote(_ bytes: ByteBuffer) {
        var bytes = bytes
        if bytes.getSlice(at: bytes.readerIndex, length: Self.goOn.readableBytes) == Self.goOn {
            bytes.moveReaderIndex(forwardBy: Self.goOn.readableBytes)
            note("100")
            if bytes.readableBytes == 0 { return }
        }
        if keepsTrace { note(bytes.getString(at: bytes.readerIndex + 9, length: 3) ?? "?") }
        written.writeImmutableBuffer(bytes)
    }

    private mutating func note(_ text: String) {
        guard keepsTrace else { return }
        if !trace.isEmpty { trace += " " }
        trace += text
    }

    private static func echo(_ request: HTTPRequest) -> HTTPResponse {
        var body = ByteBuffer(string: request.method.rawValue)
        body.writeString(" ")
        body.writeString(request.path)
        body.writeString("?")
        body.writeImmutableBuffer(request.queryBytes)
        body.writeString(" ")
        body.writeImmutableBuffer(request.body)
        return HTTPResponse(contentType: "", body: body)
    }
}
