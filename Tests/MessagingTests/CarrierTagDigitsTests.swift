import Messaging
import Testing

struct CarrierTagDigitsTests {
    @Test(arguments: [
        (CarrierTag(sequence: 17), "m17", "00000000000000000017"),
        (CarrierTag(sequence: 17, attempt: 5), "m17a5", "00000000085899345937"),
        (
            CarrierTag(sequence: MessageSequence(MessageID.sequenceMax), attempt: 0xFFFF_FFFF),
            "m17179869183a4294967295",
            "73786976294838206463"
        ),
    ])
    func `a tag is read as it was written, in either form`(tag: CarrierTag, text: String, digits: String) {
        #expect(tag.text == text)
        #expect(tag.digits == digits)
        #expect(CarrierTag(text) == tag)
        #expect(CarrierTag(digits) == tag)
        #expect(CarrierTag(digits: digits) == tag)
        #expect(CarrierTag(digits: text) == nil)
    }

    @Test func `any tag survives its digits`() {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<10_000 {
            let tag = CarrierTag(
                sequence: MessageSequence(.random(in: 1...MessageID.sequenceMax, using: &random)),
                attempt: AttemptID(.random(in: 1...0xFFFF_FFFF, using: &random)))
            #expect(tag.digits.utf8.count == 20)
            #expect(CarrierTag(tag.digits) == tag)
        }
    }

    @Test(arguments: [
        "", "m", "17", "m17a", "ma5", "m1a2a3", "m99999999999999999999", "x17", "0000000000000000017",
        "000000000000000000017", "0000000000000000001a", "00000000000000000000", "73786976294838206464",
        "99999999999999999999", "00000000085899345920",
    ])
    func `what is not ours is no tag`(_ text: String) {
        #expect(CarrierTag(text) == nil)
    }

    @Test func `digits hold a number of any epoch, and the call's messages say which epoch it was`() {
        let (first, second) = (MessageSequence(5 << 38 | 1000), MessageSequence(6 << 38 | 1))
        let call = SequenceRuns(Array(first..<first + 10) + Array(second..<second + 3))
        for sequence in [first, first + 9, second, second + 2] {
            let tag = CarrierTag(CarrierTag(sequence: sequence, attempt: 7).digits)
            #expect(tag?.attempt == 7)
            #expect(tag.flatMap { call.sequence(numbered: $0.sequence.rawValue) } == sequence)
        }
        for number in [999, 1010, 4, 0, -1, .max, 1 << 34] as [Int64] {
            #expect(call.sequence(numbered: number) == nil)
        }
        let text = CarrierTag(sequence: second, attempt: 7).text
        #expect(CarrierTag(text)?.sequence == second)
    }

    @Test func `digits hold an attempt's low bits, and the latest attempt says which it was`() {
        let span = AttemptID(1 << 32)
        for (attempt, latest) in [
            (5, 5), (5, span + 4), (span + 5, span + 5), (span - 1, span + 5),
            (span + span.rawValue, span + span.rawValue + 1),
        ] as [(AttemptID, AttemptID)] {
            let low = CarrierTag(CarrierTag(sequence: 1, attempt: attempt).digits)?.attempt ?? 0
            #expect(CarrierTag.attempt(low: low, latest: latest) == attempt)
        }
    }
}
