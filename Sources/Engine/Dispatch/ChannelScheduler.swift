import DequeModule
import Messaging
import Store

/// What waits for one channel and what is under way on it, as a pure state machine: it plans calls and is told how they
/// ended (`+Endings`); the dispatcher does the rest.
struct ChannelScheduler {
    /// A content and those of its messages that wait here.
    struct Waiting {
        var part: CommittedPart
        var messages: ArraySlice<CommittedPart.Message>

        var accessExtension: AccessExtension {
            AccessExtension(account: part.accountExtension, customer: part.accessExtension)
        }
    }

    struct PlannedCall: Equatable {
        var isUniform: Bool
        var messages: [OutgoingMessage]
        var plannedAt = Timestamp(milliseconds: 0)
    }

    enum Health: Equatable {
        case untried
        case healthy
        /// The breaker is open: no call before `until`, then one message at a time until one succeeds.
        case failing(failures: Int, until: Timestamp, reason: String)

        /// Whether it is another one, and not only that it goes on to fail.
        func isOther(than before: Health) -> Bool {
            if case .failing = self, case .failing = before { return false }
            return self != before
        }
    }

    /// What is to be done with a call that ended.
    enum Resolution {
        case settled(Settlement.Outcome)
        /// Settle as refused for now, and `split` has been queued.
        case split(detail: String)
        /// Settle as not sent or refused for now; the messages are the caller's to queue again.
        case returned(Settlement.Outcome)
    }

    var channel: Channel
    var limits: CallLimits
    /// Messages that each of the queues holds in memory; what comes beyond it waits on disk.
    var depthMax = Int.max
    var health = Health.untried
    /// Since when it has this health; nil: since it was set up, or the start.
    var healthSince: Timestamp?
    /// What a call may hold while a channel that had failed gets going again; nil: as much as ever.
    var rampMax: Int?
    var uncertainInRow = 0
    var lastAnswerAt: Timestamp?
    var callsInFlight = 0
    /// Those of them that are with the driver.
    var underWay = CallsUnderWay()
    /// Messages in `callsInFlight`.
    var messagesInFlight = 0
    /// Small submissions, one-time codes among them, do not wait for large ones, nor for another account's.
    var small = FairQueue()
    var bulk = FairQueue()
    /// Halves of refused calls, to find the message that the carrier will not take; never merged with others.
    private(set) var splits: Deque<PlannedCall> = []
    private var splitDepth = 0
    private var bulkHasTurn = false
    /// When the rate allows the next segment, in microseconds: at high rates a segment takes less than a millisecond.
    private var nextSegmentAt: Int64 = 0
    /// How much later the last call has made that.
    private var lastCost: Int64 = 0
    /// Messages that were not worth sending any more when their turn came: the dispatcher's to end.
    private var late: [MessageSequence] = []
    /// Segments handed to the carrier in the last minute.
    private(set) var recent = MinuteCount()

    /// A scheduler that is no later than this is busy, not idle, and makes up for it; in microseconds.
    private static let lateMax: Int64 = 5000
    /// A submission with fewer recipients counts as small.
    static let smallRecipientsMax = 10

    init(channel: Channel, limits: CallLimits) {
        self.channel = channel
        self.limits = limits
    }

    /// Messages waiting in memory.
    var depth: Int { small.depth + bulk.depth + splitDepth }
    /// Messages waiting, those on disk included.
    var waiting: Int { small.count + bulk.count + splitDepth }

    // MARK: In

    /// - Parameter isReadBack: they come from this scheduler's own part on disk.
    mutating func enqueue(_ waiting: Waiting, isReadBack: Bool = false) {
        if waiting.messages.count < Self.smallRecipientsMax {
            small.append(waiting, depthMax: depthMax, isReadBack: isReadBack)
        } else {
            bulk.append(waiting, depthMax: depthMax, isReadBack: isReadBack)
        }
    }

    mutating func enqueueSplit(_ call: PlannedCall) {
        splitDepth += call.messages.count
        splits.prepend(call)
    }

