import Messaging

/// States as conditions in SQL: written from the rules of `MessageLife` and `AttemptState`, and nowhere else.
extension MessageState {
    /// For rows of `message`, to be put behind an alias and a point where there is one.
    var condition: String { "state = \(rawValue)" }

    static let finalCondition = condition(of: allCases.filter(\.isFinal).map(\.rawValue))

    fileprivate static func condition(of states: [Int]) -> String {
        "state IN (\(states.map(String.init).joined(separator: ", ")))"
    }
}

extension AttemptState {
    /// For rows of `attempt`: that of the index of open attempts, which SQLite uses only where a query repeats it.
    static let openCondition = MessageState.condition(of: open.map(\.rawValue))

    /// The rows in an open state, found by that index.
    func openCondition(_ table: String = "attempt") -> String {
        "\(table).\(Self.openCondition) AND \(table).state = \(rawValue)"
    }
}

/// What an event does to many messages in one statement.
struct MoveSQL {
    /// What comes behind UPDATE message SET.
    let assignment: String
    /// Of the rows that it changes.
    let condition: String

    /// - Throws: when the rules of messages do not say the same of all of them, which a test rules out.
    init(_ event: MessageEvent) throws {
        guard let move = MessageLife.move(on: event) else {
            throw StoreFailure.unavailable("\(event) is not one move for all messages")
        }
        assignment = "state = \(move.to.rawValue)"
        condition = move.from.condition + (move.onlyUnreported ? " AND reported = 0" : "")
    }
}
