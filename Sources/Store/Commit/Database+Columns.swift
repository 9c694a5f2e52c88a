import GRDB
import Messaging

/// Rows as dictionaries of their columns; for what is written seldom.
extension Database {
    typealias Columns = [String: (any DatabaseValueConvertible)?]

    func insert(_ columns: Columns, into table: String) throws {
        let names = columns.keys.sorted()
        let marks = names.map { ":\($0)" }.joined(separator: ", ")
        try execute(
            sql: "INSERT INTO \(table) (\(names.joined(separator: ", "))) VALUES (\(marks))",
            arguments: StatementArguments(columns))
    }

    /// Changes the row whose column `key` has this value.
    /// - Throws: `StoreFailure.notFound`.
    func update(
        _ columns: Columns, of table: String, where key: String, is value: any DatabaseValueConvertible
    ) throws {
        let settings = columns.keys.sorted().map { "\($0) = :\($0)" }.joined(separator: ", ")
        var arguments = columns
        arguments["key_of_row"] = value
        try execute(
            sql: "UPDATE \(table) SET \(settings) WHERE \(key) = :key_of_row",
            arguments: StatementArguments(arguments))
        if changesCount == 0 { throw StoreFailure.notFound }
    }
}
