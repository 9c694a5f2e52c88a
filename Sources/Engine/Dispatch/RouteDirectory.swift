public import Messaging

/// An immutable picture of all routes and ported numbers.
public final class RouteDirectory: Sendable {
    /// The routes that are switched on.
    public let table: RouteTable
    /// Numbers that were taken to another carrier.
    public let ported: PortedNumbers

    init(_ table: RouteTable = RouteTable(), ported: PortedNumbers = PortedNumbers()) {
        self.table = table
        self.ported = ported
    }

    /// The carrier that serves a number now; nil for a mainland prefix that no carrier holds.
    public func network(of number: PhoneNumber) -> Network? { ported.network(of: number) }
}
