public import Messaging

/// One interface with all its sides. What is particular to it is in its folder; this list is the only other place that
/// knows it.
public struct Dialect<Customers: CustomerDialect>: Sendable {
    /// Its raw value names the dialect in settings.
    public let name: DialectName
    /// How it serves customers, or, in the simulator, us.
    public let customers: Customers
    /// Its client side, towards carriers.
    public let carrier: any CarrierDialect.Type
    /// How reports and replies are pushed in it; nil where it has no pushes.
    public let pushes: (any PushCodec)?

    /// - Parameter pushes: nil for a dialect without pushes.
    public init(
        _ name: DialectName, _ customers: Customers, _ carrier: any CarrierDialect.Type,
        pushes: (any PushCodec)? = nil
    ) {
        self.name = name
        self.customers = customers
        self.carrier = carrier
        self.pushes = pushes
    }
}

/// Something that is made for each dialect, from its concrete types.
public protocol DialectVisitor {
    /// What is made for each dialect.
    associatedtype Result
    /// Called by `DialectName.visit` with the dialect that the name means.
    func visit<Customers: CustomerDialect>(_ dialect: Dialect<Customers>) -> Result
}

extension DialectName {
    /// The list of all dialects. It is inlined into its callers, so that what they make of a dialect is compiled for
    /// that dialect.
    @inlinable
    public func visit<Visitor: DialectVisitor>(_ visitor: Visitor) -> Visitor.Result {
        switch self {
        case .enterpriseOAuth2:
            visitor.visit(Dialect(self, Enterprise.Customers(mode: .token), Enterprise.Carrier.self))
        case .enterpriseJSON:
            visitor.visit(Dialect(self, Enterprise.Customers(mode: .plain), Enterprise.Carrier.self))
        case .apiV1: visitor.visit(Dialect(self, ApiV1.Customers(), ApiV1.Carrier.self, pushes: ApiV1.Pushes()))
        case .operatorV2:
            visitor.visit(Dialect(self, OperatorV2.Customers(), OperatorV2.Carrier.self, pushes: OperatorV2.Pushes()))
        case .guodu: visitor.visit(Dialect(self, Guodu.Customers(), Guodu.Carrier.self, pushes: Guodu.Pushes()))
        case .yixintong: visitor.visit(Dialect(self, Yixintong.Customers(), Yixintong.Carrier.self))
        }
    }

    /// Its client side, towards carriers.
    public var carrier: any CarrierDialect.Type { visit(CarrierSide()) }

    /// How reports and replies are pushed in it; nil where it has no pushes.
    public var pushes: (any PushCodec)? { visit(PushSide()) }

    /// Its endpoints, credentials and codes.
    public var description: InterfaceDescription { visit(DescriptionSide()) }
}

private struct CarrierSide: DialectVisitor {
    func visit<Customers>(_ dialect: Dialect<Customers>) -> any CarrierDialect.Type { dialect.carrier }
}

private struct PushSide: DialectVisitor {
    func visit<Customers>(_ dialect: Dialect<Customers>) -> (any PushCodec)? { dialect.pushes }
}

private struct DescriptionSide: DialectVisitor {
    func visit<Customers>(_ dialect: Dialect<Customers>) -> InterfaceDescription { dialect.customers.description }
}
