import GRDB
import Messaging

/// Numbers of rows: another program may have written any, and a conversion or a sum that does not fit would end the
/// process.
extension Row {
    /// The column's number, or the nearest that `range` has.
    func clamped(_ column: String, _ range: ClosedRange<Int64>) -> Int64 {
        Swift.min(Swift.max(self[column] as Int64, range.lowerBound), range.upperBound)
    }

    /// A number that money or rights hang on: the nearest one would be a guess.
    /// - Throws: `StoreFailure.damaged` when it is outside of `range`.
    func checked(_ column: String, _ range: ClosedRange<Int64>, of what: String) throws -> Int64 {
        let value: Int64 = self[column]
        guard range.contains(value) else {
            throw StoreFailure.damaged(
                "\(what) has \(value) as its \(column), which is not \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}

extension Row {
    subscript<Kind>(_ column: String) -> RowID<Kind> { RowID(self[column] as Int64) }
    subscript<Kind>(_ column: String) -> RowID<Kind>? { (self[column] as Int64?).map { RowID($0) } }
}

/// Read as the bare numbers that they are in the database. A conformance to GRDB's protocol would be a public one, and
/// put GRDB into the face of this module.
extension RowID {
    static func fetchOne(_ db: Database, sql: String, arguments: StatementArguments = []) throws -> Self? {
        try Int64.fetchOne(db, sql: sql, arguments: arguments).map { Self($0) }
    }

    static func fetchOne(_ statement: Statement, arguments: StatementArguments? = nil) throws -> Self? {
        try Int64.fetchOne(statement, arguments: arguments).map { Self($0) }
    }

    static func fetchAll(_ db: Database, sql: String, arguments: StatementArguments = []) throws -> [Self] {
        try Int64.fetchAll(db, sql: sql, arguments: arguments).map { Self($0) }
    }

    static func fetchAll(_ statement: Statement, arguments: StatementArguments? = nil) throws -> [Self] {
        try Int64.fetchAll(statement, arguments: arguments).map { Self($0) }
    }
}

extension Int64 {
    /// As far as a number reaches.
    mutating func addSaturating(_ other: Int64) {
        let (sum, isOver) = addingReportingOverflow(other)
        self = isOver ? (other < 0 ? .min : .max) : sum
    }
}

extension NetworkSet {
    /// Bits that stand for none are passed over.
    init(stored bits: Int64) {
        self = NetworkSet(Network.allCases.filter { bits & 1 << (Int64($0.rawValue) - 1) != 0 })
    }
}
