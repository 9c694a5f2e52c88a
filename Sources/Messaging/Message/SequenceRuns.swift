/// A list of message sequences in order, kept as runs of neighbours: a call of 1000 consecutive messages is one run.
public struct SequenceRuns: Hashable, Sendable {
    /// Each run as first value and length.
    public private(set) var runs: [Run] = []
    /// How many sequences are in all runs together.
    public private(set) var count = 0

    /// Consecutive sequences.
    public struct Run: Hashable, Sendable {
        /// The lowest sequence.
        public var first: MessageSequence
        /// How many sequences, at least 1.
        public var length: Int64
        /// The highest sequence.
        public var last: MessageSequence { first + length - 1 }
    }

    /// - Parameter sequences: in the order that they are to be kept in; neighbours that follow by 1 become one run.
    public init(_ sequences: some Sequence<MessageSequence>) {
        for sequence in sequences { append(sequence) }
    }

    /// Appends one sequence; it joins the last run if it follows by 1.
    public mutating func append(_ sequence: MessageSequence) {
        count += 1
        if let last = runs.last, last.last + 1 == sequence {
            runs[runs.count - 1].length += 1
        } else {
            runs.append(Run(first: sequence, length: 1))
        }
    }

    /// Appends all sequences of a run.
    public mutating func append(_ run: Run) {
        count += Int(run.length)
        if let last = runs.last, last.last + 1 == run.first {
            runs[runs.count - 1].length += run.length
        } else {
            runs.append(run)
        }
    }

    /// The sequence at a place; nil outside.
    public subscript(offset: Int) -> MessageSequence? {
        var rest = Int64(offset)
        guard rest >= 0 else { return nil }
        for run in runs {
            if rest < run.length { return run.first + rest }
            rest -= run.length
        }
        return nil
    }

    /// The first sequence whose number within its epoch is `number`; nil when there is none.
    public func sequence(numbered number: Int64) -> MessageSequence? {
        guard (0...MessageID.sequenceMax).contains(number) else { return nil }
        for run in runs {
            let sequence = MessageSequence(run.first.rawValue & ~MessageID.sequenceMax | number)
            if run.first <= sequence, sequence <= run.last { return sequence }
        }
        return nil
    }

    /// All sequences in order, as an array of `count`.
    public var sequences: [MessageSequence] { runs.flatMap { Array($0.first...$0.last) } }

    /// Compact form: per run the zigzag distance from the run before and the length, both as base-128 varints.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        var previous: Int64 = 0
        for run in runs {
            let delta = run.first.rawValue - previous
            Self.put(UInt64(bitPattern: delta << 1 ^ delta >> 63), into: &bytes)
            Self.put(UInt64(run.length), into: &bytes)
            previous = run.last.rawValue
        }
        return bytes
    }

    /// Nil when the bytes are not of `encoded`'s form.
    public init?(encoded: some Sequence<UInt8>) {
        var numbers: [UInt64] = []
        var value: UInt64 = 0
        var shift: UInt64 = 0
        for byte in encoded {
            guard shift < 64 else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            shift += 7
            if byte & 0x80 == 0 {
                numbers.append(value)
                value = 0
                shift = 0
            }
        }
        guard shift == 0, numbers.count % 2 == 0 else { return nil }
        var previous: Int64 = 0
        for index in stride(from: 0, to: numbers.count, by: 2) {
            let zigzag = numbers[index]
            let delta = Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1)
            let (first, over) = previous.addingReportingOverflow(delta)
            guard !over, (1...UInt64(Int32.max)).contains(numbers[index + 1]) else { return nil }
            let run = Run(first: MessageSequence(first), length: Int64(numbers[index + 1]))
            guard first <= .max - run.length else { return nil }
            runs.append(run)
            count += Int(run.length)
            previous = run.last.rawValue
        }
    }

    private static func put(_ number: UInt64, into bytes: inout [UInt8]) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
