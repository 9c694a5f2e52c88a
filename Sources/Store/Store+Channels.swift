import Foundation
import GRDB
public import Messaging

/// A channel as it is stored; its secrets stay sealed here.
public struct StoredChannel: Sendable {
    /// The store's own number for it.
    public var number: Int64
    public var channel: Channel
    public var dialect: String
    public var url: String
    public var user: String
    public var sealedPassword: [UInt8]
    public var clientID: String
    /// Nil for none.
    public var sealedClientSecret: [UInt8]?
    public var spCode: String
    public var enterpriseID: String

    public init(
        number: Int64, channel: Channel, dialect: String, url: String, user: String, sealedPassword: [UInt8],
        clientID: String = "", sealedClientSecret: [UInt8]? = nil, spCode: String = "", enterpriseID: String = ""
    ) {
        self.number = number
        self.channel = channel
        self.dialect = dialect
        self.url = url
        self.user = user
        self.sealedPassword = sealedPassword
        self.clientID = clientID
        self.sealedClientSecret = sealedClientSecret
        self.spCode = spCode
        self.enterpriseID = enterpriseID
    }
}

extension Store {
    /// Creates a channel; `number` of the argument is ignored.
    /// - Throws: `alreadyExists`.
    /// - Returns: its number.
    public func insert(_ channel: StoredChannel, at: Timestamp) async throws(StoreFailure) -> Int64 {
        try await journal.perform { writer in
            let exists = try Bool.fetchOne(
                writer.db, sql: "SELECT EXISTS (SELECT 1 FROM channel WHERE name = ?)",
                arguments: [channel.channel.name])
            if exists == true { throw StoreFailure.alreadyExists }
            var columns = channel.columns
            columns["created_at"] = at.milliseconds
            try writer.db.insert(columns, into: "channel")
            return writer.db.lastInsertedRowID
        }
    }

    /// - Throws: `notFound`.
    public func update(_ channel: StoredChannel) async throws(StoreFailure) {
        try await journal.perform { writer in
            try writer.db.update(channel.columns, of: "channel", where: "number", is: channel.number)
        }
    }

    /// All channels, in the order of their names.
    public func channels() async throws(StoreFailure) -> [StoredChannel] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM channel ORDER BY name").map { row in
                let channel = Channel(
                    name: row["name"], accessNumber: row["access_number"],
                    carriers: CarrierSet(rawValue: row["carriers"]), priority: row["priority"], weight: row["weight"],
                    ratePerSecond: row["rate_per_second"], connectionLimit: row["connection_limit"],
                    isEnabled: row["is_enabled"],
                    uncertainRule: UncertainRule(rawValue: row["uncertain_rule"]) ?? .hold,
                    uncertainAfter: row["uncertain_after"])
                return StoredChannel(
                    number: row["number"], channel: channel, dialect: row["dialect"], url: row["url"],
                    user: row["user"], sealedPassword: Array(row["sealed_password"] as Data),
                    clientID: row["client_id"],
                    sealedClientSecret: (row["sealed_client_secret"] as Data?).map { Array($0) },
                    spCode: row["sp_code"], enterpriseID: row["enterprise_id"])
            }
        }
    }

    /// Sums over days of the attempt, both ends included (yyyymmdd in China).
    public func total(channel: Int64, days: ClosedRange<Int>) async throws(StoreFailure) -> ChannelTotal {
        try await read { db in
            var total = ChannelTotal()
            let sql = "SELECT * FROM channel_total WHERE channel = ? AND day BETWEEN ? AND ?"
            for row in try Row.fetchAll(db, sql: sql, arguments: [channel, days.lowerBound, days.upperBound]) {
                total.submitted += row["submitted"] as Int64
                total.refused += row["refused"] as Int64
                total.delivered += row["delivered"] as Int64
                total.failed += row["failed"] as Int64
            }
            return total
        }
    }
}

extension StoredChannel {
    fileprivate var columns: Database.Columns {
        [
            "name": channel.name, "access_number": channel.accessNumber, "carriers": channel.carriers.rawValue,
            "priority": channel.priority, "weight": channel.weight, "rate_per_second": channel.ratePerSecond,
            "connection_limit": channel.connectionLimit, "is_enabled": channel.isEnabled, "dialect": dialect,
            "url": url, "user": user, "sealed_password": Data(sealedPassword),
            "uncertain_rule": channel.uncertainRule.rawValue, "uncertain_after": channel.uncertainAfter,
            "client_id": clientID, "sealed_client_secret": sealedClientSecret.map { Data($0) },
            "sp_code": spCode, "enterprise_id": enterpriseID,
        ]
    }
}
