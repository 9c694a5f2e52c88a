public import Messaging

extension Yixintong {
    /// `x-request-id`: 13 digits of epoch milliseconds and 6 digits or letters.
    public struct RequestID: Hashable, Sendable {
        /// The moment that it names.
        public let time: Timestamp
        /// The six characters after it as a number below 62⁶.
        let suffix: UInt64

        static let timeDigits = 13
        static let suffixLength = 6
        /// 62⁶: how many suffixes there are.
        static let suffixCount: UInt64 = 56_800_235_584

        /// Nil when the text is no request id.
        public init?(_ text: String) {
            let bytes = Array(text.utf8)
            guard bytes.count == Self.timeDigits + Self.suffixLength else { return nil }
            var milliseconds: Int64 = 0
            for byte in bytes[..<Self.timeDigits] {
                guard (0x30...0x39).contains(byte) else { return nil }
                milliseconds = milliseconds * 10 + Int64(byte - 0x30)
            }
            var suffix: UInt64 = 0
            for byte in bytes[Self.timeDigits...] {
                guard let value = Self.value(ofCharacter: byte) else { return nil }
                suffix = suffix * 62 + value
            }
            self.time = Timestamp(milliseconds: milliseconds)
            self.suffix = suffix
        }

        /// The text of the id that names `time`, with the last six digits of `number`: distinct for a million numbers
        /// in a row.
        public static func text(at time: Timestamp, number: UInt64) -> String {
            let milliseconds = String(max(0, time.milliseconds))
            let padding = String(repeating: "0", count: max(0, timeDigits - milliseconds.utf8.count))
            return padding + milliseconds + String(String(1_000_000 + number % 1_000_000).dropFirst())
        }

        private static func value(ofCharacter byte: UInt8) -> UInt64? {
            switch byte {
            case 0x30...0x39: UInt64(byte - 0x30)
            case 0x41...0x5A: UInt64(byte - 0x41) + 10
            case 0x61...0x7A: UInt64(byte - 0x61) + 36
            default: nil
            }
        }
    }
}
