import HTTPCore

/// One dialect's way in: reads requests of its paths and answers them in its own words.
protocol DialectDoor: Sendable {
    /// All its paths as they are documented.
    var paths: [String] { get }
    /// Called on the connection's event loop.
    /// - Returns: false when the path is not one of this dialect's.
    func receive(_ request: HTTPRequest, reply: HTTPReply, from context: ConnectionContext) -> Bool
}
