import Foundation
import GRDB
public import Messaging

/// A channel as it is stored; its secrets stay sealed here.
public struct StoredChannel: Sendable {
    /// The store's own number for it.
    public var key: ChannelKey
    /// All settings but how its carrier is reached.
    public var channel: Channel
    /// The name of its dialect, as the command line has it: `operator-v2`.
    public var dialect: String
    /// The carrier's address, http or https.
    public var url: String
    /// The name of our account at the carrier; which field it goes into depends on the dialect.
    public var user: String
    /// Sealed with the master key; opened by the engine alone.
    public var sealedPassword: [UInt8]
    /// `client_id` of the token mode (Sources/Dialects/Enterprise/INTERFACE.md, Setting up an account); empty for none.
    public var clientID: String
    /// Nil for none.
    public var sealedClientSecret: [UInt8]?
    /// `x-sp-code` (Sources/Dialects/Yixintong/INTERFACE.md, Setting up an account); empty for none.
    public var spCode: String
    /// `userid` of the plain mode (Sources/Dialects/Enterprise/INTERFACE.md, Setting up an account); empty for none.
    public var enterpriseID: String
    /// Who may push to us on it.
    public var callback: StoredCallback

    /// What has a default is empty where the dialect has no such field. `key` is ignored by `insert`.
    public init(
        key: ChannelKey, channel: Channel, dialect: String, url: String, user: String, sealedPassword: [UInt8],
        clientID: String = "", sealedClientSecret: [UInt8]? = nil, spCode: String = "", enterpriseID: String = "",
        callback: StoredCallback = StoredCallback()
    ) {
        self.key = key
        self.channel = channel
        self.dialect = dialect
        self.url = url
        self.user = user
        self.sealedPassword = sealedPassword
        self.clientID = clientID
        self.sealedClientSecret = sealedClientSecret
        self.spCode = spCode
        self.enterpriseID = enterpriseID
        self.callback = callback
    }
}

extension Store {
    /// Creates a channel; `key` of the argument is ignored.
    /// - Returns: the key that it got.
    /// - Throws: `alreadyExists` when its name is taken; `unavailable`, `damaged` or `closed` as any commit.
    public func insert(_ channel: StoredChannel, at: Timestamp) async throws(StoreFailure) -> ChannelKey {
        try await groupCommit.perform { writer in
            let exists = try Bool.fetchOne(
                writer.db, sql: "SELECT EXISTS (SELECT 1 FROM channel WHERE name = ?)",
                arguments: [channel.channel.name])
            if exists == true { throw StoreFailure.alreadyExists }
            var columns = channel.columns
            columns["created_at"] = at.milliseconds
            try writer.db.insert(columns, into: "channel")
            return ChannelKey(writer.db.lastInsertedRowID)
        }
    }

    /// Replaces all settings of the channel that has this key, its name included.
    /// - Throws: `notFound`; `unavailable`, `damaged` or `closed` as any commit.
    public func update(_ channel: StoredChannel) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            try writer.db.update(channel.columns, of: "channel", where: "number", is: channel.key.rawValue)
        }
    }

    /// All channels, in the order of their names.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func channels() async throws(StoreFailure) -> [StoredChannel] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM channel ORDER BY name").map { row in
                var channel = Channel(
                    name: row["name"], accessNumber: row["access_number"],
                    networks: NetworkSet(stored: row["carriers"]),
                    priority: Self.bounded(row["priority"], Channel.priorities),
                    weight: Self.bounded(row["weight"], 1...Channel.weightMax),
                    ratePerSecond: (row["rate_per_second"] as Int?).map { Self.bounded($0, 1...Channel.rateMax) },
                    connectionLimit: Self.bounded(row["connection_limit"], 1...Channel.connectionLimitMax),
                    isEnabled: row["is_enabled"],
                    uncertainRule: UncertainRule(rawValue: row["uncertain_rule"]) ?? .hold,
                    uncertainAfter: Int64(Self.bounded(row["uncertain_after"], 1...Int(Channel.uncertainAfterMax))))
                channel.pausedAt = (row["paused_at"] as Int64?).map { Timestamp(milliseconds: $0) }
                return StoredChannel(
                    key: row["number"], channel: channel, dialect: row["dialect"], url: row["url"],
                    user: row["user"], sealedPassword: Array(row["sealed_password"] as Data),
                    clientID: row["client_id"],
                    sealedClientSecret: (row["sealed_client_secret"] as Data?).map { Array($0) },
                    spCode: row["sp_code"], enterpriseID: row["enterprise_id"], callback: StoredCallback(row))
            }
        }
    }

    /// What another program wrote into the file must not reach arithmetic that it could overflow.
    private static func bounded(_ value: Int, _ range: ClosedRange<Int>) -> Int {
        min(max(value, range.lowerBound), range.upperBound)
    }

    /// Sums over days of the attempt, both ends included (yyyymmdd in China).
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func total(channel: ChannelKey, days: ClosedRange<Int>) async throws(StoreFailure) -> ChannelTotal {
        try await read { db in
            var total = ChannelTotal()
            let sql = "SELECT * FROM channel_total WHERE channel = ? AND day BETWEEN ? AND ?"
            for row in try Row.fetchAll(db, sql: sql, arguments: [channel.rawValue, days.lowerBound, days.upperBound]) {
                total.submitted.addSaturating(row["submitted"])
                total.refused.addSaturating(row["refused"])
                total.delivered.addSaturating(row["delivered"])
                total.failed.addSaturating(row["failed"])
            }
            return total
        }
    }
}

extension StoredChannel {
    fileprivate var columns: Database.Columns {
        [
            "name": channel.name, "access_number": channel.accessNumber, "carriers": channel.networks.rawValue,
            "priority": channel.priority, "weight": channel.weight, "rate_per_second": channel.ratePerSecond,
            "connection_limit": channel.connectionLimit, "is_enabled": channel.isEnabled, "dialect": dialect,
            "url": url, "user": user, "sealed_password": Data(sealedPassword),
            "uncertain_rule": channel.uncertainRule.rawValue, "uncertain_after": channel.uncertainAfter,
            "client_id": clientID, "sealed_client_secret": sealedClientSecret.map { Data($0) },
            "sp_code": spCode, "enterprise_id": enterpriseID, "paused_at": channel.pausedAt?.milliseconds,
            "sealed_callback_token": callback.sealedToken.map { Data($0) },
            "sealed_callback_token_before": callback.sealedTokenBefore.map { Data($0) },
            "callback_before_until": callback.beforeEndsAt.milliseconds,
            "callback_networks": callback.networks.map(\.description).joined(separator: " "),
        ]
    }
}
