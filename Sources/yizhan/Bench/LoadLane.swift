import NIOCore

/// All that the connections of one event loop share. Used on that loop only.
final class LoadLane {
    private let plan: LoadPlan
    private let eventLoop: any EventLoop
    private let tag: String
    private var numbers: NumberSequence
    private var credentials: StampedCredentials
    private var counter = 0

    /// Requests that may still be sent; nil: no limit.
    private var quota: Int?
    private let interval: UInt64
    private var nextSlot: UInt64 = 0
    private var running = false
    private var idle: [LoadConnection] = []
    /// Claimed, but not due yet.
    private var claimed = 0
    /// Sent, but not answered.
    private var outstanding = 0
    /// Made when the run starts: a promise must be kept.
    private var finished: EventLoopPromise<Void>?

    private var measuring = false
    private(set) var window = LoadTally()
    private(set) var all = LoadTally()

    init(plan: LoadPlan, part: Int, tag: String, eventLoop: any EventLoop) {
        self.plan = plan
        self.eventLoop = eventLoop
        self.tag = "\(tag)\(part)"
        // Far apart, so that the parts do not send to the same numbers.
        self.numbers = NumberSequence(ending: plan.numberEnding, startingAt: part * 10_000_000 / plan.threads)
        self.credentials = StampedCredentials(
            account: plan.account, password: plan.password, second: StampedCredentials.currentSecond())
        if case .messages(let count) = plan.extent {
            let requests = (count + plan.batchSize - 1) / plan.batchSize
            self.quota = LoadPlan.share(of: requests, part: part, of: plan.threads)
        }
        self.interval = plan.rate.map { UInt64(plan.batchSize * plan.threads) * 1_000_000_000 / UInt64($0) } ?? 0
    }

    static func now() -> UInt64 { NIODeadline.now().uptimeNanoseconds }

    func makeTemplate() -> RequestTemplate {
        var template = RequestTemplate(plan: plan, tag: tag)
        template.setCredentials(credentials)
        return template
    }

    // MARK: The course of a run

    /// Lets all connections send. The future succeeds when the quota is used up and every reply was read, or after
    /// `stop`.
    func start(measuring: Bool) -> EventLoopFuture<Void> {
        let finished = eventLoop.makePromise(of: Void.self)
        self.finished = finished
        running = true
        self.measuring = measuring
        nextSlot = Self.now()
        let waiting = idle
        idle = []
        for connection in waiting { connection.sendNext() }
        finishIfDone()
        return finished.futureResult
    }

    func beginWindow() { measuring = true }
    func endWindow() { measuring = false }

    /// No further request; the future succeeds when all replies were read, or `grace` has passed. Its value: the
    /// requests without a reply.
    func stop(grace: TimeAmount) -> EventLoopFuture<Int> {
        running = false
        guard let finished else { return eventLoop.makeSucceededFuture(0) }
        let timeout = eventLoop.assumeIsolated().scheduleTask(in: grace) { finished.succeed() }
        finishIfDone()
        return finished.futureResult.assumeIsolated().map {
            timeout.cancel()
            return self.outstanding
        }.nonisolated()
    }

    private func finishIfDone() {
        if outstanding == 0, !running || (quota == 0 && claimed == 0) { finished?.succeed() }
    }

    // MARK: What a connection asks and tells

    /// The moment at which this connection's next request is due, taken out of the plan; nil: there is none.
    func claimRequest(for connection: LoadConnection) -> UInt64? {
        guard running else {
            idle.append(connection)
            return nil
        }
        if let left = quota {
            guard left > 0 else { return nil }
            quota = left - 1
        }
        claimed += 1
        guard interval > 0 else { return Self.now() }
        defer { nextSlot += interval }
        return nextSlot
    }

    /// The claimed request is due: whether it is still to be sent.
    func confirmRequest() -> Bool {
        claimed -= 1
        guard running else { return false }
        outstanding += 1
        return true
    }

    /// A claimed request whose connection ended before it was due.
    func giveBack() {
        claimed -= 1
        if let left = quota { quota = left + 1 }
        finishIfDone()
    }

    func prepare(_ template: inout RequestTemplate, stampedAt second: inout Int) {
        let current = StampedCredentials.currentSecond()
        if current != credentials.second {
            credentials = StampedCredentials(account: plan.account, password: plan.password, second: current)
        }
        if second != current {
            template.setCredentials(credentials)
            second = current
        }
        template.setRecipients(from: &numbers, counter: counter)
        counter += 1
    }

    func answered(_ reply: ReplyScanner.Reply, after nanoseconds: UInt64) {
        outstanding -= 1
        let accepted = reply == .result(0)
        all.requests += 1
        if accepted { all.acceptedMessages += plan.batchSize }
        if measuring {
            window.requests += 1
            window.latency.record(microseconds: nanoseconds / 1000)
            if accepted { window.acceptedMessages += plan.batchSize }
        }
        switch reply {
        case .result(0): break
        case .result(let code): count(error: String(code))
        case .http(let status): count(error: "http \(status)")
        }
        finishIfDone()
    }

    /// The connection ended with a request under way.
    func lost() {
        outstanding -= 1
        count(error: "connection closed")
        finishIfDone()
    }

    func count(error: String) {
        all.errors[error, default: 0] += 1
        if measuring { window.errors[error, default: 0] += 1 }
    }

    /// Whether a connection that ended is to be replaced.
    var wantsReplacement: Bool { running && quota != 0 }
}
