import Messaging
import Testing

@testable import Engine

struct BalancesTests {
    /// Takes amounts one after the other from one balance.
    private func take(_ amounts: [Int64], from balance: Int64?, floor: Int64) -> (taken: [Bool], left: Int64) {
        var balances = Balances()
        if let balance { balances.open(1, balance: balance) }
        let taken = amounts.map { balances.take($0, from: 1, floor: floor) }
        return (taken, balances.balance(1))
    }

    @Test func `a charge is taken whole or not at all`() {
        let (taken, left) = take([101, 100, 1], from: 100, floor: 0)
        #expect(taken == [false, true, false])
        #expect(left == 0)
    }

    @Test func `a postpaid account goes down to its credit and no further`() {
        let (taken, left) = take([50, 1], from: 0, floor: -50)
        #expect(taken == [true, false])
        #expect(left == -50)
    }

    @Test func `what costs nothing passes even under the floor`() {
        #expect(take([0], from: -10, floor: 0).taken == [true])
    }

    @Test func `a charge beyond all bounds is refused, not trapped on`() {
        let (taken, left) = take([.max], from: -100, floor: .min)
        #expect(taken == [false])
        #expect(left == -100)
    }

    @Test func `an unknown account has nothing, and what is given back counts`() {
        #expect(take([1], from: nil, floor: 0).taken == [false])
        var balances = Balances()
        balances.give(5, to: 9)
        #expect(balances.balance(9) == 5)
    }
}
