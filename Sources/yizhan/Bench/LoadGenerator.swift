import NIOCore
import NIOPosix

/// Drives an appliance as a plan says, from event loops of its own.
struct LoadGenerator: Sendable {
    /// Not one connection could be made.
    struct Unreachable: Error, CustomStringConvertible {
        let description: String
    }

    /// How long replies may take after the last request.
    private static let grace = TimeAmount.seconds(30)
    private static let connectTimeout = TimeAmount.seconds(5)
    private static let reconnectPause = TimeAmount.milliseconds(100)

    private let plan: LoadPlan
    private let group: MultiThreadedEventLoopGroup

    init(plan: LoadPlan) {
        self.plan = plan
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: plan.threads)
    }

    /// Connects, warms up, measures, and reads the last replies.
    /// - Throws: `Unreachable` when no connection could be made, `CancellationError`.
    func run() async throws -> LoadResult {
        do {
            let result = try await runLanes()
            try await group.shutdownGracefully()
            return result
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private func runLanes() async throws -> LoadResult {
        let tag = "b" + String(UInt32.random(in: .min ... .max), radix: 36)
        var lanes: [NIOLoopBound<LoadLane>] = []
        for part in 0..<plan.threads {
            let loop = group.next()
            let plan = plan
            let lane = try await loop.submit {
                NIOLoopBound(LoadLane(plan: plan, part: part, tag: tag, eventLoop: loop), eventLoop: loop)
            }.get()
            lanes.append(lane)
            for number in 0..<LoadPlan.share(of: plan.connections, part: part, of: plan.threads) {
                do {
                    let account = number % plan.accounts.count
                    try await Self.connect(lane, account: account, loop: loop, plan: plan).get()
                } catch {
                    let words = ListenFailure.words(of: error)
                    throw Unreachable(description: "no connection to \(plan.host):\(plan.port): \(words)")
                }
            }
        }
        return try await measure(lanes)
    }

    private func measure(_ lanes: [NIOLoopBound<LoadLane>]) async throws -> LoadResult {
        let startedAt = LoadLane.now()
        var windowStart = startedAt
        let windowEnd: UInt64
        switch plan.extent {
        case .messages:
            let ends = lanes.map { lane in lane.eventLoop.flatSubmit { lane.value.start(measuring: true) } }
            for end in ends { try await end.get() }
            windowEnd = LoadLane.now()
        case .time(let warmup, let measured):
            for lane in lanes { try await lane.eventLoop.submit { _ = lane.value.start(measuring: false) }.get() }
            try await Task.sleep(for: .milliseconds(warmup))
            for lane in lanes { try await lane.eventLoop.submit { lane.value.beginWindow() }.get() }
            windowStart = LoadLane.now()
            try await Task.sleep(for: .milliseconds(measured))
            for lane in lanes { try await lane.eventLoop.submit { lane.value.endWindow() }.get() }
            windowEnd = LoadLane.now()
        }
        let stops = lanes.map { lane in lane.eventLoop.flatSubmit { lane.value.stop(grace: Self.grace) } }
        var (unanswered, unsent) = (0, 0)
        for stop in stops {
            let left = try await stop.get()
            unanswered += left.unanswered
            unsent += left.unsent
        }
        var window = LoadStatistics()
        var all = LoadStatistics()
        for lane in lanes {
            let (part, whole) = try await lane.eventLoop.submit { (lane.value.window, lane.value.all) }.get()
            window.merge(part)
            all.merge(whole)
        }
        return LoadResult(
            startedAt: startedAt, windowStart: windowStart, windowEnd: windowEnd, endedAt: LoadLane.now(),
            window: window, all: all, unanswered: unanswered, unsent: unsent)
    }

    /// One connection, which replaces itself for as long as the lane wants it.
    private static func connect(
        _ lane: NIOLoopBound<LoadLane>, account: Int, loop: any EventLoop, plan: LoadPlan
    ) -> EventLoopFuture<Void> {
        ClientBootstrap(group: loop)
            .connectTimeout(connectTimeout)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = LoadConnection(lane: lane.value, account: account) {
                        reconnect(lane, account: account, loop: loop, plan: plan)
                    }
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
            .connect(host: plan.host, port: plan.port)
            .map { _ in }
    }

    private static func reconnect(
        _ lane: NIOLoopBound<LoadLane>, account: Int, loop: any EventLoop, plan: LoadPlan
    ) {
        guard lane.value.wantsReplacement else { return }
        connect(lane, account: account, loop: loop, plan: plan).whenFailure { _ in
            lane.value.count(error: "connection refused")
            loop.scheduleTask(in: reconnectPause) { reconnect(lane, account: account, loop: loop, plan: plan) }
        }
    }
}
