import Messaging
import Store
import Testing

@testable import Engine

/// Which messages wait on disk only.
struct SpillTests {
    private let noon = TestClock.noon

    private func spill(_ sequences: some Sequence<MessageSequence>, rangesMax: Int = 100) -> Spill {
        var spill = Spill(rangesMax: rangesMax)
        for sequence in sequences { spill.insert(sequence, waitingSince: noon) }
        return spill
    }

    private static func random(_ range: Spill.Range, _ generator: inout SeededGenerator) -> MessageSequence {
        MessageSequence(Int64.random(in: range.lowerBound.rawValue...range.upperBound.rawValue, using: &generator))
    }

    /// Takes everything, as one reader after the other would.
    private func drain(_ spill: inout Spill) -> [Spill.Range] {
        var all: [Spill.Range] = []
        while case let taken = spill.take(from: .min), !taken.isEmpty {
            all += taken
            spill.finish(taken, next: nil, found: 0)
        }
        return all
    }

    @Test func `neighbours are one range`() {
        var spill = spill([5, 6, 7, 10, 11, 20])
        #expect(spill.count == 6)
        #expect(spill.rangeCount == 3)
        let all = drain(&spill)
        #expect(all == [5...7, 10...11, 20...20])
        #expect(spill.isEmpty)
        #expect(spill.count == 0)
        #expect(spill.oldest == nil)
    }

    @Test func `what comes out of order is put in its place`() {
        var spill = spill([50, 51, 7, 8, 30, 9, 52, 29])
        let all = drain(&spill)
        #expect(all == [7...9, 29...30, 50...52])
    }

    @Test func `whoever takes from a place on gets nothing from before it`() {
        var spill = spill([1...10, 20...30].joined())
        let taken = [spill.take(from: 8), spill.take(from: .min), spill.take(from: .min)]
        #expect(taken == [[8...10, 20...30], [1...7], []])
    }

    @Test func `what was not read goes back`() {
        var spill = spill([1...10, 20...30, 40...40].joined())
        let taken = spill.take(from: .min)
        spill.finish(taken, next: 23, found: 13)
        #expect(spill.count == 9)
        let rest = drain(&spill)
        #expect(rest == [23...30, 40...40])
    }

    @Test func `what could not be read goes back whole`() {
        var spill = spill([1, 2, 3, 9])
        let taken = spill.take(from: .min)
        spill.finish(taken, next: .min, found: 0)
        #expect(spill.count == 4)
        #expect(spill.oldest == noon)
        let rest = drain(&spill)
        #expect(rest == [1...3, 9...9])
    }

    @Test func `one read covers only so much`() {
        var wide = spill(1...250_000)
        let taken = [wide.take(from: .min), wide.take(from: .min)]
        #expect(taken == [[1...100_000], [100_001...200_000]])
        var many = spill(stride(from: 1 as MessageSequence, to: 6000, by: 2), rangesMax: 10_000)
        let some = many.take(from: .min)
        #expect(some.count == 1000)
    }

    @Test(arguments: [1, 2, 3, 7]) func `its memory is bounded, and it forgets nothing`(step: Int) {
        var generator = SeededGenerator(seed: UInt64(step))
        var spill = Spill(rangesMax: 64)
        var held = Set<MessageSequence>()
        var next: MessageSequence = 1
        for round in 0..<5000 {
            next += Int64.random(in: 1...(3 * Int64(step)), using: &generator)
            let sequence = round % 5 == 0 ? Self.random(1...next, &generator) : next
            if held.insert(sequence).inserted { spill.insert(sequence, waitingSince: noon) }
            // What comes late has room of its own for a while.
            #expect(spill.rangeCount <= 64 + 1024)
            guard round % 97 == 0 else { continue }
            let taken = spill.take(from: Self.random(0...next, &generator))
            let through = taken.last.map { Self.random($0, &generator) }
            spill.finish(taken, next: through.map { $0 + 1 }, found: 1)
            for range in taken { held.subtract(range.lowerBound...min(range.upperBound, through ?? 0)) }
        }
        let all = drain(&spill)
        #expect(held.allSatisfy { sequence in all.contains { $0.contains(sequence) } })
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
        #expect(spill.isEmpty)
    }

