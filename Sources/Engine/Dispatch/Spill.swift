import Messaging
import Store

/// Messages that wait on disk only: which they are, as ranges of sequences in order.
///
/// Bounded: when there would be more than `rangesMax` ranges, near neighbours are joined. A range may then cover
/// messages that are not meant. Most of those have left the queue long ago; one that has not is in memory twice, and
/// goes out once.
struct Spill {
    typealias Range = ClosedRange<MessageSequence>

    private var ranges: [Range] = []
    /// Came out of order; put among `ranges` when these are looked at.
    private var late: [Range] = []
    /// Neighbours that are no further apart are joined.
    private var gapMax: Int64 = 1
    private let rangesMax: Int
    /// Messages, while nothing was joined; else about.
    private(set) var count = 0
    /// Nothing in here has waited since before this moment.
    private(set) var oldest: Timestamp?
    /// When the first message in here is not worth sending any more; nil: never.
    private(set) var firstEnd: Timestamp?
    /// A walk over everything, to route it anew: where it goes on.
    private(set) var routingFrom: MessageSequence?
    /// It was asked for once more meanwhile.
    private var isToBeRoutedAgain = false
    /// A walk from the lowest sequence up to what is young, to find what waited too long: where it goes on.
    private(set) var ageingFrom: MessageSequence?
    /// That walk goes over everything, to find what is not worth sending any more: that is in no order.
    private var isWalkWhole = false
    /// When such a walk may begin next.
    private var wholeWalkAt = Timestamp(milliseconds: .min)

    /// 16 bytes each.
    static let rangesMaxDefault = 100_000
    private static let lateMax = 1024
    /// Less than what lies between two epochs of sequences, where nothing is: a range over it would be read in steps
    /// for hours.
    private static let gapLimit = MessageID.segmentStride
    /// What one read may cover.
    private static let rangesPerReadMax = 1000
    private static let sequencesPerReadMax: Int64 = 100_000
    /// Milliseconds between the beginnings of two walks over everything.
    static let wholeWalkInterval: Int64 = 30_000

    init(rangesMax: Int = Self.rangesMaxDefault) {
        self.rangesMax = rangesMax
    }

    var isEmpty: Bool { ranges.isEmpty && late.isEmpty }
    /// A measure of the memory that it takes.
    var rangeCount: Int { ranges.count + late.count }

    // MARK: In

    mutating func insert(_ sequence: MessageSequence, waitingSince since: Timestamp, validUntil end: Timestamp? = nil) {
        count += 1
        insert(sequence...sequence)
        if oldest.map({ since < $0 }) ?? true { oldest = since }
        note(end: end)
    }

    private mutating func note(end: Timestamp?) {
        if let end, firstEnd.map({ end < $0 }) ?? true { firstEnd = end }
    }

    mutating func insert(
        _ messages: some Sequence<CommittedPart.Message>, waitingSince since: Timestamp, validUntil end: Timestamp?
    ) {
        for message in messages { insert(message.sequence, waitingSince: since, validUntil: end) }
    }

    /// Takes in all that another one holds.
    mutating func insert(_ other: Spill) {
        for range in other.ranges + other.late { insert(range) }
        count += other.count
        note(end: other.firstEnd)
        guard let since = other.oldest else { return }
        if oldest.map({ since < $0 }) ?? true { oldest = since }
    }

    private mutating func insert(_ range: Range) {
        guard let last = ranges.last else { return ranges.append(range) }
        if range.lowerBound <= last.upperBound {
            if let before = late.last, before.upperBound + 1 == range.lowerBound {
                late[late.count - 1] = before.lowerBound...range.upperBound
                return
            }
            late.append(range)
            if late.count >= Self.lateMax { merge() }
        } else if last.upperBound.distance(to: range.lowerBound) <= gapMax {
            ranges[ranges.count - 1] = last.lowerBound...range.upperBound
        } else {
            ranges.append(range)
            if ranges.count > rangesMax { thin() }
        }
    }

    private mutating func merge() {
        guard !late.isEmpty else { return }
        let all = (ranges + late).sorted { $0.lowerBound < $1.lowerBound }
        late.removeAll(keepingCapacity: true)
        ranges = joined(all)
        if ranges.count > rangesMax { thin() }
    }

    private mutating func thin() {
        while ranges.count > rangesMax / 2, gapMax < Self.gapLimit {
            gapMax *= 4
            ranges = joined(ranges)
        }
    }

