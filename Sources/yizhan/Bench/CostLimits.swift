import Glibc

/// What one message costs in one part of the program.
struct Cost: Sendable {
    var name: String
    /// Nil when allocations were not counted.
    var allocations: Double?
    /// Time, in percent of that of a larger whole or of something comparable: it depends little on the machine.
    var percent: Double
}

/// The largest costs that are accepted, from a text: a line a part, `NAME ALLOCATIONS PERCENT`; `-` for no limit, `#`
/// begins a comment. Parts that a measurement does not have are ignored.
struct CostLimits {
    private struct Limit {
        var allocations: Double?
        var percent: Double?
    }

    private var limits: [String: Limit] = [:]

    /// - Throws: `ApplianceFailure` with the line that has another form.
    init(_ text: String) throws(ApplianceFailure) {
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            if words.isEmpty { continue }
            guard words.count == 3, let allocations = Self.number(words[1]), let percent = Self.number(words[2]) else {
                throw ApplianceFailure("This is no line of limits: \(line)")
            }
            limits[String(words[0])] = Limit(allocations: allocations, percent: percent)
        }
    }

    /// Nil when it is not a number; a nil number for `-`.
    private static func number(_ word: Substring) -> Double?? {
        if word == "-" { return .some(nil) }
        return Double(word).map { .some($0) }
    }

    /// - Throws: `ApplianceFailure` when the file cannot be read or understood.
    init(path: String) throws(ApplianceFailure) {
        guard let file = fopen(path, "re") else { throw ApplianceFailure("\(path) cannot be read.") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = fread(&bytes, 1, bytes.count, file)
        try self.init(String(decoding: bytes[..<count], as: UTF8.self))
    }

    /// A sentence for each limit that is exceeded or could not be compared.
    func violations(_ costs: [Cost]) -> [String] {
        costs.flatMap { cost -> [String] in
            guard let limit = limits[cost.name] else { return ["\(cost.name): there is no limit for it."] }
            var sentences: [String] = []
            if let most = limit.allocations {
                if let found = cost.allocations {
                    if found > most { sentences.append("\(cost.name): \(found) allocations, the limit is \(most).") }
                } else {
                    sentences.append("\(cost.name): allocations were not counted; run packaging/check-costs.")
                }
            }
            if let most = limit.percent, cost.percent > most {
                sentences.append("\(cost.name): \(cost.percent) % of the time, the limit is \(most) %.")
            }
            return sentences
        }
    }

    /// Writes the violations to stderr.
    /// - Returns: whether there are none.
    func check(_ costs: [Cost]) -> Bool {
        let sentences = violations(costs)
        for sentence in sentences { Terminal.complain(sentence) }
        return sentences.isEmpty
    }
}

/// The calls for memory of this process: packaging/bench.d/count_allocations.c, preloaded, counts them in the file that
/// YIZHAN_ALLOCATIONS names.
struct AllocationCounter {
    private let descriptor: Int32

    /// Nil when they are not counted.
    init?() {
        guard let path = getenv("YIZHAN_ALLOCATIONS") else { return nil }
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
    }

    /// Since the process began.
    var count: UInt64 {
        var count: UInt64 = 0
        _ = pread(descriptor, &count, MemoryLayout<UInt64>.size, 0)
        return count
    }
}
