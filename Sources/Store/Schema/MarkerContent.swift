import Messaging

/// What the marker beside the database says. It is what remains when the database or its log does not: how far the
/// numbers that are given out once had come, and whether the last stop was an orderly one.
struct MarkerContent: Equatable, Sendable {
    /// How the database was left.
    enum Condition: String, Sendable {
        /// It is open, or was when the process ended: the latest commits may be in the log only.
        case running
        /// Everything is in the one file.
        case clean
        /// It was seen to be damaged while it was open.
        case damaged
    }

    /// The next free number of each kind that is given out once, ever.
    struct Numbers: Equatable, Sendable {
        var sequence: MessageSequence = 1
        var attempt: AttemptID = 1
        var outbox: OutboxEntryID = 1

        static let max = Numbers(sequence: .max, attempt: .max, outbox: .max)

        static let names: [(name: String, path: any WritableKeyPath<Numbers, Int64> & Sendable)] = [
            ("sequence", \.sequence.rawValue), ("attempt", \.attempt.rawValue), ("outbox", \.outbox.rawValue),
        ]

        /// Each by `step` further, but not beyond the last sequence.
        func advanced(by step: Int64) -> Numbers {
            var result = self
            for (_, path) in Self.names {
                let (sum, isBeyond) = self[keyPath: path].addingReportingOverflow(step)
                result[keyPath: path] = min(isBeyond ? .max : sum, MessageID.lastSequence.rawValue + 1)
            }
            return result
        }

        /// The higher one of each.
        func past(_ other: Numbers) -> Numbers {
            var result = self
            for (_, path) in Self.names {
                result[keyPath: path] = Swift.max(result[keyPath: path], other[keyPath: path])
            }
            return result
        }

        /// Whether one of them is higher than in `other`.
        func exceeds(_ other: Numbers) -> Bool {
            sequence > other.sequence || attempt > other.attempt || outbox > other.outbox
        }
    }

    /// Counts starts; the database has the same number.
    var generation: Int64
    var condition: Condition
    /// Durable in the database when this was written.
    var given: Numbers
    /// Nothing from here on has been given out.
    var reserved: Numbers

    init(generation: Int64, condition: Condition, given: Numbers, reserved: Numbers) {
        self.generation = generation
        self.condition = condition
        self.given = given
        self.reserved = reserved
    }

    // MARK: Text

    private static let head = "yizhan marker 1"

    /// A line each, the last one a checksum of those before.
    var text: String {
        var lines = [Self.head, "generation \(generation)", "condition \(condition.rawValue)"]
        for (name, path) in Numbers.names {
            lines.append("\(name) \(given[keyPath: path]) \(reserved[keyPath: path])")
        }
        let body = lines.joined(separator: "\n") + "\n"
        return body + "check \(Self.checksum(of: body))\n"
    }

    /// Nil when it is not a text that `text` makes.
    init?(text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count == 5 + Numbers.names.count, lines[0] == Self.head, lines.last == "" else { return nil }
        let body = lines.dropLast(2).joined(separator: "\n") + "\n"
        guard lines[lines.count - 2] == "check \(Self.checksum(of: body))" else { return nil }
        func words(_ index: Int, _ name: String, _ count: Int) -> [String]? {
            let words = lines[index].split(separator: " ").map(String.init)
            return words.count == count + 1 && words[0] == name ? Array(words.dropFirst()) : nil
        }
        guard let generation = words(1, "generation", 1).flatMap({ Int64($0[0]) }),
            (0..<Int64.max).contains(generation),
            let condition = words(2, "condition", 1).flatMap({ Condition(rawValue: $0[0]) })
        else { return nil }
        var (given, reserved) = (Numbers(), Numbers())
        for (index, (name, path)) in Numbers.names.enumerated() {
            guard let pair = words(3 + index, name, 2)?.compactMap({ Int64($0) }), pair.count == 2, pair[0] > 0,
                pair[0] <= pair[1], pair[1] <= MessageID.lastSequence.rawValue + 1
            else { return nil }
            given[keyPath: path] = pair[0]
            reserved[keyPath: path] = pair[1]
        }
        self.init(generation: generation, condition: condition, given: given, reserved: reserved)
    }

    /// FNV-1a: it is to tell a damaged file, not a forged one.
    private static func checksum(of text: String) -> String {
        let hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return String(hash, radix: 16)
    }
}
