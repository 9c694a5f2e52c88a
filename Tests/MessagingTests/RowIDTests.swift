import Messaging
import Testing

@Suite struct RowIDTests {
    @Test func `an id is its number, in text and back`() {
        #expect("\(AccountKey(17))" == "17")
        #expect(MessageSequence("274877906945") == 274_877_906_945)
        #expect(AttemptID("") == nil && AttemptID("1x") == nil && AttemptID("9223372036854775808") == nil)
    }

    @Test func `a range of ids has each of them once, and counts from one to the other`() {
        let range = MessageSequence(3)...6
        #expect(Array(range) == [3, 4, 5, 6])
        #expect(range.lowerBound.distance(to: range.upperBound) == 3)
        #expect(MessageSequence(3) + 2 == 5 && MessageSequence(3) - 1 == 2)
        #expect(Array((MessageSequence.max - 1)...MessageSequence.max).count == 2)
    }

    @Test func `an id is no larger than its number`() {
        #expect(MemoryLayout<MessageSequence>.stride == MemoryLayout<Int64>.stride)
    }
}
