import AdminProtocol
import ArgumentParser
import Messaging

extension ChargeUnit {
    /// A server that says neither counts in money.
    init(_ unit: AdminChargeBy) {
        self = unit == .count ? .count : .money
    }

    var wire: AdminChargeBy {
        switch self {
        case .money: .money
        case .count: .count
        }
    }

    /// Reads what `option` was given, at least `minimum` of the unit.
    func parse(_ text: String, option: String, minimum: Int64 = .min) throws -> Int64 {
        guard let amount = amount(text), amount >= minimum else {
            let form =
                switch self {
                case .money: "an amount in yuan with at most six decimals, like 100.5"
                case .count: "a whole number of segments, like 5000"
                }
            throw ValidationError("\(option) takes \(form)\(minimum >= 0 ? ", not below zero" : ""); not '\(text)'.")
        }
        return amount
    }

    /// `"balance":"99.971000","balance_units":99971000`.
    func members(_ name: String, _ amount: Int64) -> [(String, JSONText)] {
        [(name, .string(text(amount))), (name + "_units", .integer(amount))]
    }
}

extension Timestamp {
    /// A moment of the wire for people, in China's time; a dash for 0.
    static func text(_ milliseconds: Int64) -> String {
        guard milliseconds != 0 else { return "-" }
        let thousandths = String(1000 + ((milliseconds % 1000) + 1000) % 1000).dropFirst()
        return Timestamp(milliseconds: milliseconds).chinaText + "." + thousandths
    }
}