    /// Takes everything out that waits in memory, so that other channels may have it.
    mutating func removeAll() -> [Waiting] {
        defer {
            splits = []
            splitDepth = 0
        }
        return splits.flatMap(\.waiting) + small.removeAll() + bulk.removeAll()
    }

    /// Takes the first message out.
    mutating func takeOne() -> Waiting? {
        for isSmall in [true, false] {
            guard var item = isSmall ? small.popFirst() : bulk.popFirst() else { continue }
            var rest = item
            rest.messages = item.messages.dropFirst()
            item.messages = item.messages.prefix(1)
            if !rest.messages.isEmpty { if isSmall { small.requeue(rest) } else { bulk.requeue(rest) } }
            return item
        }
        return nil
    }

    /// Takes out what has waited since before `deadline` or is not worth sending any more at `now`; what is on disk is
    /// looked through later.
    mutating func removeExpired(before deadline: Timestamp, at now: Timestamp) -> [MessageSequence] {
        var expired = takeLate() + small.removeExpired(before: deadline, at: now)
        expired += bulk.removeExpired(before: deadline, at: now)
        func isExpired(_ message: OutgoingMessage) -> Bool { message.acceptedAt < deadline || message.isOver(at: now) }
        for index in splits.indices where splits[index].messages.contains(where: isExpired) {
            expired += splits[index].messages.filter(isExpired).map(\.sequence)
            splits[index].messages.removeAll(where: isExpired)
        }
        splits.removeAll(where: \.messages.isEmpty)
        splitDepth = splits.reduce(0) { $0 + $1.messages.count }
        return expired
    }

    /// Takes out what was found too late to be sent when its turn came.
    mutating func takeLate() -> [MessageSequence] {
        if late.isEmpty { return [] }
        defer { late = [] }
        return late
    }

    /// Puts the messages of an ended call back, to the front.
    mutating func requeue(_ call: PlannedCall) {
        for item in call.waiting.reversed() {
            if item.messages.count < Self.smallRecipientsMax { small.requeue(item) } else { bulk.requeue(item) }
        }
    }

    /// Puts the messages of a call back, behind others: what the carrier says of itself may be true of these only.
    mutating func requeueLast(_ call: PlannedCall) {
        for item in call.waiting { enqueue(item) }
    }

    /// Looks at or changes what an account has waiting on disk in one of the queues.
    mutating func withSpill<R>(isSmall: Bool, account: AccountKey, _ body: (inout Spill) -> R) -> R {
        isSmall ? small.withSpill(of: account, body) : bulk.withSpill(of: account, body)
    }

    /// Begins to route anew what waits on disk.
    mutating func startRoutingSpilled() {
        small.startRouting()
        bulk.startRouting()
    }

    // MARK: Out

    /// The next call, if the channel's limits allow one now.
    mutating func nextCall(at now: Timestamp) -> PlannedCall? {
        heed(now)
        guard mayCall(at: now), rateAllows(at: now) else { return nil }
        guard let call = takeCall(at: now) else { return nil }
        callsInFlight += 1
        messagesInFlight += call.messages.count
        let segments = call.messages.reduce(0) { $0 + $1.segments }
        recent.note(segments, at: now)
        if let rate = channel.ratePerSecond, rate > 0 {
            let current = now.milliseconds * 1000
            let start = current - nextSegmentAt > Self.lateMax ? current : nextSegmentAt
            lastCost = (Int64(segments) * 1_000_000 + Int64(rate) - 1) / Int64(rate)
            nextSegmentAt = start + lastCost
        }
        return call
    }

    /// When `nextCall` is worth asking again although nothing happens in between; nil when it is not.
    func wakeUp(at now: Timestamp) -> Timestamp? {
        guard depth > 0, channel.maySend, callsInFlight < callsMax else { return nil }
        var at = Timestamp(milliseconds: (nextSegmentAt + 999) / 1000)
        if case .failing(_, let until, _) = health { at = max(at, until) }
        return at > now ? at : nil
    }

    /// When the clock was set back, no pause gets longer by it.
    private mutating func heed(_ now: Timestamp) {
        nextSegmentAt = min(nextSegmentAt, now.milliseconds * 1000 + max(lastCost, Self.lateMax))
        guard case .failing(let failures, let until, let reason) = health else { return }
        let latest = now.adding(milliseconds: Self.backOffMax)
        if until > latest { health = .failing(failures: failures, until: latest, reason: reason) }
    }

