/// Mainland numbers, one after the other, as ASCII digits: all prefixes of one carrier family after each other, no
/// number twice until every combination was given.
struct NumberSequence {
    /// Prefixes that are given out whole, of three carriers.
    private static let prefixes = [
        135, 136, 137, 138, 139, 147, 150, 151, 152, 157, 158, 159, 182, 183, 184, 187, 188, 198,
        130, 131, 132, 155, 156, 166, 185, 186, 133, 153, 177, 180, 181, 189, 191, 199,
    ]
    /// The simulator gives the endings 0000–0009 a meaning.
    private static let firstEnding = 10

    private let ending: Int?
    private var next: Int

    /// `ending`: the last four digits of every number; nil: they vary, but are never 0000–0009.
    init(ending: Int?, startingAt start: Int = 0) {
        self.ending = ending
        self.next = start
    }

    /// Writes the next number's 11 digits to the start of `target`.
    mutating func write(to target: UnsafeMutableRawBufferPointer) {
        let prefix: Int
        let middle: Int
        let last: Int
        if let ending {
            last = ending
            middle = next % 10_000
            prefix = Self.prefixes[next / 10_000 % Self.prefixes.count]
        } else {
            let varying = 10_000 - Self.firstEnding
            last = Self.firstEnding + next % varying
            prefix = Self.prefixes[next / varying % Self.prefixes.count]
            middle = next / varying / Self.prefixes.count % 10_000
        }
        next += 1
        Self.put(prefix, digits: 3, at: 0, in: target)
        Self.put(middle, digits: 4, at: 3, in: target)
        Self.put(last, digits: 4, at: 7, in: target)
    }

    static func put(_ value: Int, digits: Int, at offset: Int, in target: UnsafeMutableRawBufferPointer) {
        var rest = value
        for index in stride(from: offset + digits - 1, through: offset, by: -1) {
            target[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }
}
