extension AdminError: Error {
    /// An error as the protocol carries it. `message` is one sentence for people; `field` names the request's field
    /// that is to blame, as the schema spells it: `settings.price_micro`.
    public init(_ code: AdminError.Code, _ message: String, field: String = "") {
        self.init()
        self.code = code
        self.message = message
        self.field = field
    }

    public static func invalidArgument(_ message: String, field: String) -> AdminError {
        AdminError(.invalidArgument, message, field: field)
    }

    public static func notFound(_ message: String) -> AdminError { AdminError(.notFound, message) }

    public static func alreadyExists(_ message: String) -> AdminError { AdminError(.alreadyExists, message) }

    public static func unavailable(_ message: String) -> AdminError { AdminError(.unavailable, message) }

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
