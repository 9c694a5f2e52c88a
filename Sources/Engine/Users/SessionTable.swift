import Messaging
import Secrets
import Store
import Synchronization

/// The sessions in memory: each request of a browser looks its own up here, without waiting for an actor or the disk.
final class SessionTable: Sendable {
    private struct Entry {
        var session: UserSession
        var digest: [UInt8]
        /// Seen since that was stored last.
        var isDirty = false
    }

    private let entries = Mutex<[SessionID: Entry]>([:])

    /// Sessions that a user may have at once; a further one ends the one that was seen longest ago.
    static let perUserMax = 20
    /// How much later a session has to be seen before that is noted, in milliseconds.
    private static let seenStep: Int64 = 10_000

    /// The live session of a cookie, which is seen now. The secret is compared in constant time.
    func session(_ id: SessionID, secret: [UInt8], at now: Timestamp) -> UserSession? {
        let digest = SHA256Digest.bytes(secret)
        return entries.withLock { entries in
            guard var entry = entries[id], constantTimeEqual(entry.digest, digest), entry.session.isAlive(at: now)
            else { return nil }
            if now.milliseconds(since: entry.session.seenAt) >= Self.seenStep {
                entry.session.seenAt = now
                entry.isDirty = true
                entries[id] = entry
            }
            return entry.session
        }
    }

    func put(_ stored: StoredSession) {
        entries.withLock { $0[stored.session.id] = Entry(session: stored.session, digest: stored.digest) }
    }

    func session(_ id: SessionID) -> UserSession? { entries.withLock { $0[id]?.session } }

    /// Sessions of a user that are alive, the one that was seen last first.
    func sessions(of user: UserKey, at now: Timestamp) -> [UserSession] {
        entries.withLock { entries in
            entries.values.map(\.session).filter { $0.user == user && $0.isAlive(at: now) }
        }.sorted { ($1.seenAt, $0.id.text) < ($0.seenAt, $1.id.text) }
    }

    /// Ends sessions of a user: one, or all but one.
    func end(_ id: SessionID) { entries.withLock { $0[id] = nil } }

    func endAll(of user: UserKey, except kept: SessionID? = nil) {
        entries.withLock { entries in
            entries = entries.filter { $0.value.session.user != user || $0.key == kept }
        }
    }

    /// Sessions seen since the last call, and those that have ended, which are forgotten.
    func sweep(at now: Timestamp) -> (seen: [SessionID: Timestamp], ended: [SessionID]) {
        entries.withLock { entries in
            var seen: [SessionID: Timestamp] = [:]
            var ended: [SessionID] = []
            for (id, entry) in entries {
                if !entry.session.isAlive(at: now) {
                    ended.append(id)
                } else if entry.isDirty {
                    seen[id] = entry.session.seenAt
                }
            }
            for id in ended { entries[id] = nil }
            for id in seen.keys { entries[id]?.isDirty = false }
            return (seen, ended)
        }
    }
}
