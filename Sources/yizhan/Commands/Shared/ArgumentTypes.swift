public import ArgumentParser
public import Messaging

extension DialectName: ExpressibleByArgument {}
extension PushDialect: ExpressibleByArgument {}
extension HandSettlement: ExpressibleByArgument {}
extension ParkedID.Kind: ExpressibleByArgument {}
extension User.Language: ExpressibleByArgument {}
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
