import Foundation
import GRDB
public import Messaging

extension Store {
    /// What waits for an owner: reports, then replies, then bodies, of each the newest first.
    /// - Parameter cursor: the last item of the page before; nil for the first page.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func parkedItems(
        _ filter: ParkedFilter, after cursor: ParkedID? = nil, limit: Int
    ) async throws(StoreFailure) -> [ParkedItem] {
        try await read { db in
            var items: [ParkedItem] = []
            for (kind, edge) in Self.kinds(filter, from: cursor, edge: .max) where items.count < limit {
                let rows = try Row.fetchAll(
                    db,
                    sql: """
                        SELECT \(Self.columns(kind)), c.name AS channel_name FROM \(Self.table(kind)) p
                        LEFT JOIN channel c ON c.number = p.channel
                        WHERE p.id < ? AND \(Self.condition(kind, filter.state)) AND (? OR p.channel = ?)
                        ORDER BY p.id DESC LIMIT ?
                        """,
                    arguments: [
                        edge.rawValue, filter.channel == nil, filter.channel?.rawValue ?? 0, limit - items.count,
                    ])
                items += rows.map { ParkedItem(kind, $0) }
            }
            return items
        }
    }

    /// The ids of the same, of each kind the oldest first.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func parkedIDs(
        _ filter: ParkedFilter, after cursor: ParkedID? = nil, limit: Int
    ) async throws(StoreFailure) -> [ParkedID] {
        try await read { db in
            var ids: [ParkedID] = []
            for (kind, edge) in Self.kinds(filter, from: cursor, edge: 0) where ids.count < limit {
                let found = try ParkedRowID.fetchAll(
                    db,
                    sql: """
                        SELECT p.id FROM \(Self.table(kind)) p WHERE p.id > ? AND \(Self.condition(kind, filter.state))
                        AND (? OR p.channel = ?) ORDER BY p.id LIMIT ?
                        """,
                    arguments: [edge.rawValue, filter.channel == nil, filter.channel?.rawValue ?? 0, limit - ids.count])
                ids += found.map { ParkedID(kind, $0) }
            }
            return ids
        }
    }

    /// One item; of a body the bytes from `offset` on, at most `length`.
    /// - Throws: `notFound`.
    public func parkedItem(
        _ id: ParkedID, bytesFrom offset: Int = 0, length: Int = 0
    ) async throws(StoreFailure) -> ParkedItem {
        try await read { db in
            let piece = id.kind == .body ? ", substr(p.body, :from, :length) AS piece" : ""
            var arguments: StatementArguments = ["id": id.row.rawValue]
            if id.kind == .body { arguments += ["from": offset + 1, "length": length] }
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT \(Self.columns(id.kind))\(piece), c.name AS channel_name FROM \(Self.table(id.kind)) p
                    LEFT JOIN channel c ON c.number = p.channel WHERE p.id = :id
                    """,
                arguments: arguments)
            guard let row else { throw StoreFailure.notFound }
            return ParkedItem(id.kind, row)
        }
    }

    /// How much waits for an operator: each figure counts up to `ParkedCounts.max`.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func parkedCounts() async throws(StoreFailure) -> ParkedCounts {
        try await readLong { db in
            func count(_ from: String) throws -> Int {
                try Int.fetchOne(
                    db, sql: "SELECT COUNT(*) FROM (SELECT 1 FROM \(from) LIMIT ?)", arguments: [ParkedCounts.max]) ?? 0
            }
            var counts = ParkedCounts()
            counts.uncertainAttempts = try count("attempt WHERE \(AttemptState.uncertain.openCondition())")
            for table in ["parked_report", "parked_reply"] {
                counts.waiting += try count("\(table) INDEXED BY \(table)_due WHERE expired_at IS NULL")
                counts.expired += try count("\(table) INDEXED BY \(table)_expired WHERE expired_at IS NOT NULL")
            }
            counts.unreadable = try count("inbound INDEXED BY inbound_unreadable WHERE failure IS NOT NULL")
            counts.pendingBodies = try count("inbound INDEXED BY inbound_pending WHERE failure IS NULL")
            return counts
        }
    }

    private static func table(_ kind: ParkedID.Kind) -> String {
        switch kind {
        case .report: "parked_report"
        case .reply: "parked_reply"
        case .body: "inbound"
        }
    }

    /// Of a body only its size: it may be large.
    private static func columns(_ kind: ParkedID.Kind) -> String {
        kind == .body
            ? "p.id, p.channel, p.kind, p.received_at, p.failure, p.copies, p.last_at, length(p.body) AS size" : "p.*"
    }

    private static func condition(_ kind: ParkedID.Kind, _ state: ParkedItem.State?) -> String {
        switch (kind, state) {
        case (_, nil): "TRUE"
        case (.body, .waiting): "p.failure IS NULL"
        case (.body, .unreadable): "p.failure IS NOT NULL"
        case (_, .waiting): "p.expired_at IS NULL"
        case (.body, .expired), (_, .unreadable): "FALSE"
        case (_, .expired): "p.expired_at IS NOT NULL"
        }
    }

    /// The kinds that are still to be gone through, each with where it goes on.
    private static func kinds(
        _ filter: ParkedFilter, from cursor: ParkedID?, edge: ParkedRowID
    ) -> [(kind: ParkedID.Kind, edge: ParkedRowID)] {
        let all = ParkedID.Kind.allCases
        let rest = cursor.flatMap { all.firstIndex(of: $0.kind) }.map { all[$0...] } ?? all[...]
        return rest.filter { filter.kind == nil || filter.kind == $0 }.map { kind in
            (kind, kind == cursor?.kind ? cursor?.row ?? edge : edge)
        }
    }
}

extension ParkedItem {
    fileprivate init(_ kind: ParkedID.Kind, _ row: Row) {
        let failure: String? = kind == .body ? row["failure"] : nil
        let expired: Int64? = kind == .body ? nil : row["expired_at"]
        let next: Int64? = kind == .body ? nil : row["next_try_at"]
        let state: State = failure != nil ? .unreadable : expired != nil ? .expired : .waiting
        let content: Content
        switch kind {
        case .report: content = .report(CarrierReport(parked: row))
        case .reply: content = .reply(CarrierReply(parked: row))
        case .body:
            let piece: Data? = row["piece"]
            let body = ParkedBody(
                kind: InboundKind(rawValue: row["kind"]) ?? .pushed, failure: failure, byteCount: row["size"],
                bytes: piece.map { Array($0) } ?? [], copies: row["copies"],
                lastAt: (row["last_at"] as Int64?).map { Timestamp(milliseconds: $0) })
            content = .body(body)
        }
        self.init(
            id: ParkedID(kind, row["id"]), state: state, channel: row["channel_name"] ?? "(removed channel)",
            receivedAt: Timestamp(milliseconds: row["received_at"]), tries: kind == .body ? 0 : row["tries"],
            nextTryAt: state == .waiting ? next.map { Timestamp(milliseconds: $0) } : nil,
            expiredAt: expired.map { Timestamp(milliseconds: $0) }, content: content)
    }
}
