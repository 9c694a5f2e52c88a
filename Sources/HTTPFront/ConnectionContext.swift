import Engine
import Messaging
import NIOCore

/// What is known of one customer connection; confined to its event loop.
final class ConnectionContext {
    let eventLoop: any EventLoop
    /// 4 or 16 bytes; empty when the peer has none. Through a trusted proxy: the address of the present request.
    var address: [UInt8]
    let sink: ReplySink
    /// The account that this connection counts for.
    private var counted: AccountEntry?
    /// Whether an account was admitted on it.
    private(set) var isAuthenticated = false

    init(eventLoop: any EventLoop, address: [UInt8], sink: ReplySink) {
        self.eventLoop = eventLoop
        self.address = address
        self.sink = sink
    }

    /// Counts the connection for an account, once; a connection that changes its account changes the count.
    func count(for entry: AccountEntry) throws(Rejection) {
        if let counted, counted.key == entry.key { return }
        guard entry.runtime.openConnection(limit: entry.account.connectionLimit) else { throw .tooManyConnections }
        counted?.runtime.closeConnection()
        counted = entry
        isAuthenticated = true
    }

    /// The connection counts for no account: it is closed, or a proxy keeps it open between requests.
    func uncount() {
        counted?.runtime.closeConnection()
        counted = nil
    }
}
