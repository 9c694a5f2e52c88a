/// Why a call got no result. Each reads as one sentence without a full stop.
public enum AdminClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No server could be reached on `socket`.
    case cannotConnect(socket: String, reason: String)
    /// The server answered with an error.
    case refused(AdminError)
    /// The connection was lost, or no answer came in time. Whether the request was carried out is not known.
    case interrupted(reason: String)
    /// What came back is not this protocol.
    case protocolViolation(reason: String)
    /// The request itself is too large to be sent; nothing was.
    case requestTooLarge

    static let whereToLook = "systemctl status yizhan, journalctl -u yizhan"

    /// One sentence without a full stop; of `refused` the server's message, or its code's name where that is empty.
    public var description: String {
        switch self {
        case .cannotConnect(let socket, let reason): "cannot connect to \(socket): \(reason)"
        case .refused(let error): error.message.isEmpty ? error.code.name : error.message
        case .interrupted(let reason):
            "\(reason); whether the request was carried out is not known: look at the service (\(Self.whereToLook)) "
                + "before you repeat it"
        case .protocolViolation(let reason): "the server does not speak this protocol: \(reason)"
        case .requestTooLarge: "the request is too large"
        }
    }
}

extension AdminError: Error {
    /// An error as the protocol carries it. `message` is one sentence for people; `field` names the request's field
    /// that is to blame, as the schema spells it: `settings.price_micro`.
    public init(_ code: AdminError.Code, _ message: String, field: String = "") {
        self.init()
        self.code = code
        self.message = message
        self.field = field
    }

    /// INVALID_ARGUMENT: a field of the request, named as in `init(_:_:field:)`, has a value that is not allowed.
    public static func invalidArgument(_ message: String, field: String) -> AdminError {
        AdminError(.invalidArgument, message, field: field)
    }

    /// NOT_FOUND: what the request names does not exist.
    public static func notFound(_ message: String) -> AdminError { AdminError(.notFound, message) }

    /// ALREADY_EXISTS: what the request adds, or a value that must be unique, is there.
    public static func alreadyExists(_ message: String) -> AdminError { AdminError(.alreadyExists, message) }

    /// UNAVAILABLE: not possible now; the same request may succeed later.
    public static func unavailable(_ message: String) -> AdminError { AdminError(.unavailable, message) }

    /// INTERNAL: a fault of the server's, which repeating the request does not mend.
    public static func `internal`(_ message: String) -> AdminError { AdminError(.internal, message) }
}

extension AdminError.Code {
    /// As the schema spells it: `NOT_FOUND`.
    public var name: String {
        switch self {
        case .unspecified: "UNSPECIFIED"
        case .invalidArgument: "INVALID_ARGUMENT"
        case .notFound: "NOT_FOUND"
        case .alreadyExists: "ALREADY_EXISTS"
        case .permissionDenied: "PERMISSION_DENIED"
        case .unavailable: "UNAVAILABLE"
        case .internal: "INTERNAL"
        case .unsupportedVersion: "UNSUPPORTED_VERSION"
        case .malformed: "MALFORMED"
        case .unknownRequest: "UNKNOWN_REQUEST"
        case .UNRECOGNIZED(let number): "CODE_\(number)"
        }
    }
}
