public import Messaging

/// An immutable picture of all routes and ported numbers.
public final class RouteDirectory: Sendable {
    public let table: RouteTable
    public let ported: PortedNumbers

    init(_ table: RouteTable = RouteTable(), ported: PortedNumbers = PortedNumbers()) {
        self.table = table
        self.ported = ported
    }

    /// The carrier that serves a number now; nil for a mainland prefix that nobody holds.
    public func carrier(of number: PhoneNumber) -> Carrier? { ported.carrier(of: number) }
}
