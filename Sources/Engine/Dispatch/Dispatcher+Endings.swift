import Logging
import Messaging
import Store

/// What becomes of calls that have ended.
extension Dispatcher {
    /// Leaves out endings of calls that were given up before.
    func whatCounts(of endings: [Ending]) -> [Ending] {
        endings.filter { ending in
            drivers[ending.attempt] = nil
            if schedulers[ending.channel]?.scheduler.underWay.end(ending.attempt) == true { return true }
            logger.notice(
                "a call that was given up has ended after all",
                metadata: [
                    "channel": "\(entries[ending.channel]?.channel.name ?? "?")", "attempt": "\(ending.attempt)",
                    "messages": "\(ending.call.messages.count)",
                ])
            return false
        }
    }

    /// Ends calls, as uncertain, that their drivers should have ended long ago: each holds one of the channel's
    /// connections. The sweep's tick sees to it that this is asked every few seconds.
    func giveUpOverdue() -> [Ending] {
        let uptime = configuration.clock.uptime()
        var endings: [Ending] = []
        for key in channelKeys {
            for (attempt, call) in schedulers[key]?.scheduler.underWay.giveUpOverdue(uptime: uptime) ?? [] {
                drivers.removeValue(forKey: attempt)?.cancel()
                let reason = "no end of the call within twice its time limit"
                logger.error(
                    "a call is given up: its driver did not end it in twice the time that it may take",
                    metadata: [
                        "channel": "\(entries[key]?.channel.name ?? "?")", "attempt": "\(attempt)",
                        "messages": "\(call.messages.count)",
                    ])
                endings.append(
                    Ending(channel: key, attempt: attempt, call: call, outcome: .uncertain(reason: reason)))
            }
        }
        return endings
    }

    struct Ending {
        var channel: ChannelKey
        var attempt: AttemptID
        var call: ChannelScheduler.PlannedCall
        var outcome: SubmitOutcome
    }

    /// Lets calls that were not made wait again; what must not leave any more is found when their turn comes.
    func putBack(_ late: [Ending]) async {
        guard !late.isEmpty else { return }
        await makeDurable(
            late.map { Settlement(attempt: $0.attempt, outcome: .notSent(detail: "it was too late for some of it")) })
        for one in late { schedulers[one.channel]?.scheduler.withdraw(one.call) }
    }

    func settle(_ endings: [Ending]) async {
        guard !endings.isEmpty else { return }
        let now = now
        var settlements: [Settlement] = []
        var returned: [Ending] = []
        let before = failingChannels
        let since = before.isEmpty ? [:] : schedulers.mapValues(\.scheduler.healthSince)
        for ending in endings {
            // Nothing of it was sent, so it says nothing about the carrier.
            if ending.call.messages.isEmpty {
                schedulers[ending.channel]?.scheduler.withdraw(ending.call)
                settlements.append(Settlement(attempt: ending.attempt, outcome: .accepted(nil)))
                continue
            }
            let resolution = schedulers[ending.channel]?.scheduler.ended(
                ending.call, ending.outcome, at: now, jitter: Double.random(in: 0..<1))
            switch resolution {
            case .settled(let outcome):
                settlements.append(Settlement(attempt: ending.attempt, outcome: outcome))
            case .split(let detail):
                settlements.append(Settlement(attempt: ending.attempt, outcome: .refusedForNow(detail: detail)))
            case .returned(let outcome):
                settlements.append(Settlement(attempt: ending.attempt, outcome: outcome))
                returned.append(ending)
            case nil: break
            }
            note(ending)
        }
        await makeDurable(settlements)
        for ending in returned {
            if schedulers[ending.channel]?.scheduler.isTaking == false, hasOther(than: ending.channel) {
                for item in ending.call.waiting { route(item) }
            } else if case .channelRefused = ending.outcome {
                schedulers[ending.channel]?.scheduler.requeueLast(ending.call)
            } else {
                schedulers[ending.channel]?.scheduler.requeue(ending.call)
            }
        }
        let failing = failingChannels
        for key in failing where !before.contains(key) { giveAway(from: key) }
        let recovered = before.filter { !failing.contains($0) }
        for key in recovered { noteRecovery(of: key, failingSince: since[key] ?? nil) }
        if !recovered.isEmpty { giveAwayFromClosed() }
    }

    private func noteRecovery(of key: ChannelKey, failingSince since: Timestamp?) {
        let seconds = since.map { "\(max(0, now.milliseconds - $0.milliseconds) / 1000) s" } ?? "?"
        logger.warning(
            "a channel takes messages again",
            metadata: ["channel": "\(entries[key]?.channel.name ?? "?")", "failed_for": "\(seconds)"])
    }

    private var failingChannels: [ChannelKey] { channelKeys.filter { schedulers[$0]?.scheduler.isFailing == true } }

    private func note(_ ending: Ending) {
        switch ending.outcome {
        case .accepted(_, let refused):
            counters.submitted(ending.call.messages.count - refused.count)
            onSubmitted(ending.channel)
        case .uncertain:
            counters.submitted(ending.call.messages.count)
            onSubmitted(ending.channel)
        case .messageRefused: break
        case .channelRefused(let reason), .notSent(let reason):
            logger.warning(
                "a channel takes nothing at present",
                metadata: [
                    "channel": "\(entries[ending.channel]?.channel.name ?? "?")", "reason": "\(reason)",
                    "messages": "\(ending.call.messages.count)",
                ])
        }
    }

    /// Stores how calls ended. What cannot be stored for a reason of its own is left out, and is uncertain after the
    /// next start; nothing else waits for it.
    private func makeDurable(_ settlements: [Settlement]) async {
        do {
            try await keepTrying(settlements)
        } catch .closed {
            return
        } catch {
            for settlement in settlements { await makeDurable(alone: settlement) }
        }
    }

    private func makeDurable(alone settlement: Settlement) async {
        do {
            try await keepTrying([settlement])
        } catch .closed {
            return
        } catch {
            logger.critical(
                "the outcome of an attempt cannot be stored",
                metadata: ["attempt": "\(settlement.attempt)", "reason": "\(error)"])
        }
    }

    /// Keeps trying while it is the disk's doing: what a carrier answered must not be forgotten, and messages are not
    /// tried again before it is kept. Only the end of a stop ends it; after the next start such attempts are uncertain.
    /// - Throws: what does not pass by waiting.
    private func keepTrying(_ settlements: [Settlement]) async throws(StoreFailure) {
        while true {
            do {
                let effects = try await store.settle(settlements, at: now)
                await inbound.apply(effects)
                return
            } catch {
                guard error.isOfDisk else { throw error }
                logger.failure(error, "outcomes of attempts cannot be stored; trying again")
                // At the end of a stop: they stay begun, and wait for reports after the next start.
                if Task.isCancelled { throw .closed }
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
    }
}
