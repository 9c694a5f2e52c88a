public import ArgumentParser
public import Messaging

extension Account.Payment: ExpressibleByArgument {}
extension Account.RefundRule: ExpressibleByArgument {}
extension DialectName: ExpressibleByArgument {}
extension ChargeUnit: ExpressibleByArgument {}
extension UncertainRule: ExpressibleByArgument {}
extension PushDialect: ExpressibleByArgument {}
extension PushSettings.Format: ExpressibleByArgument {}
extension HandSettlement: ExpressibleByArgument {}
extension ParkedID.Kind: ExpressibleByArgument {}
extension ParkedItem.State: ExpressibleByArgument {}

/// An account's id on the command line, in any case.
struct AccountIDArgument: ExpressibleByArgument {
    let id: String

    /// Nil unless it can be an id.
    init?(argument: String) {
        id = argument
        guard Account.isValidID(id) else { return nil }
    }
}

/// An account's name in one dialect: `operator-v2=J10003`; nothing behind the sign removes it.
struct LoginArgument: ExpressibleByArgument {
    let dialect: DialectName
    let login: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let dialect = DialectName(rawValue: String(parts[0])) else { return nil }
        self.dialect = dialect
        login = String(parts[1])
        guard login.isEmpty || Account.isValidLogin(login, in: dialect) else { return nil }
    }
}

/// A day in China: `2026-11-21` or `20261121`.
struct DayArgument: ExpressibleByArgument {
    /// As yyyymmdd.
    let day: Int

    init?(argument: String) {
        let isDashed = argument.utf8.count == 10 && argument.split(separator: "-").map(\.utf8.count) == [4, 2, 2]
        let digits = isDashed ? argument.filter { $0 != "-" } : argument
        guard digits.utf8.count == 8, let day = Int(digits), Timestamp(chinaDay: day) != nil else { return nil }
        self.day = day
    }
}

/// A price of one segment in yuan: `0.029`. Not below zero.
struct PriceArgument: ExpressibleByArgument {
    let price: Money

    init?(argument: String) {
        guard let price = Money(argument), price >= .zero else { return nil }
        self.price = price
    }
}

/// An address or block of addresses, or `any`, which empties the list.
struct NetworkArgument: ExpressibleByArgument {
    /// Nil for `any`.
    let network: IPNetwork?

    init?(argument: String) {
        network = IPNetwork(argument)
        guard network != nil || argument == "any" else { return nil }
    }
}

/// Names of carriers with commas between.
struct CarriersArgument: ExpressibleByArgument {
    let carriers: [Carrier]

    init?(argument: String) {
        let names = argument.split(separator: ",", omittingEmptySubsequences: false)
        carriers = CarrierSet(names.compactMap { Carrier(name: $0) }).carriers
        guard !carriers.isEmpty, names.allSatisfy({ Carrier(name: $0) != nil }) else { return nil }
    }

    static let allValueStrings = Carrier.allCases.map(\.name)
}
