import Messaging
import Testing

struct MoneyTests {
    private static let good: [(text: String, microYuan: Int64, printed: String)] = [
        ("0", 0, "0.000000"), ("0.029", 29_000, "0.029000"), ("12", 12_000_000, "12.000000"),
        ("0.000001", 1, "0.000001"), ("-0.000001", -1, "-0.000001"), ("-3.5", -3_500_000, "-3.500000"),
        ("+1", 1_000_000, "1.000000"), (".5", 500_000, "0.500000"), ("5.", 5_000_000, "5.000000"),
        ("-0", 0, "0.000000"), ("007", 7_000_000, "7.000000"), ("100.50", 100_500_000, "100.500000"),
        ("9223372036854.775807", .max, "9223372036854.775807"),
        ("-9223372036854.775807", -.max, "-9223372036854.775807"),
    ]

    private static let bad: [String] = [
        "", ".", "-", "+", "-.", "1.2.3", "0.0000001", "1.0000000", "9223372036854.775808", "92233720368547758070",
        "99999999999999999999999999", "+-1", "--1", " 1", "1 ", "1e3", "0x1", "1,000", "１", "NaN", "一", "1-",
    ]

    @Test func `amounts are read exactly and printed with six decimals`() {
        for row in Self.good {
            #expect(Money(row.text)?.microYuan == row.microYuan, "\(row.text)")
            #expect(Money(microYuan: row.microYuan).description == row.printed)
        }
    }

    @Test func `what is not an amount, or does not fit, is none`() {
        for text in Self.bad { #expect(Money(text) == nil, "\(text)") }
    }

    @Test func `what is printed reads back`() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<2000 {
            let shift = UInt64.random(in: 0...63, using: &random)
            let amount = Money(microYuan: Int64.random(in: -Int64.max...Int64.max, using: &random) >> shift)
            #expect(Money(amount.description) == amount)
        }
        #expect(Money(microYuan: .min).description == "-9223372036854.775808")
    }

    @Test func `sums, products and order are those of integers`() {
        #expect(Money(microYuan: 1) + Money(microYuan: -3) == Money(microYuan: -2))
        #expect(Money(microYuan: 29_000) * 15 == Money(microYuan: 435_000))
        #expect(Money.zero < Money(microYuan: 1) && Money(microYuan: -1) < .zero)
    }

    @Test func `an overflow stops the process`() async {
        await #expect(processExitsWith: .failure) { _ = Money(microYuan: .max) + Money(microYuan: 1) }
        await #expect(processExitsWith: .failure) { _ = Money(microYuan: .max) * 2 }
    }

    @Test func `a charge unit reads and prints its own amounts`() {
        #expect(ChargeUnit.money.amount("100.5") == 100_500_000)
        #expect(ChargeUnit.money.text(100_500_000) == "100.500000")
        #expect(ChargeUnit.count.amount("5000") == 5000)
        #expect(ChargeUnit.count.text(5000) == "5000")
        #expect(ChargeUnit.count.amount("0.5") == nil)
        #expect(ChargeUnit.count.amount("9223372036854775808") == nil)
    }
}
