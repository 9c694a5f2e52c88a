import Messaging
import Testing

struct MessageProgressTests {
    @Test(arguments: [1, 2, 15, 62, 63])
    func `a message is final when every segment has its report`(_ total: Int) {
        var progress = MessageProgress(segmentTotal: total)
        for segment in (1...total).shuffled() {
            #expect(!progress.isFinal)
            #expect(progress.state == .submitted)
            #expect(progress.apply(.delivered, segment: segment, of: total) == [segment])
        }
        #expect(progress.isFinal)
        #expect(progress.state == .delivered)
    }

    @Test func `the first final report of a segment wins`() {
        var progress = MessageProgress(segmentTotal: 2)
        #expect(progress.apply(.delivered, segment: 2, of: 2) == [2])
        #expect(progress.apply(.expired, segment: 2, of: 2) == [])
        #expect(progress.apply(.undeliverable, segment: 1, of: 2) == [1])
        #expect(progress.apply(.delivered, segment: 1, of: 2) == [])
        #expect(progress.status == .undeliverable)
        #expect(progress.state == .failed)
    }

    @Test func `the first failure is the message's status`() {
        var progress = MessageProgress(segmentTotal: 3)
        _ = progress.apply(.delivered, segment: 1, of: 3)
        _ = progress.apply(.expired, segment: 2, of: 3)
        _ = progress.apply(.rejected, segment: 3, of: 3)
        #expect(progress.status == .expired)
    }

    @Test func `a report without a segment, or by another count, decides the whole message once`() {
        for (segment, total) in [(nil, nil), (1, 2), (4, 4), (0, 3)] as [(Int?, Int?)] {
            var progress = MessageProgress(segmentTotal: 3)
            #expect(progress.apply(.delivered, segment: segment, of: total) == [1, 2, 3])
            #expect(progress.state == .delivered)
            #expect(progress.apply(.expired, segment: segment, of: total) == [])
            #expect(progress.state == .delivered)
        }
    }

    @Test func `a report of the whole message after one of a segment decides the rest`() {
        var progress = MessageProgress(segmentTotal: 3)
        _ = progress.apply(.delivered, segment: 2, of: 3)
        #expect(progress.apply(.expired, segment: nil, of: nil) == [1, 3])
        #expect(progress.state == .failed)
    }

    @Test func `closing gives the open segments the status and leaves the others`() {
        var progress = MessageProgress(segmentTotal: 3)
        _ = progress.apply(.delivered, segment: 2, of: 3)
        #expect(progress.close(with: .expired) == [1, 3])
        #expect(progress.state == .failed && progress.status == .expired)
        #expect(progress.close(with: .rejected) == [])
    }
}

struct SequenceRunsTests {
    @Test func `neighbours are one run`() {
        let runs = SequenceRuns(1000..<2000)
        #expect(runs.runs.map(\.first) == [1000] && runs.runs.map(\.length) == [1000] && runs.runs[0].last == 1999)
        #expect(runs.count == 1000)
        #expect(runs[0] == 1000 && runs[999] == 1999)
        #expect(runs[1000] == nil && runs[-1] == nil)
    }

    @Test func `any list comes back from its runs and from its bytes, in order`() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            var list: [MessageSequence] = []
            for _ in 0..<Int.random(in: 0...8, using: &random) {
                let first = MessageSequence(Int64.random(in: 0..<1 << 34, using: &random))
                list += first..<first + Int64.random(in: 1...5, using: &random)
            }
            let runs = SequenceRuns(list)
            #expect(runs.sequences == list)
            #expect(list.indices.map { runs[$0] } == list)
            #expect(SequenceRuns(encoded: runs.encoded) == runs)
        }
    }

    @Test(arguments: [
        [0x80], [0x01], [0x02, 0x00], [UInt8](repeating: 0xFF, count: 11),
        // A run that would go beyond the largest number.
        [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x02],
    ])
    func `other bytes are no runs`(_ bytes: [UInt8]) {
        #expect(SequenceRuns(encoded: bytes) == nil)
    }

    @Test func `random bytes are runs that are written and read back, or none`() {
        var random = SeededGenerator(seed: 8)
        var (read, refused) = (0, 0)
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            guard let runs = SequenceRuns(encoded: bytes) else {
                refused += 1
                continue
            }
            read += 1
            #expect(SequenceRuns(encoded: runs.encoded) == runs)
            #expect(runs.encoded.count <= bytes.count)
            #expect(runs.runs.allSatisfy { $0.length > 0 && $0.first <= $0.last && $0.last < .max })
            #expect(runs.count == runs.runs.reduce(0) { $0 + Int($1.length) })
            #expect(runs[0] == runs.runs.first?.first)
            #expect(runs[runs.count - 1] == runs.runs.last?.last)
            #expect(runs[runs.count] == nil)
        }
        #expect(read > 100 && refused > 1000)
    }
}

struct CarrierTagTests {
    @Test(
        arguments: [(0, nil), (1, nil), (17_179_869_183, nil), (5, 7), (.max, .max)] as [(MessageSequence, AttemptID?)])
    func `a tag reads back from its text`(_ sequence: MessageSequence, _ attempt: AttemptID?) {
        let tag = CarrierTag(sequence: sequence, attempt: attempt)
        #expect(CarrierTag(tag.text) == tag)
        #expect(tag.text.utf8.count <= 64)
    }

    @Test func `a tag is written as its comment says`() {
        #expect(CarrierTag(sequence: 12).text == "m12")
        #expect(CarrierTag(sequence: 12, attempt: 3).text == "m12a3")
    }

    @Test(arguments: [
        "", "m", "ma", "m1a", "ma1", "m1a2a3", "12", "x12", "M12", "m-1", "m 1", "m1 ", "m1b2", "m１",
        "m9223372036854775808", "m1a9223372036854775808", "m" + String(repeating: "0", count: 60),
        "b3d0a2783d31b21b8573",
    ])
    func `other texts are no tags`(_ text: String) {
        #expect(CarrierTag(text) == nil)
    }
}
