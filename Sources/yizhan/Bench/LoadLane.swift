import NIOCore

/// All that the connections of one event loop share. Used on that loop only.
///
/// Without a rate each connection sends its next request when the reply has come. With one the lane sends each request
/// at its moment, on an idle connection if there is one, else after others; what finds no room is sent late, and its
/// lateness counts.
final class LoadLane {
    private let plan: LoadPlan
    private let eventLoop: any EventLoop
    private let tag: String
    private var numbers: NumberSequence
    /// By account.
    private var credentials: [StampedCredentials]
    private var counter = 0

    /// Requests that may still be sent; nil: no limit.
    private var quota: Int?
    private var pace: RequestPace?
    private var timer: Scheduled<Void>?
    private var running = false
    private var connections: [LoadConnection] = []
    private var idle = CircularBuffer<LoadConnection>()
    /// Where the search for a connection with room goes on.
    private var cursor = 0
    /// Written to, but not flushed.
    private var dirty: [LoadConnection] = []
    /// Sent, but not answered.
    private var outstanding = 0
    private var unsent = 0
    /// Made when the run starts: every promise must be fulfilled.
    private var finished: EventLoopPromise<Void>?

    /// What counts as measured: with a rate what was due in it, else what was answered in it.
    private var windowRange: Range<UInt64> = 0..<0
    private(set) var window = LoadStatistics()
    private(set) var all = LoadStatistics()

    private static let tickMin: UInt64 = 200_000

    init(plan: LoadPlan, part: Int, tag: String, eventLoop: any EventLoop) {
        self.plan = plan
        self.eventLoop = eventLoop
        self.tag = "\(tag)\(part)"
        // Far apart, so that the parts do not send to the same numbers.
        self.numbers = NumberSequence(ending: plan.numberEnding, startingAt: part * 10_000_000 / plan.threads)
        let second = StampedCredentials.currentSecond()
        self.credentials = plan.accounts.map {
            StampedCredentials(account: $0, password: plan.password, second: second)
        }
        if case .messages(let count) = plan.extent {
            let requests = (count + plan.batchSize - 1) / plan.batchSize
            self.quota = LoadPlan.share(of: requests, part: part, of: plan.threads)
        }
        self.pace = plan.rate.map {
            RequestPace(messagesPerSecond: $0, messagesPerRequest: plan.batchSize * plan.threads)
        }
    }

    static func now() -> UInt64 { NIODeadline.now().uptimeNanoseconds }

    func makeTemplate(account: Int) -> RequestTemplate {
        var template = RequestTemplate(plan: plan, account: plan.accounts[account], tag: tag)
        template.setCredentials(credentials[account])
        return template
    }

    // MARK: The course of a run

    /// Lets all connections send. The future succeeds when the quota is used up and every reply was read, or after
    /// `stop`.
    func start(measuring: Bool) -> EventLoopFuture<Void> {
        let finished = eventLoop.makePromise(of: Void.self)
        self.finished = finished
        running = true
        let now = Self.now()
        if measuring { windowRange = now..<(.max) }
        pace?.begin(at: now)
        send()
        finishIfDone()
        return finished.futureResult
    }

    func beginWindow() { windowRange = Self.now()..<(.max) }
    func endWindow() { windowRange = windowRange.lowerBound..<max(windowRange.lowerBound, Self.now()) }

    /// No further request; the future succeeds when all replies were read, or `grace` has passed. Its value: the
    /// requests without a reply, and those that were due and not sent.
    func stop(grace: TimeAmount) -> EventLoopFuture<(unanswered: Int, unsent: Int)> {
        // What is due by now and finds room is still sent.
        let stopping = Self.now()
        send()
        if running, quota != 0 { unsent = pace?.dueCount(at: stopping) ?? 0 }
        running = false
        timer?.cancel()
        timer = nil
        guard let finished else { return eventLoop.makeSucceededFuture((0, 0)) }
        let timeout = eventLoop.assumeIsolated().scheduleTask(in: grace) { finished.succeed() }
        finishIfDone()
        return finished.futureResult.assumeIsolated().map { () -> (unanswered: Int, unsent: Int) in
            timeout.cancel()
            return (self.outstanding, self.unsent)
        }.nonisolated()
    }