    private func mayCall(at now: Timestamp) -> Bool {
        guard depth > 0, channel.maySend, callsInFlight < callsMax else { return false }
        if case .failing(_, let until, _) = health { return until <= now }
        return true
    }

    /// A channel that failed shows with one call after the other that it works again.
    private var callsMax: Int { isFailing || rampMax != nil ? 1 : channel.connectionLimit }

    /// Messages in one call: one while the channel fails, then as many as the ramp allows.
    private var messagesPerCallMax: Int { isFailing ? 1 : rampMax ?? .max }

    private func rateAllows(at now: Timestamp) -> Bool {
        channel.ratePerSecond == nil || nextSegmentAt <= now.milliseconds * 1000
    }

    /// Segments that one call may carry: no more than the rate lets through in a fifth of a second.
    private var segmentsPerCallMax: Int {
        channel.ratePerSecond.map { max(1, $0 / 5) } ?? .max
    }

    private mutating func takeCall(at now: Timestamp) -> PlannedCall? {
        let isLarge = small.isEmpty || (bulkHasTurn && !(bulk.isEmpty && splits.isEmpty))
        bulkHasTurn = !isLarge
        if isLarge, let split = takeSplit(at: now) { return split }
        // Where a call carries one content, the recipients of a small submission share one.
        let isUniform = isLarge || limits.distinctMax == 1
        let messages =
            isLarge
            ? takeUniform(from: \.bulk, at: now)
            : isUniform ? takeUniform(from: \.small, at: now) : takeDistinct(at: now)
        // All that was taken was too late: the turn goes on.
        if messages.isEmpty { return depth > 0 ? takeCall(at: now) : nil }
        return PlannedCall(isUniform: isUniform, messages: messages, plannedAt: now)
    }

    private mutating func takeSplit(at now: Timestamp) -> PlannedCall? {
        guard var split = splits.popFirst() else { return nil }
        let over = split.messages.filter { $0.isOver(at: now) }
        if !over.isEmpty {
            late += over.map(\.sequence)
            split.messages.removeAll { $0.isOver(at: now) }
            splitDepth -= over.count
            if split.messages.isEmpty { return takeSplit(at: now) }
        }
        let rest = split.messages.dropFirst(messagesPerCallMax)
        if !rest.isEmpty {
            splits.prepend(PlannedCall(isUniform: split.isUniform, messages: Array(rest), plannedAt: now))
            split.messages.removeLast(rest.count)
        }
        splitDepth -= split.messages.count
        split.plannedAt = now
        return split
    }

    /// What is still worth sending of what `take` gives.
    private mutating func live(at now: Timestamp, _ take: (inout Self) -> Waiting?) -> Waiting? {
        while let waiting = take(&self) {
            guard waiting.part.isOver(at: now) else { return waiting }
            late += waiting.messages.map(\.sequence)
        }
        return nil
    }

    private mutating func takeUniform(
        from queue: WritableKeyPath<Self, FairQueue>, at now: Timestamp
    ) -> [OutgoingMessage] {
        guard var waiting = live(at: now, { $0[keyPath: queue].popFirst() }) else { return [] }
        let rateMax = segmentsPerCallMax / max(1, waiting.part.segments)
        let countMax = max(1, min(limits.sameContentMax, messagesPerCallMax, rateMax))
        let digits = extensionDigits(waiting)
        var messages: [OutgoingMessage] = []
        var numbers = Set<PhoneNumber>()
        // A number is only once in a call: reports find their message by it when nothing else identifies it.
        while messages.count < countMax, let next = waiting.messages.first, numbers.insert(next.mobile).inserted {
            messages.append(Self.outgoing(next, of: waiting, digits))
            waiting.messages = waiting.messages.dropFirst()
        }
        if !waiting.messages.isEmpty { self[keyPath: queue].putBack(waiting) }
        return messages
    }

