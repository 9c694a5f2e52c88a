import SwiftProtobuf

/// Frames of the administration protocol: four bytes of length, big-endian, then one serialized `AdminEnvelope`.
///
/// Source: PROTOCOL.md beside this file.
public enum AdminFrame {
    /// The version of the protocol that this code speaks.
    public static let protocolVersion: UInt32 = 2
    /// Bytes of the length before each body.
    public static let headerBytes = 4
    /// Bytes that one envelope may have, without the header: 1 MiB.
    public static let bodyBytesMax = 1 << 20

    /// The frame of `envelope`, header included.
    /// - Throws: `tooLarge` when the body exceeds `bodyBytesMax`, `notAnEnvelope` when it cannot be serialized.
    public static func encode(_ envelope: AdminEnvelope) throws(AdminFrameError) -> [UInt8] {
        let body: [UInt8]
        do {
            body = try envelope.serializedBytes()
        } catch {
            throw .notAnEnvelope
        }
        guard body.count <= bodyBytesMax else { throw .tooLarge(bytes: body.count) }
        var frame: [UInt8] = []
        frame.reserveCapacity(headerBytes + body.count)
        let length = UInt32(body.count)
        for shift in [24, 16, 8, 0] as [UInt32] { frame.append(UInt8(truncatingIfNeeded: length >> shift)) }
        frame += body
        return frame
    }

    /// The length of the body that `header` announces. `header` has at least `headerBytes` bytes.
    /// - Throws: `tooLarge` when it exceeds `bodyBytesMax`.
    public static func bodyLength(header: some Sequence<UInt8>) throws(AdminFrameError) -> Int {
        let length = header.prefix(headerBytes).reduce(0) { $0 << 8 | Int($1) }
        guard length <= bodyBytesMax else { throw .tooLarge(bytes: length) }
        return length
    }

    /// The envelope in `body` (without header). One without any content is refused: it says nothing.
    /// - Throws: `tooLarge` when `body` exceeds `bodyBytesMax`, `notAnEnvelope` when it cannot be parsed or has no
    ///   content.
    public static func decode(body: [UInt8]) throws(AdminFrameError) -> AdminEnvelope {
        guard body.count <= bodyBytesMax else { throw .tooLarge(bytes: body.count) }
        let envelope: AdminEnvelope
        do {
            envelope = try AdminEnvelope(serializedBytes: body)
        } catch {
            throw .notAnEnvelope
        }
        guard envelope.body != nil else { throw .notAnEnvelope }
        return envelope
    }

    /// Takes the first whole frame off the front of `bytes`; nil when more bytes are needed.
    /// - Throws: as `bodyLength(header:)` and `decode(body:)`; `bytes` are left as they were.
    public static func take(from bytes: inout [UInt8]) throws(AdminFrameError) -> AdminEnvelope? {
        guard bytes.count >= headerBytes else { return nil }
        let end = headerBytes + (try bodyLength(header: bytes))
        guard bytes.count >= end else { return nil }
        let envelope = try decode(body: Array(bytes[headerBytes..<end]))
        bytes.removeFirst(end)
        return envelope
    }
}

/// What can be wrong with a frame. None leaves the stream in a state to go on from.
public enum AdminFrameError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The length of the body, in bytes.
    case tooLarge(bytes: Int)
    /// The body is not a serialized envelope, or one without content.
    case notAnEnvelope
    /// The stream ended inside a frame.
    case truncated

    /// One clause without a full stop, which becomes the message of a MALFORMED error.
    public var description: String {
        switch self {
        case .tooLarge(let bytes): "a frame of \(bytes) bytes is longer than \(AdminFrame.bodyBytesMax)"
        case .notAnEnvelope: "a frame does not hold an envelope"
        case .truncated: "the connection ended inside a frame"
        }
    }
}

extension AdminEnvelope {
    /// An envelope with its content.
    public init(id: UInt64, _ body: AdminEnvelope.OneOf_Body) {
        self.init()
        self.requestID = id
        self.body = body
    }

    /// A client's request; `id` is not 0, and the answer repeats it.
    public static func request(_ call: AdminRequest.OneOf_Call, id: UInt64) -> AdminEnvelope {
        var request = AdminRequest()
        request.call = call
        return AdminEnvelope(id: id, .request(request))
    }

    /// The server's answer to the request `id`.
    public static func response(_ result: AdminResponse.OneOf_Result, id: UInt64) -> AdminEnvelope {
        var response = AdminResponse()
        response.result = result
        return AdminEnvelope(id: id, .response(response))
    }

    /// The server's answer to the request `id` that failed; 0: an error of the connection, which ends it.
    public static func error(_ error: AdminError, id: UInt64) -> AdminEnvelope {
        AdminEnvelope(id: id, .error(error))
    }

    /// The client's first message.
    public static func hello(
        software: String, versions: ClosedRange<UInt32> = AdminFrame.protocolVersion...AdminFrame.protocolVersion,
        id: UInt64
    ) -> AdminEnvelope {
        var hello = AdminHello()
        hello.protocolMin = versions.lowerBound
        hello.protocolMax = versions.upperBound
        hello.software = software
        return AdminEnvelope(id: id, .hello(hello))
    }
}