    private func finishIfDone() {
        if outstanding == 0, !running || quota == 0 { finished?.succeed() }
    }

    // MARK: Sending

    private func send() {
        guard running else { return }
        if pace == nil {
            while quota != 0, let connection = idleConnection() { send(on: connection, dueAt: Self.now()) }
        } else {
            sendWhatIsDue()
        }
        for connection in dirty { connection.flush() }
        dirty.removeAll(keepingCapacity: true)
    }

    private func send(on connection: LoadConnection, dueAt moment: UInt64) {
        if let left = quota { quota = left - 1 }
        outstanding += 1
        if !connection.isDirty { dirty.append(connection) }
        connection.send(dueAt: moment)
    }

    private func sendWhatIsDue() {
        let now = Self.now()
        while quota != 0, let due = pace?.next(at: now) {
            guard let connection = idleConnection() ?? connectionWithRoom() else {
                pace?.giveBack()
                break
            }
            send(on: connection, dueAt: due)
        }
        guard timer == nil, quota != 0, let next = pace?.nextDue else { return }
        let wake = NIODeadline.uptimeNanoseconds(max(next, now + Self.tickMin))
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: wake) {
            self.timer = nil
            self.send()
        }
    }

    private func idleConnection() -> LoadConnection? {
        while let connection = idle.popFirst() {
            connection.isListedAsIdle = false
            if connection.isOpen, connection.outstanding == 0 { return connection }
        }
        return nil
    }

    private func connectionWithRoom() -> LoadConnection? {
        guard outstanding < connections.count * plan.pipeline else { return nil }
        for _ in connections.indices {
            cursor = cursor + 1 < connections.count ? cursor + 1 : 0
            if connections[cursor].isOpen, connections[cursor].outstanding < plan.pipeline {
                return connections[cursor]
            }
        }
        return nil
    }

    func prepare(_ template: inout RequestTemplate, account: Int, stampedAt second: inout Int) {
        let current = StampedCredentials.currentSecond()
        if current != credentials[account].second {
            credentials[account] = StampedCredentials(
                account: plan.accounts[account], password: plan.password, second: current)
        }
        if second != current {
            template.setCredentials(credentials[account])
            second = current
        }
        template.setRecipients(from: &numbers, counter: counter)
        counter += 1
    }

    // MARK: What a connection tells

    func opened(_ connection: LoadConnection) {
        connections.append(connection)
        hasRoom(connection)
    }

    /// A connection's replies were read.
    func hasRoom(_ connection: LoadConnection) {
        if connection.outstanding == 0, !connection.isListedAsIdle {
            connection.isListedAsIdle = true
            idle.append(connection)
        }
        send()
    }

    func answered(_ reply: ReplyScanner.Reply, dueAt moment: UInt64) {
        outstanding -= 1
        let now = Self.now()
        let microseconds = (now > moment ? now - moment : 0) / 1000
        let isAccepted = reply == .result(0)
        func note(_ statistics: inout LoadStatistics) {
            statistics.requests += 1
            if isAccepted {
                statistics.acceptedMessages += plan.batchSize
                statistics.latency.record(microseconds: microseconds)
            } else {
                statistics.refusalLatency.record(microseconds: microseconds)
            }
        }
        note(&all)
        if windowRange.contains(pace == nil ? now : moment) { note(&window) }
        switch reply {
        case .result(0): break
        case .result(let code): count(error: String(code))
        case .http(let status): count(error: "http \(status)")
        }
        finishIfDone()
    }

    /// A connection ended with so many requests under way.
    func closed(_ connection: LoadConnection, lost: Int) {
        connections.removeAll { $0 === connection }
        outstanding -= lost
        for _ in 0..<lost { count(error: "connection closed") }
        finishIfDone()
    }

    func count(error: String) { all.errors[error, default: 0] += 1 }

    /// Whether a connection that ended is to be replaced.
    var wantsReplacement: Bool { running && quota != 0 }
}
