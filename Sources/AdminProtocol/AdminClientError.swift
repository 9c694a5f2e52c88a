/// Why a call got no result. Each reads as one sentence without a full stop.
public enum AdminClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nobody could be reached on `socket`.
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
