/// What a sub-account and the account above it must agree in, as a pure rule.
public enum SubAccountRule {
    /// Sub-accounts of one account at most.
    public static let childrenMax = 1000

    /// Why `child` cannot be below `parent`.
    public enum Flaw: Hashable, Sendable {
        /// The parent is a sub-account itself: there is one level.
        case parentIsSubAccount
        /// Their balances are counted in different units.
        case unitDiffers
        /// The child's price is below the parent's, which the parent does not allow.
        case priceBelow(Money)
    }

    /// Nil: they agree. Whether the child names the parent is not looked at.
    public static func flaw(of child: Account, below parent: Account) -> Flaw? {
        if parent.parent != nil { return .parentIsSubAccount }
        if parent.chargeUnit != child.chargeUnit { return .unitDiffers }
        // A count of segments has no price.
        if parent.floorsSubPrices, parent.chargeUnit == .money, child.price < parent.price {
            return .priceBelow(parent.price)
        }
        return nil
    }
}
