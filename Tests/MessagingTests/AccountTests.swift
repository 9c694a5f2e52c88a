import Messaging
import Testing

struct AccountTests {
    @Test func `an account charged by money pays its price for each segment`() {
        let account = Account(id: "J10003", price: Money(microYuan: 29_000))
        #expect(account.cost(segments: 0) == 0)
        #expect(account.cost(segments: 1) == 29_000)
        #expect(account.cost(segments: 15_000) == 435_000_000)
    }

    @Test func `an account charged by count pays one for each segment, whatever its price`() {
        let account = Account(id: "J10003", price: Money(microYuan: 29_000), chargeUnit: .count)
        #expect(account.cost(segments: 0) == 0)
        #expect(account.cost(segments: 3) == 3)
    }

    @Test func `a cost that does not fit stops the process`() async {
        await #expect(processExitsWith: .failure) {
            _ = Account(id: "A", price: Money(microYuan: .max)).cost(segments: 2)
        }
    }

    @Test func `only a postpaid balance may fall below zero, down to the credit limit`() {
        #expect(Account(id: "A", payment: .prepaid, creditLimit: 500).balanceFloor == 0)
        #expect(Account(id: "A", payment: .postpaid, creditLimit: 500).balanceFloor == -500)
        #expect(Account(id: "A", payment: .postpaid).balanceFloor == 0)
    }

    @Test(arguments: [
        ("J10003", true), ("A", true), ("1", true), ("ABCDEF", true), ("", false), ("ABCDEFG", false),
        ("j10003", false),
        ("J1000 ", false), ("J_1000", false), ("J1000é", false), ("测", false), ("A\0", false),
    ])
    func `an account's id is one to six upper-case letters and digits`(_ id: String, _ isValid: Bool) {
        #expect(Account.isValidID(id) == isValid)
    }
}

struct ChannelTests {
    private let channel = Channel(name: "c", accessNumber: "10690012122")

    @Test func `the full number is channel, account and customer in a row`() {
        #expect(channel.fullNumber(accountExtension: "88", customerExtension: "0006") == "10690012122880006")
        #expect(channel.fullNumber(accountExtension: "", customerExtension: "") == "10690012122")
    }

    @Test func `an extension that makes it longer than 20 digits is void`() {
        #expect(channel.fullNumber(accountExtension: "888", customerExtension: "123456") == "10690012122888123456")
        #expect(channel.fullNumber(accountExtension: "8888", customerExtension: "123456") == "106900121228888")
    }
}
