import Messaging
import Testing

/// What a sub-account and its parent must agree in.
struct SubAccountRuleTests {
    private static func account(
        _ price: Int64, unit: ChargeUnit = .money, floors: Bool = false, parent: AccountKey? = nil
    ) -> Account {
        var account = Account(id: "x", price: Money(microYuan: price), chargeUnit: unit)
        account.floorsSubPrices = floors
        account.parent = parent
        return account
    }

    @Test(
        arguments: [
            (30, 30, true, nil), (31, 30, true, nil), (29, 30, true, .priceBelow(Money(microYuan: 30))),
            (29, 30, false, nil),
            (0, 0, true, nil),
        ] as [(Int64, Int64, Bool, SubAccountRule.Flaw?)])
    func `a price is not below the parent's where the parent says so`(
        _ child: Int64, _ parent: Int64, _ floors: Bool, _ flaw: SubAccountRule.Flaw?
    ) {
        #expect(SubAccountRule.flaw(of: Self.account(child), below: Self.account(parent, floors: floors)) == flaw)
    }

    @Test func `both count in one unit, and there is one level`() {
        let money = Self.account(1)
        #expect(SubAccountRule.flaw(of: Self.account(1, unit: .count), below: money) == .unitDiffers)
        #expect(
            SubAccountRule.flaw(of: Self.account(0, unit: .count), below: Self.account(9, unit: .count, floors: true))
                == nil)
        #expect(SubAccountRule.flaw(of: money, below: Self.account(1, parent: 7)) == .parentIsSubAccount)
    }
}