    @Test func `two become one`() {
        var one = spill([1, 2, 9])
        var other = Spill()
        other.insert(3, waitingSince: noon.adding(milliseconds: -5))
        other.insert(20, waitingSince: noon)
        one.insert(other)
        #expect(one.count == 5)
        #expect(one.oldest == noon.adding(milliseconds: -5))
        let all = drain(&one)
        #expect(all == [1...3, 9...9, 20...20])
    }

    // MARK: Walks

    @Test func `a walk to route anew passes everything once, also what is put back`() {
        var spill = spill(1...2500)
        spill.startRouting()
        var seen: [MessageSequence] = []
        while let from = spill.routingFrom {
            let taken = spill.take(from: from)
            // A reader that stops after a thousand.
            let found = Array(taken.flatMap { $0 }.prefix(1000))
            let next = found.count == 1000 ? found.last.map { $0 + 1 } : nil
            spill.finish(taken, next: next, found: found.count)
            spill.continueRouting(after: taken, next: next)
            seen += found
            for sequence in found where sequence.rawValue % 2 == 0 { spill.insert(sequence, waitingSince: noon) }
        }
        #expect(seen == Array(1...2500))
        #expect(spill.count == 1250)
    }

    @Test func `a walk over the old ends at what is young, and knows then how old the oldest is`() {
        var spill = Spill()
        for second in 0..<5000 as Range<MessageSequence> {
            spill.insert(second, waitingSince: noon.adding(milliseconds: second.rawValue * 1000))
        }
        let deadline = noon.adding(milliseconds: 1_200_000)
        spill.startAgeing(before: noon, at: noon)
        #expect(spill.ageingFrom == nil)
        spill.startAgeing(before: deadline, at: noon)
        var expired: [MessageSequence] = []
        var reads = 0
        while let from = spill.ageingFrom {
            reads += 1
            let taken = spill.take(from: from)
            let found = Array(taken.flatMap { $0 }.prefix(500))
            let next = found.last.map { $0 + 1 }
            spill.finish(taken, next: next, found: found.count)
            let youngest = found.last.map { noon.adding(milliseconds: $0.rawValue * 1000) }
            spill.continueAgeing(after: taken, next: next, youngest: youngest, deadline: deadline)
            for sequence in found {
                let since = noon.adding(milliseconds: sequence.rawValue * 1000)
                if since < deadline { expired.append(sequence) } else { spill.insert(sequence, waitingSince: since) }
            }
        }
        #expect(expired == Array(0..<1200))
        #expect(reads == 3)
        #expect(spill.count == 3800)
        #expect(spill.oldest == deadline)
    }
}

/// The walk over what the last run left.
struct StartScanTests {
    private func part(_ id: MessageSequence, count: Int64 = 1) -> CommittedPart {
        let messages = (0..<count).map {
            CommittedPart.Message(sequence: id + $0, mobile: PhoneNumber(rawValue: 13_800_138_000))
        }
        return CommittedPart(
            id: id, account: 1, acceptedAt: TestClock.noon, content: "c", accessExtension: "", segments: 1,
            messages: messages)
    }

    @Test func `it goes on where it stopped and ends at the end`() {
        var scan = StartScan()
        #expect(scan.from == 0)
        let first = scan.take([part(3), part(4)], next: 5)
        #expect(first.count == 2)
        #expect(scan.from == 5)
        let second = scan.take([part(9)], next: nil)
        #expect(second.count == 1)
        #expect(scan.from == nil)
    }

    @Test func `what came by memory is not read again, and ends it`() {
        var scan = StartScan()
        let admits = scan.admits(part(10, count: 3))
        #expect(admits)
        let read = scan.take([part(8), part(10, count: 3), part(13)], next: 14)
        #expect(read.map(\.id) == [8])
        #expect(scan.from == nil)
    }

    @Test func `what was read does not come by memory again`() {
        var scan = StartScan()
        _ = scan.take([part(8), part(10, count: 2)], next: 12)
        // The rest of the first of them is still to be read.
        let admitted = [scan.admits(part(10, count: 3)), scan.admits(part(13))]
        #expect(admitted == [false, true])
        let rest = scan.take([part(12)], next: 13)
        #expect(rest.map(\.id) == [12])
        #expect(scan.from == nil)
        let again = scan.admits(part(12))
        #expect(!again)
    }
}