    private mutating func takeDistinct(at now: Timestamp) -> [OutgoingMessage] {
        let countMax = min(limits.distinctMax, messagesPerCallMax)
        var messages: [OutgoingMessage] = []
        var segments = 0
        var numbers = Set<PhoneNumber>()
        while messages.count < countMax, var waiting = live(at: now, { $0.nextToJoin(messages) }) {
            let digits = extensionDigits(waiting)
            while let next = waiting.messages.first, messages.count < countMax,
                messages.isEmpty || segments + waiting.part.segments <= segmentsPerCallMax,
                joins(digits, messages), limits.repeatsNumbers || numbers.insert(next.mobile).inserted
            {
                messages.append(Self.outgoing(next, of: waiting, digits))
                segments += waiting.part.segments
                waiting.messages = waiting.messages.dropFirst()
            }
            guard waiting.messages.isEmpty else {
                small.putBack(waiting)
                break
            }
        }
        return messages
    }

    /// Accounts have turns within a call too, except where their extensions, which differ, would soon end it.
    private mutating func nextToJoin(_ messages: [OutgoingMessage]) -> Waiting? {
        guard limits.sharesExtension, let last = messages.last else { return small.popFirst() }
        return small.popNext(of: last.account) ?? small.popFirst()
    }

    /// Whether the extension lets it be in one call with these.
    private func joins(_ digits: String, _ messages: [OutgoingMessage]) -> Bool {
        !limits.sharesExtension || messages.last.map { $0.accessExtension == digits } ?? true
    }

    /// Whether an account's extension fits behind the channel's number and into its dialect: else no message of the
    /// account may take this channel.
    func carries(accountExtension: String) -> Bool {
        limits.extensions.takes(accountExtension, behind: channel.accessNumber)
    }

    /// What goes out behind the channel's number. The account's part always does: what comes here has been asked for.
    private func extensionDigits(_ waiting: Waiting) -> String {
        let asked = waiting.accessExtension
        return asked.carried(behind: channel.accessNumber, limits.extensions)?.text ?? asked.account
    }

    private static func outgoing(
        _ message: CommittedPart.Message, of waiting: Waiting, _ digits: String
    ) -> OutgoingMessage {
        OutgoingMessage(
            sequence: message.sequence, mobile: message.mobile, content: waiting.part.content,
            accessExtension: digits, asked: waiting.accessExtension, segments: waiting.part.segments,
            acceptedAt: waiting.part.availableAt, validUntil: waiting.part.validUntil, account: waiting.part.account,
            avoided: waiting.part.avoided.isEmpty ? nil : waiting.part.avoided[message.sequence])
    }
}

extension OutgoingMessage {
    /// Whether it is too late to send it.
    func isOver(at now: Timestamp) -> Bool { Validity.isOver(validUntil, at: now) }
}

extension ChannelScheduler.PlannedCall {
    /// Whether some of it is worth sending for a time only.
    var hasEnd: Bool { messages.contains { $0.validUntil != nil } }

    /// Whether some of it is not worth sending any more.
    func hasLate(at now: Timestamp) -> Bool { messages.contains { $0.isOver(at: now) } }

    /// What it was made of, so that it can wait again: one item if it has one content, else one for each message.
    var waiting: [ChannelScheduler.Waiting] {
        isUniform && !messages.isEmpty
            ? [ChannelScheduler.Waiting(messages)]
            : messages.map { ChannelScheduler.Waiting([$0]) }
    }
}

extension ChannelScheduler.Waiting {
    /// - Parameter messages: at least one; all of one content.
    fileprivate init(_ messages: [OutgoingMessage]) {
        let first = messages[0]
        var part = CommittedPart(
            id: first.sequence, account: first.account, acceptedAt: first.acceptedAt, validUntil: first.validUntil,
            content: first.content, accountExtension: first.asked.account, accessExtension: first.asked.customer,
            segments: first.segments, messages: [])
        part.messages.reserveCapacity(messages.count)
        for message in messages {
            part.add(
                CommittedPart.Message(sequence: message.sequence, mobile: message.mobile), avoiding: message.avoided)
        }
        self.init(part: part, messages: part.messages[...])
    }
}
