import Messaging
import Testing

/// Seed 002 §3.3 and WIRE.md §002 "msgid arithmetic".
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
        for sequence: Int64 in [1, 2, 17_179_869_183] {
            for segment in [1, 2, 15, 63] {
                let id = MessageID(sequence: sequence).segment(segment)
                #expect(id.sequence == sequence)
                #expect(id.segment == segment)
                #expect(id.rawValue > 0)
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

    @Test func `ids are ordered by their number`() {
        #expect(MessageID(sequence: 1) < MessageID(sequence: 2))
        #expect(MessageID(sequence: 2) < MessageID(sequence: 1).segment(2))
    }
}
