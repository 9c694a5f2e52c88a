import GRDB
public import Messaging

extension Store {
    /// Proves that every balance is the sum of its ledger, in pieces: what is read at once, and what is kept in memory,
    /// does not grow with the ledger, and no reader keeps the log from being moved into the file for long. Entries are
    /// never changed and their numbers only grow, so that sums of all up to one number stay true; the rest and the
    /// balances are read in one snapshot.
    ///
    /// A ledger that is found sound is noted as proved up to its last entry, and the next proof begins behind it.
    /// - Parameters:
    ///   - isFull: begins with the first entry, and compares what was proved before with what is there now.
    ///   - note: called after each piece with how many entries are read and how many there were to read.
    /// - Throws: `busy` while another proof is under way; `closed` when the task is cancelled; `damaged` when a sum
    ///   overflows; `unavailable` or `damaged` when the database cannot be read or the proof not be noted.
    public func verifyLedger(
        isFull: Bool = false, note: @Sendable (_ done: Int64, _ of: Int64) -> Void = { _, _ in }
    ) async throws(StoreFailure) -> LedgerVerdict {
        guard proof.begin() else { throw .busy("the ledger is being verified for somebody else: \(proof.words)") }
        defer { proof.end() }
        let before = try await readLong { db in try LedgerProof(db) }
        var sums = isFull ? LedgerProof() : before
        let last = try await readLong { db in try LedgerEntryID.fetchOne(db, sql: "SELECT MAX(id) FROM ledger") ?? 0 }
        let first = sums.through
        // The same piece ends where the proof before it did, so that both can be compared there.
        var isSameAsBefore = true
        while sums.through.distance(to: last) > LedgerProof.pieceMax {
            if Task.isCancelled { throw .closed }
            let start = sums
            let end =
                isFull && start.through < before.through
                ? min(start.through + LedgerProof.pieceMax, before.through) : start.through + LedgerProof.pieceMax
            sums = try await readLong { db in try start.adding(db, through: end) }
            if isFull, sums.through == before.through { isSameAsBefore = sums.sums == before.sums }
            proof.note(first.distance(to: sums.through), of: first.distance(to: last))
            note(first.distance(to: sums.through), first.distance(to: last))
        }
        let (start, wasSame) = (sums, isSameAsBefore)
        let (verdict, end) = try await readLong { db in
            var sums = start
            if isFull, sums.through < before.through { sums = try sums.adding(db, through: before.through) }
            let isSame = sums.through == before.through ? sums.sums == before.sums : wasSame
            let end = try LedgerEntryID.fetchOne(db, sql: "SELECT MAX(id) FROM ledger") ?? 0
            sums = try sums.adding(db, through: max(end, sums.through))
            var verdict = try sums.verdict(db)
            if end < before.through { verdict.differences.append(Self.changed(before, sums)) }
            verdict.isFull = isFull
            verdict.provedBefore = isFull ? 0 : before.entries
            if isFull, !isSame, end >= before.through { verdict.differences.append(Self.changed(before, sums)) }
            return (verdict, sums)
        }
        if verdict.differences.isEmpty { try await keep(end, since: isFull ? nil : before) }
        return verdict
    }

    /// Entries that were proved once are not what they were.
    private static func changed(_ before: LedgerProof, _ now: LedgerProof) -> LedgerVerdict.Difference {
        LedgerVerdict.Difference(
            account: "(entries up to \(before.through), which were proved before)", unit: .count,
            stored: before.entries, summed: now.entries)
    }

    /// - Parameter before: what is noted now; nil to note all anew.
    private func keep(_ proof: LedgerProof, since before: LedgerProof?) async throws(StoreFailure) {
        let changed = proof.sums.filter { before?.sums[$0.key] != $0.value }
        if before?.through == proof.through { return }
        try await groupCommit.perform { writer in
            if before == nil { try writer.db.execute(sql: "DELETE FROM ledger_proof") }
            let statement = try writer.db.cachedStatement(
                sql: "INSERT OR REPLACE INTO ledger_proof (account, amount, entries) VALUES (?, ?, ?)")
            for (account, sum) in changed {
                try statement.execute(arguments: [account.rawValue, sum.amount, sum.entries])
            }
            try writer.db.execute(
                sql: "INSERT OR REPLACE INTO counter (name, value) VALUES ('ledger_proof', ?)",
                arguments: [proof.through.rawValue])
        }
    }
}
