/// An amount of money in micro-yuan (10⁻⁶ CNY). An integer, always; overflow traps.
public struct Money: Hashable, Comparable, Sendable {
    /// May be negative.
    public var microYuan: Int64

    /// - Parameter microYuan: 10⁻⁶ CNY.
    public init(microYuan: Int64) {
        self.microYuan = microYuan
    }

    /// Reads `12`, `0.029`, `-3.5`: at most six digits after the point.
    public init?(_ text: some StringProtocol) {
        guard let value = Self.fixedPoint(text, decimals: 6) else { return nil }
        self.microYuan = value
    }

    /// With all six decimals, as OperatorV2 writes its `money`: `0.029000`.
    public var description: String {
        let magnitude = microYuan.magnitude
        let fraction = String(magnitude % 1_000_000)
        let zeros = String(repeating: "0", count: 6 - fraction.count)
        return (microYuan < 0 ? "-" : "") + "\(magnitude / 1_000_000).\(zeros)\(fraction)"
    }

    /// No money.
    public static let zero = Money(microYuan: 0)
    /// By amount.
    public static func < (left: Money, right: Money) -> Bool { left.microYuan < right.microYuan }
    /// The sum; traps on overflow.
    public static func + (left: Money, right: Money) -> Money { Money(microYuan: left.microYuan + right.microYuan) }
    /// An amount times a count, a price times segments, say; traps on overflow.
    public static func * (left: Money, right: Int) -> Money { Money(microYuan: left.microYuan * Int64(right)) }

    /// A decimal text scaled to an integer; nil when it is not one, has more decimals, or does not fit.
    static func fixedPoint(_ text: some StringProtocol, decimals: Int) -> Int64? {
        var value: Int64 = 0
        var digits = 0
        var decimalsSeen: Int?
        var rest = text.utf8[...]
        let negative = rest.first == UInt8(ascii: "-")
        if negative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        func push(_ digit: Int64) -> Bool {
            let (product, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, over2) = product.addingReportingOverflow(digit)
            value = sum
            return !over && !over2
        }
        for byte in rest {
            if byte == UInt8(ascii: "."), decimalsSeen == nil {
                decimalsSeen = 0
                continue
            }
            guard (0x30...0x39).contains(byte) else { return nil }
            if let seen = decimalsSeen {
                guard seen < decimals else { return nil }
                decimalsSeen = seen + 1
            }
            digits += 1
            guard push(Int64(byte - 0x30)) else { return nil }
        }
        guard digits > 0 else { return nil }
        for _ in (decimalsSeen ?? 0)..<decimals {
            guard push(0) else { return nil }
        }
        return negative ? -value : value
    }
}

extension Money: CustomStringConvertible {}

/// What an account's balance is counted in, and so what a charge, a refund and a credit limit are.
public enum ChargeUnit: String, Sendable, CaseIterable {
    /// Amounts are micro-yuan; a segment costs the account's price.
    case money
    /// Amounts are segments; a segment costs 1.
    case count

    /// Reads an amount as people write it: `100.5` yuan, or `5000` segments.
    public func amount(_ text: String) -> Int64? {
        switch self {
        case .money: Money(text)?.microYuan
        case .count: Money.fixedPoint(text, decimals: 0)
        }
    }

    /// The amount as people read it.
    public func text(_ amount: Int64) -> String {
        switch self {
        case .money: Money(microYuan: amount).description
        case .count: String(amount)
        }
    }

    /// The amount and its unit, for people.
    public func labelled(_ amount: Int64) -> String {
        switch self {
        case .money: text(amount) + " yuan"
        case .count: text(amount) + (amount == 1 ? " segment" : " segments")
        }
    }
}
