import Messaging
import Testing

/// The seed's §3.3, and `Sources/Dialects/OperatorV2/INTERFACE.md`, "Ids".
struct MessageIDTests {
    @Test func `neighbouring segments are 17179869184 apart`() {
        #expect(MessageID.segmentStride == 17_179_869_184)
        let id = MessageID(sequence: 100)
        #expect(id.segment(1).rawValue == 100)
        #expect(id.segment(2).rawValue == 17_179_869_284)
        #expect(id.segment(3).rawValue == 34_359_738_468)
    }

    @Test(arguments: [(0, 1), (0, 2), (1, 1), (999, 15), (99, 3)])
    func `a recipient's segment has the id of the seed's formula`(_ place: Int, _ segment: Int) {
        let msgid: Int64 = 8_589_934_592
        let expected = (msgid + Int64(place)) + Int64(segment - 1) * 17_179_869_184
        #expect(MessageID(rawValue: msgid).advanced(by: place).segment(segment).rawValue == expected)
    }

    @Test func `an id gives back its sequence and segment`() {
        let epochs: [Int64] = [0, 1, 77, MessageID.epochMax]
        for sequence in epochs.flatMap({ epoch in [1, 2, 17_179_869_183].map { MessageSequence(epoch << 38 | $0) } }) {
            for segment in [1, 2, 15, 16] {
                let id = MessageID(sequence: sequence).segment(segment)
                #expect(id.sequence == sequence)
                #expect(id.segment == segment)
                #expect(id.rawValue > 0)
                #expect(id.epoch == sequence.rawValue >> 38)
                #expect(id.number == sequence.rawValue & 17_179_869_183)
                #expect(id.rawValue - sequence.rawValue == Int64(segment - 1) * 17_179_869_184)
                #expect(id.segment(1) == MessageID(sequence: sequence))
                #expect(id.segment(segment) == id)
            }
        }
    }

    @Test func `no two segments of a batch share an id`() {
        let first = MessageID(sequence: 1_000_000)
        var seen: Set<MessageID> = []
        for place in 0..<1000 {
            for segment in 1...15 { seen.insert(first.advanced(by: place).segment(segment)) }
        }
        #expect(seen.count == 15_000)
    }

    private static let last: Int64 = 17_179_869_183
    private static let epoch: Int64 = 1 << 38

    /// The first free one, how many are wanted, where they begin.
    @Test(
        arguments: [
            (1, 1, 1), (last, 1, last), (last, 2, epoch + 1), (last - 999, 1000, last - 999),
            (last - 998, 1000, epoch + 1),
            // The last number of the epoch was given out; a number was skipped to that is none.
            (last + 1, 1, epoch + 1), (last + 1_000_000, 3, epoch + 1), (last + 1, 0, last + 1),
            (epoch + last, 2, 2 * epoch + 1), (MessageID.epochMax << 38 | last, 1, MessageID.epochMax << 38 | last),
        ] as [(Int64, Int, Int64)])
    func `consecutive sequences never lie in two epochs`(_ next: Int64, _ count: Int, _ expected: Int64) {
        #expect(MessageID.start(of: count, from: MessageSequence(next)) == MessageSequence(expected))
    }

    @Test(
        arguments: [
            (MessageID.epochMax << 38 | last, 2), (MessageID.epochMax << 38 | (last + 1), 1), (.max, 1), (.max, .max),
            (-1, 1), (1, -1), (1, 17_179_869_184),
        ] as [(Int64, Int)])
    func `there are none behind the last epoch`(_ next: Int64, _ count: Int) {
        #expect(MessageID.start(of: count, from: MessageSequence(next)) == nil)
    }

    @Test func `ids are ordered by their number`() {
        #expect(MessageID(sequence: 1) < MessageID(sequence: 2))
        #expect(MessageID(sequence: 2) < MessageID(sequence: 1).segment(2))
    }
}
