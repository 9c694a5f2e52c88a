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
        ("J10003", true), ("A", true), ("1", true), ("shop.main_2-b", true), (".", true),
        (String(repeating: "a", count: 32), true), (String(repeating: "a", count: 33), false), ("", false),
        ("J1000 ", false), ("J1000é", false), ("测", false), ("A\0", false), ("A=B", false), ("A/B", false),
    ])
    func `an account's id is one to 32 letters, digits, dots, underscores and hyphens`(_ id: String, _ isValid: Bool) {
        #expect(Account.isValidID(id) == isValid)
    }

    @Test(arguments: [
        ("J10003", true), ("j10003", true), ("ABCDEFG", false), ("A.B", false), ("", false), ("A B", false),
    ])
    func `a login in operator-v2 is one to six letters and digits`(_ login: String, _ isValid: Bool) {
        #expect(Account.isValidLogin(login, in: .operatorV2) == isValid)
    }

    @Test func `the id is the login where it fits, and a login of its own stands in its place`() {
        var account = Account(id: "shop.main")
        #expect(account.login(in: .operatorV2) == nil)
        #expect(!account.hasLogin("", in: .operatorV2))
        for dialect in DialectName.allCases where dialect != .operatorV2 {
            #expect(account.login(in: dialect) == "shop.main")
            #expect(account.hasLogin("SHOP.MAIN", in: dialect) && !account.hasLogin("shop", in: dialect))
        }
        account.logins = [.operatorV2: "j10003", .guodu: "Shop"]
        #expect(account.login(in: .operatorV2) == "J10003")
        #expect(account.login(in: .guodu) == "Shop")
        #expect(account.hasLogin("J10003", in: .operatorV2) && account.hasLogin("shop", in: .guodu))
        #expect(!account.hasLogin("shop.main", in: .guodu))
        #expect(account.login(in: .apiV1) == "shop.main")
        // What was added in small letters is in capitals where the document has it so.
        #expect(Account(id: "ab12").login(in: .operatorV2) == "AB12")
        #expect(Account(id: "ab12").login(in: .apiV1) == "ab12")
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
