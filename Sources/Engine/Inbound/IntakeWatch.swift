import Logging
public import Messaging
import Synchronization

/// How much of each carrier lies here without an owner, and which carriers are asked for no more because of it. What is
/// added is noted as it comes; what went is seen when the store is asked.
public final class IntakeWatch: Sendable {
    private struct State {
        var loads: [ChannelKey: IntakeLoad] = [:]
        /// Why nothing more is taken, by the channel's number.
        var suspended: [ChannelKey: String] = [:]
        /// Fetches and confirmations that the driver did not end, since the start.
        var givenUp: [ChannelKey: Int] = [:]
    }

    private let rule: IntakeRule
    private let logger: Logger
    private let state = Mutex(State())

    init(rule: IntakeRule, logger: Logger) {
        self.rule = rule
        self.logger = logger
    }

    /// Why a channel takes nothing more from its carrier, as a sentence without its full stop; nil while it does.
    public func suspension(of channel: ChannelKey) -> String? { state.withLock { $0.suspended[channel] } }

    /// What lies here of a channel's carrier, as last counted, with what was noted since.
    public func load(of channel: ChannelKey) -> IntakeLoad { state.withLock { $0.loads[channel] ?? IntakeLoad() } }

    /// Whether a push that is not from whom it says is still kept for the operator.
    public func keepsRefused(of channel: ChannelKey) -> Bool { rule.keepsRefused(at: load(of: channel)) }

    /// Fetches and confirmations that the channel's driver did not end and that were given up, since the start.
    public func callsGivenUp(on channel: ChannelKey) -> Int { state.withLock { $0.givenUp[channel] ?? 0 } }

    // MARK: What is noted

    func noteGivenUp(_ entry: ChannelEntry) { state.withLock { $0.givenUp[entry.key, default: 0] += 1 } }

    func note(_ load: IntakeLoad, of entry: ChannelEntry) {
        guard load != IntakeLoad() else { return }
        let news = state.withLock { state in
            state.loads[entry.key, default: IntakeLoad()] += load
            return review(entry.key, &state)
        }
        if let news { say(news, channel: entry.channel.name) }
    }

    /// Takes what the store has counted.
    func replace(_ loads: [ChannelKey: IntakeLoad], names: [ChannelKey: String]) {
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

    private func review(_ channel: ChannelKey, _ state: inout State) -> News? {
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
