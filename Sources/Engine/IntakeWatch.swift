import Logging
public import Messaging
import Synchronization

/// How much of each carrier lies here without an owner, and which carriers are asked for no more because of it. What is
/// added is noted as it comes; what went is seen when the store is asked.
public final class IntakeWatch: Sendable {
    private struct State {
        var loads: [Int64: IntakeLoad] = [:]
        /// Why nothing more is taken, by the channel's number.
        var suspended: [Int64: String] = [:]
        /// Fetches and confirmations that the driver did not end, since the start.
        var givenUp: [Int64: Int] = [:]
    }

    private let rule: IntakeRule
    private let logger: Logger
    private let state = Mutex(State())

    init(rule: IntakeRule, logger: Logger) {
        self.rule = rule
        self.logger = logger
    }

    /// Why a channel takes nothing more from its carrier, as a sentence without its full stop; nil while it does.
    public func suspension(of channel: Int64) -> String? { state.withLock { $0.suspended[channel] } }

    public func load(of channel: Int64) -> IntakeLoad { state.withLock { $0.loads[channel] ?? IntakeLoad() } }

    /// Whether a push that is not from whom it says is still kept for the operator.
    public func keepsRefused(of channel: Int64) -> Bool { rule.keepsRefused(at: load(of: channel)) }

    public func callsGivenUp(on channel: Int64) -> Int { state.withLock { $0.givenUp[channel] ?? 0 } }

    // MARK: What is noted

    func noteGivenUp(_ entry: ChannelEntry) { state.withLock { $0.givenUp[entry.number, default: 0] += 1 } }

    func note(_ load: IntakeLoad, of entry: ChannelEntry) {
        guard load != IntakeLoad() else { return }
        let news = state.withLock { state in
            state.loads[entry.number, default: IntakeLoad()] += load
            return review(entry.number, &state)
        }
        if let news { say(news, channel: entry.channel.name) }
    }

    /// Takes what the store has counted.
    func replace(_ loads: [Int64: IntakeLoad], names: [Int64: String]) {
        let news = state.withLock { state in
            state.loads = loads
            return Set(loads.keys).union(state.suspended.keys).sorted().compactMap { channel in
                review(channel, &state).map { (channel, $0) }
            }
        }
        for (channel, news) in news { say(news, channel: names[channel] ?? "(removed channel)") }
    }

    private enum News {
        case suspended(String)
        case resumed
    }

    private func review(_ channel: Int64, _ state: inout State) -> News? {
        let load = state.loads[channel] ?? IntakeLoad()
        if state.suspended[channel] == nil {
            guard let excess = rule.excess(of: load) else { return nil }
            state.suspended[channel] = excess
            return .suspended(excess)
        }
        guard rule.hasRoomAgain(for: load) else {
            if let excess = rule.excess(of: load) { state.suspended[channel] = excess }
            return nil
        }
        state.suspended[channel] = nil
        return .resumed
    }

    private func say(_ news: News, channel: String) {
        switch news {
        case .suspended(let reason):
            logger.error(
                "a carrier is asked for nothing and its pushes are refused until there is room: yizhan inbound list",
                metadata: ["channel": "\(channel)", "reason": "\(reason)"])
        case .resumed:
            logger.notice("there is room again: a carrier is asked as before", metadata: ["channel": "\(channel)"])
        }
    }
}