    private func joined(_ sorted: [Range]) -> [Range] {
        var result: [Range] = []
        for range in sorted {
            if let last = result.last, range.lowerBound <= last.upperBound + gapMax {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }

    // MARK: Out

    /// Takes ranges out that are to be read, from a sequence on; empty when there are none.
    mutating func take(from first: MessageSequence) -> [Range] {
        merge()
        var start = ranges.partitioned { $0.upperBound >= first }
        guard start < ranges.count else { return [] }
        if ranges[start].lowerBound < first {
            let whole = ranges[start]
            ranges[start] = whole.lowerBound...(first - 1)
            start += 1
            ranges.insert(first...whole.upperBound, at: start)
        }
        var taken: [Range] = []
        var left = Self.sequencesPerReadMax
        var end = start
        while end < ranges.count, taken.count < Self.rangesPerReadMax, left > 0 {
            let range = ranges[end]
            guard Int64(range.count) > left else {
                taken.append(range)
                left -= Int64(range.count)
                end += 1
                continue
            }
            taken.append(range.lowerBound...(range.lowerBound + left - 1))
            ranges[end] = (range.lowerBound + left)...range.upperBound
            left = 0
        }
        ranges.removeSubrange(start..<end)
        return taken
    }

    /// What was taken has been read up to `next`, or to its end if that is nil; `found` messages were there. The rest
    /// is put back.
    mutating func finish(_ taken: [Range], next: MessageSequence?, found: Int) {
        var consumed = 0
        for range in taken {
            let rest = max(range.lowerBound, next ?? .max)
            if rest <= range.upperBound { insert(rest...range.upperBound) }
            consumed += Int(max(0, range.lowerBound.distance(to: min(rest, range.upperBound + 1))))
        }
        count = max(0, count - (gapMax == 1 ? consumed : found))
        forgetIfEmpty()
    }

    private mutating func forgetIfEmpty() {
        guard isEmpty else { return }
        count = 0
        gapMax = 1
        oldest = nil
        firstEnd = nil
    }

    /// Its ranges in order, no two of which overlap.
    var inOrder: [Range] {
        var copy = self
        copy.merge()
        return copy.ranges
    }

    // MARK: Walks

    /// Begins to route everything anew.
    mutating func startRouting() {
        isToBeRoutedAgain = routingFrom != nil
        if routingFrom == nil, !isEmpty { routingFrom = .min }
    }

    /// The walk was carried on up to the end of `taken`, or to `next`.
    mutating func continueRouting(after taken: [Range], next: MessageSequence?) {
        routingFrom = taken.last.map { next ?? $0.upperBound + 1 }
        if routingFrom == nil, isToBeRoutedAgain { startRouting() }
    }

    /// Begins to look for what has waited since before `deadline` or is not worth sending any more, if there can be
    /// any.
    mutating func startAgeing(before deadline: Timestamp, at now: Timestamp) {
        guard ageingFrom == nil else { return }
        let isOver = firstEnd.map { $0 <= now } ?? false
        // A clock that was set back makes no pause longer.
        let mayWalkWhole = wholeWalkAt <= now || wholeWalkAt > now.adding(milliseconds: Self.wholeWalkInterval)
        let isOld = oldest.map { $0 < deadline } ?? false
        guard isOld || isOver && mayWalkWhole else { return }
        ageingFrom = .min
        isWalkWhole = isOver && mayWalkWhole
        // What is put back, and what comes now, says anew how old the oldest is, and which ends first.
        oldest = nil
        guard isWalkWhole else { return }
        firstEnd = nil
        wholeWalkAt = now.adding(milliseconds: Self.wholeWalkInterval)
    }

    /// As `continueRouting`. `youngest`: when the last message that was found was accepted; those behind it were not
    /// accepted before that.
    mutating func continueAgeing(
        after taken: [Range], next: MessageSequence?, youngest: Timestamp?, deadline: Timestamp
    ) {
        guard let last = taken.last else {
            ageingFrom = nil
            return
        }
        ageingFrom = next ?? last.upperBound + 1
        guard !isWalkWhole, let youngest, youngest >= deadline else { return }
        ageingFrom = nil
        if !isEmpty, oldest.map({ youngest < $0 }) ?? true { oldest = youngest }
    }
}

extension Array {
    /// The first place where `isSecond` holds; it holds from there on.
    fileprivate func partitioned(by isSecond: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isSecond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
