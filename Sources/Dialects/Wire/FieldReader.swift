import Messaging

/// Reads records of named fields, and lists of such records, from a body: what JSON and XML have in common here.
///
/// A reader never recurses and is bounded in depth; what it does not understand, it throws on.
protocol FieldReader {
    /// Steps into the outermost record.
    mutating func enterRecord() throws(Rejection)
    /// The next field's name, or nil at the record's end, which is then left. A name must be followed by one
    /// of `value`, `skipValue` and `enterList`.
    mutating func nextName() throws(Rejection) -> WireBytes?
    /// The field's value; empty for null and for anything that is not a single value.
    mutating func value() throws(Rejection) -> WireText
    mutating func skipValue() throws(Rejection)
    /// Steps into a list, if the field's value is one.
    mutating func enterList() throws(Rejection) -> ListStart
    /// Steps into the list's next record; false at the list's end, which is then left.
    mutating func nextItem() throws(Rejection) -> Bool
    /// Nothing but white space may follow.
    mutating func finish() throws(Rejection)
}

enum ListStart {
    case entered
    /// There is a text where the list should be; it may hold the list as JSON.
    case text(WireText)
}

extension FieldReader {
    /// Steps over what is left of a record.
    mutating func skipRecord() throws(Rejection) {
        while try nextName() != nil { try skipValue() }
    }
}
