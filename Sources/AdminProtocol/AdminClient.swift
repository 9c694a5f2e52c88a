import Glibc

/// A client of the administration socket: connects, says hello, then one request and its answer at a time. It blocks
/// the calling thread, so it is for command lines and tests. Not to be shared between threads.
public final class AdminClient {
    /// What the server said of itself.
    public private(set) var welcome = AdminWelcome()

    private let stream: UnixStream
    private let timeout: Duration
    private var received: [UInt8] = []
    private var lastID: UInt64 = 0

    /// For connecting and for each call, unless the caller says otherwise.
    public static let timeoutDefault = Duration.seconds(30)
    /// A server that runs says hello at once.
    private static let helloTimeout = Duration.seconds(10)

    /// Connects to the socket at `path` and exchanges hellos. `timeout` bounds this and, by default, every call.
    /// - Throws: `cannotConnect` when no server answers the hello in time (10 s at most), `refused` when it answers
    ///   with an error, `protocolViolation` when the answer is no welcome, `requestTooLarge` when `software` fits no
    ///   frame.
    public init(path: String, software: String, timeout: Duration = timeoutDefault) throws(AdminClientError) {
        self.timeout = timeout
        let deadline = ContinuousClock.now + timeout
        do {
            stream = try UnixStream.connected(to: path, deadline: deadline)
        } catch {
            throw .cannotConnect(socket: path, reason: Self.connectReason(error))
        }
        let answer: AdminEnvelope.OneOf_Body
        do {
            answer = try exchange(
                { AdminEnvelope.hello(software: software, id: $0) },
                deadline: min(deadline, ContinuousClock.now + Self.helloTimeout))
        } catch {
            // Nothing was asked for yet. systemd holds the socket also while the service cannot start.
            guard case .interrupted(let reason) = error else { throw error }
            throw .cannotConnect(
                socket: path, reason: "\(reason); does the service run? (\(AdminClientError.whereToLook))")
        }
        guard case .welcome(let welcome) = answer else {
            throw .protocolViolation(reason: "the answer to hello is not a welcome")
        }
        self.welcome = welcome
    }

    /// One request and its result.
    /// - Throws: `refused` with the server's error, `interrupted` when the connection broke or `timeout` passed,
    ///   `protocolViolation` when the answer is not one to this request, `requestTooLarge` when the request fits no
    ///   frame.
    public func call(
        _ call: AdminRequest.OneOf_Call, timeout: Duration? = nil
    ) throws(AdminClientError) -> AdminResponse.OneOf_Result {
        let deadline = ContinuousClock.now + (timeout ?? self.timeout)
        let answer = try exchange({ AdminEnvelope.request(call, id: $0) }, deadline: deadline)
        guard case .response(let response) = answer, let result = response.result else {
            throw .protocolViolation(reason: "the answer is not a response")
        }
        return result
    }

    private func exchange(
        _ make: (UInt64) -> AdminEnvelope, deadline: ContinuousClock.Instant
    ) throws(AdminClientError) -> AdminEnvelope.OneOf_Body {
        lastID += 1
        let frame: [UInt8]
        do {
            frame = try AdminFrame.encode(make(lastID))
        } catch {
            throw .requestTooLarge
        }
        var broken: UnixStream.Failure?
        do {
            try stream.send(frame, deadline: deadline)
        } catch {
            // A server that refuses the connection says why before it closes: read that first.
            guard case .system(EPIPE) = error else { throw Self.interruption(error) }
            broken = error
        }
        let envelope: AdminEnvelope
        do {
            envelope = try nextEnvelope(deadline: deadline)
        } catch {
            throw broken.map(Self.interruption) ?? error
        }
        if case .error(let error) = envelope.body { throw .refused(error) }
        guard let body = envelope.body, envelope.requestID == lastID else {
            throw .protocolViolation(reason: "the answer belongs to another request")
        }
        return body
    }

    private func nextEnvelope(deadline: ContinuousClock.Instant) throws(AdminClientError) -> AdminEnvelope {
        while true {
            do {
                if let envelope = try AdminFrame.take(from: &received) { return envelope }
            } catch {
                throw .protocolViolation(reason: error.description)
            }
            let bytes: [UInt8]
            do {
                bytes = try stream.receive(limit: 1 << 16, deadline: deadline)
            } catch {
                throw Self.interruption(error)
            }
            if bytes.isEmpty {
                throw .interrupted(reason: "the service ended, or closed the connection, before it answered")
            }
            received += bytes
        }
    }

    private static func interruption(_ failure: UnixStream.Failure) -> AdminClientError {
        switch failure {
        case .system(let code): .interrupted(reason: "the connection broke (\(String(cString: strerror(code))))")
        case .timedOut: .interrupted(reason: "no answer came in time")
        case .pathTooLong: .interrupted(reason: "the path is too long")
        }
    }

    private static func connectReason(_ failure: UnixStream.Failure) -> String {
        switch failure {
        case .system(ENOENT): "there is no such socket; is yizhan running? (systemctl status yizhan)"
        case .system(ECONNREFUSED): "no process listens on it; is yizhan running? (systemctl status yizhan)"
        case .system(EACCES), .system(EPERM): "permission denied; it takes root or a member of the socket's group"
        case .system(let code): String(cString: strerror(code))
        case .timedOut: "it is too busy to answer"
        case .pathTooLong: "a socket's path has 1 to 107 bytes"
        }
    }
}
