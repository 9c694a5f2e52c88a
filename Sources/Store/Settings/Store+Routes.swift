import GRDB
public import Messaging

extension Store {
    /// Stores a new route.
    /// - Throws: `alreadyExists` when its name is taken; `unavailable`, `damaged` or `closed` as any commit.
    public func insert(_ route: Route, at: Timestamp) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            let exists = try Bool.fetchOne(
                writer.db, sql: "SELECT EXISTS (SELECT 1 FROM route WHERE name = ?)", arguments: [route.name])
            if exists == true { throw StoreFailure.alreadyExists }
            var columns = route.columns
            columns["created_at"] = at.milliseconds
            try writer.db.insert(columns, into: "route")
            writer.routes = nil
        }
    }

    /// Replaces the route of the same name.
    /// - Throws: `notFound`; `unavailable`, `damaged` or `closed` as any commit.
    public func update(_ route: Route) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            try writer.db.update(route.columns, of: "route", where: "name", is: route.name)
            writer.routes = nil
        }
    }

    /// Deletes a route by its name.
    /// - Throws: `notFound`; `unavailable`, `damaged` or `closed` as any commit.
    public func removeRoute(named name: String) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            try writer.db.execute(sql: "DELETE FROM route WHERE name = ?", arguments: [name])
            if writer.db.changesCount == 0 { throw StoreFailure.notFound }
            writer.routes = nil
        }
    }

    /// All routes, in the order of their names.
    /// - Throws: `damaged` when a row holds a word that this version does not know or the file is damaged,
    ///   `unavailable` when it cannot be read, `closed` when the task is cancelled.
    public func routes() async throws(StoreFailure) -> [Route] {
        try await read { db in try Route.all(db) }
    }

    // MARK: Portability

    /// Adds numbers or moves them to another carrier, and takes numbers out, all or nothing.
    /// - Throws: `unavailable` or `damaged` when it cannot be committed, `closed` after `close`; nothing is kept then.
    public func changePorted(
        add entries: [PortedNumber], remove: Set<PhoneNumber> = []
    ) async throws(StoreFailure) {
        try await groupCommit.perform { writer in
            let insert = try SQLiteStatement(
                writer.db,
                """
                INSERT INTO ported (mobile, carrier) VALUES (?1, ?2)
                ON CONFLICT (mobile) DO UPDATE SET carrier = excluded.carrier
                """)
            for entry in entries {
                insert.bind(1, entry.number.rawValue)
                insert.bind(2, Int(entry.network.rawValue))
                try insert.run()
            }
            let delete = try SQLiteStatement(writer.db, "DELETE FROM ported WHERE mobile = ?1")
            for number in remove {
                delete.bind(1, number.rawValue)
                try delete.run()
            }
        }
    }

    /// All numbers that were taken to another carrier, with that carrier.
    /// - Throws: `unavailable` or `damaged` when the database cannot be read, `closed` when the task is cancelled.
    public func portedNumbers() async throws(StoreFailure) -> PortedNumbers {
        try await read { db in
            let rows = try Row.fetchCursor(db, sql: "SELECT mobile, carrier FROM ported ORDER BY mobile")
            var entries: [PortedNumber] = []
            while let row = try rows.next() {
                guard let network = UInt8(exactly: row["carrier"] as Int64).flatMap(Network.init) else { continue }
                entries.append(PortedNumber(number: PhoneNumber(rawValue: row["mobile"]), network: network))
            }
            return PortedNumbers(entries)
        }
    }
}

extension Route {
    static func all(_ db: Database) throws -> [Route] {
        try Row.fetchAll(db, sql: "SELECT * FROM route ORDER BY name").map { try Route(row: $0) }
    }

    fileprivate var columns: Database.Columns {
        [
            "name": name, "priority": priority, "carriers": networks.rawValue, "is_enabled": isEnabled,
            "accounts": accounts.sorted().map { String($0) }.joined(separator: " "),
            "prefixes": prefixes.map { String($0.rawValue) }.joined(separator: " "),
            "channels": channels.map { way in
                way.priority.map { "\(way.channel):\($0)" } ?? "\(way.channel)"
            }.joined(separator: " "),
            "retry_codes": retryCodes.map(\.code).sorted().joined(separator: ","),
        ]
    }

    private init(row: Row) throws {
        func words(_ column: String, _ separator: Character = " ") -> [Substring] {
            (row[column] as String).split(separator: separator)
        }
        let name: String = row["name"]
        func checked<T>(_ column: String, _ values: [T?]) throws -> [T] {
            let known = values.compactMap { $0 }
            guard known.count == values.count else { throw StoreFailure.damaged("route \(name): \(column)") }
            return known
        }
        let members = words("channels").map { word -> Member? in
            let parts = word.split(separator: ":")
            guard let channel = parts.first.flatMap({ ChannelKey(String($0)) }) else { return nil }
            return Member(channel: channel, priority: parts.count > 1 ? Int(parts[1]) : nil)
        }
        self.init(
            name: name, priority: row["priority"],
            accounts: Set(try checked("accounts", words("accounts").map { AccountKey(String($0)) })),
            networks: NetworkSet(stored: row["carriers"]),
            prefixes: try checked(
                "prefixes", words("prefixes").map { Int64($0).flatMap { NumberPrefix(rawValue: $0) } }),
            channels: try checked("channels", members),
            retryCodes: Set(words("retry_codes", ",").map { DeliveryStatus($0) }), isEnabled: row["is_enabled"])
    }
}
