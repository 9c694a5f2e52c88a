import AdminProtocol
import Administration
import Engine
import Messaging

extension AdminClock {
    init(_ reading: TimeKeeper.Reading) {
        self.init()
        held = reading.isHeld
        wallMs = reading.wall.milliseconds
        houseMs = reading.house.milliseconds
        leadMs = reading.lead
        reason = reading.problem ?? ""
    }
}

extension AdminLedgerReport {
    private static let differencesMax = 10_000

    init(_ verdict: LedgerVerdict) {
        self.init()
        accounts = UInt64(clamping: verdict.accounts)
        entries = UInt64(clamping: verdict.entries)
        moneyMicro = verdict.money
        countSegments = verdict.count
        full = verdict.isFull
        provedBefore = UInt64(clamping: verdict.provedBefore)
        differencesTotal = UInt64(clamping: verdict.differences.count)
        differences = verdict.differences.prefix(Self.differencesMax).map { difference in
            var message = AdminLedgerDifference()
            message.account = difference.account
            message.chargeBy = AdminChargeBy(difference.unit)
            message.storedUnits = difference.stored
            message.summedUnits = difference.summed
            return message
        }
    }
}

extension AdminStatus {
    init(_ status: ServiceStatus) {
        self.init()
        version = status.version
        pid = UInt32(bitPattern: status.processID)
        startedAtMs = status.startedAt.milliseconds
        uptimeMs = status.uptime
        rssBytes = status.residentBytes
        accounts = UInt64(clamping: status.accounts)
        accountsEnabled = UInt64(clamping: status.enabledAccounts)
        channels = status.channels.map { AdminChannel($0) }
        channelsTotal = UInt64(clamping: status.channelsTotal)
        queues = status.queues.map { queue in
            var message = AdminQueue()
            message.name = queue.name
            message.depth = UInt64(clamping: queue.depth)
            message.limit = UInt64(clamping: queue.limit)
            if let age = queue.oldestAge { message.oldestAgeMs = age }
            return message
        }
        sinceStart = AdminCounters(status.sinceStart)
        lastMinute = AdminCounters(status.lastMinute)
        ever = AdminTotals(status.ever)
        uncertainCalls = UInt64(clamping: status.parked.uncertainAttempts)
        inboundWaiting = UInt64(clamping: status.parked.waiting)
        inboundExpired = UInt64(clamping: status.parked.expired)
        inboundUnreadable = UInt64(clamping: status.parked.unreadable)
        inboundPending = UInt64(clamping: status.parked.pendingBodies)
        messageIds = AdminMessageIDs(next: status.nextMessage)
        clock = AdminClock(status.clock)
        commitTakingMs = status.commitTaking
        safeMode = status.isSafe
        problems = status.problems
        healthy = status.problems.isEmpty
        notes = status.notes
    }
}

extension AdminMessageIDs {
    fileprivate init(next: MessageID) {
        self.init()
        epoch = UInt64(clamping: next.epoch)
        epochLast = UInt64(clamping: MessageID.epochMax)
        // What follows the last number of an epoch is no number of it any more.
        let given = next.rawValue - next.epoch << MessageID.epochBits - 1
        number = UInt64(clamping: min(given, MessageID.sequenceMax))
        numberLast = UInt64(clamping: MessageID.sequenceMax)
    }
}

extension AdminCounters {
    fileprivate init(_ snapshot: EngineCounters.Snapshot) {
        self.init()
        acceptedMessages = UInt64(clamping: snapshot.acceptedMessages)
        acceptedSegments = UInt64(clamping: snapshot.acceptedSegments)
        refusedRequests = UInt64(clamping: snapshot.refusedRequests)
        submittedMessages = UInt64(clamping: snapshot.submittedMessages)
        finalMessages = UInt64(clamping: snapshot.finalMessages)
        deliveredMessages = UInt64(clamping: snapshot.deliveredMessages)
        failedMessages = UInt64(clamping: snapshot.failedMessages)
        reportsStored = UInt64(clamping: snapshot.inboundReports)
        repliesStored = UInt64(clamping: snapshot.inboundReplies)
        outboxStored = UInt64(clamping: snapshot.outboxEntries)
        outboxCollected = UInt64(clamping: snapshot.collectedEntries)
        failedLogins = UInt64(clamping: snapshot.failedLogins)
        slowedLogins = UInt64(clamping: snapshot.slowedLogins)
    }

}

extension AdminTotals {
    fileprivate init(_ total: GrandTotal) {
        self.init()
        acceptedMessages = UInt64(clamping: total.messages)
        acceptedSegments = UInt64(clamping: total.segments)
        submittedMessages = UInt64(clamping: total.submitted)
        finalMessages = UInt64(clamping: total.delivered &+ total.failed)
        deliveredMessages = UInt64(clamping: total.delivered)
        failedMessages = UInt64(clamping: total.failed)
    }
}
